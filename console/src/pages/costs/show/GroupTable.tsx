// Every group in a row of its own, with its total, its share, and the period before.
import type { Call } from "~/aws/useCall";
import { counted, percent } from "~/format/amounts";
import { drawn, exactText, share } from "~/format/exact";
import type { Costs, Group } from "~/pages/costs/ask/collect";
import { deeperUrl, hasUsage, type Query } from "~/pages/costs/ask/query";
import { InnerLink } from "~/parts/InnerLink";
import { type Column, DataTable } from "~/table/DataTable";
import { Empty } from "~/views/Empty";
import { Amount, changeText } from "./Amount";

interface GroupTableProps {
  of: Call<Costs>;
  costs: Costs;
  digits: number;
  query: Query;
  url: URLSearchParams;
}

export function GroupTable({ of, costs, digits, query, url }: GroupTableProps) {
  const { by } = query;
  return (
    <DataTable<Group>
      id="groups"
      title={`Cost by ${by.text.toLowerCase()}`}
      nouns={[by.text.toLowerCase(), by.many]}
      of={{ ...of, data: costs.groups }}
      rowId={({ value }) => value}
      columns={columnsOf(costs, digits, query, url)}
      description={
        <>
          {counted(costs.groups.length, "row adds", "rows add")} up to{" "}
          <Amount value={costs.total} currency={costs.currency} digits={digits} />
        </>
      }
      empty={<Empty title="Nothing was spent">Choose another range, or fewer filters.</Empty>}
    />
  );
}

function columnsOf(
  costs: Costs,
  digits: number,
  query: Query,
  url: URLSearchParams,
): Column<Group>[] {
  const { currency, total } = costs;
  const { by } = query;
  return [
    {
      id: "name",
      header: by.text,
      isRowHeader: true,
      minWidth: 200,
      value: ({ label }) => label,
      cell: ({ label, value }) => <Name label={label} to={deeperUrl(url, by, value)} />,
    },
    {
      id: "cost",
      header: `Cost (${currency})`,
      minWidth: 130,
      value: (group) => drawn(group.total),
      cell: (group) => <Amount value={group.total} currency={currency} digits={digits} />,
    },
    {
      id: "share",
      header: "Share",
      minWidth: 105,
      value: (group) => share(group.total, total) ?? 0,
      cell: (group) => percent(share(group.total, total) ?? 0),
    },
    {
      id: "before",
      header: "Before",
      minWidth: 120,
      value: (group) => drawn(group.before ?? 0n),
      cell: ({ before }) =>
        before === null ? "-" : <Amount value={before} currency={currency} digits={digits} />,
    },
    {
      id: "change",
      header: "Change",
      minWidth: 120,
      value: ({ before, total: now }) => drawn(now - (before ?? 0n)),
      cell: ({ before, total: now }) => changeText(now, before),
    },
    ...(hasUsage(query) ? [USAGE] : []),
    ...(by.id === "domain" ? [into(url, query)] : []),
    {
      id: "value",
      header: "ARN or value",
      isHidden: true,
      minWidth: 260,
      value: ({ value }) => value,
      cell: ({ value }) => <span className="break">{value || "-"}</span>,
    },
  ];
}

const USAGE: Column<Group> = {
  id: "usage",
  header: "Usage",
  minWidth: 120,
  cell: ({ usage, unit }) =>
    unit ? (
      <span className="number" title={exactText(usage)}>
        {drawn(usage).toFixed(2)} {unit}
      </span>
    ) : (
      <span title="Hours and gigabyte-months do not add up">-</span>
    ),
};

/** A domain's people, spaces and things, a click away. */
function into(url: URLSearchParams, { by }: Query): Column<Group> {
  return {
    id: "into",
    header: "Look into",
    minWidth: 210,
    cell: ({ value, label }) => (
      <span className="choices-inline">
        {INTO.map(([id, text]) => {
          const to = deeperUrl(url, by, value, id);
          return (
            to && (
              <InnerLink key={id} to={to} ariaLabel={`${text} of ${label}`}>
                {text}
              </InnerLink>
            )
          );
        })}
      </span>
    ),
  };
}

const INTO = [
  ["user", "Users"],
  ["space", "Spaces"],
  ["resource", "Resources"],
] as const;

function Name({ label, to }: { label: string; to: string | null }) {
  return to ? <InnerLink to={to}>{label}</InnerLink> : <span className="break">{label}</span>;
}
