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
  "7-day": "Last 7 days",
  "30-day": "Last 30 days",
  "90-day": "Last 90 days",
  "this-month": "This month",
  "last-month": "Last month",
  "12-month": "Last 12 months",
};
export const RANGE_USUAL = "30-day";
export const HOURS_DAYS_MAX = 14; // Cost Explorer: hours are kept for fourteen days

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

/** What a range's word means at `today`; a word that is none means the usual range. */
export function periodOf(range: string, today: string): Period {
  const tomorrow = plusDays(today, 1);
  if (range === "this-month") return { start: monthsFrom(today, 0), end: tomorrow };
  if (range === "last-month") return { start: monthsFrom(today, -1), end: monthsFrom(today, 0) };
  const dates = range.split("_");
  if (dates.length === 2 && dates.every((date) => DATE.test(date) && dayOf(date).getTime())) {
    const [first = today, last = today] = dates.sort();
    return { start: first, end: plusDays(last, 1) };
  }
  const [, count = "30", unit = "day"] = /^(\d{1,3})-(day|week|month|year)$/.exec(range) ?? [];
  const many = Math.max(1, Number(count));
  if (unit === "month") return { start: monthsFrom(today, 1 - many), end: tomorrow };
  if (unit === "year") return { start: monthsFrom(today, 1 - 12 * many), end: tomorrow };
  return { start: plusDays(tomorrow, -many * (unit === "week" ? 7 : 1)), end: tomorrow };
}

/** By the hour only the last days can be shown. */
export function shownPeriod(period: Period, granularity: Granularity, today: string): Period {
  const oldest = plusDays(today, -HOURS_DAYS_MAX);
  if (granularity !== "hour" || period.start >= oldest) return period;
  const start = oldest < period.end ? oldest : plusDays(period.end, -1);
  return { start, end: period.end };
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
