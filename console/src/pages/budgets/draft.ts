// What the budget wizard asks for, and the budget that it becomes: one function for the call, the
// review and the command. What the wizard does not know of an existing budget stays as it is.
import type { Budget } from "@aws-sdk/client-budgets";
import { exact } from "~/format/exact";

export type TimeUnit = "DAILY" | "MONTHLY" | "QUARTERLY" | "ANNUALLY";

export interface Draft {
  name: string;
  unit: string;
  amount: string;
  /** "YYYY-MM-DD"; "" for the current period. */
  start: string;
  scope: "all" | "domains" | "kept";
  domains: string[];
}

export const UNITS: Array<{ id: TimeUnit; text: string }> = [
  { id: "DAILY", text: "Each day" },
  { id: "MONTHLY", text: "Each month" },
  { id: "QUARTERLY", text: "Each quarter" },
  { id: "ANNUALLY", text: "Each year" },
];
export const EMPTY: Draft = {
  name: "",
  unit: "MONTHLY",
  amount: "",
  start: "",
  scope: "all",
  domains: [],
};

const CURRENCY = "USD";
const DOMAIN_TAG = "sagemaker:domain-arn";
const PREFIX = `user:${DOMAIN_TAG}$`;
const NAME = /^[^:\\]{1,100}$/; // Budgets API reference, BudgetName
const AMOUNT = /^\d{1,12}(\.\d{1,10})?$/;

export const unitText = (unit: string | undefined): string =>
  UNITS.find(({ id }) => id === unit)?.text ?? (unit === "CUSTOM" ? "Once" : (unit ?? "-"));

/** Made by FilterExpression and Metrics; such a budget has no CostTypes. */
const isNewForm = ({ CostTypes, Metrics }: Budget): boolean => !CostTypes && !!Metrics;

/**
 * The ARNs of the domains that a budget is for; null: it filters by something else. The budget must
 * have been described with ShowFilterExpression.
 */
export function domainsOf(budget: Budget): string[] | null {
  if (isNewForm(budget)) {
    if (!budget.FilterExpression) return [];
    const { Tags, ...others } = budget.FilterExpression;
    const isDomains = Tags?.Key === DOMAIN_TAG && !Tags.MatchOptions && !Object.keys(others).length;
    return isDomains ? (Tags.Values ?? null) : null;
  }
  const filters = Object.entries(budget.CostFilters ?? {}).filter(([, values]) => values.length);
  const [first, ...more] = filters;
  if (!first) return [];
  const [key, values] = first;
  const isDomains = key === "TagKeyValue" && values.every((one) => one.startsWith(PREFIX));
  return isDomains && !more.length ? values.map((one) => one.slice(PREFIX.length)) : null;
}

export function draftOf(budget: Budget): Draft {
  const domains = domainsOf(budget);
  return {
    name: budget.BudgetName ?? "",
    unit: budget.TimeUnit ?? "MONTHLY",
    amount: budget.BudgetLimit?.Amount ?? "",
    start: budget.TimePeriod?.Start?.toISOString().slice(0, 10) ?? "",
    scope: domains === null ? "kept" : domains.length ? "domains" : "all",
    domains: domains ?? [],
  };
}

/** The budget to send. `existing`: it replaces this one, with all that was not asked for. */
export function budgetOf(draft: Draft, existing?: Budget): Budget {
  const before = existing ? asMade(existing) : {};
  const TimePeriod = {
    ...before.TimePeriod,
    ...(draft.start ? { Start: new Date(`${draft.start}T00:00:00Z`) } : {}),
  };
  const made: Budget = {
    ...before,
    BudgetName: draft.name,
    BudgetType: "COST",
    TimeUnit: draft.unit as TimeUnit,
    BudgetLimit: { Amount: draft.amount, Unit: before.BudgetLimit?.Unit ?? CURRENCY },
    ...(Object.keys(TimePeriod).length ? { TimePeriod } : {}),
  };
  if (draft.scope === "kept") return made;
  const { FilterExpression: _, Metrics: __, ...plain } = made;
  const TagKeyValue = draft.domains.map((arn) => PREFIX + arn);
  return { ...plain, CostFilters: draft.scope === "all" ? {} : { TagKeyValue } };
}

/** A described budget as it was made: without what the server adds. */
function asMade(budget: Budget): Partial<Budget> {
  const { CalculatedSpend: _, HealthStatus: __, LastUpdatedTime: ___, ...made } = budget;
  if (isNewForm(budget)) return made;
  const { FilterExpression: ____, Metrics: _____, ...old } = made;
  return old;
}

export type Troubles = Partial<Record<keyof Draft, string>>;

/** Trouble of each step by field; an empty object where all is well. */
export const CHECKS: Array<(draft: Draft) => Troubles> = [
  (draft) =>
    some({
      name: NAME.test(draft.name) ? "" : "1 to 100 characters, without : and \\.",
      amount:
        AMOUNT.test(draft.amount) && exact(draft.amount) > 0n
          ? ""
          : "An amount above 0, such as 250 or 99.50.",
      start: !draft.start || !Number.isNaN(Date.parse(draft.start)) ? "" : "A date, YYYY/MM/DD.",
    }),
  (draft) =>
    some({
      domains:
        draft.scope === "domains" && !draft.domains.length ? "Choose at least one domain." : "",
    }),
  () => ({}),
];

function some(troubles: Troubles): Troubles {
  return Object.fromEntries(Object.entries(troubles).filter(([, text]) => text));
}

/** What each step of the wizard is given. */
export interface StepProps {
  draft: Draft;
  change: (part: Partial<Draft>) => void;
  troubles: Troubles;
  isNew: boolean;
}
