// Add a person: where they work, or somebody who works in no domain, such as an administrator.
import { ListDomainsCommand } from "@aws-sdk/client-sagemaker";
import FormField from "@cloudscape-design/components/form-field";
import RadioGroup from "@cloudscape-design/components/radio-group";
import Select from "@cloudscape-design/components/select";
import { useState } from "react";
import { useNavigate } from "react-router";
import { sagemaker } from "~/aws/services/sagemaker";
import { usePages } from "~/aws/useCall";
import { ActionDialog } from "~/dialogs/ActionDialog";
import { InnerLink } from "~/parts/InnerLink";
import { ProblemText } from "~/views/ProblemText";

export function AddPerson({ onClose }: { onClose: () => void }) {
  const [what, choose] = useState("domain");
  const [domainId, setDomain] = useState("");
  const navigate = useNavigate();
  const domains = usePages(sagemaker, ListDomainsCommand, { MaxResults: 100 }, "Domains");
  const options = (domains.data ?? []).map((one) => ({
    value: one.DomainId ?? "",
    label: one.DomainName ?? "",
    description: one.DomainId ?? "",
  }));
  const chosen = options.find(({ value }) => value === domainId) ?? only(options);
  const isDomain = what === "domain";
  return (
    <ActionDialog
      title="Add person"
      verb="Next"
      isReady={!isDomain || !!chosen}
      onGo={() => navigate(isDomain ? `/domains/${chosen?.value}/users/add` : "/people/create")}
      onClose={onClose}
    >
      <RadioGroup
        ariaLabel="What they are"
        value={what}
        onChange={({ detail }) => choose(detail.value)}
        items={[
          {
            value: "domain",
            label: "Somebody who works in a domain",
            description: "A user profile there, and a way to sign in.",
          },
          {
            value: "user",
            label: "An administrator, or another IAM user",
            description: "Somebody who signs in and has no notebook.",
          },
        ]}
      />
      {isDomain && (
        <FormField label="Domain">
          <Select
            selectedOption={chosen ?? null}
            options={options}
            onChange={({ detail }) => setDomain(detail.selectedOption.value ?? "")}
            ariaLabel="Domain"
            placeholder="Choose a domain"
            filteringType="auto"
            statusType={domains.data || domains.problem ? "finished" : "loading"}
            loadingText="Loading domains"
            empty="No domain yet"
          />
        </FormField>
      )}
      {isDomain && domains.problem && <ProblemText problem={domains.problem} />}
      {isDomain && domains.data?.length === 0 && (
        <InnerLink to="/domains/create">Create a domain first</InnerLink>
      )}
    </ActionDialog>
  );
}

const only = <T,>(all: T[]): T | undefined => (all.length === 1 ? all[0] : undefined);
