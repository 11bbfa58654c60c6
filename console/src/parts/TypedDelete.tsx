// A delete that is meant: what goes is listed, a word is typed, and a refusal is shown in the dialog.
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type ReactNode, useId, useState } from "react";
import type { Action } from "~/aws/useAction";
import { ProblemText } from "~/views/ProblemText";

interface TypedDeleteProps {
  title: string;
  /** What goes with it, and what stays. */
  children: ReactNode;
  /** What must be typed: the thing's name, or "delete". */
  word: string;
  action: Action<[]>;
  onClose: () => void;
  /** The button's word, where it is not "Delete". */
  verb?: string;
}

export function TypedDelete(given: TypedDeleteProps) {
  const { title, children, word, action, onClose, verb = "Delete" } = given;
  const [typed, setTyped] = useState("");
  const form = useId();

  async function go(): Promise<void> {
    if (typed === word && (await action.run())) onClose();
  }

  return (
    <Modal
      visible
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
              disabled={typed !== word}
              loading={action.isRunning}
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
          void go();
        }}
      >
        <SpaceBetween size="m">
          <Box>{children}</Box>
          {action.problem && (
            <Alert type="error" header={action.problem.code}>
              <ProblemText problem={action.problem} />
            </Alert>
          )}
          <FormField label={`To confirm, type ${word}`}>
            <Input
              value={typed}
              onChange={({ detail }) => setTyped(detail.value)}
              placeholder={word}
              autoComplete={false}
              spellcheck={false}
              autoFocus
            />
          </FormField>
        </SpaceBetween>
      </form>
    </Modal>
  );
}
