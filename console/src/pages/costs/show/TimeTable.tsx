// The chart as a table: a row for each bar, a column for each of its colours, and the total.
import type { Call } from "~/aws/useCall";
import { drawn } from "~/format/exact";
import type { Bucket, Costs, Series } from "~/pages/costs/ask/collect";
import type { Query } from "~/pages/costs/ask/query";
import { type Column, DataTable } from "~/table/DataTable";
import { Empty } from "~/views/Empty";
import { Amount } from "./Amount";

interface Row extends Bucket {
  at: number;
}

interface TimeTableProps {
  of: Call<Costs>;
  costs: Costs;
  series: Series[];
  query: Query;
}

export function TimeTable({ of, costs, series, query }: TimeTableProps) {
  const { buckets, currency, totals } = costs;
  const rows = buckets.map((bucket, at) => ({ ...bucket, at }));
  const columns: Column<Row>[] = [
    {
      id: "start",
      header: `${query.granularity === "hour" ? "Hour" : query.granularity === "day" ? "Day" : "Month"} (UTC)`,
      isRowHeader: true,
      minWidth: 170,
      value: ({ start }) => start,
      cell: ({ start, isEstimated }) => (
        <>
          {start.slice(0, 16).replace("T", " ")}
          {isEstimated && " (estimated)"}
        </>
      ),
    },
    {
      id: "total",
      header: "Total",
      minWidth: 130,
      value: ({ at }) => drawn(totals[at] ?? 0n),
      cell: ({ at }) => <Amount value={totals[at] ?? 0n} currency={currency} />,
    },
    ...series.map(
      ({ label, amounts }, index): Column<Row> => ({
        id: `s${index}`,
        header: label,
        minWidth: 140,
        value: ({ at }) => drawn(amounts[at] ?? 0n),
        cell: ({ at }) => <Amount value={amounts[at] ?? 0n} currency={currency} />,
      }),
    ),
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
