// What runs and what it cost this month, by person and space of one domain: two calls for all rows.
import { GetCostAndUsageCommand } from "@aws-sdk/client-cost-explorer";
import { type AppDetails, ListAppsCommand } from "@aws-sdk/client-sagemaker";
import { useMemo } from "react";
import { whileAny } from "~/aws/polling";
import { costs } from "~/aws/services/money/costs";
import { sagemaker } from "~/aws/services/sagemaker";
import { useCall, usePages } from "~/aws/useCall";
import { monthBack } from "~/format/months";
import { isPassing } from "~/parts/Status";
import { DOMAIN_TAG, PROFILE_TAG, SPACE_TAG } from "~/studio/OwnerLink";
import { type Share, sharesOf, sum } from "./costs/shares";

const poll = whileAny<AppDetails>((app) => isPassing(app.Status));

export interface ByOwner {
  /** The app that runs or comes up; undefined: none. */
  app: (kind: "user" | "space", name: string) => AppDetails | undefined;
  /** US dollars; undefined: not known, or refused. */
  cost: (kind: "user" | "space", name: string) => number | undefined;
}

export function useByOwner(domainId: string, domainArn: string): ByOwner {
  const apps = usePages(
    sagemaker,
    ListAppsCommand,
    { DomainIdEquals: domainId, MaxResults: 100 },
    "Apps",
    { every: poll },
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
    const running = new Map<string, AppDetails>();
    for (const app of apps.data ?? []) {
      if (app.Status === "InService" || isPassing(app.Status)) running.set(keyOf(app), app);
    }
    const shares = spent.data && new Map(sharesOf(spent.data).map((one) => [one.key, one]));
    return {
      app: (kind, name) => running.get(`${kind}/${name}`),
      cost: (kind, name) => shares && worth(shares.get(`${kind}/${name}`)),
    };
  }, [apps.data, spent.data]);
}

const worth = (share: Share | undefined): number => (share ? sum(share) : 0);

const keyOf = ({ SpaceName, UserProfileName }: AppDetails): string =>
  SpaceName ? `space/${SpaceName}` : `user/${UserProfileName}`;
