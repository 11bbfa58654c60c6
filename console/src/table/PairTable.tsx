// Names with values, as a table of two columns: hyperparameters, variables.
import Box from "@cloudscape-design/components/box";
import Header from "@cloudscape-design/components/header";
import Table from "@cloudscape-design/components/table";

interface PairTableProps {
  title: string;
  pairs: Record<string, string>;
  names: [string, string];
  nothing: string;
}

export function PairTable({ title, pairs, names, nothing }: PairTableProps) {
  const items = Object.entries(pairs).sort(([a], [b]) => a.localeCompare(b));
  return (
    <Table<[string, string]>
      items={items}
      trackBy={([name]) => name}
      wrapLines
      ariaLabels={{ tableLabel: title }}
      header={
        <Header variant="h2" counter={`(${items.length})`}>
          {title}
        </Header>
      }
      empty={<Box color="inherit">{nothing}</Box>}
      columnDefinitions={[
        {
          id: "name",
          header: names[0],
          isRowHeader: true,
          minWidth: 160,
          cell: ([name]) => <span className="break">{name}</span>,
        },
        {
          id: "value",
          header: names[1],
          minWidth: 200,
          cell: ([, value]) => <code className="break">{value}</code>,
        },
      ]}
    />
  );
}
