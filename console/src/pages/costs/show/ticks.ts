// Starts of buckets for people: "Nov 28", "Nov 2026", "Nov 28 14:00"; always UTC.
import type { Granularity } from "~/pages/costs/ask/periods";

const UTC = { timeZone: "UTC" } as const;
const day = new Intl.DateTimeFormat("en-US", { ...UTC, month: "short", day: "numeric" });
const month = new Intl.DateTimeFormat("en-US", { ...UTC, month: "short", year: "numeric" });

export function bucketTick(start: string, granularity: Granularity): string {
  const at = new Date(start);
  if (granularity === "month") return month.format(at);
  return granularity === "hour" ? `${day.format(at)} ${start.slice(11, 16)}` : day.format(at);
}
