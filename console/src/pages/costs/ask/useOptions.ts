// What may be filtered by: the values that occur in the period, asked for when somebody looks.
import { GetDimensionValuesCommand, GetTagsCommand } from "@aws-sdk/client-cost-explorer";
import { useState } from "react";
import { costs } from "~/aws/services/money/costs";
import { type Call, pages, useGathered } from "~/aws/useCall";
import { type Dimension, dimensionOf, NONE } from "./dimensions";
import type { Period } from "./periods";

export interface Option {
  dimension: Dimension;
  value: string;
}

/** Options of the dimensions that were asked for, and how to ask for one more. */
export function useOptions(period: Period): [Call<Option[]>, (id: string) => void] {
  const [asked, setAsked] = useState<string[]>([]);
  const options = useGathered(
    `ce options ${period.start} ${period.end} ${asked.join()}`,
    async (signal) => (await Promise.all(asked.map((id) => valuesOf(id, period, signal)))).flat(),
    { skip: asked.length === 0 },
  );
  const ask = (id: string) => setAsked((all) => (all.includes(id) ? all : [...all, id].sort()));
  return [options, ask];
}

async function valuesOf(id: string, period: Period, signal: AbortSignal): Promise<Option[]> {
  const dimension = dimensionOf(id);
  const asked = { TimePeriod: { Start: period.start, End: period.end } };
  const paging = { token: "NextPageToken", signal };
  if (dimension.type === "TAG") {
    const input = { ...asked, TagKey: dimension.key };
    const tags = await pages(costs, GetTagsCommand, input, "Tags", paging);
    return tags.map((value) => ({ dimension, value: value || NONE }));
  }
  const input = { ...asked, Dimension: dimension.key as "SERVICE" };
  const found = await pages(costs, GetDimensionValuesCommand, input, "DimensionValues", paging);
  return found.map(({ Value }) => ({ dimension, value: Value ?? "" }));
}
