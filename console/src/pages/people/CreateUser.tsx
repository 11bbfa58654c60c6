// /console/people/create: an IAM user without a place in a domain: an administrator, or somebody who
// gets a managed policy of one's choice.
import { AttachUserPolicyCommand } from "@aws-sdk/client-iam";
import Button from "@cloudscape-design/components/button";
import Checkbox from "@cloudscape-design/components/checkbox";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { iam } from "~/aws/services/iam";
import type { Plan } from "~/aws/useSteps";
import { cliCommand } from "~/format/cli";
import { Page } from "~/page/Page";
import { useDraft } from "~/page/useDraft";
import { CliCommand } from "~/parts/CliCommand";
import { InnerButton } from "~/parts/InnerButton";
import { Doing } from "~/people/making/Doing";
import { HandOver } from "~/people/making/HandOver";
import { type Made, passwordStep, userStep } from "~/people/making/steps";
import { type Making, useMaking } from "~/people/making/useMaking";
import { newUserTrouble, passwordCommand } from "~/people/making/wish";
import { PolicyField } from "~/people/PolicyField";

const ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess";
const EMPTY = { name: "", kind: "administrator", policyArn: "", hasPassword: true };
type Draft = typeof EMPTY;

export default function CreateUser() {
  const [draft, change, forget] = useDraft("create-user", EMPTY);
  const making = useMaking();
  const { made } = making;
  return (
    <Page title="Add an IAM user" above={[{ text: "People", to: "/people" }]}>
      {made && (
        <HandOver
          made={made}
          title={`${made.userName} was added`}
          actions={
            <InnerButton to={`/people/${made.userName}`} variant="primary">
              To the person
            </InnerButton>
          }
        />
      )}
      {!made && making.isBegun && (
        <Doing
          title={`${draft.name} is being added`}
          of={making.steps}
          onGoOn={() => void making.goOn().then((isDone) => isDone && forget())}
          onBack={making.back}
        />
      )}
      {!made && !making.isBegun && (
        <Form
          draft={draft}
          change={change}
          onSubmit={() => void begin(making, draft).then((isDone) => isDone && forget())}
        />
      )}
    </Page>
  );
}

function policyOf({ kind, policyArn }: Draft): string {
  if (kind === "administrator") return ADMINISTRATOR;
  return kind === "policy" ? policyArn : "";
}

function begin(making: Making, draft: Draft): Promise<boolean> {
  const made: Made = { userName: draft.name, password: "" };
  const PolicyArn = policyOf(draft);
  const steps: Plan[] = [userStep(draft.name, making.ours)];
  if (PolicyArn) {
    steps.push({
      text: `Policy ${PolicyArn.split("/").pop()}`,
      run: async () =>
        void (await iam.send(AttachUserPolicyCommand, { UserName: draft.name, PolicyArn })),
    });
  }
  if (draft.hasPassword) steps.push(passwordStep(made, making.ours));
  return making.begin(made, steps);
}

interface FormProps {
  draft: Draft;
  change: (part: Partial<Draft>) => void;
  onSubmit: () => void;
}

function Form({ draft, change, onSubmit }: FormProps) {
  const [isTried, setTried] = useState(false);
  const trouble = newUserTrouble(draft.name);
  const policyTrouble = draft.kind === "policy" && !draft.policyArn ? "Choose a policy." : "";
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (!trouble && !policyTrouble) onSubmit();
      }}
    >
      <SpaceBetween size="l">
        <Container>
          <SpaceBetween size="l">
            <FormField
              label="IAM user name"
              constraintText="Letters, digits and _+=,.@- up to 64."
              errorText={isTried && trouble}
            >
              <Input
                value={draft.name}
                onChange={({ detail }) => change({ name: detail.value })}
                spellcheck={false}
                autoComplete={false}
              />
            </FormField>
            <Kind draft={draft} change={change} trouble={isTried ? policyTrouble : ""} />
            <Checkbox
              checked={draft.hasPassword}
              onChange={({ detail }) => change({ hasPassword: detail.checked })}
              description="Replaced at the first sign-in. Access keys are made on the person's page."
            >
              One-time password for this console
            </Checkbox>
          </SpaceBetween>
        </Container>
        <CliCommand command={commandOf(draft)} />
        <Button variant="primary">Add user</Button>
      </SpaceBetween>
    </form>
  );
}

function Kind({ draft, change, trouble }: Omit<FormProps, "onSubmit"> & { trouble: string }) {
  return (
    <SpaceBetween size="s">
      <FormField label="What they may do">
        <RadioGroup
          ariaLabel="What they may do"
          value={draft.kind}
          onChange={({ detail }) => change({ kind: detail.value })}
          items={[
            {
              value: "administrator",
              label: "Everything: an administrator",
              description: "The policy AdministratorAccess.",
            },
            { value: "policy", label: "What a managed policy allows" },
            {
              value: "none",
              label: "Nothing yet",
              description: "Policies and groups are given on the person's page.",
            },
          ]}
        />
      </FormField>
      {draft.kind === "policy" && (
        <FormField label="Managed policy" errorText={trouble}>
          <PolicyField
            value={draft.policyArn}
            onChange={(policyArn) => change({ policyArn })}
            except={[]}
          />
        </FormField>
      )}
    </SpaceBetween>
  );
}

function commandOf(draft: Draft): string {
  const UserName = draft.name || "NAME";
  const PolicyArn = policyOf(draft);
  return [
    cliCommand("iam", "CreateUser", { UserName }),
    ...(PolicyArn ? [cliCommand("iam", "AttachUserPolicy", { UserName, PolicyArn })] : []),
    ...(draft.hasPassword ? [passwordCommand(UserName)] : []),
  ].join("\n");
}
