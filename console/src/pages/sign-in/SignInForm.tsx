// The form itself; also in the dialog that comes over a page whose session ended. What is asked for
// besides (MFA code, new password) appears when the server asks for it.
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Form from "@cloudscape-design/components/form";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { Refusal, type SignIn } from "~/session/exchange";
import { session } from "~/session/session";
import { keepWay, usualWay, type Way } from "~/session/way";
import { KeyFields } from "./KeyFields";
import { PasswordFields } from "./PasswordFields";
import type { Typed } from "./typed";

const NOTHING: Typed = {
  accessKeyId: "",
  secretAccessKey: "",
  sessionToken: "",
  accountId: "",
  userName: "",
  password: "",
  mfaCode: "",
  newPassword: "",
  newAgain: "",
};
const ASKED = new Set(["MfaRequired", "PasswordResetRequired"]);

export function SignInForm({ onDone }: { onDone: () => void }) {
  const [way, setWay] = useState<Way>(() => usualWay(location.search));
  const [typed, setTyped] = useState(NOTHING);
  const [refusal, setRefusal] = useState<Refusal>();
  const [isRunning, setRunning] = useState(false);
  const change = (part: Partial<Typed>) => setTyped((all) => ({ ...all, ...part }));
  const missing = way === "keys" ? missingKeys(typed) : missingPassword(typed);

  async function go(): Promise<void> {
    if (missing) {
      setRefusal(new Refusal(0, "Missing", missing));
      return;
    }
    setRunning(true);
    setRefusal(undefined);
    try {
      await session.signIn({ kind: way, ...typed } as SignIn);
      keepWay(way);
      setTyped(NOTHING);
      onDone();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      setRefusal(error);
    } finally {
      setRunning(false);
    }
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void go();
      }}
    >
      <Form
        actions={
          <Button variant="primary" loading={isRunning} formAction="submit" fullWidth>
            Sign in
          </Button>
        }
      >
        <SpaceBetween size="m">
          <SegmentedControl
            label="With"
            selectedId={way}
            onChange={({ detail }) => {
              setWay(detail.selectedId as Way);
              setRefusal(undefined);
            }}
            options={[
              { id: "keys", text: "Access key" },
              { id: "password", text: "User name and password" },
            ]}
          />
          {refusal && (
            <div role="alert">
              <Alert type={ASKED.has(refusal.code) ? "info" : "error"}>{words(refusal)}</Alert>
            </div>
          )}
          {way === "keys" ? (
            <KeyFields typed={typed} onChange={change} />
          ) : (
            <PasswordFields typed={typed} onChange={change} asked={refusal?.code ?? ""} />
          )}
        </SpaceBetween>
      </Form>
    </form>
  );
}

function missingKeys(typed: Typed): string {
  if (!typed.accessKeyId.trim()) return "Enter an access key ID.";
  return typed.secretAccessKey.trim() ? "" : "Enter the secret access key.";
}

function missingPassword(typed: Typed): string {
  if (!typed.userName.trim()) return "Enter a user name.";
  if (!typed.password) return "Enter the password.";
  return typed.newPassword === typed.newAgain ? "" : "The two new passwords differ.";
}

/** What the server said, and for AWS's own codes what it means at this form. */
function words(refusal: Refusal): string {
  if (/UnrecognizedClient|InvalidClientTokenId/.test(refusal.code)) {
    return "This access key ID is not known here, or was deactivated.";
  }
  if (/SignatureDoesNotMatch|InvalidSignature/.test(refusal.code)) {
    return "The secret access key does not belong to this access key ID.";
  }
  if (/ExpiredToken/.test(refusal.code)) return "These temporary keys have expired: get new ones.";
  return refusal.message;
}
