// The chart as a table: a row for each bar, a column for each of its colours, and the total.
import type { Call } from "~/aws/useCall";
import { drawn } from "~/format/exact";
import { LEVEL } from "~/money/useForecast";
import type { Bucket, Costs, Series } from "~/pages/costs/ask/collect";
import type { Likely, Outlook } from "~/pages/costs/ask/outlook";
import type { Query } from "~/pages/costs/ask/query";
import { type Column, DataTable } from "~/table/DataTable";
import { Empty } from "~/views/Empty";
import { Amount, betweenText } from "./Amount";

interface Row extends Bucket {
  at: number;
  likely: Likely | null;
}

interface TimeTableProps {
  of: Call<Costs>;
  costs: Costs;
  series: Series[];
  outlook: Outlook;
  digits: number;
  query: Query;
}

export function TimeTable({ of, costs, series, outlook, digits, query }: TimeTableProps) {
  const { currency, totals } = costs;
  const rows = outlook.buckets.map((bucket, at) => ({
    ...bucket,
    at,
    likely: outlook.likely[at] ?? null,
  }));
  const columns: Column<Row>[] = [
    {
      id: "start",
      header: `${query.granularity === "hour" ? "Hour" : query.granularity === "day" ? "Day" : "Month"} (UTC)`,
      isRowHeader: true,
      minWidth: 170,
      value: ({ start }) => start,
      cell: ({ start, isEstimated, at }) => (
        <>
          {start.slice(0, 16).replace("T", " ")}
          {isEstimated && " (estimated)"}
          {at >= costs.buckets.length && " (forecast)"}
        </>
      ),
    },
    {
      id: "total",
      header: "Total",
      minWidth: 130,
      value: ({ at }) => drawn(totals[at] ?? 0n),
      cell: ({ at }) => <Amount value={totals[at] ?? 0n} currency={currency} digits={digits} />,
    },
    ...series.map(
      ({ label, amounts }, index): Column<Row> => ({
        id: `s${index}`,
        header: label,
        minWidth: 140,
        value: ({ at }) => drawn(amounts[at] ?? 0n),
        cell: ({ at }) => <Amount value={amounts[at] ?? 0n} currency={currency} digits={digits} />,
      }),
    ),
    ...(outlook.rest === null ? [] : forecastColumns(currency, digits)),
  ];
  return (
    <DataTable<Row>
      id="times"
      title={`Cost by ${query.granularity}`}
      nouns={[query.granularity, `${query.granularity}s`]}
      of={{ ...of, data: rows }}
      rowId={({ start }) => start}
      columns={columns}
      description="The figures of the chart."
      empty={<Empty title="Nothing was spent" />}
    />
  );
}

/** What is still to come, and between what the whole will likely lie. */
function forecastColumns(currency: string, digits: number): Column<Row>[] {
  return [
    {
      id: "rest",
      header: "Forecast, still to come",
      minWidth: 190,
      value: ({ likely }) => drawn(likely?.rest ?? 0n),
      cell: ({ likely }) =>
        likely ? <Amount value={likely.rest} currency={currency} digits={digits} /> : "-",
    },
    {
      id: "between",
      header: `In all, ${LEVEL}% likely`,
      minWidth: 220,
      cell: ({ likely }) => (likely ? betweenText(likely, currency, digits) : "-"),
    },
  ];
}
