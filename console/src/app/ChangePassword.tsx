// One's own password, replaced by oneself. A sign-in that was bought with the old one is bought anew.
import { ChangePasswordCommand } from "@aws-sdk/client-iam";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { useState } from "react";
import { iam } from "~/aws/services/iam";
import { useAction } from "~/aws/useAction";
import { ActionDialog } from "~/dialogs/ActionDialog";
import { session } from "~/session/session";

const EMPTY = { old: "", fresh: "", again: "" };
type Typed = typeof EMPTY;

const FIELDS: Array<[keyof Typed, string, "current-password" | "new-password"]> = [
  ["old", "Password until now", "current-password"],
  ["fresh", "New password", "new-password"],
  ["again", "The same again", "new-password"],
];

export default function ChangePassword(given: { userName: string; onClose: () => void }) {
  const { userName, onClose } = given;
  const [typed, setTyped] = useState(EMPTY);
  const [isTried, setTried] = useState(false);
  const troubles = troublesOf(typed);
  const change = useAction(
    async () => {
      await iam.send(ChangePasswordCommand, { OldPassword: typed.old, NewPassword: typed.fresh });
      // With an MFA device this is refused: then the page asks when its keys end.
      const how = { userName, password: typed.fresh, accountId: "", mfaCode: "", newPassword: "" };
      await session.signIn({ kind: "password", ...how }).catch(() => undefined);
    },
    { done: () => "Your password was changed." },
  );

  async function go(): Promise<void> {
    setTried(true);
    if (Object.keys(troubles).length === 0 && (await change.run())) onClose();
  }

  return (
    <ActionDialog
      title="Change your password"
      verb="Change password"
      action={change}
      onGo={() => void go()}
      onClose={onClose}
    >
      {FIELDS.map(([name, label, autoComplete]) => (
        <FormField
          key={name}
          label={label}
          errorText={isTried ? (troubles[name] ?? "") : ""}
          constraintText={
            name === "fresh" ? "At least 8 characters, or what your administrator asks for." : ""
          }
        >
          <Input
            type="password"
            value={typed[name]}
            onChange={({ detail }) => setTyped((all) => ({ ...all, [name]: detail.value }))}
            autoComplete={autoComplete}
          />
        </FormField>
      ))}
    </ActionDialog>
  );
}

function troublesOf({ old, fresh, again }: Typed): Partial<Typed> {
  return {
    ...(old ? {} : { old: "Enter the password that you signed in with." }),
    ...(fresh ? {} : { fresh: "Enter a new one." }),
    ...(fresh && fresh !== again ? { again: "It is not the same." } : {}),
  };
}
