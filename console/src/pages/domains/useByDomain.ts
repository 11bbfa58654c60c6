// Sums for every domain at once, from three lists of the account: running apps, file systems and
// this month's cost by the domain's tag.
import {
  GetCostAndUsageCommand,
  type GetCostAndUsageCommandOutput,
} from "@aws-sdk/client-cost-explorer";
import { DescribeFileSystemsCommand, type FileSystemDescription } from "@aws-sdk/client-efs";
import { type AppDetails, ListAppsCommand } from "@aws-sdk/client-sagemaker";
import { useMemo } from "react";
import type { Problem } from "~/aws/problem";
import { efs } from "~/aws/services/efs";
import { costs } from "~/aws/services/money/costs";
import { sagemaker } from "~/aws/services/sagemaker";
import { useCall, usePages } from "~/aws/useCall";
import { nameOf } from "~/format/arn";
import { thisMonth } from "~/format/time";

export const DOMAIN_TAG = "sagemaker:domain-arn";

export interface Sums {
  of: (domainId: string) => number | undefined;
  isReady: boolean;
  problem: Problem | undefined;
}

export interface ByDomain {
  apps: Sums;
  storage: Sums;
  cost: Sums;
}

export function useByDomain(): ByDomain {
  const apps = usePages(sagemaker, ListAppsCommand, { MaxResults: 100 }, "Apps");
  const files = usePages(efs, DescribeFileSystemsCommand, { MaxItems: 1000 }, "FileSystems", {
    token: "Marker",
    answered: "NextMarker",
  });
  const cost = useCall(costs, GetCostAndUsageCommand, {
    TimePeriod: thisMonth(),
    Granularity: "MONTHLY",
    Metrics: ["UnblendedCost"],
    GroupBy: [{ Type: "TAG", Key: DOMAIN_TAG }],
  });
  return useMemo(
    () => ({
      apps: sums(apps, running),
      storage: sums(files, stored),
      cost: sums(cost, spent),
    }),
    [apps, files, cost],
  );
}

interface Held<T> {
  data: T | undefined;
  problem: Problem | undefined;
}

function sums<T>({ data, problem }: Held<T>, add: (data: T) => Map<string, number>): Sums {
  const found = data === undefined ? new Map<string, number>() : add(data);
  return { of: (id) => found.get(id), isReady: data !== undefined, problem };
}

function running(apps: AppDetails[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const app of apps) {
    if (app.Status !== "InService" || !app.DomainId) continue;
    found.set(app.DomainId, (found.get(app.DomainId) ?? 0) + 1);
  }
  return found;
}

function stored(systems: FileSystemDescription[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const system of systems) {
    const arn = system.Tags?.find((tag) => tag.Key === DOMAIN_TAG)?.Value;
    if (arn) found.set(nameOf(arn), Number(system.SizeInBytes?.Value ?? 0));
  }
  return found;
}

/** Keys of groups by tag are `sagemaker:domain-arn$arn:...`; what is untagged ends with `$`. */
function spent(answer: GetCostAndUsageCommandOutput): Map<string, number> {
  const found = new Map<string, number>();
  for (const time of answer.ResultsByTime ?? []) {
    for (const group of time.Groups ?? []) {
      const id = nameOf(group.Keys?.[0] ?? "");
      const usd = Number(group.Metrics?.UnblendedCost?.Amount ?? 0);
      found.set(id, (found.get(id) ?? 0) + usd);
    }
  }
  return found;
}
