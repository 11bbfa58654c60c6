// Step 7: all that was chosen, a way back to each, and the commands that do the same.
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { nameOf } from "~/format/arn";
import { NETWORKS } from "~/pages/domains/NetworkCell";
import { CliCommand } from "~/parts/CliCommand";
import { bucketWords, labelsOf } from "~/roles/wish";
import { APPS, TOOLS, wordsOf } from "~/studio/portal/portal";
import { type ReviewPart, ReviewParts } from "~/wizard/ReviewParts";
import { commandsOf } from "../commands";
import { type Draft, peopleOf, repositoriesOf } from "../draft";
import { type Given, requestOf, roleNameOf } from "../request";

interface ReviewProps {
  draft: Draft;
  given: Given;
  onEdit: (step: number) => void;
}

export function ReviewStep({ draft, given, onEdit }: ReviewProps) {
  return (
    <SpaceBetween size="l">
      <ReviewParts parts={partsOf(draft, given)} onEdit={onEdit} />
      {draft.hiddenApps.length === APPS.length && (
        <Alert type="warning">Every application is hidden: nobody can start one by clicks.</Alert>
      )}
      <Box>
        <CliCommand command={commandsOf(draft, given)} isOpen />
      </Box>
    </SpaceBetween>
  );
}

function partsOf(draft: Draft, given: Given): ReviewPart[] {
  return [
    {
      title: "Domain details",
      items: [
        ["Domain name", draft.name],
        ["Tags", draft.tags.map(({ key, value }) => `${key}=${value}`).join(", ") || "None"],
        ["Custom tags go on", draft.propagatesTags ? "Yes" : "No"],
      ],
    },
    { title: "Users and ML activities", items: roleItems(draft) },
    { title: "Applications", items: appItems(draft) },
    {
      title: "Customize Studio UI",
      items: [
        ["Hidden applications", wordsOf(draft.hiddenApps, APPS) || "None"],
        ["Hidden ML tools", wordsOf(draft.hiddenTools, TOOLS) || "None"],
      ],
    },
    {
      title: "Network",
      items: [
        ["Network", NETWORKS[draft.networkType] ?? draft.networkType],
        ["VPC", draft.vpc || "The default VPC"],
        ["Subnets", requestOf(draft, given).SubnetIds?.join(", ") || "All of it"],
        ["Security groups", draft.securityGroups.join(", ") || "None"],
      ],
    },
    {
      title: "Storage",
      items: [
        ["Size of a space", `${draft.sizeDefault} GB, at most ${draft.sizeMax} GB`],
        ["Custom file systems", draft.fileSystems.join(", ") || "None"],
      ],
    },
  ];
}

function roleItems(draft: Draft): ReviewPart["items"] {
  const people: [string, string] = ["User profiles", peopleOf(draft).join(", ") || "None yet"];
  const spaces: ReviewPart["items"] = draft.spaceRole
    ? [["Role of shared spaces", draft.spaceRole]]
    : [];
  if (draft.roleWay === "existing") {
    return [["Sign-in", "IAM"], people, ["Execution role", draft.role], ...spaces];
  }
  return [
    ["Sign-in", "IAM"],
    people,
    ["New execution role", roleNameOf(draft)],
    ["Kept to this domain", draft.wish.isKept ? "Yes" : "No"],
    ["ML activities", labelsOf(draft.wish)],
    ["S3 buckets", bucketWords(draft.wish)],
    ...spaces,
  ];
}

const LANDINGS = { studio: "Studio", jupyterlab: "JupyterLab", classic: "Studio Classic" };

function appItems(draft: Draft): ReviewPart["items"] {
  return [
    ["People begin in", LANDINGS[draft.landing]],
    ["Instance type", draft.instance || "ml.t3.medium, as nobody says"],
    ["Image", draft.image ? `${draft.image}, run by ${draft.imageConfig}` : "The server's own"],
    ["Lifecycle configuration", draft.script ? nameOf(draft.script) : "None"],
    ["Code repositories", repositoriesOf(draft).join(", ") || "None"],
    ["Idle shutdown", draft.idle === "ENABLED" ? `After ${draft.minutes} minutes` : "Off"],
  ];
}
