// Which periods before are shown beside an amount, and how months are added up to quarters and years.
import type { ResultByTime } from "@aws-sdk/client-cost-explorer";
import { exact, exactText } from "~/format/exact";
import { iso, plusDays } from "~/pages/costs/ask/periods";

export interface Past {
  text: string;
  /** "a month". */
  noun: string;
  granularity: "DAILY" | "MONTHLY";
  period: { Start: string; End: string };
  /** Months that make one period; 0 for days. */
  months: number;
}

export interface Bucket {
  start: string;
  amount: string;
  /** Over, so that it counts for the average. */
  isWhole: boolean;
}

const DAYS = 14;
const KINDS: Record<string, [months: number, count: number, text: string, noun: string]> = {
  MONTHLY: [1, 6, "this month and the five before", "a month"],
  QUARTERLY: [3, 4, "the last four quarters", "a quarter"],
  ANNUALLY: [12, 1, "the last twelve months", "a year"],
};

export function pastOf(unit: string, today: string): Past {
  const End = plusDays(today, 1);
  const kind = KINDS[unit];
  if (!kind) {
    const period = { Start: plusDays(End, -DAYS), End };
    return { text: "the last 14 days", noun: "a day", granularity: "DAILY", period, months: 0 };
  }
  const [months, count, text, noun] = kind;
  const at = new Date(`${today}T00:00:00Z`);
  const into = months === 3 ? at.getUTCMonth() % 3 : 0;
  const back = months * count - 1 - (months === 3 ? 2 - into : 0);
  const Start = iso(new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() - back, 1)));
  return { text, noun, granularity: "MONTHLY", period: { Start, End }, months };
}

/** Periods, oldest first; the one that runs is not whole. */
export function buckets(results: ResultByTime[], past: Past): Bucket[] {
  const size = Math.max(1, past.months);
  const found: Bucket[] = [];
  for (let at = 0; at < results.length; at += size) {
    const part = results.slice(at, at + size);
    const amounts = part.map(({ Total }) => exact(Total?.UnblendedCost?.Amount));
    found.push({
      start: part[0]?.TimePeriod?.Start ?? "",
      amount: exactText(amounts.reduce((all, one) => all + one, 0n)),
      isWhole: past.months === 12 || at + size < results.length,
    });
  }
  return found;
}
