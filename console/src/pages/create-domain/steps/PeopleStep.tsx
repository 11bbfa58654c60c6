// Step 2: what the domain's people work as, and who they are.
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { RoleField } from "~/parts/RoleField";
import type { StepProps } from "../draft";

export function PeopleStep({ draft, change, troubles }: StepProps) {
  return (
    <Container>
      <SpaceBetween size="l">
        <FormField
          label="Execution role"
          description="Apps and jobs of its people work as this role: its policies say what they may."
          errorText={troubles.role}
        >
          <RoleField
            value={draft.role}
            onChange={(role) => change({ role })}
            label="Execution role"
          />
        </FormField>
        <FormField
          label="Role of shared spaces"
          description="Left empty, it is the execution role."
          errorText={troubles.spaceRole}
        >
          <RoleField
            value={draft.spaceRole}
            onChange={(spaceRole) => change({ spaceRole })}
            label="Role of shared spaces"
          />
        </FormField>
        <FormField
          label="User profiles"
          description="One name a line; more can be added later."
          errorText={troubles.people}
        >
          <Textarea
            value={draft.people}
            onChange={({ detail }) => change({ people: detail.value })}
            rows={4}
            spellcheck={false}
            placeholder={"ana\nben"}
          />
        </FormField>
      </SpaceBetween>
    </Container>
  );
}
