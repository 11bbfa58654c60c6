// The time that costs are asked for: words of the URL ("30-day", "this-month", two dates) to days in
// UTC, first included, last excluded, and the period before it that they are compared with.

export type Granularity = "hour" | "day" | "month";

export interface Period {
  start: string;
  end: string;
}

export const GRANULARITIES: Array<{
  id: Granularity;
  text: string;
  api: "HOURLY" | "DAILY" | "MONTHLY";
}> = [
  { id: "hour", text: "Hour", api: "HOURLY" },
  { id: "day", text: "Day", api: "DAILY" },
  { id: "month", text: "Month", api: "MONTHLY" },
];

export const RANGES: Record<string, string> = {
  "1-day": "Today",
  "7-day": "Last 7 days",
  "30-day": "Last 30 days",
  "90-day": "Last 90 days",
  "this-month": "This month so far",
  "last-month": "Last month",
  "3-month": "Last 3 months",
  "12-month": "Last 12 months",
  "this-year": "This year so far",
  "whole-month": "This month with its forecast",
  "next-1-month": "The month ahead",
  "next-3-month": "3 months ahead",
  "next-12-month": "12 months ahead",
};
export const RANGE_USUAL = "30-day";
export const HOURS_DAYS_MAX = 14; // Cost Explorer: hours are kept for fourteen days
/** How far a forecast reaches: GetCostForecast. */
export const AHEAD_MONTHS = { day: 3, month: 18 };

const DAY_MS = 86_400_000;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

export const iso = (at: Date): string => at.toISOString().slice(0, 10);

export const dayOf = (text: string): Date => new Date(`${text}T00:00:00Z`);

export const plusDays = (day: string, days: number): string =>
  iso(new Date(dayOf(day).getTime() + days * DAY_MS));

export const daysOf = ({ start, end }: Period): number =>
  Math.round((dayOf(end).getTime() - dayOf(start).getTime()) / DAY_MS);

function monthsFrom(day: string, months: number, date = 1): string {
  const at = dayOf(day);
  return iso(new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + months, date)));
}

const sooner = (a: string, b: string): string => [a, b].sort()[0] as string;

/** The same day so many months on; the first of the next where that month has none. */
export function monthsOn(day: string, months: number): string {
  const same = monthsFrom(day, months, dayOf(day).getUTCDate());
  const following = monthsFrom(day, months + 1);
  return sooner(same, following);
}

/**
 * What a range's word means at `today`; a word that is none means the usual range. Months and years
 * are whole ones before the current, as on AWS.
 */
export function periodOf(range: string, today: string): Period {
  const tomorrow = plusDays(today, 1);
  const thisMonth = monthsFrom(today, 0);
  if (range === "this-month") return { start: thisMonth, end: tomorrow };
  if (range === "whole-month") return { start: thisMonth, end: monthsFrom(today, 1) };
  if (range === "last-month") return { start: monthsFrom(today, -1), end: thisMonth };
  if (range === "this-year") return { start: `${today.slice(0, 4)}-01-01`, end: tomorrow };
  const [, ahead] = /^next-(\d{1,2})-month$/.exec(range) ?? [];
  if (ahead) return { start: today, end: monthsOn(today, Math.max(1, Number(ahead))) };
  const dates = range.split("_");
  if (dates.length === 2 && dates.every((date) => DATE.test(date) && dayOf(date).getTime())) {
    const [first = today, last = today] = dates.sort();
    return { start: first, end: plusDays(last, 1) };
  }
  const [, count = "30", unit = "day"] = /^(\d{1,3})-(day|week|month|year)$/.exec(range) ?? [];
  const many = Math.max(1, Number(count));
  if (unit === "month") return { start: monthsFrom(today, -many), end: thisMonth };
  if (unit === "year") return { start: monthsFrom(today, -12 * many), end: thisMonth };
  return { start: plusDays(tomorrow, -many * (unit === "week" ? 7 : 1)), end: tomorrow };
}

/** By the hour only the last days can be shown, and what is ahead only so far as it is forecast. */
export function shownPeriod(period: Period, granularity: Granularity, today: string): Period {
  if (granularity !== "hour") {
    const last = monthsOn(today, AHEAD_MONTHS[granularity]);
    if (period.end <= last) return period;
    return { start: period.start < last ? period.start : today, end: last };
  }
  const oldest = plusDays(today, -HOURS_DAYS_MAX);
  const tomorrow = plusDays(today, 1);
  const end = sooner(period.end, tomorrow);
  if (period.start >= end) return { start: today, end: tomorrow };
  if (period.start >= oldest) return { start: period.start, end };
  return { start: oldest < end ? oldest : plusDays(end, -1), end };
}

/** What of a period is past, today included; null: it lies ahead. */
export function pastOf({ start, end }: Period, today: string): Period | null {
  const tomorrow = plusDays(today, 1);
  return start > today ? null : { start, end: sooner(end, tomorrow) };
}

/** What of it is forecast: from today on; null: it is over. */
export function aheadOf(period: Period, granularity: Granularity, today: string): Period | null {
  if (granularity === "hour" || period.end <= today) return null;
  return { start: period.start > today ? period.start : today, end: period.end };
}

/** The period before: as many days, or for whole months as many months and the same days of them. */
export function before({ start, end }: Period): Period {
  if (!start.endsWith("-01"))
    return { start: plusDays(start, -daysOf({ start, end })), end: start };
  const last = dayOf(plusDays(end, -1));
  const first = dayOf(start);
  const months =
    (last.getUTCFullYear() - first.getUTCFullYear()) * 12 +
    last.getUTCMonth() -
    first.getUTCMonth() +
    1;
  const back = monthsFrom(start, -months);
  if (end.endsWith("-01")) return { start: back, end: start };
  const until = monthsFrom(end, -months, dayOf(end).getUTCDate());
  return { start: back, end: until < start ? until : start };
}

/** "2026-11-01 to 2026-11-28", both included. */
export const spelled = ({ start, end }: Period): string => {
  const last = plusDays(end, -1);
  return start === last ? start : `${start} to ${last}`;
};
