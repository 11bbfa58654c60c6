// Step 1: the name, the role, the tags.
import type { DescribeDomainResponse } from "@aws-sdk/client-sagemaker";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { RoleField } from "~/parts/RoleField";
import { TagFields } from "~/parts/TagFields";
import type { Draft, Troubles } from "./draft";

export interface StepProps {
  draft: Draft;
  change: (part: Partial<Draft>) => void;
  troubles: Troubles;
  domain: DescribeDomainResponse;
}

export function GeneralStep({ draft, change, troubles, domain }: StepProps) {
  return (
    <Container>
      <SpaceBetween size="l">
        <FormField
          label="User profile name"
          constraintText="Letters, digits and hyphens, up to 63. It cannot be changed."
          errorText={troubles.name}
        >
          <Input
            value={draft.name}
            onChange={({ detail }) => change({ name: detail.value })}
            placeholder="ana"
            spellcheck={false}
            autoComplete={false}
          />
        </FormField>
        <FormField
          label="Execution role"
          description={`What their notebooks and jobs may do. Left empty, it is the domain's: ${domain.DefaultUserSettings?.ExecutionRole ?? "none"}`}
          errorText={troubles.role}
        >
          <RoleField
            value={draft.role}
            onChange={(role) => change({ role })}
            label="Execution role"
          />
        </FormField>
        <FormField
          label="Tags"
          description="Words that stand on the bill, such as team=genetics. Domain and person are added by themselves to all that they make."
          errorText={troubles.tags}
          stretch
        >
          <TagFields tags={draft.tags} onChange={(tags) => change({ tags })} />
        </FormField>
      </SpaceBetween>
    </Container>
  );
}
