// How much a domain, its people and its spaces store, and how large volumes are: what was counted last.
import {
  type Dimension,
  GetMetricDataCommand,
  ListMetricsCommand,
  type Metric,
} from "@aws-sdk/client-cloudwatch";
import { cloudwatch } from "~/aws/services/cloudwatch";
import { type Call, pages, useGathered } from "~/aws/useCall";

export interface Holding {
  /** "" of both: the file system as a whole. */
  userProfileName: string;
  spaceName: string;
  /** undefined: not counted yet. */
  bytes: number | undefined;
  /** Of a volume; 0 where there is none. */
  provisionedBytes: number;
}

const QUERIES_MAX = 500; // of one GetMetricData
const HOUR_MS = 3_600_000;

/** Of a whole domain; with `only`, of one person or space. */
export function useStored(domainId: string, only: Dimension[] = []): Call<Holding[]> {
  return useGathered(`cloudwatch stored ${domainId} ${JSON.stringify(only)}`, async (signal) => {
    const found = await pages(
      cloudwatch,
      ListMetricsCommand,
      {
        Namespace: "Freehold/Storage",
        Dimensions: [{ Name: "DomainId", Value: domainId }, ...only],
      },
      "Metrics",
      { signal },
    );
    const holdings = new Map<string, Holding>();
    for (let at = 0; at < found.length; at += QUERIES_MAX) {
      const part = found.slice(at, at + QUERIES_MAX);
      const values = await valuesOf(part, signal);
      part.forEach((metric, index) => {
        put(holdings, metric, values.get(`m${index}`));
      });
    }
    return [...holdings.values()];
  });
}

async function valuesOf(metrics: Metric[], signal: AbortSignal): Promise<Map<string, number>> {
  const answer = await cloudwatch.send(
    GetMetricDataCommand,
    {
      StartTime: new Date(Date.now() - HOUR_MS),
      EndTime: new Date(Date.now() + HOUR_MS),
      MetricDataQueries: metrics.map((Metric, index) => ({
        Id: `m${index}`,
        MetricStat: { Metric, Period: 60, Stat: "Maximum" },
      })),
    },
    signal,
  );
  const values = new Map<string, number>();
  for (const { Id, Values } of answer.MetricDataResults ?? []) {
    if (Id && Values?.[0] !== undefined) values.set(Id, Values[0]);
  }
  return values;
}

function put(holdings: Map<string, Holding>, metric: Metric, value: number | undefined): void {
  const named = Object.fromEntries(
    (metric.Dimensions ?? []).map(({ Name, Value }) => [Name, Value]),
  );
  const { UserProfileName: userProfileName = "", SpaceName: spaceName = "" } = named;
  const key = `${userProfileName}/${spaceName}`;
  const known = holdings.get(key) ?? {
    userProfileName,
    spaceName,
    bytes: undefined,
    provisionedBytes: 0,
  };
  if (metric.MetricName === "StoredBytes") known.bytes = value;
  else known.provisionedBytes = value ?? 0;
  holdings.set(key, known);
}
