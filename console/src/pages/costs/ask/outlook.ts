// The forecast beside what was spent: one row of buckets, in which today's, or this month's, holds both.
import { type Exact, exact, sum } from "~/format/exact";
import type { Forecast } from "~/money/useForecast";
import type { Bucket, Costs } from "./collect";
import type { Granularity } from "./periods";

export interface Likely {
  /** What is still to come of the bucket. */
  rest: Exact;
  /** Between what all of the bucket will likely lie. */
  lower: Exact;
  upper: Exact;
}

export interface Outlook {
  buckets: Bucket[];
  /** By bucket; null: it is over. */
  likely: Array<Likely | null>;
  /** All that is still to come; null without a forecast. */
  rest: Exact | null;
}

export function outlookOf(
  { buckets, totals }: Costs,
  forecast: Forecast | undefined,
  granularity: Granularity,
): Outlook {
  const found: Outlook = { buckets: [...buckets], likely: buckets.map(() => null), rest: null };
  if (!forecast) return found;
  const named = (start: string) => (granularity === "month" ? start.slice(0, 7) : start);
  for (const { TimePeriod, ...told } of forecast.results) {
    const { Start: start = "", End: end = "" } = TimePeriod ?? {};
    const known = buckets.findIndex((one) => named(one.start) === named(start));
    const spent = known < 0 ? 0n : forecast.today; // the forecast holds it, and so does the bucket
    const before = (totals[known] ?? 0n) - spent;
    const rest = exact(told.MeanValue) - spent;
    const likely = {
      rest: rest > 0n ? rest : 0n,
      lower: before + exact(told.PredictionIntervalLowerBound),
      upper: before + exact(told.PredictionIntervalUpperBound),
    };
    if (known < 0) {
      found.buckets.push({ start, end, isEstimated: false });
      found.likely.push(likely);
    } else {
      found.likely[known] = likely;
    }
  }
  found.rest = sum(found.likely.map((one) => one?.rest ?? 0n));
  return found;
}
