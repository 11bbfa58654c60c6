// The people of a domain: what runs and costs, open their JupyterLab, add one, delete one.
import {
  DeleteUserProfileCommand,
  ListUserProfilesCommand,
  type UserProfileDetails,
} from "@aws-sdk/client-sagemaker";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { whileAny } from "~/aws/polling";
import { sagemaker } from "~/aws/services/sagemaker";
import { useAction } from "~/aws/useAction";
import { type Call, usePages } from "~/aws/useCall";
import { TypedDelete } from "~/dialogs/TypedDelete";
import { useDialog } from "~/page/useDialog";
import { InnerButton } from "~/parts/InnerButton";
import { InnerLink } from "~/parts/InnerLink";
import { OpenButton } from "~/parts/OpenButton";
import { isPassing, Status } from "~/parts/Status";
import { useUserByProfile } from "~/people/owners";
import { type Column, DataTable } from "~/table/DataTable";
import { timeColumn } from "~/table/timeColumn";
import { useChosen } from "~/table/useChosen";
import { Empty } from "~/views/Empty";
import { ownerColumns } from "./ownerColumns";
import { SignsIn } from "./SignsIn";
import { type ByOwner, useByOwner } from "./useByOwner";

const poll = whileAny<UserProfileDetails>((user) => isPassing(user.Status));

export function UsersTab({ domainId, domainArn }: { domainId: string; domainArn: string }) {
  const dialog = useDialog();
  const by = useByOwner(domainId, domainArn);
  const signIns = useUserByProfile();
  const users = usePages(
    sagemaker,
    ListUserProfilesCommand,
    { DomainIdEquals: domainId, MaxResults: 100 },
    "UserProfiles",
    { every: poll },
  );
  const chosen = useChosen("users", users.data, nameOf);
  const name = chosen.items[0]?.UserProfileName ?? "";
  const remove = useAction(
    () => sagemaker.send(DeleteUserProfileCommand, { DomainId: domainId, UserProfileName: name }),
    { done: () => `User profile ${name} is being deleted.` },
  );
  const button = (
    <InnerButton to={`/domains/${domainId}/users/add`} variant="primary">
      Add user
    </InnerButton>
  );
  return (
    <>
      <DataTable<UserProfileDetails>
        id="users"
        title="User profiles"
        nouns={["user profile", "user profiles"]}
        of={users}
        rowId={nameOf}
        columns={columnsOf(domainId, by, signIns)}
        selection={{ type: "single", ...chosen }}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button disabled={!name} onClick={() => dialog.open("delete-user")}>
              Delete
            </Button>
            {button}
          </SpaceBetween>
        }
        empty={
          <Empty title="No people yet" action={button}>
            A user profile is one person here: a home directory, a role, a name on the bill.
          </Empty>
        }
      />
      {dialog.is === "delete-user" && name && (
        <TypedDelete title={`Delete ${name}?`} word={name} action={remove} onClose={dialog.close}>
          The profile goes for good. Its apps and private spaces must be gone before; its files stay
          on the domain's file system until the domain is deleted with them.
        </TypedDelete>
      )}
    </>
  );
}

const nameOf = (user: UserProfileDetails): string => user.UserProfileName ?? "";

function columnsOf(
  domainId: string,
  by: ByOwner,
  signIns: Call<Map<string, string>>,
): Column<UserProfileDetails>[] {
  return [
    {
      id: "name",
      header: "Name",
      isRowHeader: true,
      minWidth: 180,
      value: (user) => user.UserProfileName,
      cell: (user) => (
        <InnerLink to={`/domains/${domainId}/users/${user.UserProfileName}`}>
          {user.UserProfileName}
        </InnerLink>
      ),
    },
    {
      id: "status",
      header: "Status",
      minWidth: 130,
      value: (user) => user.Status,
      cell: (user) => <Status status={user.Status} />,
    },
    {
      id: "sign-in",
      header: "Signs in as",
      minWidth: 150,
      value: ({ UserProfileName = "" }) => signIns.data?.get(`${domainId}/${UserProfileName}`),
      cell: ({ UserProfileName = "" }) => (
        <SignsIn domainId={domainId} name={UserProfileName} users={signIns} />
      ),
    },
    ...ownerColumns<UserProfileDetails>(by, "user", (user) => user.UserProfileName ?? ""),
    timeColumn("created", "Created", (user) => user.CreationTime),
    {
      id: "open",
      header: "Open",
      minWidth: 160,
      cell: (user) => (
        <OpenButton
          domainId={domainId}
          userProfileName={user.UserProfileName ?? ""}
          isDisabled={user.Status !== "InService"}
        />
      ),
    },
  ];
}
