// Where a job's data come from and go to, each with a link to its place in S3.
import Box from "@cloudscape-design/components/box";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { S3Place } from "~/s3/S3Place";
import type { DataPlace, JobFacts } from "./facts";

export function DataTab({ facts }: { facts: JobFacts }) {
  return (
    <SpaceBetween size="l">
      <Places title="Inputs" nothing="This job reads nothing from S3." places={facts.inputs} />
      <Places title="Outputs" nothing="This job writes nothing to S3." places={facts.outputs} />
    </SpaceBetween>
  );
}

function Places(given: { title: string; nothing: string; places: DataPlace[] }) {
  const { title, nothing, places } = given;
  return (
    <Table<DataPlace>
      items={places}
      trackBy="name"
      wrapLines
      ariaLabels={{ tableLabel: title }}
      header={
        <Header variant="h2" counter={`(${places.length})`}>
          {title}
        </Header>
      }
      empty={<Box color="inherit">{nothing}</Box>}
      columnDefinitions={[
        { id: "name", header: "Name", isRowHeader: true, minWidth: 110, cell: (of) => of.name },
        {
          id: "uri",
          header: "In S3",
          minWidth: 260,
          cell: (of) => <S3Place uri={of.uri} what={`The place of ${of.name}`} />,
        },
        {
          id: "path",
          header: "Inside the job",
          minWidth: 200,
          cell: (of) => <code className="break">{of.path}</code>,
        },
        { id: "how", header: "How", minWidth: 110, cell: (of) => of.how },
      ]}
    />
  );
}
