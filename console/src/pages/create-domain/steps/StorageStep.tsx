// Step 4: how large homes may be, and where people begin.
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { Draft, StepProps } from "../draft";

export function StorageStep({ draft, change, troubles }: StepProps) {
  return (
    <Container>
      <SpaceBetween size="l">
        <FormField
          label="Size of a space (GB)"
          description="Where nobody asks for more."
          errorText={troubles.sizeDefault}
        >
          <Input
            value={draft.sizeDefault}
            onChange={({ detail }) => change({ sizeDefault: detail.value })}
            inputMode="numeric"
          />
        </FormField>
        <FormField label="Largest size of a space (GB)" errorText={troubles.sizeMax}>
          <Input
            value={draft.sizeMax}
            onChange={({ detail }) => change({ sizeMax: detail.value })}
            inputMode="numeric"
          />
        </FormField>
        <FormField label="People begin in">
          <RadioGroup
            value={draft.landing}
            onChange={({ detail }) => change({ landing: detail.value as Draft["landing"] })}
            items={[
              { value: "studio", label: "Studio", description: "As AWS does it." },
              {
                value: "jupyterlab",
                label: "JupyterLab",
                description: "At once in their notebook.",
              },
            ]}
          />
        </FormField>
      </SpaceBetween>
    </Container>
  );
}
