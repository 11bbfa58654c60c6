// A dialog that does one thing: its fields in a form, Cancel and the verb below, and in it, where the
// thing is refused, AWS's own words. Enter does it too.
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type ReactNode, useEffect, useId, useRef } from "react";
import type { Problem } from "~/aws/problem";
import { ProblemText } from "~/views/ProblemText";

interface ActionDialogProps {
  title: string;
  verb: string;
  children: ReactNode;
  onGo: () => void;
  onClose: () => void;
  /** Whether the verb may be pressed. */
  isReady?: boolean;
  isLarge?: boolean;
  /** What is done, if it takes time and may be refused. */
  action?: { isRunning: boolean; problem: Problem | undefined };
  /** What opened it went with the thing: the page gets the focus. */
  isOpenerGone?: boolean;
}

export function ActionDialog(given: ActionDialogProps) {
  const { title, verb, children, onGo, onClose, isReady = true, isLarge, action } = given;
  const form = useId();
  useFocusAfter(given.isOpenerGone ?? false);
  return (
    <Modal
      visible
      size={isLarge ? "large" : "medium"}
      header={title}
      onDismiss={onClose}
      closeAriaLabel="Close"
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              Cancel
            </Button>
            <Button
              variant="primary"
              form={form}
              disabled={!isReady}
              loading={action?.isRunning ?? false}
            >
              {verb}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <form
        id={form}
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady) onGo();
        }}
      >
        <SpaceBetween size="m">
          {children}
          {action?.problem && (
            <Alert type="error" header={action.problem.code}>
              <ProblemText problem={action.problem} />
            </Alert>
          )}
        </SpaceBetween>
      </form>
    </Modal>
  );
}

/** Cloudscape's modal gives the focus back to what opened it; where that cannot be, the page has it. */
function useFocusAfter(isOpenerGone: boolean): void {
  const isGone = useRef(isOpenerGone);
  useEffect(() => {
    isGone.current = isOpenerGone;
  });
  useEffect(
    () => () => {
      setTimeout(() => {
        if (!isGone.current && document.activeElement !== document.body) return;
        document.getElementById("page")?.focus({ preventScroll: true });
      }, 0); // once the modal is out of the page
    },
    [],
  );
}
