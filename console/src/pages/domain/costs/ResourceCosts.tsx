// One month's cost by resource and kind of use, dearest first.
import {
  GetCostAndUsageWithResourcesCommand,
  type Group,
  type ResultByTime,
} from "@aws-sdk/client-cost-explorer";
import { useMemo } from "react";
import { costs } from "~/aws/services/money/costs";
import { usePages } from "~/aws/useCall";
import { exact } from "~/format/exact";
import type { Span } from "~/format/months";
import { digitsFor, moneyAt } from "~/money/precision";
import { InnerLink } from "~/parts/InnerLink";
import { DOMAIN_TAG } from "~/studio/OwnerLink";
import { type Column, DataTable } from "~/table/DataTable";
import { Empty } from "~/views/Empty";
import { kindOf } from "../resources/kinds";

interface Row {
  arn: string;
  use: string;
  usd: number;
}

interface ResourceCostsProps {
  domainArn: string;
  month: Span;
  name: string;
}

export function ResourceCosts({ domainArn, month, name }: ResourceCostsProps) {
  const found = usePages(
    costs,
    GetCostAndUsageWithResourcesCommand,
    {
      TimePeriod: month,
      Granularity: "MONTHLY",
      Metrics: ["UnblendedCost"],
      Filter: { Tags: { Key: DOMAIN_TAG, Values: [domainArn] } },
      GroupBy: [
        { Type: "DIMENSION", Key: "RESOURCE_ID" },
        { Type: "DIMENSION", Key: "USAGE_TYPE" },
      ],
    },
    "ResultsByTime",
    { token: "NextPageToken" },
  );
  const rows = useMemo(() => ({ ...found, data: found.data && rowsOf(found.data) }), [found]);
  return (
    <DataTable<Row>
      id="resource-costs"
      title={`By resource, ${name}`}
      nouns={["resource", "resources"]}
      of={rows}
      rowId={(row) => `${row.arn} ${row.use}`}
      columns={columnsOf(digitsOf(rows.data ?? []))}
      empty={<Empty title="No cost">Nothing of this domain ran or was stored in this month.</Empty>}
    />
  );
}

function rowsOf(times: ResultByTime[]): Row[] {
  const groups: Group[] = times.flatMap(({ Groups }) => Groups ?? []);
  const rows = groups.map(({ Keys, Metrics }) => ({
    arn: Keys?.[0] ?? "",
    use: Keys?.[1] ?? "",
    usd: Number(Metrics?.UnblendedCost?.Amount ?? 0),
  }));
  return rows.sort((a, b) => b.usd - a.usd);
}

const digitsOf = (rows: Row[]): number =>
  digitsFor(exact(rows.reduce((all, { usd }) => all + usd, 0).toFixed(10)));

const columnsOf = (digits: number): Column<Row>[] => [
  {
    id: "name",
    header: "Resource",
    isRowHeader: true,
    minWidth: 300,
    value: (row) => kindOf(row.arn).name || row.arn,
    cell: (row) => {
      const { name, to } = kindOf(row.arn);
      const words = name || row.arn || "No resource";
      return <span className="break">{to ? <InnerLink to={to}>{words}</InnerLink> : words}</span>;
    },
  },
  {
    id: "type",
    header: "Type",
    minWidth: 170,
    value: (row) => kindOf(row.arn).words,
    cell: (row) => kindOf(row.arn).words,
  },
  {
    id: "use",
    header: "Use",
    minWidth: 300,
    value: (row) => row.use,
    cell: (row) => <span className="break">{row.use}</span>,
  },
  {
    id: "usd",
    header: "Cost",
    minWidth: 120,
    value: (row) => row.usd,
    cell: (row) => <span className="number">{moneyAt(row.usd, digits)}</span>,
  },
];
