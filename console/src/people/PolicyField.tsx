// A managed policy: chosen from those of the account and of AWS.
import { ListPoliciesCommand } from "@aws-sdk/client-iam";
import Select from "@cloudscape-design/components/select";
import { iam } from "~/aws/services/iam";
import { usePages } from "~/aws/useCall";

interface PolicyFieldProps {
  /** An ARN, or "". */
  value: string;
  onChange: (arn: string) => void;
  /** ARNs that are not offered. */
  except: string[];
}

export function PolicyField({ value, onChange, except }: PolicyFieldProps) {
  const input = { Scope: "All", MaxItems: 1000 } as const;
  const policies = usePages(iam, ListPoliciesCommand, input, "Policies", { token: "Marker" });
  const options = (policies.data ?? [])
    .filter(({ Arn = "" }) => !except.includes(Arn))
    .map(({ Arn = "", PolicyName = "" }) => ({
      value: Arn,
      label: PolicyName,
      tags: [Arn.split(":")[4] === "aws" ? "AWS" : "This account"],
    }));
  return (
    <Select
      selectedOption={options.find((one) => one.value === value) ?? null}
      options={options}
      onChange={({ detail }) => onChange(detail.selectedOption.value ?? "")}
      ariaLabel="Managed policy"
      placeholder="Choose a policy"
      filteringType="auto"
      filteringPlaceholder="Find a policy"
      filteringAriaLabel="Find a policy"
      virtualScroll
      statusType={policies.data || policies.problem ? "finished" : "loading"}
      loadingText="Loading policies"
      empty={policies.problem ? `They cannot be listed: ${policies.problem.message}` : "None"}
    />
  );
}
