// Step 1: what it is called, and tags of one's own.
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Toggle from "@cloudscape-design/components/toggle";
import { TagFields } from "~/parts/TagFields";
import type { StepProps } from "../draft";

export function DetailsStep({ draft, change, troubles }: StepProps) {
  return (
    <Container>
      <SpaceBetween size="l">
        <FormField
          label="Domain name"
          constraintText="Letters, digits and hyphens, up to 63. It cannot be changed."
          errorText={troubles.name}
        >
          <Input
            value={draft.name}
            onChange={({ detail }) => change({ name: detail.value })}
            spellcheck={false}
            autoComplete={false}
          />
        </FormField>
        <FormField
          label="Tags"
          description="Yours. The domain's own tag comes by itself on all that is made inside."
          errorText={troubles.tags}
        >
          <TagFields tags={draft.tags} onChange={(tags) => change({ tags })} />
        </FormField>
        <Toggle
          checked={draft.propagatesTags}
          onChange={({ detail }) => change({ propagatesTags: detail.checked })}
          description="What is made inside carries these tags too."
        >
          Custom tags go on
        </Toggle>
      </SpaceBetween>
    </Container>
  );
}
