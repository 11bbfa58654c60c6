// What the budget wizard asks for, and the budget that it becomes: one function for the call, the
// review and the command. What the wizard does not know of an existing budget stays as it is.
import type { Budget } from "@aws-sdk/client-budgets";
import { exact } from "~/format/exact";
import { type ActionDraft, NO_ACTION } from "./acting/draft";
import { type AlertDraft, notificationOf, subscribersOf } from "./alerts/thresholds";

export type TimeUnit = "DAILY" | "MONTHLY" | "QUARTERLY" | "ANNUALLY";

export interface Draft {
  name: string;
  unit: string;
  amount: string;
  /** "YYYY-MM-DD"; "" for the current period. */
  start: string;
  scope: "all" | "domains" | "kept";
  domains: string[];
  template: string;
  /** "planned": an amount for each of the next twelve months, this one included. */
  method: "fixed" | "planned";
  planned: string[];
  alerts: AlertDraft[];
  /** Who is told of alerts and of the action. */
  people: string;
  isStopping: boolean;
  action: ActionDraft;
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
  template: "custom",
  method: "fixed",
  planned: [],
  alerts: [],
  people: "",
  isStopping: false,
  action: NO_ACTION,
};
export const MONTHS_PLANNED = 12; // PlannedBudgetLimits of a monthly budget

const CURRENCY = "USD";
const DOMAIN_TAG = "sagemaker:domain-arn";
const PREFIX = `user:${DOMAIN_TAG}$`;
const NAME = /^[^:\\]{1,100}$/; // Budgets API reference, BudgetName
const AMOUNT = /^\d{1,12}(\.\d{1,10})?$/;

const isAmount = (text: string): boolean => AMOUNT.test(text) && exact(text) > 0n;

/**
 * The first instants of the months that are planned, in epoch seconds: this one and eleven more, or
 * those from `start` on where that is later.
 */
export function plannedStarts(start = ""): number[] {
  const first = new Date(Math.max(Date.now(), Date.parse(start) || 0));
  return Array.from(
    { length: MONTHS_PLANNED },
    (_, at) => Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + at, 1) / 1000,
  );
}

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
  const limits = budget.PlannedBudgetLimits;
  const known = Object.values(limits ?? {}).at(-1)?.Amount ?? "";
  return {
    ...EMPTY,
    method: limits ? "planned" : "fixed",
    planned: limits ? plannedStarts().map((at) => limits[at]?.Amount ?? known) : [],
    name: budget.BudgetName ?? "",
    unit: budget.TimeUnit ?? "MONTHLY",
    amount: budget.BudgetLimit?.Amount ?? "",
    start: budget.TimePeriod?.Start?.toISOString().slice(0, 10) ?? "",
    scope: domains === null ? "kept" : domains.length ? "domains" : "all",
    domains: domains ?? [],
  };
}

export const isPlanned = (draft: Draft): boolean =>
  draft.method === "planned" && draft.unit === "MONTHLY";

/** The alerts to send with a new budget. */
export const alertsOf = (draft: Draft) =>
  draft.alerts.map((alert) => ({
    Notification: notificationOf(alert),
    Subscribers: subscribersOf(draft.people),
  }));

/** The budget to send. `existing`: it replaces this one, with all that was not asked for. */
export function budgetOf(draft: Draft, existing?: Budget): Budget {
  const before = existing ? asMade(existing) : {};
  const TimePeriod = {
    ...before.TimePeriod,
    ...(draft.start ? { Start: new Date(`${draft.start}T00:00:00Z`) } : {}),
  };
  const { BudgetLimit, PlannedBudgetLimits: _____, ...rest } = before;
  const Unit = BudgetLimit?.Unit ?? CURRENCY;
  const limits = plannedStarts(draft.start).map((at, month) => [
    String(at),
    { Amount: draft.planned[month], Unit },
  ]);
  const made: Budget = {
    ...rest,
    BudgetName: draft.name,
    BudgetType: "COST",
    TimeUnit: draft.unit as TimeUnit,
    ...(isPlanned(draft)
      ? { PlannedBudgetLimits: Object.fromEntries(limits) }
      : { BudgetLimit: { Amount: draft.amount, Unit } }),
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

export type Troubles = Partial<Record<string, string>>;

export const nameTrouble = (name: string): string =>
  NAME.test(name) ? "" : "1 to 100 characters, without : and \\.";

export const amountTrouble = (text: string): string =>
  isAmount(text) ? "" : "An amount above 0, such as 250 or 99.50.";

/** What each step of the wizard is given. */
export interface StepProps {
  draft: Draft;
  change: (part: Partial<Draft>) => void;
  troubles: Troubles;
  isNew: boolean;
}
