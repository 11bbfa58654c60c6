// What a person can do with an action in its state, each asked for once more before it is done.
import {
  type Action,
  DeleteBudgetActionCommand,
  ExecuteBudgetActionCommand,
  type ExecutionType,
} from "@aws-sdk/client-budgets";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { budgets } from "~/aws/services/money/budgets";
import { useAction } from "~/aws/useAction";
import { ActionDialog } from "~/dialogs/ActionDialog";
import { useIdentity } from "~/session/useSession";
import { isBusy } from "./State";

interface Doing {
  id: ExecutionType | "DELETE";
  verb: string;
  says: string;
}

const APPROVE: Doing = {
  id: "APPROVE_BUDGET_ACTION",
  verb: "Approve",
  says: "The policy is attached at once: who is named can start nothing new. What runs goes on.",
};
const RETRY: Doing = {
  id: "RETRY_BUDGET_ACTION",
  verb: "Retry",
  says: "It is tried again, with the rights that the execution role has now.",
};
const REVERSE: Doing = {
  id: "REVERSE_BUDGET_ACTION",
  verb: "Reverse",
  says: "The policy is taken away: new starts are allowed again, until the budget's next period begins whatever is spent.",
};
const RESET: Doing = {
  id: "RESET_BUDGET_ACTION",
  verb: "Reset",
  says: "The policy is taken away if it is attached, and the threshold is watched again. While it is passed, the action follows again at once: raise the limit first.",
};
const DELETE: Doing = {
  id: "DELETE",
  verb: "Delete",
  says: "The action goes; if its policy is attached it is taken away first. Policy, role and budget stay.",
};
const DOINGS: Record<string, Doing[]> = {
  STANDBY: [DELETE],
  PENDING: [APPROVE, RESET, DELETE],
  EXECUTION_SUCCESS: [REVERSE, RESET, DELETE],
  EXECUTION_FAILURE: [RETRY, REVERSE, RESET, DELETE],
  REVERSE_SUCCESS: [RESET, DELETE],
  REVERSE_FAILURE: [RETRY, RESET, DELETE],
  RESET_FAILURE: [REVERSE, RESET, DELETE],
};

export function ActionDoings({ action }: { action: Action }) {
  const [doing, setDoing] = useState<Doing>();
  if (isBusy(action.Status)) return <>...</>;
  return (
    <>
      <SpaceBetween direction="horizontal" size="s">
        {(DOINGS[action.Status ?? ""] ?? []).map((one) => (
          <Button key={one.id} variant="inline-link" onClick={() => setDoing(one)}>
            {one.verb}
          </Button>
        ))}
      </SpaceBetween>
      {doing && <Sure action={action} doing={doing} onClose={() => setDoing(undefined)} />}
    </>
  );
}

interface SureProps {
  action: Action;
  doing: Doing;
  onClose: () => void;
}

function Sure({ action: { ActionId, BudgetName }, doing, onClose }: SureProps) {
  const { accountId: AccountId } = useIdentity();
  const named = { AccountId, BudgetName, ActionId };
  const run = useAction(() =>
    doing.id === "DELETE"
      ? budgets.send(DeleteBudgetActionCommand, named)
      : budgets.send(ExecuteBudgetActionCommand, { ...named, ExecutionType: doing.id }),
  );
  return (
    <ActionDialog
      title={`${doing.verb} action`}
      verb={doing.verb}
      action={run}
      onGo={async () => (await run.run()) && onClose()}
      onClose={onClose}
    >
      {doing.says}
    </ActionDialog>
  );
}
