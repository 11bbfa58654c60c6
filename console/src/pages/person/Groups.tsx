// Groups of a person: joined and left.
import {
  AddUserToGroupCommand,
  type Group,
  ListGroupsCommand,
  ListGroupsForUserCommand,
  RemoveUserFromGroupCommand,
} from "@aws-sdk/client-iam";
import Button from "@cloudscape-design/components/button";
import { useState } from "react";
import { iam } from "~/aws/services/iam";
import { useAction } from "~/aws/useAction";
import { usePages } from "~/aws/useCall";
import { EditDialog } from "~/dialogs/EditDialog";
import { When } from "~/parts/When";
import { SmallTable } from "./SmallTable";

export function Groups({ userName: UserName }: { userName: string }) {
  const [isAdding, add] = useState(false);
  const input = { UserName };
  const groups = usePages(iam, ListGroupsForUserCommand, input, "Groups", { token: "Marker" });
  const leave = useAction(
    (GroupName: string) => iam.send(RemoveUserFromGroupCommand, { UserName, GroupName }),
    { done: (name) => `${UserName} left ${name}.`, renews: "iam", tells: true },
  );
  return (
    <>
      <SmallTable<Group>
        title="Groups"
        description="A group's policies bind all its users."
        actions={
          <Button disabled={!groups.data} onClick={() => add(true)}>
            Add to group
          </Button>
        }
        of={groups}
        what={`the groups of ${UserName}`}
        rowId={(group) => group.GroupName ?? ""}
        columns={[
          {
            id: "name",
            header: "Group",
            isRowHeader: true,
            minWidth: 200,
            cell: (group) => group.GroupName,
          },
          {
            id: "created",
            header: "Created",
            minWidth: 150,
            cell: (group) => <When at={group.CreateDate} />,
          },
          {
            id: "actions",
            header: "Change",
            minWidth: 120,
            cell: (group) => (
              <Button
                variant="inline-link"
                ariaLabel={`Remove from ${group.GroupName}`}
                onClick={() => void leave.run(group.GroupName ?? "")}
              >
                Remove
              </Button>
            ),
          },
        ]}
        nothing="In no group."
      />
      {isAdding && (
        <Join
          userName={UserName}
          known={(groups.data ?? []).map((one) => one.GroupName ?? "")}
          onClose={() => add(false)}
        />
      )}
    </>
  );
}

function Join(given: { userName: string; known: string[]; onClose: () => void }) {
  const { userName: UserName, known, onClose } = given;
  const all = usePages(iam, ListGroupsCommand, {}, "Groups", { token: "Marker" });
  const join = useAction(
    ({ group = "" }: Record<string, string>) =>
      iam.send(AddUserToGroupCommand, { UserName, GroupName: group }),
    { done: ({ group = "" }) => `${UserName} is in ${group}.`, renews: "iam" },
  );
  const options = (all.data ?? [])
    .map(({ GroupName = "" }) => ({ value: GroupName, label: GroupName }))
    .filter(({ value }) => !known.includes(value));
  return (
    <EditDialog
      title={`Add ${UserName} to a group`}
      verb="Add"
      action={join}
      onClose={onClose}
      fields={[
        {
          id: "group",
          label: "Group",
          value: "",
          options,
          hint: groupHint(all.problem?.message, all.data && !options.length),
          trouble: (value) => (value ? "" : "Choose a group."),
        },
      ]}
    />
  );
}

function groupHint(problem: string | undefined, isNone: boolean | undefined): string {
  if (problem) return `They cannot be listed: ${problem}`;
  return isNone ? "There is no other group: aws iam create-group makes one." : "";
}
