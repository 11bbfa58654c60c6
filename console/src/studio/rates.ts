// What an hour of each instance type costs, from the price list that the bill is made of.
import { GetProductsCommand } from "@aws-sdk/client-pricing";
import { pricing } from "~/aws/services/money/pricing";
import { type Call, pages, useGathered } from "~/aws/useCall";

export interface Rate {
  /** US dollars per hour. */
  usd: number;
  /** Such as "2 vCPU, 4 GiB"; "" where the price list does not say. */
  size: string;
}

export type Rates = Map<string, Rate>;

interface Product {
  product: { attributes: Record<string, string> };
  terms: { OnDemand: Record<string, Term> };
}

interface Term {
  priceDimensions: Record<string, { pricePerUnit: Record<string, string> }>;
}

const COMPONENT = "Studio-JupyterLab"; // all apps of Studio cost the same by instance type

export function useRates(): Call<Rates> {
  return useGathered("pricing rates of Studio", async (signal) => {
    const input = {
      ServiceCode: "AmazonSageMaker",
      Filters: [{ Type: "TERM_MATCH" as const, Field: "component", Value: COMPONENT }],
      MaxResults: 100,
    };
    const texts = await pages(pricing, GetProductsCommand, input, "PriceList", { signal });
    return new Map(texts.map((text: unknown) => rateOf(JSON.parse(String(text)) as Product)));
  });
}

function rateOf({ product, terms }: Product): [string, Rate] {
  const { instanceName = "", vCpu, memory } = product.attributes;
  const [term] = Object.values(terms.OnDemand);
  const [dimension] = Object.values(term?.priceDimensions ?? {});
  const [usd] = Object.values(dimension?.pricePerUnit ?? {});
  return [instanceName, { usd: Number(usd ?? 0), size: vCpu ? `${vCpu} vCPU, ${memory}` : "" }];
}
