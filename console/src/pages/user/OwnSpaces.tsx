// The spaces that one person owns.
import { ListSpacesCommand, type SpaceDetails } from "@aws-sdk/client-sagemaker";
import { useMemo } from "react";
import { sagemaker } from "~/aws/services/sagemaker";
import { usePages } from "~/aws/useCall";
import { InnerLink } from "~/parts/InnerLink";
import { Status } from "~/parts/Status";
import type { Owner } from "~/studio/OwnerLink";
import { type Column, DataTable } from "~/table/DataTable";
import { timeColumn } from "~/table/timeColumn";
import { Empty } from "~/views/Empty";

export function OwnSpaces({ owner }: { owner: Owner }) {
  const spaces = usePages(
    sagemaker,
    ListSpacesCommand,
    { DomainIdEquals: owner.domainId, MaxResults: 100 },
    "Spaces",
  );
  const own = useMemo(
    () => ({
      ...spaces,
      data: spaces.data?.filter(
        (space) => space.OwnershipSettingsSummary?.OwnerUserProfileName === owner.name,
      ),
    }),
    [spaces, owner.name],
  );
  return (
    <DataTable<SpaceDetails>
      id="own-spaces"
      title="Own spaces"
      nouns={["space", "spaces"]}
      of={own}
      rowId={(space) => space.SpaceName ?? ""}
      columns={COLUMNS}
      empty={
        <Empty title="No spaces of their own">
          A private space has a volume and an app of its own. It is made on the domain's Spaces tab.
        </Empty>
      }
    />
  );
}

const COLUMNS: Column<SpaceDetails>[] = [
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
    id: "sharing",
    header: "Sharing",
    minWidth: 130,
    value: (space) => space.SpaceSharingSettingsSummary?.SharingType,
    cell: (space) => space.SpaceSharingSettingsSummary?.SharingType ?? "Shared",
  },
  timeColumn("modified", "Last modified", (space) => space.LastModifiedTime, 160),
];
