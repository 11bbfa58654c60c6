// Step 2: what counts against it: everything, or what carries the tag of certain domains.
import { type DomainDetails, ListDomainsCommand } from "@aws-sdk/client-sagemaker";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Multiselect from "@cloudscape-design/components/multiselect";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { sagemaker } from "~/aws/services/sagemaker";
import { usePages } from "~/aws/useCall";
import { nameOf } from "~/format/arn";
import type { Draft, StepProps } from "../draft";

export function ScopeStep({ draft, change, troubles, isNew }: StepProps) {
  const domains = usePages(sagemaker, ListDomainsCommand, { MaxResults: 100 }, "Domains");
  const options = optionsOf(domains.data ?? [], draft.domains);
  return (
    <Container>
      <SpaceBetween size="l">
        <FormField label="What counts">
          <RadioGroup
            value={draft.scope}
            onChange={({ detail }) => change({ scope: detail.value as Draft["scope"] })}
            items={[
              { value: "all", label: "The whole account", description: "Untagged things as well." },
              {
                value: "domains",
                label: "Domains",
                description: "What carries their tag, sagemaker:domain-arn.",
              },
              ...(!isNew && draft.scope === "kept"
                ? [{ value: "kept", label: "Its own filter", description: "As it is now." }]
                : []),
            ]}
          />
        </FormField>
        {draft.scope === "domains" && (
          <FormField label="Domains" errorText={troubles.domains}>
            <Multiselect
              selectedOptions={options.filter(({ value }) => draft.domains.includes(value))}
              options={options}
              onChange={({ detail }) =>
                change({ domains: detail.selectedOptions.map(({ value }) => value ?? "") })
              }
              placeholder="Choose domains"
              filteringType="auto"
              filteringAriaLabel="Find domains"
              statusType={domains.problem ? "error" : domains.at ? "finished" : "loading"}
              loadingText="Loading the domains"
              errorText={domains.problem?.message ?? ""}
              empty="There are no domains yet"
            />
          </FormField>
        )}
      </SpaceBetween>
    </Container>
  );
}

/** Domains that are there, and those that were chosen and are not there any more. */
function optionsOf(found: DomainDetails[], chosen: string[]) {
  const options = found.map(({ DomainArn = "", DomainName = "", DomainId = "" }) => ({
    value: DomainArn,
    label: DomainName,
    description: DomainId,
  }));
  const gone = chosen.filter((arn) => !options.some(({ value }) => value === arn));
  return [...options, ...gone.map((arn) => ({ value: arn, label: nameOf(arn), description: arn }))];
}
