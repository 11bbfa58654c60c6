// What the page asks: read from the URL, and turned into the very request of Cost Explorer that is
// sent and shown as a command.
import type { Expression, GetCostAndUsageCommandInput } from "@aws-sdk/client-cost-explorer";
import { forecastRequest } from "~/money/useForecast";
import { DIMENSIONS, type Dimension, dimensionOf, FILTERS, NONE } from "./dimensions";
import {
  aheadOf,
  before,
  GRANULARITIES,
  type Granularity,
  type Period,
  pastOf,
  periodOf,
  RANGE_USUAL,
  shownPeriod,
} from "./periods";

export interface Filter {
  dimension: Dimension;
  values: string[];
  isNot: boolean;
}

export interface Query {
  range: string;
  period: Period;
  /** What of it was spent, and what is forecast: of today both. */
  past: Period | null;
  ahead: Period | null;
  style: Style;
  /** Fewer days than asked for: hours are not kept for longer, and forecasts do not reach as far. */
  isCut: boolean;
  granularity: Granularity;
  by: Dimension;
  top: number;
  filters: Filter[];
}

export type Style = "stacked" | "bar" | "line";
export const STYLES: Array<{ id: Style; text: string }> = [
  { id: "stacked", text: "Stacked" },
  { id: "bar", text: "Bars" },
  { id: "line", text: "Lines" },
];

export const TOPS = [5, 9];
/** Hours and gigabyte-months do not add up: usage is asked for where one row has one unit. */
export const hasUsage = ({ by }: Query): boolean => by.hasUnit ?? false;
const NOT = "not.";

export function readQuery(url: URLSearchParams, today: string): Query {
  const range = url.get("range") ?? RANGE_USUAL;
  const granularity = GRANULARITIES.find(({ id }) => id === url.get("per"))?.id ?? "day";
  const asked = periodOf(range, today);
  const period = shownPeriod(asked, granularity, today);
  const top = Number(url.get("top"));
  return {
    range,
    period,
    past: pastOf(period, today),
    ahead: aheadOf(period, granularity, today),
    style: STYLES.find(({ id }) => id === url.get("style"))?.id ?? "stacked",
    isCut: period.start !== asked.start || period.end !== asked.end,
    granularity,
    by: dimensionOf(url.get("by") ?? "domain"),
    top: TOPS.includes(top) ? top : 9,
    filters: FILTERS.flatMap((dimension) =>
      [false, true].flatMap((isNot) => {
        const text = url.get(nameOf(dimension, isNot));
        return text ? [{ dimension, values: text.split(","), isNot }] : [];
      }),
    ),
  };
}

const nameOf = (dimension: Dimension, isNot: boolean) => `${isNot ? NOT : ""}${dimension.id}`;

/** Filters as the URL spells them; those that are not there any more are null. */
export function filtersInUrl(filters: Filter[]): Record<string, string | null> {
  const change: Record<string, string | null> = {};
  for (const dimension of FILTERS) {
    for (const isNot of [false, true]) {
      const values = filters
        .filter((one) => one.dimension.id === dimension.id && one.isNot === isNot)
        .flatMap((one) => one.values);
      change[nameOf(dimension, isNot)] = [...new Set(values)].join(",") || null;
    }
  }
  return change;
}

/** What is sent. By resource the API wants a filter: the account's own id takes all in. */
export function requestOf(query: Query, accountId: string): GetCostAndUsageCommandInput {
  const { by, filters, granularity } = query;
  const period = query.past ?? query.period;
  const form = (day: string) => (granularity === "hour" ? `${day}T00:00:00Z` : day);
  const all: Expression[] = filters.map(expression);
  if (isByResource(query) && all.length === 0) {
    all.push({ Dimensions: { Key: "LINKED_ACCOUNT", Values: [accountId] } });
  }
  return {
    TimePeriod: { Start: form(period.start), End: form(period.end) },
    Granularity: GRANULARITIES.find(({ id }) => id === granularity)?.api ?? "DAILY",
    Metrics: hasUsage(query) ? ["UnblendedCost", "UsageQuantity"] : ["UnblendedCost"],
    GroupBy: [{ Type: by.type, Key: by.key }],
    ...filtered(all),
  };
}

const filtered = (all: Expression[]): { Filter?: Expression } =>
  all.length > 1 ? { Filter: { And: all } } : all[0] ? { Filter: all[0] } : {};

/** What is asked of the forecast; null where the range is over. */
export function requestAhead({ ahead, filters, granularity }: Query) {
  if (!ahead) return null;
  const { Filter } = filtered(filters.map(expression));
  return forecastRequest(ahead, granularity === "month" ? "MONTHLY" : "DAILY", Filter);
}

/** The same for the period before, in as few buckets as there can be. */
export function requestBefore(query: Query, accountId: string): GetCostAndUsageCommandInput {
  return requestOf(
    { ...query, granularity: "month", past: before(query.past ?? query.period) },
    accountId,
  );
}

export const isByResource = ({ by }: Query): boolean => by.id === "resource";

function expression({ dimension, values, isNot }: Filter): Expression {
  const found = leaf(dimension, values);
  return isNot ? { Not: found } : found;
}

function leaf(dimension: Dimension, values: string[]): Expression {
  if (dimension.type === "DIMENSION") {
    return { Dimensions: { Key: dimension.key as "SERVICE", Values: values } };
  }
  const parts: Expression[] = [];
  const named = values.filter((value) => value !== NONE);
  if (named.length) parts.push({ Tags: { Key: dimension.key, Values: named } });
  if (named.length < values.length) {
    parts.push({ Tags: { Key: dimension.key, MatchOptions: ["ABSENT"] } });
  }
  return parts.length > 1 ? { Or: parts } : (parts[0] as Expression);
}

/** The query of a page that shows one value in more detail: by `into`, or what is usual below it. */
export function deeperUrl(
  url: URLSearchParams,
  by: Dimension,
  value: string,
  into?: string,
): string | null {
  const next = into ?? (value === "" ? "resource" : by.deeper);
  if (!next || !DIMENSIONS.some(({ id }) => id === next)) return null;
  const query = new URLSearchParams(url);
  query.set("by", next);
  query.set(by.id, value === "" ? NONE : value);
  for (const name of [...query.keys()]) if (/^(groups|times)\./.test(name)) query.delete(name);
  return `/costs?${query}`;
}
