// A dialog that asks for one name and makes the thing; the API's own refusal stands under the field.
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useId, useState } from "react";
import type { Action } from "~/aws/useAction";
import { nameTrouble } from "~/format/names";
import { ProblemText } from "~/views/ProblemText";

interface NameDialogProps {
  title: string;
  label: string;
  hint: string;
  verb: string;
  action: Action<[string]>;
  onClose: () => void;
}

export function NameDialog({ title, label, hint, verb, action, onClose }: NameDialogProps) {
  const [name, setName] = useState("");
  const [isTried, setTried] = useState(false);
  const form = useId();
  const trouble = nameTrouble(name);

  async function go(): Promise<void> {
    setTried(true);
    if (!trouble && (await action.run(name))) onClose();
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
            <Button variant="primary" form={form} loading={action.isRunning}>
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
        <FormField
          label={label}
          constraintText={hint}
          errorText={
            (isTried && trouble) || (action.problem && <ProblemText problem={action.problem} />)
          }
        >
          <Input
            value={name}
            onChange={({ detail }) => setName(detail.value)}
            spellcheck={false}
            autoComplete={false}
            autoFocus
          />
        </FormField>
      </form>
    </Modal>
  );
}
