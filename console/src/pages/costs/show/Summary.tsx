// The figures that one looks for first: the total, the period before, and what nobody is named for.
import Box from "@cloudscape-design/components/box";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import { percent } from "~/format/amounts";
import { share } from "~/format/exact";
import type { Costs } from "~/pages/costs/ask/collect";
import { before, daysOf, spelled } from "~/pages/costs/ask/periods";
import { deeperUrl, type Query } from "~/pages/costs/ask/query";
import { InnerLink } from "~/parts/InnerLink";
import { Amount, changeText } from "./Amount";

interface SummaryProps {
  costs: Costs;
  query: Query;
  url: URLSearchParams;
}

export function Summary({ costs, query, url }: SummaryProps) {
  const { currency, total } = costs;
  const untagged =
    query.by.type === "TAG" ? costs.groups.find(({ value }) => value === "") : undefined;
  const part = untagged ? (share(untagged.total, total) ?? 0) : 0;
  const to = deeperUrl(url, query.by, "");
  return (
    <KeyValuePairs
      columns={4}
      items={[
        {
          label: "Total",
          value: (
            <>
              <Box fontSize="heading-l" fontWeight="bold">
                <Amount value={total} currency={currency} />
              </Box>
              <Box color="text-body-secondary">{spelled(query.period)}</Box>
            </>
          ),
        },
        {
          label: "The period before",
          value:
            costs.before === null ? (
              "Not known"
            ) : (
              <>
                <Amount value={costs.before} currency={currency} /> (
                {changeText(total, costs.before)})
                <Box color="text-body-secondary">{spelled(before(query.period))}</Box>
              </>
            ),
        },
        {
          label: "Average per day",
          value: <Amount value={total / BigInt(daysOf(query.period))} currency={currency} />,
        },
        ...(untagged
          ? [
              {
                label: "Untagged",
                value: (
                  <>
                    <Amount value={untagged.total} currency={currency} /> ({percent(part)}){" "}
                    {untagged.total !== 0n && to && <InnerLink to={to}>which resources</InnerLink>}
                  </>
                ),
              },
            ]
          : []),
      ]}
    />
  );
}
