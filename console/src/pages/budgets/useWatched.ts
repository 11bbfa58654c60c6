// Alerts and actions of all budgets at once, for the list; each is a permission of its own.
import {
  DescribeBudgetActionsForAccountCommand,
  DescribeBudgetNotificationsForAccountCommand,
} from "@aws-sdk/client-budgets";
import { useMemo } from "react";
import { budgets } from "~/aws/services/money/budgets";
import { usePages } from "~/aws/useCall";
import { useIdentity } from "~/session/useSession";
import type { Watched } from "./WatchedCells";

const LOOK_MS = 30_000;
// What is told of several actions: the first of these.
const FIRST = ["EXECUTION_SUCCESS", "PENDING", "EXECUTION_FAILURE", "REVERSE_FAILURE"];

/** By name of the budget; undefined until it is known, or where it may not be seen. */
export function useWatched(): Map<string, Watched> | undefined {
  const { accountId: AccountId } = useIdentity();
  const often = { every: () => LOOK_MS };
  const alerts = usePages(
    budgets,
    DescribeBudgetNotificationsForAccountCommand,
    { AccountId, MaxResults: 1000 },
    "BudgetNotificationsForAccount",
    often,
  );
  const actions = usePages(
    budgets,
    DescribeBudgetActionsForAccountCommand,
    { AccountId, MaxResults: 100 },
    "Actions",
    often,
  );
  return useMemo(() => {
    if (!alerts.data) return undefined;
    const found = new Map<string, Watched>();
    for (const { BudgetName = "", Notifications = [] } of alerts.data) {
      const passed = Notifications.filter((one) => one.NotificationState === "ALARM").length;
      found.set(BudgetName, { alerts: Notifications.length, passed, action: undefined });
    }
    for (const { BudgetName = "", Status = "" } of actions.data ?? []) {
      const known = found.get(BudgetName) ?? { alerts: 0, passed: 0, action: undefined };
      found.set(BudgetName, { ...known, action: graver(known.action, Status) });
    }
    return found;
  }, [alerts.data, actions.data]);
}

function graver(one: string | undefined, other: string): string {
  if (one === undefined) return other;
  return FIRST.find((status) => status === one || status === other) ?? one;
}
