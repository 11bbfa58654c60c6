// A domain's cost by person and space: what Cost Explorer's groups say, in the order of the chart.
import type { GetCostAndUsageCommandOutput } from "@aws-sdk/client-cost-explorer";
import { type Owner, ownerOf } from "~/studio/OwnerLink";

export interface Share {
  key: string;
  /** undefined: no tag of a user or space. */
  owner: Owner | undefined;
  /** US dollars by the first day of each bucket. */
  usd: Map<string, number>;
}

const SERIES_MAX = 9; // and "others": more cannot be told apart

/** Keys are `KEY$ARN`; a space's tag says more than its person's. */
function ownerOfKeys(keys: string[] = []): Owner | undefined {
  const arns = keys.map((key) => key.slice(key.indexOf("$") + 1));
  const owners = arns.flatMap((arn) => ownerOf(arn) ?? []);
  return owners.find(({ kind }) => kind === "space") ?? owners[0];
}

export function sharesOf(answer: GetCostAndUsageCommandOutput): Share[] {
  const found = new Map<string, Share>();
  for (const { TimePeriod, Groups } of answer.ResultsByTime ?? []) {
    const start = TimePeriod?.Start ?? "";
    for (const { Keys, Metrics } of Groups ?? []) {
      const owner = ownerOfKeys(Keys);
      const key = owner ? `${owner.kind}/${owner.name}` : "";
      const share = found.get(key) ?? { key, owner, usd: new Map() };
      const usd = Number(Metrics?.UnblendedCost?.Amount ?? 0);
      share.usd.set(start, (share.usd.get(start) ?? 0) + usd);
      found.set(key, share);
    }
  }
  return [...found.values()].sort((a, b) => sum(b) - sum(a));
}

export const sum = (share: Share): number =>
  [...share.usd.values()].reduce((all, usd) => all + usd, 0);

/** At most nine of somebody, the rest as one; what is nobody's always on its own. */
export function seriesOf(shares: Share[]): { named: Share[]; others: Share[]; untagged?: Share } {
  const owned = shares.filter(({ owner }) => owner);
  const untagged = shares.find(({ owner }) => !owner);
  return {
    named: owned.slice(0, SERIES_MAX),
    others: owned.slice(SERIES_MAX),
    ...(untagged ? { untagged } : {}),
  };
}
