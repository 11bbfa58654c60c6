// Step 3: where people begin, and what their JupyterLab starts with. What this server does not run is
// said, not offered.
import {
  ListAppImageConfigsCommand,
  ListImagesCommand,
  ListStudioLifecycleConfigsCommand,
} from "@aws-sdk/client-sagemaker";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import RadioGroup from "@cloudscape-design/components/radio-group";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Textarea from "@cloudscape-design/components/textarea";
import Toggle from "@cloudscape-design/components/toggle";
import { sagemaker } from "~/aws/services/sagemaker";
import { usePages } from "~/aws/useCall";
import { INSTANCE_DEFAULT, InstanceField } from "~/studio/InstanceField";
import type { Draft, StepProps } from "../draft";

export function AppsStep(given: StepProps) {
  const { draft, change } = given;
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">Where people begin</Header>}>
        <RadioGroup
          ariaLabel="Where people begin"
          value={draft.landing}
          onChange={({ detail }) => change({ landing: detail.value as Draft["landing"] })}
          items={[
            {
              value: "studio",
              label: "Studio",
              description: "As AWS does it; “My work” of this console is its start page.",
            },
            {
              value: "jupyterlab",
              label: "JupyterLab",
              description: "At once in their notebook, on an instance that is billed.",
            },
            {
              value: "classic",
              label: "Studio Classic",
              description: "The JupyterServer app, on the system instance, which costs nothing.",
            },
          ]}
        />
      </Container>
      <Container
        header={
          <Header
            variant="h2"
            description="Defaults of private and shared spaces. Each can be changed later."
          >
            JupyterLab
          </Header>
        }
      >
        <SpaceBetween size="l">
          <FormField label="Instance type" description="What an app starts on if nobody chooses.">
            <InstanceField
              value={draft.instance}
              onChange={(instance) => change({ instance })}
              usual={`${INSTANCE_DEFAULT}, as nobody says`}
            />
          </FormField>
          <Started {...given} />
          <Idle {...given} />
        </SpaceBetween>
      </Container>
      <Container header={<Header variant="h2">Other applications</Header>}>
        <SpaceBetween size="xs">
          {["Code Editor", "Canvas", "RStudio"].map((name) => (
            <StatusIndicator key={name} type="stopped">
              {name}: this server does not run it
            </StatusIndicator>
          ))}
        </SpaceBetween>
      </Container>
    </SpaceBetween>
  );
}

/** Image, script and repositories. */
function Started({ draft, change, troubles }: StepProps) {
  const { images, configs, scripts } = useThings();
  return (
    <SpaceBetween size="l">
      <FormField label="Image" description="A custom image of the account, or the server's own.">
        <Choice
          label="Image"
          none="The server's own"
          value={draft.image}
          options={images.map((name) => ({ value: name, label: name }))}
          onChange={(image) => change({ image, ...(image ? {} : { imageConfig: "" }) })}
        />
      </FormField>
      {draft.image && (
        <FormField
          label="App image configuration"
          description="How the image is run."
          errorText={troubles.imageConfig}
        >
          <Choice
            label="App image configuration"
            none="Choose one"
            value={draft.imageConfig}
            options={configs.map((name) => ({ value: name, label: name }))}
            onChange={(imageConfig) => change({ imageConfig })}
          />
        </FormField>
      )}
      <FormField
        label="Lifecycle configuration"
        description="A script that runs before each start. More are made in the domain's settings."
      >
        <Choice
          label="Lifecycle configuration"
          none="None"
          value={draft.script}
          options={scripts}
          onChange={(script) => change({ script })}
        />
      </FormField>
      <FormField
        label="Code repositories"
        description="Cloned into each home: one https address a line."
        errorText={troubles.repositories}
      >
        <Textarea
          value={draft.repositories}
          onChange={({ detail }) => change({ repositories: detail.value })}
          rows={2}
          spellcheck={false}
          placeholder="https://git.example.com/team/models.git"
        />
      </FormField>
    </SpaceBetween>
  );
}

function Idle({ draft, change, troubles }: StepProps) {
  return (
    <SpaceBetween size="l">
      <Toggle
        checked={draft.idle === "ENABLED"}
        onChange={({ detail }) => change({ idle: detail.checked ? "ENABLED" : "DISABLED" })}
        description="Apps that nobody uses are stopped; files stay, and the bill ends."
      >
        Idle shutdown
      </Toggle>
      {draft.idle === "ENABLED" && (
        <FormField label="Minutes without use" errorText={troubles.minutes}>
          <Input
            value={draft.minutes}
            onChange={({ detail }) => change({ minutes: detail.value })}
            inputMode="numeric"
          />
        </FormField>
      )}
    </SpaceBetween>
  );
}

interface ChoiceProps {
  label: string;
  none: string;
  value: string;
  options: Array<{ value: string; label: string }>;
  onChange: (value: string) => void;
}

function Choice({ label, none, value, options, onChange }: ChoiceProps) {
  const all = [{ value: "", label: none }, ...options];
  return (
    <Select
      ariaLabel={label}
      options={all}
      selectedOption={all.find((one) => one.value === value) ?? { value, label: value }}
      onChange={({ detail }) => onChange(detail.selectedOption.value ?? "")}
    />
  );
}

function useThings() {
  const most = { MaxResults: 100 };
  const images = usePages(sagemaker, ListImagesCommand, most, "Images");
  const configs = usePages(sagemaker, ListAppImageConfigsCommand, most, "AppImageConfigs");
  const scripts = usePages(
    sagemaker,
    ListStudioLifecycleConfigsCommand,
    { ...most, AppTypeEquals: "JupyterLab" },
    "StudioLifecycleConfigs",
  );
  return {
    images: (images.data ?? []).map((one) => one.ImageName ?? ""),
    configs: (configs.data ?? []).map((one) => one.AppImageConfigName ?? ""),
    scripts: (scripts.data ?? []).map((one) => ({
      value: one.StudioLifecycleConfigArn ?? "",
      label: one.StudioLifecycleConfigName ?? "",
    })),
  };
}
