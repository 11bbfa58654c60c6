// The spaces that one person owns, and what runs in each.
import type { AppDetails, SpaceDetails } from "@aws-sdk/client-sagemaker";
import Button from "@cloudscape-design/components/button";
import { useState } from "react";
import { CreateSpace } from "~/pages/domain/CreateSpace";
import { InnerLink } from "~/parts/InnerLink";
import { Status } from "~/parts/Status";
import type { Owner } from "~/studio/OwnerLink";
import { type Column, DataTable } from "~/table/DataTable";
import { timeColumn } from "~/table/timeColumn";
import { Empty } from "~/views/Empty";
import { useOwn } from "./own";

export function OwnSpaces({ owner }: { owner: Owner }) {
  const { spaces, appOf } = useOwn(owner);
  const [isCreating, setCreating] = useState(false);
  const button = <Button onClick={() => setCreating(true)}>Create space</Button>;
  return (
    <>
      <DataTable<SpaceDetails>
        id="own-spaces"
        title="Own spaces"
        nouns={["space", "spaces"]}
        of={spaces}
        rowId={(space) => space.SpaceName ?? ""}
        columns={columnsOf(appOf)}
        actions={button}
        empty={
          <Empty title="No spaces of their own">
            A private space has files and an app of its own, beside the person's own notebook.
          </Empty>
        }
      />
      {isCreating && (
        <CreateSpace
          domainId={owner.domainId}
          owner={owner.name}
          onClose={() => setCreating(false)}
        />
      )}
    </>
  );
}

type AppOf = (space: SpaceDetails) => AppDetails | undefined;

const columnsOf = (appOf: AppOf): Column<SpaceDetails>[] => [
  {
    id: "name",
    header: "Name",
    isRowHeader: true,
    minWidth: 180,
    value: (space) => space.SpaceName,
    cell: (space) => (
      <InnerLink to={`/domains/${space.DomainId}/spaces/${space.SpaceName}`}>
        {space.SpaceDisplayName ?? space.SpaceName}
      </InnerLink>
    ),
  },
  {
    id: "status",
    header: "Status",
    minWidth: 130,
    value: (space) => space.Status,
    cell: (space) => <Status status={space.Status} />,
  },
  {
    id: "app",
    header: "App",
    minWidth: 150,
    value: (space) => appOf(space)?.Status ?? "Stopped",
    cell: (space) => <AppStatus app={appOf(space)} />,
  },
  {
    id: "type",
    header: "App's type",
    minWidth: 130,
    value: (space) => typeOf(space, appOf(space)),
    cell: (space) => typeOf(space, appOf(space)) ?? "-",
  },
  {
    id: "instance",
    header: "Instance",
    minWidth: 140,
    value: (space) => appOf(space)?.ResourceSpec?.InstanceType,
    cell: (space) => appOf(space)?.ResourceSpec?.InstanceType ?? "-",
  },
  {
    id: "sharing",
    header: "Sharing",
    minWidth: 130,
    value: (space) => space.SpaceSharingSettingsSummary?.SharingType,
    cell: (space) => space.SpaceSharingSettingsSummary?.SharingType ?? "Shared",
  },
  timeColumn("modified", "Last modified", (space) => space.LastModifiedTime, 160),
];

const typeOf = (space: SpaceDetails, app: AppDetails | undefined): string | undefined =>
  app?.AppType ?? space.SpaceSettingsSummary?.AppType;

function AppStatus({ app }: { app: AppDetails | undefined }) {
  if (!app) return <Status status="Stopped" />;
  return <Status status={app.Status} {...(app.Status === "InService" ? { word: "Ready" } : {})} />;
}
