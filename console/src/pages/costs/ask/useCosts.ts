// The calls behind the page: costs of the period and of the one before, names of domains, and what the
// price list says of itself.
import {
  GetCostAndUsageCommand,
  GetCostAndUsageWithResourcesCommand,
  GetDimensionValuesCommand,
} from "@aws-sdk/client-cost-explorer";
import { ListDomainsCommand } from "@aws-sdk/client-sagemaker";
import { useMemo } from "react";
import { costs } from "~/aws/services/money/costs";
import { sagemaker } from "~/aws/services/sagemaker";
import { type Call, useCall, usePages } from "~/aws/useCall";
import { todayUtc } from "~/money/useForecast";
import { useIdentity } from "~/session/useSession";
import { type Costs, collect } from "./collect";
import { labelOf } from "./dimensions";
import { plusDays } from "./periods";
import { isByResource, type Query, requestBefore, requestOf } from "./query";

const TOKEN = { token: "NextPageToken" };

/** Costs, added up; whole only, never a part of the pages. */
export function useCosts(query: Query, domains: Map<string, string>): Call<Costs> {
  const { accountId } = useIdentity();
  const now = useResults(query, requestOf(query, accountId));
  const previous = useResults(query, requestBefore(query, accountId));
  const { by } = query;
  const isAhead = !query.past;
  return useMemo(() => {
    if (isAhead) return { ...now, isLoading: false, data: collect([], undefined, by, () => "") };
    const isWhole = now.data !== undefined && now.at > 0;
    const earlier = previous.at > 0 ? previous.data : undefined;
    const data = isWhole
      ? collect(now.data ?? [], earlier, by, (value) => labelOf(by, value, domains))
      : undefined;
    return { ...now, data };
  }, [now, previous, by, domains, isAhead]);
}

function useResults(query: Query, request: ReturnType<typeof requestOf>) {
  const isResource = isByResource(query);
  const plain = usePages(costs, GetCostAndUsageCommand, request, "ResultsByTime", {
    ...TOKEN,
    skip: isResource || !query.past,
  });
  const input = { ...request, Filter: request.Filter };
  const fine = usePages(costs, GetCostAndUsageWithResourcesCommand, input, "ResultsByTime", {
    ...TOKEN,
    skip: !isResource || !query.past,
  });
  return isResource ? fine : plain;
}

/** Names of domains by id; empty where they may not be listed. */
export function useDomainNames(): Map<string, string> {
  const domains = usePages(sagemaker, ListDomainsCommand, { MaxResults: 100 }, "Domains");
  return useMemo(
    () =>
      new Map(
        (domains.data ?? []).map(({ DomainId, DomainName }) => [DomainId ?? "", DomainName ?? ""]),
      ),
    [domains.data],
  );
}

const NOTICE_DAYS = 7; // as few as will surely hold something

/** "SAMPLE DATA ..." until the operator brings prices. */
export function usePriceNotice(): string {
  const tomorrow = plusDays(todayUtc(), 1);
  const biller = useCall(costs, GetDimensionValuesCommand, {
    TimePeriod: { Start: plusDays(tomorrow, -NOTICE_DAYS), End: tomorrow },
    Dimension: "BILLING_ENTITY",
  });
  return biller.data?.DimensionValues?.[0]?.Attributes?.description ?? "";
}
