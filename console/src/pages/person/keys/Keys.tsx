// Access keys of a person: made (the secret is shown once), switched off and on, deleted.
import { UpdateAccessKeyCommand } from "@aws-sdk/client-iam";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { TableProps } from "@cloudscape-design/components/table";
import { useState } from "react";
import { iam } from "~/aws/services/iam";
import { useAction } from "~/aws/useAction";
import { ActionDialog } from "~/dialogs/ActionDialog";
import { Copy } from "~/parts/Copy";
import { Status } from "~/parts/Status";
import { When } from "~/parts/When";
import { isActive } from "~/people/credentials";
import { SmallTable } from "../SmallTable";
import { DeleteKey } from "./DeleteKey";
import { NewKey } from "./NewKey";
import { type Key, useKeys } from "./useKeys";

const KEYS_MAX = 2; // IAM quota: access keys of a user

type Asked = { what: "switch" | "delete"; key: Key } | { what: "create" };

export function Keys({ userName, isMe }: { userName: string; isMe: boolean }) {
  const keys = useKeys(userName);
  const [asked, ask] = useState<Asked>();
  const close = () => ask(undefined);
  const isLast = (key: Key) => (keys.data ?? []).filter(isActive).every((one) => one === key);
  const isFull = (keys.data?.length ?? 0) >= KEYS_MAX;
  return (
    <>
      <SmallTable<Key>
        title="Access keys"
        description="For the aws CLI, boto3 and other programs. Two at most: make the second, change over, delete the first."
        actions={
          <Button
            disabled={!keys.data || isFull}
            {...(isFull ? { disabledReason: "A user has two access keys at most." } : {})}
            onClick={() => ask({ what: "create" })}
          >
            Create access key
          </Button>
        }
        of={keys}
        what={`the access keys of ${userName}`}
        rowId={(key) => key.AccessKeyId ?? ""}
        columns={columnsOf(ask)}
        nothing="No access keys."
      />
      {asked?.what === "create" && <NewKey userName={userName} onClose={close} />}
      {asked?.what === "switch" && (
        <Switch
          userName={userName}
          keyOf={asked.key}
          isMyLast={isMe && isLast(asked.key)}
          onClose={close}
        />
      )}
      {asked?.what === "delete" && (
        <DeleteKey
          userName={userName}
          keyOf={asked.key}
          isMyLast={isMe && isLast(asked.key)}
          onClose={close}
        />
      )}
    </>
  );
}

function columnsOf(ask: (asked: Asked) => void): TableProps.ColumnDefinition<Key>[] {
  return [
    {
      id: "id",
      header: "Access key ID",
      isRowHeader: true,
      minWidth: 200,
      cell: (key) => <Copy text={key.AccessKeyId ?? ""} what="The access key ID" />,
    },
    {
      id: "status",
      header: "Status",
      minWidth: 110,
      cell: (key) => <Status status={key.Status} />,
    },
    {
      id: "created",
      header: "Created",
      minWidth: 150,
      cell: (key) => <When at={key.CreateDate} />,
    },
    { id: "used", header: "Last used", minWidth: 150, cell: (key) => <Used of={key} /> },
    {
      id: "actions",
      header: "Change",
      minWidth: 190,
      cell: (key) => (
        <SpaceBetween direction="horizontal" size="xs">
          <Button
            variant="inline-link"
            ariaLabel={`${verbOf(key)} ${key.AccessKeyId}`}
            onClick={() => ask({ what: "switch", key })}
          >
            {verbOf(key)}
          </Button>
          <Button
            variant="inline-link"
            ariaLabel={`Delete ${key.AccessKeyId}`}
            onClick={() => ask({ what: "delete", key })}
          >
            Delete
          </Button>
        </SpaceBetween>
      ),
    },
  ];
}

const verbOf = (key: Key): string => (isActive(key) ? "Deactivate" : "Activate");

function Used({ of: { used } }: { of: Key }) {
  if (!used) return <>Unknown</>;
  return used.LastUsedDate ? <When at={used.LastUsedDate} /> : <>Never</>;
}

interface SwitchProps {
  userName: string;
  keyOf: Key;
  isMyLast: boolean;
  onClose: () => void;
}

function Switch({ userName, keyOf, isMyLast, onClose }: SwitchProps) {
  const { AccessKeyId } = keyOf;
  const isOn = isActive(keyOf);
  const Status = isOn ? "Inactive" : "Active";
  const change = useAction(
    () => iam.send(UpdateAccessKeyCommand, { UserName: userName, AccessKeyId, Status }),
    { done: () => `The access key is ${isOn ? "off" : "on"} now.`, renews: "iam" },
  );
  return (
    <ActionDialog
      title={`${verbOf(keyOf)} ${AccessKeyId}?`}
      verb={verbOf(keyOf)}
      action={change}
      onGo={async () => (await change.run()) && onClose()}
      onClose={onClose}
    >
      {isOn && isMyLast && <b>This is your last active key. </b>}
      {isOn
        ? "What uses it is refused at once. It can be activated again."
        : "What has it may use it again."}
    </ActionDialog>
  );
}
