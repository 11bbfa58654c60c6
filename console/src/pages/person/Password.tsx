// The password of a person: given, replaced by another one-time one, taken away.
import {
  CreateLoginProfileCommand,
  DeleteLoginProfileCommand,
  UpdateLoginProfileCommand,
} from "@aws-sdk/client-iam";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { iam } from "~/aws/services/iam";
import { useAction } from "~/aws/useAction";
import { ActionDialog } from "~/dialogs/ActionDialog";
import { TypedDelete } from "~/dialogs/TypedDelete";
import { When } from "~/parts/When";
import { type Credentials, useCredentials } from "~/people/credentials";
import { Words } from "~/people/making/HandOver";
import { oneTimePassword } from "~/people/making/password";
import { lengthMin, type Made } from "~/people/making/steps";
import { View } from "~/views/View";
import { Box, Note } from "./Box";
import { Once } from "./Once";

export function Password({ userName, isMe }: { userName: string; isMe: boolean }) {
  const known = useCredentials(userName);
  const [dialog, open] = useState<"set" | "remove" | null>(null);
  const [made, setMade] = useState<Made>();
  const has = !!known.data?.password;
  return (
    <Box
      title="Password"
      description="For this console. A one-time password must be replaced at the first sign-in."
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <Button disabled={!has} onClick={() => open("remove")}>
            Remove password
          </Button>
          <Button disabled={!known.data} onClick={() => open("set")}>
            {has ? "Reset password" : "Set password"}
          </Button>
        </SpaceBetween>
      }
    >
      <View of={known} what={`how ${userName} signs in`}>
        {({ password }) => <State password={password} />}
      </View>
      {dialog === "set" && (
        <SetPassword userName={userName} has={has} onMade={setMade} onClose={() => open(null)} />
      )}
      {dialog === "remove" && (
        <RemovePassword userName={userName} isMe={isMe} onClose={() => open(null)} />
      )}
      {made && (
        <Once title="One-time password" onClose={() => setMade(undefined)}>
          <Words made={made} />
        </Once>
      )}
    </Box>
  );
}

function State({ password }: Pick<Credentials, "password">) {
  if (!password) return <Note>No password: this person cannot sign in here by name.</Note>;
  return (
    <>
      Since <When at={password.CreateDate} />
      {password.PasswordResetRequired ? ", one-time: it was not replaced yet." : "."}
    </>
  );
}

interface SetPasswordProps {
  userName: string;
  has: boolean;
  onMade: (made: Made) => void;
  onClose: () => void;
}

function SetPassword({ userName, has, onMade, onClose }: SetPasswordProps) {
  const set = useAction(
    async () => {
      const Password = oneTimePassword(await lengthMin());
      const given = { UserName: userName, Password, PasswordResetRequired: true };
      if (has) await iam.send(UpdateLoginProfileCommand, given);
      else await iam.send(CreateLoginProfileCommand, given);
      onMade({ userName, password: Password });
    },
    { renews: "iam" },
  );
  return (
    <ActionDialog
      title={has ? `Reset the password of ${userName}?` : `Give ${userName} a password?`}
      verb={has ? "Reset" : "Set"}
      action={set}
      onGo={async () => (await set.run()) && onClose()}
      onClose={onClose}
    >
      A one-time password is made here and shown once. It must be replaced at the first sign-in.
      {has && " The one that they have ends at once, and so do sessions that it began."}
    </ActionDialog>
  );
}

interface RemovePasswordProps {
  userName: string;
  isMe: boolean;
  onClose: () => void;
}

function RemovePassword({ userName, isMe, onClose }: RemovePasswordProps) {
  const remove = useAction(() => iam.send(DeleteLoginProfileCommand, { UserName: userName }), {
    done: () => `The password of ${userName} was removed.`,
    renews: "iam",
  });
  return (
    <TypedDelete
      title={`Remove the password of ${userName}?`}
      word={userName}
      verb="Remove"
      action={remove}
      onClose={onClose}
    >
      {isMe && <b>This is your own: if it brought you here, you are signed out. </b>}
      They cannot sign in here by name any more. Access keys go on, and so does what they run: stop
      it on their user profile.
    </TypedDelete>
  );
}
