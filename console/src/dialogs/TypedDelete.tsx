// A delete that is meant: what goes is listed, a word is typed, and a refusal is shown in the dialog.
import Box from "@cloudscape-design/components/box";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { type ReactNode, useState } from "react";
import type { Action } from "~/aws/useAction";
import { ActionDialog } from "./ActionDialog";

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
  const [isDone, setDone] = useState(false);
  const go = async () => {
    if (!(await action.run())) return;
    setDone(true);
    onClose();
  };
  return (
    <ActionDialog
      title={title}
      verb={verb}
      action={action}
      isReady={typed === word}
      isOpenerGone={isDone}
      onGo={() => void go()}
      onClose={onClose}
    >
      <Box>{children}</Box>
      <FormField label={`To confirm, type ${word}`}>
        <Input
          value={typed}
          onChange={({ detail }) => setTyped(detail.value)}
          placeholder={word}
          autoComplete={false}
          spellcheck={false}
        />
      </FormField>
    </ActionDialog>
  );
}
