// Where the chosen resources go: a domain, and a profile or space of it where that is known.
import {
  ListDomainsCommand,
  ListSpacesCommand,
  ListUserProfilesCommand,
} from "@aws-sdk/client-sagemaker";
import Box from "@cloudscape-design/components/box";
import FormField from "@cloudscape-design/components/form-field";
import Select from "@cloudscape-design/components/select";
import { useState } from "react";
import { sagemaker } from "~/aws/services/sagemaker";
import { usePages } from "~/aws/useCall";
import { ActionDialog } from "~/dialogs/ActionDialog";
import { counted } from "~/format/amounts";
import { ProblemText } from "~/views/ProblemText";
import { memberOf, type Target } from "./targets";

interface TargetDialogProps {
  count: number;
  onChoose: (target: Target) => void;
  onClose: () => void;
}

const PAGE = { MaxResults: 100 };
const NOBODY = { value: "", label: "Only the domain" };

export function TargetDialog({ count, onChoose, onClose }: TargetDialogProps) {
  const [domainId, setDomainId] = useState("");
  const [member, setMember] = useState("");
  const domains = usePages(sagemaker, ListDomainsCommand, PAGE, "Domains");
  const of = { ...PAGE, DomainIdEquals: domainId };
  const skip = { skip: !domainId };
  const profiles = usePages(sagemaker, ListUserProfilesCommand, of, "UserProfiles", skip);
  const spaces = usePages(sagemaker, ListSpacesCommand, of, "Spaces", skip);
  const domain = domains.data?.find((one) => one.DomainId === domainId);
  const arnOf = (kind: string, name = "") =>
    `${(domain?.DomainArn ?? "").replace(":domain/", `:${kind}/`)}/${name}`;
  const domainOptions = (domains.data ?? []).map((one) => ({
    value: one.DomainId ?? "",
    label: one.DomainName ?? "",
    description: one.DomainId ?? "",
  }));
  const memberOptions = [
    NOBODY,
    ...(profiles.data ?? []).map(({ UserProfileName: name }) => ({
      value: arnOf("user-profile", name),
      label: `Profile ${name}`,
    })),
    ...(spaces.data ?? []).map(({ SpaceName: name }) => ({
      value: arnOf("space", name),
      label: `Space ${name}`,
    })),
  ];

  function choose(): void {
    const found = memberOf(member)?.member;
    onChoose({
      domainArn: domain?.DomainArn ?? "",
      domainName: domain?.DomainName ?? "",
      reason: "chosen by you",
      ...(found ? { member: found } : {}),
    });
  }

  return (
    <ActionDialog
      title={`Where do ${counted(count, "resource")} belong?`}
      verb="Assign"
      isReady={domain !== undefined}
      onGo={choose}
      onClose={onClose}
    >
      {domains.problem && <ProblemText problem={domains.problem} />}
      <FormField label="Domain">
        <Select
          options={domainOptions}
          selectedOption={domainOptions.find((one) => one.value === domainId) ?? null}
          placeholder="Choose a domain"
          filteringType="auto"
          statusType={domains.data || domains.problem ? "finished" : "loading"}
          empty="There is no domain yet"
          onChange={({ detail }) => {
            setDomainId(detail.selectedOption.value ?? "");
            setMember("");
          }}
        />
      </FormField>
      <FormField
        label="Profile or space"
        description="Costs and rights then follow the person or the team."
      >
        <Select
          options={memberOptions}
          selectedOption={memberOptions.find((one) => one.value === member) ?? NOBODY}
          disabled={!domain}
          filteringType="auto"
          onChange={({ detail }) => setMember(detail.selectedOption.value ?? "")}
        />
      </FormField>
      <Box color="text-body-secondary">Nothing is tagged yet: a dry run comes first.</Box>
    </ActionDialog>
  );
}
