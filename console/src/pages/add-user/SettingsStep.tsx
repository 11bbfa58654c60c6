// Step 3: what differs from the domain's defaults.
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { INSTANCE_DEFAULT, InstanceField } from "~/studio/InstanceField";
import { idleOf, instanceOf, layersOfUser } from "~/studio/layers";
import type { Draft } from "./draft";
import type { StepProps } from "./GeneralStep";

export function SettingsStep({ draft, change, troubles, domain }: StepProps) {
  const layers = layersOfUser(domain, undefined);
  const minutes = idleOf(layers).value;
  return (
    <Container>
      <SpaceBetween size="l">
        <FormField
          label="Instance type"
          description="What their apps start on if they do not choose."
        >
          <InstanceField
            value={draft.instance}
            onChange={(instance) => change({ instance })}
            usual={`As the domain says: ${instanceOf(layers).value ?? INSTANCE_DEFAULT}`}
          />
        </FormField>
        <FormField label="Idle shutdown">
          <RadioGroup
            ariaLabel="Idle shutdown"
            value={draft.idle}
            onChange={({ detail }) => change({ idle: detail.value as Draft["idle"] })}
            items={[
              {
                value: "",
                label: "As the domain says",
                description: minutes ? `After ${minutes} minutes without use.` : "Off.",
              },
              { value: "ENABLED", label: "On", description: "Stop what nobody uses." },
              {
                value: "DISABLED",
                label: "Off",
                description: "It runs, and costs, until stopped.",
              },
            ]}
          />
        </FormField>
        {draft.idle === "ENABLED" && (
          <FormField label="Minutes without use" errorText={troubles.minutes}>
            <Input
              value={draft.minutes}
              onChange={({ detail }) => change({ minutes: detail.value })}
              inputMode="numeric"
            />
          </FormField>
        )}
        <FormField
          label="Size of a space (GB)"
          description="Left empty, as the domain says."
          errorText={troubles.size}
        >
          <Input
            value={draft.size}
            onChange={({ detail }) => change({ size: detail.value })}
            inputMode="numeric"
          />
        </FormField>
        <FormField label="Largest size of a space (GB)" errorText={troubles.max}>
          <Input
            value={draft.max}
            onChange={({ detail }) => change({ max: detail.value })}
            inputMode="numeric"
          />
        </FormField>
      </SpaceBetween>
    </Container>
  );
}
