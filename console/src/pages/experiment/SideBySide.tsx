// A table with a row for each name and a column for each run; what differs can be shown alone.
import Box from "@cloudscape-design/components/box";
import Header from "@cloudscape-design/components/header";
import Table from "@cloudscape-design/components/table";
import Toggle from "@cloudscape-design/components/toggle";
import { useState } from "react";
import { figure } from "~/format/figure";
import { placeOf } from "~/s3/place";
import { S3Place } from "~/s3/S3Place";
import { namesIn, type Run } from "./useRuns";

interface SideBySideProps {
  title: string;
  description?: string;
  runs: Run[];
  of: (run: Run) => Map<string, string | number>;
}

export function SideBySide({ title, description, runs, of }: SideBySideProps) {
  const [isOnlyDifferent, setOnlyDifferent] = useState(false);
  const columns = runs.map((run) => ({ run, values: of(run) }));
  const all = namesIn(runs, of);
  const names = isOnlyDifferent
    ? all.filter((name) => new Set(columns.map(({ values }) => values.get(name))).size > 1)
    : all;
  return (
    <Table<string>
      items={names}
      trackBy={(name) => name}
      wrapLines
      resizableColumns
      stickyColumns={{ first: 1 }}
      ariaLabels={{ tableLabel: title }}
      header={
        <Header
          variant="h2"
          counter={`(${names.length})`}
          {...(description ? { description } : {})}
          actions={
            runs.length > 1 && (
              <Toggle
                checked={isOnlyDifferent}
                onChange={({ detail }) => setOnlyDifferent(detail.checked)}
              >
                Only what differs
              </Toggle>
            )
          }
        >
          {title}
        </Header>
      }
      empty={
        <Box color="inherit">
          {all.length ? "All are the same." : "None of these runs has any."}
        </Box>
      }
      columnDefinitions={[
        {
          id: "name",
          header: "Name",
          isRowHeader: true,
          width: 170,
          minWidth: 110,
          cell: (name) => <span className="break">{name}</span>,
        },
        ...columns.map(({ run, values }) => ({
          id: run.name,
          header: run.title,
          width: 190,
          minWidth: 120,
          cell: (name: string) => <Value of={values.get(name)} what={name} />,
        })),
      ]}
    />
  );
}

function Value({ of, what }: { of: string | number | undefined; what: string }) {
  if (of === undefined) return <>-</>;
  if (typeof of === "number") return <span className="number">{figure(of)}</span>;
  if (placeOf(of)) return <S3Place uri={of} what={what} />;
  return <span className="break">{of}</span>;
}
