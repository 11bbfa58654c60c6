// The spaces of a domain: what runs and costs, make one, open it, delete it.
import {
  DeleteSpaceCommand,
  ListSpacesCommand,
  type SpaceDetails,
} from "@aws-sdk/client-sagemaker";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { whileAny } from "~/aws/polling";
import { sagemaker } from "~/aws/services/sagemaker";
import { useAction } from "~/aws/useAction";
import { usePages } from "~/aws/useCall";
import { TypedDelete } from "~/dialogs/TypedDelete";
import { useDialog } from "~/page/useDialog";
import { InnerLink } from "~/parts/InnerLink";
import { isPassing, Status } from "~/parts/Status";
import { type Column, DataTable } from "~/table/DataTable";
import { timeColumn } from "~/table/timeColumn";
import { useChosen } from "~/table/useChosen";
import { Empty } from "~/views/Empty";
import { CreateSpace } from "./CreateSpace";
import { ownerColumns } from "./ownerColumns";
import { SpaceOpen } from "./SpaceOpen";
import { type ByOwner, useByOwner } from "./useByOwner";

const poll = whileAny<SpaceDetails>((space) => isPassing(space.Status));

export function SpacesTab({ domainId, domainArn }: { domainId: string; domainArn: string }) {
  const by = useByOwner(domainId, domainArn);
  const dialog = useDialog();
  const spaces = usePages(
    sagemaker,
    ListSpacesCommand,
    { DomainIdEquals: domainId, MaxResults: 100 },
    "Spaces",
    { every: poll },
  );
  const chosen = useChosen("spaces", spaces.data, nameOf);
  const name = chosen.items[0]?.SpaceName ?? "";
  const remove = useAction(
    () => sagemaker.send(DeleteSpaceCommand, { DomainId: domainId, SpaceName: name }),
    { done: () => `Space ${name} is being deleted.` },
  );
  const button = (
    <Button variant="primary" onClick={() => dialog.open("create-space")}>
      Create space
    </Button>
  );
  return (
    <>
      <DataTable<SpaceDetails>
        id="spaces"
        title="Spaces"
        nouns={["space", "spaces"]}
        of={spaces}
        rowId={nameOf}
        columns={columnsOf(domainId, by)}
        selection={{ type: "single", ...chosen }}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button disabled={!name} onClick={() => dialog.open("delete-space")}>
              Delete
            </Button>
            {button}
          </SpaceBetween>
        }
        empty={
          <Empty title="No spaces yet" action={button}>
            A space is a place to work with files and an app of its own: one person's, or the
            team's.
          </Empty>
        }
      />
      {dialog.is === "create-space" && <CreateSpace domainId={domainId} onClose={dialog.close} />}
      {dialog.is === "delete-space" && name && (
        <TypedDelete title={`Delete ${name}?`} word={name} action={remove} onClose={dialog.close}>
          The space goes for good, with its volume and all files in it. Its app must be stopped
          before.
        </TypedDelete>
      )}
    </>
  );
}

const nameOf = (space: SpaceDetails): string => space.SpaceName ?? "";

const sizeOf = (space: SpaceDetails): number | undefined =>
  space.SpaceSettingsSummary?.SpaceStorageSettings?.EbsStorageSettings?.EbsVolumeSizeInGb;

function columnsOf(domainId: string, by: ByOwner): Column<SpaceDetails>[] {
  return [
    {
      id: "name",
      header: "Name",
      isRowHeader: true,
      minWidth: 180,
      value: (space) => space.SpaceName,
      cell: (space) => (
        <InnerLink to={`/domains/${domainId}/spaces/${space.SpaceName}`}>
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
      id: "owner",
      header: "Owner",
      minWidth: 130,
      value: (space) => space.OwnershipSettingsSummary?.OwnerUserProfileName,
      cell: (space) => space.OwnershipSettingsSummary?.OwnerUserProfileName ?? "Everybody",
    },
    {
      id: "sharing",
      header: "Sharing",
      minWidth: 130,
      value: (space) => space.SpaceSharingSettingsSummary?.SharingType ?? "Shared",
      cell: (space) => space.SpaceSharingSettingsSummary?.SharingType ?? "Shared",
    },
    ...ownerColumns<SpaceDetails>(by, "space", (space) => space.SpaceName ?? ""),
    {
      id: "size",
      header: "Volume",
      isHidden: true,
      minWidth: 110,
      value: sizeOf,
      cell: (space) => (sizeOf(space) ? `${sizeOf(space)} GB` : "-"),
    },
    timeColumn("modified", "Last modified", (space) => space.LastModifiedTime, 160),
    {
      id: "open",
      header: "Open",
      minWidth: 160,
      cell: (space) => <SpaceOpen domainId={domainId} space={space} />,
    },
  ];
}
