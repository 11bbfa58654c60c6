// The view as a file: a line for each bucket and group, with exact amounts and UTC times; and for each
// bucket that is not over what is still to come, and between what all of it will likely lie.
import { csv } from "~/format/csv";
import { exactText } from "~/format/exact";
import { LEVEL } from "~/money/useForecast";
import type { Costs } from "~/pages/costs/ask/collect";
import type { Outlook } from "~/pages/costs/ask/outlook";
import type { Query } from "~/pages/costs/ask/query";

export function costsFile(costs: Costs, outlook: Outlook, { by }: Query): string {
  const { buckets, groups, currency } = costs;
  const known = [by.text, `${by.text} (${by.key})`];
  const bounds = [`Lower (${LEVEL}%)`, `Upper (${LEVEL}%)`];
  return csv([
    ["Start", "End", ...known, "Cost", "Currency", "Estimated", "Kind", ...bounds],
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
          "Actual",
          "",
          "",
        ]),
    ),
    ...outlook.buckets.flatMap(({ start, end }, at) => {
      const likely = outlook.likely[at];
      if (!likely) return [];
      const rest = exactText(likely.rest);
      const between = [exactText(likely.lower), exactText(likely.upper)];
      return [
        [time(start), time(end), "Forecast", "", rest, currency, "true", "Forecast", ...between],
      ];
    }),
  ]);
}

const time = (text: string): string => (text.includes("T") ? text : `${text}T00:00:00Z`);
