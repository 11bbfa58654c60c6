// What was measured of a version: files in S3, by kind.
import type { DescribeModelPackageCommandOutput, MetricsSource } from "@aws-sdk/client-sagemaker";
import Box from "@cloudscape-design/components/box";
import Header from "@cloudscape-design/components/header";
import Table from "@cloudscape-design/components/table";
import { kebab } from "~/format/cli";
import { S3Place } from "~/s3/S3Place";

interface Report {
  name: string;
  source: MetricsSource;
}

export function Reports({ version }: { version: DescribeModelPackageCommandOutput }) {
  const items = reports(version);
  return (
    <Table<Report>
      items={items}
      trackBy="name"
      wrapLines
      ariaLabels={{ tableLabel: "Metrics" }}
      header={
        <Header variant="h2" counter={`(${items.length})`}>
          Metrics
        </Header>
      }
      empty={<Box color="inherit">No metrics were registered with this version.</Box>}
      columnDefinitions={[
        { id: "name", header: "What", isRowHeader: true, minWidth: 180, cell: (one) => one.name },
        {
          id: "uri",
          header: "File",
          minWidth: 260,
          cell: (one) => <S3Place uri={one.source.S3Uri} what={one.name} />,
        },
        {
          id: "type",
          header: "Type",
          minWidth: 150,
          cell: (one) => one.source.ContentType ?? "-",
        },
      ]}
    />
  );
}

/** `ModelQuality.Statistics` becomes "Model quality: statistics". */
function reports({ ModelMetrics = {} }: DescribeModelPackageCommandOutput): Report[] {
  return Object.entries(ModelMetrics).flatMap(([group, parts]) =>
    Object.entries((parts ?? {}) as Record<string, MetricsSource | undefined>).flatMap(
      ([part, source]) =>
        source ? [{ name: `${words(group)}: ${words(part).toLowerCase()}`, source }] : [],
    ),
  );
}

function words(name: string): string {
  const text = kebab(name).replaceAll("-", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}
