// The images and data that a version is served with.
import type {
  DescribeModelPackageCommandOutput,
  ModelPackageContainerDefinition,
} from "@aws-sdk/client-sagemaker";
import Box from "@cloudscape-design/components/box";
import Header from "@cloudscape-design/components/header";
import Table from "@cloudscape-design/components/table";
import { Copy } from "~/parts/Copy";
import { S3Place } from "~/s3/S3Place";

export function Containers({ version }: { version: DescribeModelPackageCommandOutput }) {
  const items = version.InferenceSpecification?.Containers ?? [];
  return (
    <Table<ModelPackageContainerDefinition>
      items={items}
      wrapLines
      ariaLabels={{ tableLabel: "Containers" }}
      header={
        <Header variant="h2" counter={`(${items.length})`}>
          Containers
        </Header>
      }
      empty={<Box color="inherit">This version is not made to be served.</Box>}
      columnDefinitions={[
        {
          id: "image",
          header: "Image",
          isRowHeader: true,
          minWidth: 220,
          cell: (one) => <Copy text={one.Image ?? "-"} what="The image" />,
        },
        {
          id: "data",
          header: "Model data",
          minWidth: 260,
          cell: (one) => <S3Place uri={one.ModelDataUrl} what="The model's data" />,
        },
        {
          id: "framework",
          header: "Framework",
          minWidth: 120,
          cell: (one) => [one.Framework, one.FrameworkVersion].filter(Boolean).join(" ") || "-",
        },
      ]}
    />
  );
}
