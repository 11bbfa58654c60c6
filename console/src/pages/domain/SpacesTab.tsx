// The spaces of a domain: make a shared one, open it, delete it.
import {
  CreateSpaceCommand,
  DeleteSpaceCommand,
  ListSpacesCommand,
  type SpaceDetails,
} from "@aws-sdk/client-sagemaker";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { whileAny } from "~/aws/polling";
import { sagemaker } from "~/aws/services/sagemaker";
import { useAction } from "~/aws/useAction";
import { usePages } from "~/aws/useCall";
import { isPassing, Status } from "~/parts/Status";
import { TypedDelete } from "~/parts/TypedDelete";
import { When } from "~/parts/When";
import { type Column, DataTable } from "~/table/DataTable";
import { Empty } from "~/views/Empty";
import { NameDialog } from "./NameDialog";
import { SpaceOpen } from "./SpaceOpen";

const poll = whileAny<SpaceDetails>((space) => isPassing(space.Status));

export function SpacesTab({ domainId }: { domainId: string }) {
  const [chosen, choose] = useState<SpaceDetails[]>([]);
  const [dialog, setDialog] = useState<"create" | "delete" | null>(null);
  const spaces = usePages(
    sagemaker,
    ListSpacesCommand,
    { DomainIdEquals: domainId, MaxResults: 100 },
    "Spaces",
    { every: poll },
  );
  const create = useAction(
    (SpaceName: string) => sagemaker.send(CreateSpaceCommand, { DomainId: domainId, SpaceName }),
    { done: (name) => `Space ${name} was created.` },
  );
  const name = chosen[0]?.SpaceName ?? "";
  const remove = useAction(
    () => sagemaker.send(DeleteSpaceCommand, { DomainId: domainId, SpaceName: name }),
    { done: () => `Space ${name} is being deleted.` },
  );
  const button = (
    <Button variant="primary" onClick={() => setDialog("create")}>
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
        rowId={(space) => space.SpaceName ?? ""}
        columns={columnsOf(domainId)}
        selection={{ type: "single", items: chosen, onChange: choose }}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button disabled={!chosen.length} onClick={() => setDialog("delete")}>
              Delete
            </Button>
            {button}
          </SpaceBetween>
        }
        empty={
          <Empty title="No spaces yet" action={button}>
            A shared space is a notebook that a team has in common: files, apps and all.
          </Empty>
        }
      />
      {dialog === "create" && (
        <NameDialog
          title="Create a shared space"
          label="Space name"
          hint="Letters, digits and hyphens, up to 63; no user profile may have it."
          verb="Create"
          action={create}
          onClose={() => setDialog(null)}
        />
      )}
      {dialog === "delete" && (
        <TypedDelete
          title={`Delete ${name}?`}
          word={name}
          action={remove}
          onClose={() => {
            setDialog(null);
            choose([]);
          }}
        >
          The space goes for good. Its apps must be stopped before.
        </TypedDelete>
      )}
    </>
  );
}

function columnsOf(domainId: string): Column<SpaceDetails>[] {
  return [
    {
      id: "name",
      header: "Name",
      isRowHeader: true,
      minWidth: 180,
      value: (space) => space.SpaceName,
      cell: (space) => space.SpaceDisplayName ?? space.SpaceName,
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
    {
      id: "modified",
      header: "Last modified",
      minWidth: 160,
      value: (space) => space.LastModifiedTime?.getTime(),
      cell: (space) => <When at={space.LastModifiedTime} />,
    },
    {
      id: "open",
      header: "Open",
      minWidth: 160,
      cell: (space) => <SpaceOpen domainId={domainId} space={space} />,
    },
  ];
}
