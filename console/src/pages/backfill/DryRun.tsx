// Before anything is tagged: how many go where, whether policy would let it, and the same by the CLI.
import { SimulatePrincipalPolicyCommand } from "@aws-sdk/client-iam";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import { iam } from "~/aws/services/iam";
import { useGathered } from "~/aws/useCall";
import { count, counted } from "~/format/amounts";
import { cliCommand } from "~/format/cli";
import { CliCommand } from "~/parts/CliCommand";
import { useIdentity } from "~/session/useSession";
import type { Untagged } from "./found";
import type { Item } from "./runner";
import { type Target, tagsOf, words } from "./targets";

export interface Planned {
  resource: Untagged;
  target: Target;
}

interface DryRunProps {
  planned: Planned[];
  onGo: (items: Item[]) => void;
  onClose: () => void;
}

interface Group {
  where: string;
  types: string;
  count: number;
}

const CLI_MAX = 20; // ARNs that one TagResources takes

export function DryRun({ planned, onGo, onClose }: DryRunProps) {
  const items = planned.map(({ resource, target }) => ({
    arn: resource.arn,
    tags: tagsOf(resource, target),
  }));
  const [first] = items;
  const alike = items.filter((item) => JSON.stringify(item.tags) === JSON.stringify(first?.tags));
  return (
    <Modal
      visible
      size="large"
      header="Dry run"
      onDismiss={onClose}
      closeAriaLabel="Close"
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              Cancel
            </Button>
            <Button variant="primary" onClick={() => onGo(items)}>
              Tag {counted(items.length, "resource")}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <span>
          Nothing was changed yet. Tags that are there stay as they are, and the run can be undone.
        </span>
        <Table<Group>
          variant="embedded"
          wrapLines
          items={groupsOf(planned)}
          trackBy="where"
          ariaLabels={{ tableLabel: "What goes where" }}
          columnDefinitions={[
            { id: "where", header: "Goes to", isRowHeader: true, cell: (group) => group.where },
            { id: "types", header: "What", cell: (group) => group.types },
            { id: "count", header: "Resources", cell: (group) => count(group.count) },
          ]}
        />
        <Permission planned={planned} />
        <CliCommand
          command={cliCommand("resourcegroupstaggingapi", "TagResources", {
            ResourceArnList: alike.slice(0, CLI_MAX).map((item) => item.arn),
            Tags: first?.tags,
          })}
        />
      </SpaceBetween>
    </Modal>
  );
}

function groupsOf(planned: Planned[]): Group[] {
  const groups = new Map<string, Map<string, number>>();
  for (const { resource, target } of planned) {
    const where = words(target);
    const types = groups.get(where) ?? new Map<string, number>();
    types.set(resource.type, (types.get(resource.type) ?? 0) + 1);
    groups.set(where, types);
  }
  return [...groups].map(([where, types]) => ({
    where,
    types: [...types].map(([type, number]) => `${count(number)} ${type}`).join(", "),
    count: [...types.values()].reduce((sum, number) => sum + number, 0),
  }));
}

/** Asked of IAM for one resource of each kind: it is a hint, the run tells the truth. */
function Permission({ planned }: { planned: Planned[] }) {
  const { arn } = useIdentity();
  const isKnown = /:iam::\d+:user\//.test(arn);
  const samples = [
    ...new Map(planned.map((one) => [one.resource.type, one.resource.arn])).values(),
  ];
  const ask = (signal: AbortSignal) =>
    iam.send(
      SimulatePrincipalPolicyCommand,
      { PolicySourceArn: arn, ActionNames: ["tag:TagResources"], MaxItems: 1000 },
      signal,
    );
  const answer = useGathered(`iam may ${arn} ${samples.join()}`, ask, { skip: !isKnown });
  if (!isKnown || answer.problem) return null;
  if (!answer.data) return <StatusIndicator type="loading">Asking whether you may</StatusIndicator>;
  const refused = answer.data.EvaluationResults?.find((one) => one.EvalDecision !== "allowed");
  return refused ? (
    <StatusIndicator type="warning">
      Your policies do not allow {refused.EvalActionName}: the run will say so for each resource.
    </StatusIndicator>
  ) : (
    <StatusIndicator type="success">Your policies allow tag:TagResources.</StatusIndicator>
  );
}
