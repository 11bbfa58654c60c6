// A new access key: its secret is shown once, to copy or to save as a credentials file.
import { type AccessKey, CreateAccessKeyCommand } from "@aws-sdk/client-iam";
import Button from "@cloudscape-design/components/button";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import { useState } from "react";
import { iam } from "~/aws/services/iam";
import { useAction } from "~/aws/useAction";
import { ActionDialog } from "~/dialogs/ActionDialog";
import { Copy } from "~/parts/Copy";
import { Once } from "../Once";

export function NewKey({ userName, onClose }: { userName: string; onClose: () => void }) {
  const [made, setMade] = useState<AccessKey>();
  const create = useAction(
    async () => {
      const { AccessKey } = await iam.send(CreateAccessKeyCommand, { UserName: userName });
      setMade(AccessKey);
    },
    { renews: "iam" },
  );
  if (made) return <Shown of={made} onClose={onClose} />;
  return (
    <ActionDialog
      title={`Create an access key for ${userName}?`}
      verb="Create"
      action={create}
      onGo={() => void create.run()}
      onClose={onClose}
    >
      Whoever has it may do what {userName} may. It holds until it is deactivated or deleted.
    </ActionDialog>
  );
}

function Shown({ of, onClose }: { of: AccessKey; onClose: () => void }) {
  const { AccessKeyId = "", SecretAccessKey = "", UserName = "" } = of;
  const text = `[${UserName}]\naws_access_key_id = ${AccessKeyId}\naws_secret_access_key = ${SecretAccessKey}\n`;
  return (
    <Once title="Access key" onClose={onClose}>
      <KeyValuePairs
        columns={2}
        minColumnWidth={220}
        items={[
          { label: "Access key ID", value: <Copy text={AccessKeyId} what="The access key ID" /> },
          {
            label: "Secret access key",
            value: <Copy text={SecretAccessKey} what="The secret access key" />,
          },
        ]}
      />
      <Button iconName="download" onClick={() => save(`credentials-${UserName}`, text)}>
        Download credentials file
      </Button>
      <span>
        Add it to <code>~/.aws/credentials</code>, then <code>aws --profile {UserName}</code> works
        as them.
      </span>
    </Once>
  );
}

function save(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 0);
}
