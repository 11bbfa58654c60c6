// What will likely be spent, by Cost Explorer's forecast: asked for only where what is filtered for
// reaches back far enough, since the API refuses what is younger.
import {
  type Expression,
  type ForecastResult,
  GetCostAndUsageCommand,
  GetCostForecastCommand,
  type GetCostForecastCommandInput,
} from "@aws-sdk/client-cost-explorer";
import { costs } from "~/aws/services/money/costs";
import { useCall } from "~/aws/useCall";
import { type Exact, exact, sum } from "~/format/exact";
import { session } from "~/session/session";

const DAY_MS = 86_400_000;
const HISTORY_DAYS = 90; // what a forecast looks back on, and the least of it
const HISTORY_DAYS_MIN = 14;
export const LEVEL = 80; // percent: the interval that pages show

export interface Forecast {
  results: ForecastResult[];
  /** What was spent of today; the forecast of today holds it. */
  today: Exact;
  /** By day, UTC: what was spent on each of the last days. */
  days: Map<string, Exact>;
}

export interface Forecasting {
  data: Forecast | undefined;
  /** Why there is none; "" where there is one, or it is being asked for. */
  note: string;
}

/** Today in UTC by the server's clock: a request that ends too late is refused. */
export const todayUtc = (): string => dayIn(0);

const dayIn = (days: number): string =>
  new Date(Date.now() + session.clockOffset() + days * DAY_MS).toISOString().slice(0, 10);

interface Ahead {
  start: string;
  end: string;
}

/** The request, as it is sent and shown. */
export function forecastRequest(
  ahead: Ahead,
  granularity: "DAILY" | "MONTHLY",
  filter: Expression | undefined,
): GetCostForecastCommandInput {
  return {
    TimePeriod: { Start: ahead.start, End: ahead.end },
    Granularity: granularity,
    Metric: "UNBLENDED_COST",
    PredictionIntervalLevel: LEVEL,
    ...(filter ? { Filter: filter } : {}),
  };
}

/** The forecast of `request`, which begins today or later; null: nothing is asked for. */
export function useForecast(request: GetCostForecastCommandInput | null): Forecasting {
  const past = useCall(
    costs,
    GetCostAndUsageCommand,
    {
      TimePeriod: { Start: dayIn(-HISTORY_DAYS), End: dayIn(1) },
      Granularity: "DAILY",
      Metrics: ["UnblendedCost"],
      ...(request?.Filter ? { Filter: request.Filter } : {}),
    },
    { skip: !request },
  );
  const spent = (past.data?.ResultsByTime ?? []).map(({ TimePeriod, Total }): [string, Exact] => [
    TimePeriod?.Start ?? "",
    exact(Total?.UnblendedCost?.Amount),
  ]);
  const youngest = dayIn(-HISTORY_DAYS_MIN);
  const isOld = spent.some(([day, amount]) => day <= youngest && amount !== 0n);
  const input = request ?? { TimePeriod: undefined, Metric: undefined, Granularity: undefined };
  const ahead = useCall(costs, GetCostForecastCommand, input, { skip: !request || !isOld });
  if (!request) return { data: undefined, note: "" };
  const problem = past.problem ?? ahead.problem;
  if (problem) {
    const refused = `Policy refuses ${problem.action || "ce:GetCostForecast"}.`;
    return { data: undefined, note: problem.kind === "forbidden" ? refused : problem.message };
  }
  if (past.data && !isOld) {
    return { data: undefined, note: "Not before there are two weeks of history." };
  }
  if (!ahead.data) return { data: undefined, note: "" };
  const days = new Map(spent);
  const today = days.get(todayUtc()) ?? 0n;
  return { data: { results: ahead.data.ForecastResultsByTime ?? [], today, days }, note: "" };
}

/** What a month that holds today will have cost: spent before today, and the forecast from today on. */
export function monthOf({ results, days }: Forecast): {
  mean: Exact;
  lower: Exact;
  upper: Exact;
} {
  const [first] = results;
  const month = (first?.TimePeriod?.Start ?? "").slice(0, 7);
  const before = sum(
    [...days].filter(([day]) => day.startsWith(month) && day < todayUtc()).map(([, one]) => one),
  );
  return {
    mean: before + exact(first?.MeanValue),
    lower: before + exact(first?.PredictionIntervalLowerBound),
    upper: before + exact(first?.PredictionIntervalUpperBound),
  };
}
