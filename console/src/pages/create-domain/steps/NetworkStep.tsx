// Step 5: what its apps may reach.
import {
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  type Tag,
} from "@aws-sdk/client-ec2";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Multiselect from "@cloudscape-design/components/multiselect";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tiles from "@cloudscape-design/components/tiles";
import { ec2 } from "~/aws/services/ec2";
import { useCall } from "~/aws/useCall";
import type { Draft, StepProps } from "../draft";

interface Option {
  value: string;
  label: string;
  description?: string;
}

export function NetworkStep({ draft, change, troubles }: StepProps) {
  const choices = useChoices(draft.vpc);
  const pick = (options: Option[], chosen: string[]) =>
    chosen.map((value) => options.find((one) => one.value === value) ?? { value, label: value });
  return (
    <Container>
      <SpaceBetween size="l">
        <FormField label="Network">
          <Tiles
            ariaLabel="Network"
            value={draft.networkType}
            onChange={({ detail }) => change({ networkType: detail.value as Draft["networkType"] })}
            items={[
              {
                value: "PublicInternetOnly",
                label: "Public internet",
                description: "Apps reach the internet, beside this API.",
              },
              {
                value: "VpcOnly",
                label: "VPC only",
                description: "Apps reach what the subnets and security groups below let through.",
              },
            ]}
          />
        </FormField>
        <FormField
          label="VPC"
          description="Left empty, it is the account's default VPC with all its subnets."
          errorText={troubles.vpc}
        >
          <Select
            selectedOption={pick(choices.vpcs, draft.vpc ? [draft.vpc] : [])[0] ?? null}
            options={[{ value: "", label: "The default VPC" }, ...choices.vpcs]}
            placeholder="The default VPC"
            onChange={({ detail }) =>
              change({
                vpc: detail.selectedOption.value ?? "",
                subnets: [],
                securityGroups: [],
              })
            }
          />
        </FormField>
        {draft.vpc && (
          <>
            <FormField
              label="Subnets"
              description="Left empty, it is all of them, up to sixteen."
              errorText={troubles.subnets}
            >
              <Multiselect
                selectedOptions={pick(choices.subnets, draft.subnets)}
                options={choices.subnets}
                placeholder={`All ${choices.subnets.length} subnets`}
                empty="This VPC has no subnet."
                onChange={({ detail }) => change({ subnets: values(detail.selectedOptions) })}
              />
            </FormField>
            <FormField label="Security groups" errorText={troubles.securityGroups}>
              <Multiselect
                selectedOptions={pick(choices.groups, draft.securityGroups)}
                options={choices.groups}
                placeholder="Choose security groups"
                onChange={({ detail }) =>
                  change({ securityGroups: values(detail.selectedOptions) })
                }
              />
            </FormField>
          </>
        )}
      </SpaceBetween>
    </Container>
  );
}

function values(options: ReadonlyArray<{ value?: string }>): string[] {
  return options.map((one) => one.value ?? "").filter(Boolean);
}

function useChoices(vpc: string): { vpcs: Option[]; subnets: Option[]; groups: Option[] } {
  const inside = { Filters: [{ Name: "vpc-id", Values: [vpc] }] };
  const skip = !vpc;
  const vpcs = useCall(ec2, DescribeVpcsCommand, {});
  const subnets = useCall(ec2, DescribeSubnetsCommand, inside, { skip });
  const groups = useCall(ec2, DescribeSecurityGroupsCommand, inside, { skip });
  return {
    vpcs: (vpcs.data?.Vpcs ?? []).map((one) =>
      option(one.VpcId, one.Tags, one.IsDefault ? `${one.CidrBlock}, default` : one.CidrBlock),
    ),
    subnets: (subnets.data?.Subnets ?? []).map((one) =>
      option(one.SubnetId, one.Tags, `${one.CidrBlock}, ${one.AvailabilityZone}`),
    ),
    groups: (groups.data?.SecurityGroups ?? []).map((one) =>
      option(one.GroupId, one.Tags, `${one.GroupName}: ${one.Description}`),
    ),
  };
}

function option(id: string | undefined, tags: Tag[] | undefined, description = ""): Option {
  const name = tags?.find((tag) => tag.Key === "Name")?.Value;
  return { value: id ?? "", label: name ? `${name} (${id})` : (id ?? ""), description };
}
