// What runs and what it cost this month, by person and space of one domain: three calls for all
// rows. A person's own are also the apps and the cost of their private spaces.
import {
  GetCostAndUsageCommand,
  type GetCostAndUsageCommandOutput,
} from "@aws-sdk/client-cost-explorer";
import {
  type AppDetails,
  ListAppsCommand,
  ListSpacesCommand,
  type SpaceDetails,
} from "@aws-sdk/client-sagemaker";
import { useMemo } from "react";
import { whileAny } from "~/aws/polling";
import type { Problem } from "~/aws/problem";
import { costs } from "~/aws/services/money/costs";
import { sagemaker } from "~/aws/services/sagemaker";
import { useCall, usePages } from "~/aws/useCall";
import { monthBack } from "~/format/months";
import { isPassing } from "~/parts/Status";
import { DOMAIN_TAG, ownerOf, PROFILE_TAG, SPACE_TAG } from "~/studio/OwnerLink";

const poll = whileAny<AppDetails>((app) => isPassing(app.Status));

export interface ByOwner {
  /** An app that runs or comes up; undefined: none. */
  app: (kind: "user" | "space", name: string) => AppDetails | undefined;
  /** US dollars; undefined: not known, `unknown` says why. */
  cost: (kind: "user" | "space", name: string) => number | undefined;
  unknown: string;
}

export function useByOwner(domainId: string, domainArn: string): ByOwner {
  const apps = usePages(
    sagemaker,
    ListAppsCommand,
    { DomainIdEquals: domainId, MaxResults: 100 },
    "Apps",
    { every: poll },
  );
  const spaces = usePages(
    sagemaker,
    ListSpacesCommand,
    { DomainIdEquals: domainId, MaxResults: 100 },
    "Spaces",
  );
  const spent = useCall(costs, GetCostAndUsageCommand, {
    TimePeriod: monthBack(0),
    Granularity: "MONTHLY",
    Metrics: ["UnblendedCost"],
    Filter: { Tags: { Key: DOMAIN_TAG, Values: [domainArn] } },
    GroupBy: [
      { Type: "TAG", Key: PROFILE_TAG },
      { Type: "TAG", Key: SPACE_TAG },
    ],
  });
  return useMemo(() => {
    const running = runningOf(apps.data ?? [], spaces.data ?? []);
    const usd = spent.data && usdOf(spent.data);
    return {
      app: (kind, name) => running.get(`${kind}/${name}`),
      cost: (kind, name) => usd && (usd.get(`${kind}/${name}`) ?? 0),
      unknown: wordOf(spent.problem),
    };
  }, [apps.data, spaces.data, spent.data, spent.problem]);
}

const wordOf = (problem: Problem | undefined): string =>
  problem ? (problem.kind === "forbidden" ? "No access" : "Unknown") : "...";

function runningOf(apps: AppDetails[], spaces: SpaceDetails[]): Map<string, AppDetails> {
  const privates = new Map(
    spaces.flatMap(({ SpaceName, OwnershipSettingsSummary, SpaceSharingSettingsSummary }) =>
      SpaceSharingSettingsSummary?.SharingType === "Private"
        ? [[SpaceName ?? "", OwnershipSettingsSummary?.OwnerUserProfileName ?? ""]]
        : [],
    ) as Array<[string, string]>,
  );
  const found = new Map<string, AppDetails>();
  for (const app of apps) {
    if (app.Status !== "InService" && !isPassing(app.Status)) continue;
    if (app.SpaceName) found.set(`space/${app.SpaceName}`, app);
    const person = app.UserProfileName ?? privates.get(app.SpaceName ?? "");
    if (person) found.set(`user/${person}`, app);
  }
  return found;
}

/** A line of a private space counts for the space and for its person: each is its own total. */
function usdOf({ ResultsByTime }: GetCostAndUsageCommandOutput): Map<string, number> {
  const found = new Map<string, number>();
  for (const { Keys, Metrics } of ResultsByTime?.flatMap(({ Groups }) => Groups ?? []) ?? []) {
    const usd = Number(Metrics?.UnblendedCost?.Amount ?? 0);
    for (const key of Keys ?? []) {
      const owner = ownerOf(key.slice(key.indexOf("$") + 1));
      if (!owner) continue;
      const name = `${owner.kind}/${owner.name}`;
      found.set(name, (found.get(name) ?? 0) + usd);
    }
  }
  return found;
}
