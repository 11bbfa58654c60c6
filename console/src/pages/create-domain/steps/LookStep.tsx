// Step 4: which apps and tools people see. It tidies up, it forbids nothing: policies do that.
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { HiddenField } from "~/studio/portal/HiddenField";
import { APPS, TOOLS } from "~/studio/portal/portal";
import type { StepProps } from "../draft";

export function LookStep({ draft, change, troubles }: StepProps) {
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="What is off is not offered to its people in this console, nor in Studio."
        >
          What people see
        </Header>
      }
    >
      <SpaceBetween size="l">
        <FormField label="Applications" errorText={troubles.hiddenApps}>
          <HiddenField
            known={APPS}
            hidden={draft.hiddenApps}
            onChange={(hiddenApps) => change({ hiddenApps })}
          />
        </FormField>
        <FormField label="ML tools">
          <HiddenField
            known={TOOLS}
            hidden={draft.hiddenTools}
            onChange={(hiddenTools) => change({ hiddenTools })}
          />
        </FormField>
        <Box color="text-body-secondary">
          Hiding forbids nothing: what people may do is said by the policies of their role.
        </Box>
      </SpaceBetween>
    </Container>
  );
}
