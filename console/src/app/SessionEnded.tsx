// The session ended under the page: sign in again, and everything goes on where it was.
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { SignInForm } from "~/pages/sign-in/SignInForm";
import { shortName } from "~/session/shortName";
import { useSession } from "~/session/useSession";

export function SessionEnded() {
  const state = useSession();
  if (state.status !== "ended") return null;
  return (
    <Modal
      visible
      header="Sign in again"
      onDismiss={() => undefined}
      closeAriaLabel="Sign in to go on"
      footer={
        <Box float="right">
          <Button variant="link" onClick={() => location.reload()}>
            Leave instead
          </Button>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <Box>
          {state.why} You were signed in as <b>{shortName(state.identity.arn)}</b>. Nothing on the
          page is lost, and what waits goes on by itself.
        </Box>
        <SignInForm onDone={() => undefined} />
      </SpaceBetween>
    </Modal>
  );
}
