// The view as a file: a line for each bucket and group, with exact amounts and UTC times.
import { csv } from "~/format/csv";
import { exactText } from "~/format/exact";
import type { Costs } from "~/pages/costs/ask/collect";
import type { Query } from "~/pages/costs/ask/query";

export function costsFile({ buckets, groups, currency }: Costs, { by }: Query): string {
  const head = ["Start", "End", by.text, `${by.text} (${by.key})`, "Cost", "Currency", "Estimated"];
  return csv([
    head,
    ...buckets.flatMap(({ start, end, isEstimated }, at) =>
      groups
        .filter(({ amounts }) => amounts[at] !== 0n)
        .map(({ label, value, amounts }) => [
          time(start),
          time(end),
          label,
          value,
          exactText(amounts[at] ?? 0n),
          currency,
          String(isEstimated),
        ]),
    ),
  ]);
}

const time = (text: string): string => (text.includes("T") ? text : `${text}T00:00:00Z`);
