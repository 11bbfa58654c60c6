// The calls behind the pages of budgets.
import {
  type Budget,
  DescribeBudgetCommand,
  DescribeBudgetsCommand,
} from "@aws-sdk/client-budgets";
import { budgets } from "~/aws/services/money/budgets";
import { useCall, usePages } from "~/aws/useCall";
import { money } from "~/format/amounts";
import { useIdentity } from "~/session/useSession";

export function useBudgets() {
  const { accountId: AccountId } = useIdentity();
  const input = { AccountId, MaxResults: 100, ShowFilterExpression: true };
  return usePages(budgets, DescribeBudgetsCommand, input, "Budgets");
}

export function useBudget(BudgetName: string, skip = false) {
  const { accountId: AccountId } = useIdentity();
  const input = { AccountId, BudgetName, ShowFilterExpression: true };
  return useCall(budgets, DescribeBudgetCommand, input, { skip });
}

/** The limit in force: the one, or of planned ones the last that began. */
export function limitOf(budget: Budget): string | undefined {
  if (budget.BudgetLimit) return budget.BudgetLimit.Amount;
  const planned = Object.entries(budget.PlannedBudgetLimits ?? {}).sort(
    ([a], [b]) => Number(a) - Number(b),
  );
  const begun = planned.filter(([start]) => Number(start) * 1000 <= Date.now());
  return (begun.at(-1) ?? planned[0])?.[1].Amount;
}

interface Spend {
  Amount: string | undefined;
  Unit: string | undefined;
}

/** "$12.50", or "12.50 Hrs" of a budget of usage. */
export function spendText(spend: Spend | undefined): string {
  if (!spend?.Amount) return "-";
  const { Amount, Unit = "USD" } = spend;
  return /^[A-Z]{3}$/.test(Unit) ? money(Amount, Unit) : `${Number(Amount).toFixed(2)} ${Unit}`;
}
