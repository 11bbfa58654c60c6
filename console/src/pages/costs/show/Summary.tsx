// The figures that one looks for first: the total, what is forecast, the period before, a budget for
// it, and what nobody is named for.
import Box from "@cloudscape-design/components/box";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import { percent } from "~/format/amounts";
import { exact, share } from "~/format/exact";
import { LEVEL } from "~/money/useForecast";
import type { Costs } from "~/pages/costs/ask/collect";
import type { Outlook } from "~/pages/costs/ask/outlook";
import { before, daysOf, spelled } from "~/pages/costs/ask/periods";
import { deeperUrl, type Query } from "~/pages/costs/ask/query";
import type { Limit } from "~/pages/costs/ask/useLimit";
import { InnerLink } from "~/parts/InnerLink";
import { Amount, betweenText, changeText } from "./Amount";

interface SummaryProps {
  costs: Costs;
  outlook: Outlook;
  /** Why there is no forecast. */
  note: string;
  limit: Limit | undefined;
  digits: number;
  query: Query;
  url: URLSearchParams;
}

type Item = { label: string; value: React.ReactNode };

export function Summary(props: SummaryProps) {
  const { query, limit, costs, digits } = props;
  const { past, ahead } = query;
  const items: Item[] = [];
  if (past) items.push(totalItem(props, past));
  if (ahead) items.push(forecastItem(props));
  if (past) items.push(beforeItem(props, past));
  if (past) {
    const average = costs.total / BigInt(daysOf(past));
    const value = <Amount value={average} currency={costs.currency} digits={digits} />;
    items.push({ label: "Average per day", value });
  }
  if (limit) items.push(limitItem(props, limit));
  if (past && query.by.type === "TAG") items.push(untaggedItem(props));
  return <KeyValuePairs columns={4} items={items} />;
}

interface PeriodShown {
  start: string;
  end: string;
}

const totalItem = ({ costs, digits }: SummaryProps, past: PeriodShown): Item => ({
  label: "Total",
  value: (
    <>
      <Box fontSize="heading-l" fontWeight="bold">
        <Amount value={costs.total} currency={costs.currency} digits={digits} />
      </Box>
      <Box color="text-body-secondary">{spelled(past)}</Box>
    </>
  ),
});

function forecastItem({ costs, outlook, note, digits, query }: SummaryProps): Item {
  const label = query.past ? "With what is forecast" : "Forecast";
  if (outlook.rest === null) return { label, value: note || "..." };
  const { currency } = costs;
  const likely = outlook.likely.filter((one) => one !== null);
  const [only] = likely;
  const isOne = likely.length === 1 && outlook.buckets.length === 1;
  return {
    label,
    value: (
      <>
        <Amount value={costs.total + outlook.rest} currency={currency} digits={digits} />
        <Box color="text-body-secondary">
          {isOne && only
            ? `${LEVEL}% likely ${betweenText(only, currency, digits)}`
            : `until ${spelled(query.period).split(" ").at(-1)}`}
        </Box>
      </>
    ),
  };
}

const beforeItem = ({ costs, digits }: SummaryProps, past: PeriodShown): Item => ({
  label: "The period before",
  value:
    costs.before === null ? (
      "Not known"
    ) : (
      <>
        <Amount value={costs.before} currency={costs.currency} digits={digits} /> (
        {changeText(costs.total, costs.before)})
        <Box color="text-body-secondary">{spelled(before(past))}</Box>
      </>
    ),
});

const limitItem = ({ costs, digits, query }: SummaryProps, limit: Limit): Item => ({
  label: `Budget of a ${query.granularity}`,
  value: (
    <>
      <Amount value={exact(limit.amount)} currency={costs.currency} digits={digits} />{" "}
      <InnerLink to={`/budgets/${encodeURIComponent(limit.name)}`}>{limit.name}</InnerLink>
    </>
  ),
});

function untaggedItem({ costs, digits, query, url }: SummaryProps): Item {
  const untagged = costs.groups.find(({ value }) => value === "")?.total ?? 0n;
  const part = share(untagged, costs.total) ?? 0;
  const to = deeperUrl(url, query.by, "");
  return {
    label: "Untagged",
    value: (
      <>
        <Amount value={untagged} currency={costs.currency} digits={digits} /> ({percent(part)}){" "}
        {untagged !== 0n && to && <InnerLink to={to}>which resources</InnerLink>}
      </>
    ),
  };
}
