// Step 5: all that was chosen, a way back to each, and the command that does the same.
import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { cliCommand } from "~/format/cli";
import { NETWORKS } from "~/pages/domains/NetworkCell";
import { CliCommand } from "~/parts/CliCommand";
import { type ReviewPart, ReviewParts } from "~/wizard/ReviewParts";
import { type Draft, peopleOf, requestOf } from "../draft";

interface ReviewProps {
  draft: Draft;
  onEdit: (step: number) => void;
}

export function ReviewStep({ draft, onEdit }: ReviewProps) {
  const parts: ReviewPart[] = [
    {
      title: "Name and tags",
      items: [
        ["Domain name", draft.name],
        ["Tags", draft.tags.map(({ key, value }) => `${key}=${value}`).join(", ") || "None"],
        ["Custom tags go on", draft.propagatesTags ? "Yes" : "No"],
      ],
    },
    {
      title: "Role and people",
      items: [
        ["Execution role", draft.role],
        ["Role of shared spaces", draft.spaceRole || "The execution role"],
        ["User profiles", peopleOf(draft).join(", ") || "None yet"],
      ],
    },
    {
      title: "Network",
      items: [
        ["Network", NETWORKS[draft.networkType] ?? draft.networkType],
        ["VPC", draft.vpc || "The default VPC"],
        ["Subnets", draft.subnets.join(", ") || "All of it"],
        ["Security groups", draft.securityGroups.join(", ") || "None"],
      ],
    },
    {
      title: "Storage and start page",
      items: [
        ["Size of a space", `${draft.sizeDefault} GB, at most ${draft.sizeMax} GB`],
        ["People begin in", draft.landing === "studio" ? "Studio" : "JupyterLab"],
      ],
    },
  ];
  return (
    <SpaceBetween size="l">
      <ReviewParts parts={parts} onEdit={onEdit} />
      <Box>
        <CliCommand command={cliCommand("sagemaker", "CreateDomain", requestOf(draft))} isOpen />
      </Box>
    </SpaceBetween>
  );
}
