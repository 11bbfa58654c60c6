// Step 2: who signs in as this person, and what they may do.
import Container from "@cloudscape-design/components/container";
import { SignInFields } from "~/people/making/SignInFields";
import type { StepProps } from "./GeneralStep";

export function SignInStep({ draft, change, troubles }: StepProps) {
  return (
    <Container>
      <SignInFields
        wish={draft.signIn}
        change={(part) => change({ signIn: { ...draft.signIn, ...part } })}
        trouble={troubles.signIn ?? ""}
        profile={draft.name}
        mayBeNone
      />
    </Container>
  );
}
