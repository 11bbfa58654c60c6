// The budget that a view can be held against: one for what is filtered for, and for as long as a bar.

import { domainsOf } from "~/pages/budgets/draft";
import { limitOf, useBudgets } from "~/pages/budgets/useBudgets";
import type { Granularity } from "./periods";
import type { Filter } from "./query";

const UNITS: Partial<Record<Granularity, string>> = { day: "DAILY", month: "MONTHLY" };

export interface Limit {
  name: string;
  amount: string;
}

/** The tightest that matches; undefined without one, and where budgets may not be seen. */
export function useLimit(filters: Filter[], granularity: Granularity): Limit | undefined {
  const { data = [] } = useBudgets();
  const wanted = domainsIn(filters);
  if (!wanted) return undefined;
  const [found] = data
    .filter(
      (budget) =>
        budget.BudgetType === "COST" &&
        budget.TimeUnit === UNITS[granularity] &&
        sorted(domainsOf(budget)) === wanted,
    )
    .map((budget) => ({ name: budget.BudgetName ?? "", amount: limitOf(budget) ?? "" }))
    .filter(({ amount }) => amount)
    .sort((a, b) => Number(a.amount) - Number(b.amount));
  return found;
}

/** What a budget of the same would be for: "" for all, domains; null: none could be for it. */
function domainsIn(filters: Filter[]): string | null {
  const [first, ...more] = filters;
  if (!first) return sorted([]);
  const isDomains = first.dimension.id === "domain" && !first.isNot && more.length === 0;
  return isDomains ? sorted(first.values) : null;
}

const sorted = (arns: string[] | null): string | null => arns && JSON.stringify([...arns].sort());
