// Step 3: all that was chosen, a way back to each, and the command that does the same.
import SpaceBetween from "@cloudscape-design/components/space-between";
import { cliCommand } from "~/format/cli";
import { CliCommand } from "~/parts/CliCommand";
import { type ReviewPart, ReviewParts } from "~/wizard/ReviewParts";
import { requestOf } from "./draft";
import type { StepProps } from "./GeneralStep";

const IDLE = { "": "As the domain says", ENABLED: "On", DISABLED: "Off" };

export function ReviewStep({
  draft,
  domain,
  onEdit,
}: StepProps & { onEdit: (to: number) => void }) {
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
  return (
    <SpaceBetween size="l">
      <ReviewParts parts={parts} onEdit={onEdit} />
      <CliCommand
        command={cliCommand(
          "sagemaker",
          "CreateUserProfile",
          requestOf(domain.DomainId ?? "", draft),
        )}
        isOpen
      />
    </SpaceBetween>
  );
}
