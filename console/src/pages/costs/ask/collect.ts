// Cost Explorer's answer as rows: what each group cost in each bucket, exactly; and the few series
// that a chart can hold, with all the rest in one, so that chart and table add up to the same.
import type { Group as ApiGroup, ResultByTime } from "@aws-sdk/client-cost-explorer";
import { type Exact, exact, sum } from "~/format/exact";
import { type Dimension, groupValue } from "./dimensions";

export interface Bucket {
  start: string;
  end: string;
  isEstimated: boolean;
}

export interface Group {
  value: string;
  label: string;
  amounts: Exact[];
  total: Exact;
  usage: Exact;
  /** "" where units differ: then a sum says nothing. */
  unit: string;
  before: Exact | null;
}

export interface Costs {
  buckets: Bucket[];
  /** The dearest first. */
  groups: Group[];
  totals: Exact[];
  total: Exact;
  before: Exact | null;
  currency: string;
}

export interface Series {
  id: string;
  label: string;
  kind: "group" | "others" | "untagged";
  amounts: Exact[];
  total: Exact;
}

const NO_UNIT = "N/A";

/** Adds an answer up. A bucket that two pages share comes twice and is put together. */
export function collect(
  results: ResultByTime[],
  previous: ResultByTime[] | undefined,
  by: Dimension,
  label: (value: string) => string,
): Costs {
  const buckets = new Map<string, Bucket & { at: number }>();
  for (const { TimePeriod, Estimated } of results) {
    const { Start: start = "", End: end = "" } = TimePeriod ?? {};
    const known = buckets.get(start);
    const at = known?.at ?? buckets.size;
    buckets.set(start, { start, end, isEstimated: Estimated ?? false, at });
  }
  const groups = new Map<string, Group>();
  const group = (value: string): Group => {
    const found = groups.get(value) ?? nothing(value, label(value), buckets.size);
    groups.set(value, found);
    return found;
  };
  if (by.type === "TAG") group(""); // untagged is always shown, were it nothing
  let currency = "USD";
  for (const { start, value, metrics } of entries(results, by)) {
    add(group(value), buckets.get(start)?.at ?? 0, metrics);
    currency = metrics?.UnblendedCost?.Unit ?? currency;
  }
  for (const { value, metrics } of entries(previous ?? [], by)) {
    const found = group(value);
    found.before = (found.before ?? 0n) + exact(metrics?.UnblendedCost?.Amount);
  }
  return finished([...buckets.values()], [...groups.values()], currency, previous !== undefined);
}

function nothing(value: string, label: string, buckets: number): Group {
  const amounts = Array.from({ length: buckets }, () => 0n);
  return { value, label, amounts, total: 0n, usage: 0n, unit: "", before: null };
}

function* entries(results: ResultByTime[], by: Dimension) {
  for (const { TimePeriod, Groups = [] } of results) {
    const start = TimePeriod?.Start ?? "";
    for (const { Keys, Metrics: metrics } of Groups) {
      yield { start, value: groupValue(by, Keys?.[0] ?? ""), metrics };
    }
  }
}

function add(group: Group, at: number, metrics: ApiGroup["Metrics"]): void {
  const { UnblendedCost, UsageQuantity } = metrics ?? {};
  group.amounts[at] = (group.amounts[at] ?? 0n) + exact(UnblendedCost?.Amount);
  group.usage += exact(UsageQuantity?.Amount);
  const unit = UsageQuantity?.Unit ?? NO_UNIT;
  group.unit = !group.unit || group.unit === unit ? unit : NO_UNIT;
}

function finished(
  buckets: Bucket[],
  groups: Group[],
  currency: string,
  isCompared: boolean,
): Costs {
  const labels = new Map<string, number>();
  for (const one of groups) labels.set(one.label, (labels.get(one.label) ?? 0) + 1);
  for (const one of groups) {
    one.total = sum(one.amounts);
    if (isCompared) one.before ??= 0n;
    if (one.unit === NO_UNIT) one.unit = "";
    // Two things of one name: told apart by what they are behind it.
    if ((labels.get(one.label) ?? 0) > 1) one.label = `${one.label} [${one.value}]`;
  }
  groups.sort((a, b) =>
    a.total === b.total ? compare(a.label, b.label) : a.total < b.total ? 1 : -1,
  );
  const totals = buckets.map((_, at) => sum(groups.map(({ amounts }) => amounts[at] ?? 0n)));
  const before = isCompared ? sum(groups.map((one) => one.before ?? 0n)) : null;
  return { buckets, groups, totals, total: sum(totals), before, currency };
}

const compare = (a: string, b: string) => a.localeCompare(b, "en", { numeric: true });

/** The `top` dearest, the others as one, and what carries no tag: together all that there is. */
export function seriesOf({ groups, buckets }: Costs, by: Dimension, top: number): Series[] {
  const isTag = by.type === "TAG";
  const untagged = isTag ? groups.find(({ value }) => value === "") : undefined;
  const named = groups.filter((group) => group !== untagged && group.total !== 0n);
  const shown = named.slice(0, top);
  const rest = groups.filter((group) => group !== untagged && !shown.includes(group));
  const series: Series[] = shown.map(({ value, label, amounts, total }) => ({
    id: value,
    label,
    kind: "group",
    amounts,
    total,
  }));
  if (rest.some(({ total }) => total !== 0n)) {
    const amounts = buckets.map((_, at) => sum(rest.map((group) => group.amounts[at] ?? 0n)));
    const spent = rest.filter(({ total }) => total !== 0n).length;
    const label = `Others (${spent})`;
    series.push({ id: "\u0000others", label, kind: "others", amounts, total: sum(amounts) });
  }
  if (untagged) {
    const { amounts, total } = untagged;
    series.push({ id: "", label: "Untagged", kind: "untagged", amounts, total });
  }
  return series;
}
