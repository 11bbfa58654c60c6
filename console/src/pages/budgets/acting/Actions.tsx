// The actions of a budget: what each does to whom, how it stands and what became of it; approve,
// reverse, reset, retry and delete by hand.
import {
  type Action,
  type Budget,
  DescribeBudgetActionsForBudgetCommand,
} from "@aws-sdk/client-budgets";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { budgets } from "~/aws/services/money/budgets";
import { usePages } from "~/aws/useCall";
import { nameOf } from "~/format/arn";
import { useDialog } from "~/page/useDialog";
import { InnerLink } from "~/parts/InnerLink";
import { useIdentity } from "~/session/useSession";
import { type Column, DataTable } from "~/table/DataTable";
import { Empty } from "~/views/Empty";
import { AddAction } from "./AddAction";
import { ActionDoings } from "./Doings";
import { ActionHistory } from "./History";
import { ActionState, isBusy } from "./State";
import { thresholdText } from "./thresholdText";

const BUSY_MS = 2000;
const LOOK_MS = 15_000;

export function Actions({ budget }: { budget: Budget }) {
  const { accountId: AccountId } = useIdentity();
  const input = { AccountId, BudgetName: budget.BudgetName, MaxResults: 100 };
  const actions = usePages(budgets, DescribeBudgetActionsForBudgetCommand, input, "Actions", {
    every: (found) => (found.some(({ Status }) => isBusy(Status)) ? BUSY_MS : LOOK_MS),
  });
  const dialog = useDialog();
  const add = <Button onClick={() => dialog.open("add-action")}>Add action</Button>;
  return (
    <SpaceBetween size="l">
      <DataTable<Action>
        id="actions"
        title="Actions"
        nouns={["action", "actions"]}
        of={actions}
        rowId={({ ActionId = "" }) => ActionId}
        columns={COLUMNS}
        actions={add}
        empty={
          <Empty title="No actions yet" action={add}>
            An action denies new starts once so much is spent. What runs goes on.
          </Empty>
        }
      />
      {(actions.data ?? []).map((action) => (
        <ActionHistory key={action.ActionId} action={action} />
      ))}
      {dialog.is === "add-action" && <AddAction budget={budget} onClose={dialog.close} />}
    </SpaceBetween>
  );
}

const whomText = ({ Definition }: Action): string => {
  const { Roles = [], Users = [], Groups = [] } = Definition?.IamActionDefinition ?? {};
  return [...Roles, ...Users, ...Groups].join(", ");
};

const COLUMNS: Column<Action>[] = [
  {
    id: "threshold",
    header: "Threshold",
    isRowHeader: true,
    minWidth: 150,
    value: thresholdText,
    cell: thresholdText,
  },
  {
    id: "status",
    header: "Status",
    minWidth: 190,
    value: ({ Status }) => Status,
    cell: ({ Status }) => <ActionState status={Status} />,
  },
  {
    id: "policy",
    header: "Attaches",
    minWidth: 200,
    value: ({ Definition }) => Definition?.IamActionDefinition?.PolicyArn,
    cell: ({ Definition }) => {
      const arn = Definition?.IamActionDefinition?.PolicyArn ?? "";
      return (
        <InnerLink to={`/access?tab=policies&policy=${encodeURIComponent(arn)}`}>
          {nameOf(arn)}
        </InnerLink>
      );
    },
  },
  {
    id: "whom",
    header: "To",
    minWidth: 150,
    value: whomText,
    cell: (action) => <span className="break">{whomText(action)}</span>,
  },
  {
    id: "approval",
    header: "Approval",
    minWidth: 140,
    value: ({ ApprovalModel }) => ApprovalModel,
    cell: ({ ApprovalModel }) => (ApprovalModel === "MANUAL" ? "By hand" : "Not needed"),
  },
  {
    id: "do",
    header: "Do",
    minWidth: 210,
    cell: (action) => <ActionDoings action={action} />,
  },
];
