// Where a domain's files are: the file system, homes and volumes with what they hold, and what
// happens to them when people, spaces and the domain go.
import { DescribeFileSystemsCommand } from "@aws-sdk/client-efs";
import type { DescribeDomainResponse } from "@aws-sdk/client-sagemaker";
import Alert from "@cloudscape-design/components/alert";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMemo } from "react";
import { efs } from "~/aws/services/efs";
import { useCall } from "~/aws/useCall";
import { bytes } from "~/format/amounts";
import { Copy } from "~/parts/Copy";
import { InnerLink } from "~/parts/InnerLink";
import { Usage } from "~/studio/storage/Usage";
import { type Holding, useStored } from "~/studio/storage/useStored";
import { type Column, DataTable } from "~/table/DataTable";
import { Empty } from "~/views/Empty";
import { View } from "~/views/View";

export function FilesTab({ domain }: { domain: DescribeDomainResponse }) {
  const stored = useStored(domain.DomainId ?? "");
  const holdings = useMemo(
    () => ({
      ...stored,
      data: stored.data?.filter((one) => one.userProfileName || one.spaceName),
    }),
    [stored],
  );
  return (
    <SpaceBetween size="l">
      {domain.HomeEfsFileSystemId ? (
        <FileSystem id={domain.HomeEfsFileSystemId} />
      ) : (
        <Alert type="info" header="This domain has no file system">
          It was created with HomeEfsFileSystemCreation Disabled. Spaces have volumes of their own.
        </Alert>
      )}
      <DataTable<Holding>
        id="files"
        title="Homes and volumes"
        description="As counted last, within a quarter of an hour. A volume is billed by its size, a home by its bytes."
        nouns={["home or volume", "homes and volumes"]}
        of={holdings}
        rowId={(one) => one.userProfileName || one.spaceName}
        columns={columnsOf(domain.DomainId ?? "")}
        empty={
          <Empty title="Nothing is stored yet">
            Homes and volumes are counted once somebody has opened JupyterLab.
          </Empty>
        }
      />
      <Retention />
    </SpaceBetween>
  );
}

function FileSystem({ id }: { id: string }) {
  const found = useCall(efs, DescribeFileSystemsCommand, { FileSystemId: id });
  return (
    <Container header={<Header variant="h2">File system</Header>}>
      <View of={found} what={`the file system ${id}`}>
        {(data) => {
          const system = data.FileSystems?.[0];
          return (
            <KeyValuePairs
              columns={4}
              items={[
                { label: "ID", value: <Copy text={id} what="The file system's ID" /> },
                { label: "Size", value: bytes(Number(system?.SizeInBytes?.Value ?? 0)) },
                { label: "State", value: system?.LifeCycleState ?? "-" },
                { label: "Mount targets", value: String(system?.NumberOfMountTargets ?? 0) },
              ]}
            />
          );
        }}
      </View>
    </Container>
  );
}

function Retention() {
  return (
    <Container header={<Header variant="h2">What is kept</Header>}>
      <KeyValuePairs
        columns={3}
        minColumnWidth={220}
        items={[
          {
            label: "A user profile is deleted",
            value: "Its home stays on the file system, and a profile of that name gets it back.",
          },
          {
            label: "A space is deleted",
            value: "Its volume goes with it, and all files on it.",
          },
          {
            label: "The domain is deleted",
            value: "You choose then whether the file system is kept or deleted.",
          },
        ]}
      />
    </Container>
  );
}

function columnsOf(domainId: string): Column<Holding>[] {
  return [
    {
      id: "owner",
      header: "Of",
      isRowHeader: true,
      minWidth: 200,
      value: (one) => one.userProfileName || one.spaceName,
      cell: (one) =>
        one.spaceName ? (
          <InnerLink to={`/domains/${domainId}/spaces/${one.spaceName}`}>{one.spaceName}</InnerLink>
        ) : (
          <InnerLink to={`/domains/${domainId}/users/${one.userProfileName}`}>
            {one.userProfileName}
          </InnerLink>
        ),
    },
    {
      id: "kind",
      header: "What",
      minWidth: 190,
      value: kindOf,
      cell: kindOf,
    },
    {
      id: "used",
      header: "Stored",
      minWidth: 230,
      value: (one) => one.bytes ?? -1,
      cell: (one) => (
        <Usage of={one} label={`Storage of ${one.userProfileName || one.spaceName}`} />
      ),
    },
    {
      id: "size",
      header: "Size",
      minWidth: 120,
      value: (one) => one.provisionedBytes,
      cell: (one) => (
        <span className="number">
          {one.provisionedBytes ? bytes(one.provisionedBytes) : "No limit"}
        </span>
      ),
    },
  ];
}

function kindOf(one: Holding): string {
  if (one.userProfileName) return "Home of a user profile";
  return one.provisionedBytes ? "Volume of a space" : "Home of a space";
}
