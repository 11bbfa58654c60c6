// What each job has cost, by its ARN: one question to Cost Explorer for the last months.
import { GetCostAndUsageWithResourcesCommand } from "@aws-sdk/client-cost-explorer";
import { useMemo } from "react";
import type { Problem } from "~/aws/problem";
import { costs } from "~/aws/services/money/costs";
import { usePages } from "~/aws/useCall";

export interface Spent {
  of: (arn: string) => number | undefined;
  isReady: boolean;
  problem: Problem | undefined;
}

/** Also said in the page's help. */
export const SPENT_DAYS = 90;

export function useSpent(): Spent {
  const found = usePages(
    costs,
    GetCostAndUsageWithResourcesCommand,
    {
      TimePeriod: lately(),
      Granularity: "MONTHLY",
      Metrics: ["UnblendedCost"],
      Filter: { Dimensions: { Key: "SERVICE", Values: ["Amazon SageMaker"] } },
      GroupBy: [{ Type: "DIMENSION", Key: "RESOURCE_ID" }],
    },
    "ResultsByTime",
    { token: "NextPageToken" },
  );
  const { data, problem, at } = found;
  return useMemo(() => {
    const usd = new Map<string, number>();
    for (const time of data ?? []) {
      for (const group of time.Groups ?? []) {
        const arn = group.Keys?.[0] ?? "";
        usd.set(arn, (usd.get(arn) ?? 0) + Number(group.Metrics?.UnblendedCost?.Amount ?? 0));
      }
    }
    return { of: (arn) => usd.get(arn), isReady: at > 0, problem };
  }, [data, problem, at]);
}

/** Whole UTC days, tomorrow excluded as Cost Explorer has it. */
function lately(): { Start: string; End: string } {
  const day = (shift: number) =>
    new Date(Date.now() + shift * 86_400_000).toISOString().slice(0, 10);
  return { Start: day(1 - SPENT_DAYS), End: day(1) };
}
