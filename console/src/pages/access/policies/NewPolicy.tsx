// A new policy: inline, of a user, group or role; or managed, to be attached to several.
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useAction } from "~/aws/useAction";
import { useDraft } from "~/page/useDraft";
import { ProblemText } from "~/views/ProblemText";
import { type Holder, inlineId } from "./account";
import { JsonEditor } from "./JsonEditor";
import { createManaged, laidOut, writeInline } from "./texts";
import { useLint } from "./useLint";

interface NewPolicyProps {
  holders: Holder[];
  onDone: (id: string) => void;
  onClose: () => void;
}

const MANAGED = { value: "", label: "Managed: to be attached to several" };
const NAME = /^[\w+=,.@-]{1,128}$/; // IAM API reference, PolicyName
const START = laidOut(
  '{"Version":"2012-10-17","Statement":[{"Sid":"One","Effect":"Allow","Action":["sagemaker:List*"],"Resource":"*"}]}',
);

export function NewPolicy({ holders, onDone, onClose }: NewPolicyProps) {
  const [draft, change, forget] = useDraft("policy.new", { name: "", holder: "", text: START });
  const [isTried, setTried] = useState(false);
  const lint = useLint(draft.text);
  const holder = holders.find((one) => one.arn === draft.holder);
  const trouble = NAME.test(draft.name) ? "" : "Up to 128 letters, digits and +=,.@-_.";
  const create = useAction(
    async () => {
      if (holder) await writeInline(holder.kind, holder.name, draft.name, draft.text);
      const id = holder
        ? inlineId(holder, draft.name)
        : await createManaged(draft.name, draft.text);
      forget();
      onDone(id);
    },
    { renews: "iam", done: () => `Policy ${draft.name} was created.` },
  );
  const options = [
    MANAGED,
    ...holders.map((one) => ({ value: one.arn, label: `Inline: ${one.kind} ${one.name}` })),
  ];
  return (
    <Container header={<Header variant="h2">New policy</Header>}>
      <SpaceBetween size="m">
        <FormField label="Policy name" errorText={isTried ? trouble : ""}>
          <Input
            value={draft.name}
            onChange={({ detail }) => change({ name: detail.value })}
            autoComplete={false}
            spellcheck={false}
          />
        </FormField>
        <FormField label="Whom it binds">
          <Select
            options={options}
            selectedOption={options.find((one) => one.value === draft.holder) ?? MANAGED}
            filteringType="auto"
            onChange={({ detail }) => change({ holder: detail.selectedOption.value ?? "" })}
          />
        </FormField>
        <JsonEditor
          label="Policy document"
          text={draft.text}
          onChange={(text) => change({ text })}
          lint={lint}
        />
        {create.problem && (
          <Alert type="error" header={create.problem.code}>
            <ProblemText problem={create.problem} />
          </Alert>
        )}
        <SpaceBetween direction="horizontal" size="xs">
          <Button
            variant="primary"
            loading={create.isRunning}
            onClick={() => {
              setTried(true);
              if (!trouble) void create.run();
            }}
          >
            Create policy
          </Button>
          <Button variant="link" onClick={onClose}>
            Cancel
          </Button>
        </SpaceBetween>
      </SpaceBetween>
    </Container>
  );
}
