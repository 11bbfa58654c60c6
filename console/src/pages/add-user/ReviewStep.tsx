// Step 4: all that was chosen, a way back to each, and the commands that do the same.
import SpaceBetween from "@cloudscape-design/components/space-between";
import { cliCommand } from "~/format/cli";
import { CliCommand } from "~/parts/CliCommand";
import type { Holder } from "~/people/making/policies";
import { commandsOf, PLACEHOLDER, userNameOf, type Wish } from "~/people/making/wish";
import { type ReviewPart, ReviewParts } from "~/wizard/ReviewParts";
import { type Draft, requestOf } from "./draft";
import type { StepProps } from "./GeneralStep";

const WAYS: Record<Wish["way"], string> = {
  new: "A new IAM user with a one-time password",
  known: "An IAM user that exists",
  none: "Nobody yet",
};

const IDLE = { "": "As the domain says", ENABLED: "On", DISABLED: "Off" };

export function ReviewStep({
  draft,
  domain,
  holder,
  onEdit,
}: StepProps & { holder: Holder; onEdit: (to: number) => void }) {
  const own = domain.DefaultUserSettings?.ExecutionRole ?? "none";
  const parts: ReviewPart[] = [
    {
      title: "General",
      items: [
        ["User profile name", draft.name],
        ["Execution role", draft.role || `The domain's: ${own}`],
        ["Tags", draft.tags.map(({ key, value }) => `${key}=${value}`).join(", ") || "None"],
      ],
    },
    { title: "Sign-in", items: signInItems(draft) },
    {
      title: "Settings",
      items: [
        ["Instance type", draft.instance || "As the domain says"],
        [
          "Idle shutdown",
          draft.idle === "ENABLED" ? `After ${draft.minutes} minutes` : IDLE[draft.idle],
        ],
        [
          "Size of a space",
          draft.size ? `${draft.size} GB, at most ${draft.max} GB` : "As the domain says",
        ],
      ],
    },
  ];
  const profile = cliCommand(
    "sagemaker",
    "CreateUserProfile",
    requestOf(domain.DomainId ?? "", draft),
  );
  return (
    <SpaceBetween size="l">
      <ReviewParts parts={parts} onEdit={onEdit} />
      <CliCommand
        command={[profile, ...commandsOf(draft.signIn, holder)].join("\n")}
        title={
          draft.signIn.way === "new"
            ? `The same by the aws CLI, with a password in place of ${PLACEHOLDER}`
            : "The same by the aws CLI"
        }
      />
    </SpaceBetween>
  );
}

function signInItems({ signIn, name }: Draft): ReviewPart["items"] {
  if (signIn.way === "none") return [["Who signs in", WAYS.none]];
  return [
    ["Who signs in", WAYS[signIn.way]],
    ["IAM user", userNameOf(signIn, name)],
    ["May", signIn.policy === "domain" ? "Work in this domain only" : "Nothing by this wizard"],
  ];
}
