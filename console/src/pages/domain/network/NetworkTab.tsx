// What the domain's apps reach: the mode, the VPC, the rules in words, and what was refused.
import {
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
} from "@aws-sdk/client-ec2";
import type { DescribeDomainResponse } from "@aws-sdk/client-sagemaker";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { ec2 } from "~/aws/services/ec2";
import { useCall } from "~/aws/useCall";
import { Copy } from "~/parts/Copy";
import { Empty } from "~/views/Empty";
import { View } from "~/views/View";
import { GroupRules } from "./GroupRules";
import { RefusedFlows } from "./RefusedFlows";

const MODES: Record<string, string> = {
  PublicInternetOnly:
    "Public internet: apps reach the internet and this server, no private network",
  VpcOnly: "VPC only: apps reach what the rules below let through, and this server",
};

export function NetworkTab({ domain }: { domain: DescribeDomainResponse }) {
  const mode = domain.AppNetworkAccessType ?? "PublicInternetOnly";
  const groups = groupIds(domain);
  const vpc = useCall(
    ec2,
    DescribeVpcsCommand,
    { VpcIds: [domain.VpcId ?? ""] },
    { skip: !domain.VpcId },
  );
  const block = vpc.data?.Vpcs?.[0]?.CidrBlock;
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">Network</Header>}>
        <KeyValuePairs
          columns={3}
          minColumnWidth={220}
          items={[
            { label: "Mode", value: MODES[mode] ?? mode },
            {
              label: "VPC",
              value: domain.VpcId ? (
                <>
                  <Copy text={domain.VpcId} what="The VPC's ID" /> {block}
                </>
              ) : (
                "None"
              ),
            },
            { label: "Subnets", value: <Subnets ids={domain.SubnetIds ?? []} /> },
          ]}
        />
      </Container>
      <RefusedFlows domainId={domain.DomainId ?? ""} />
      {groups.length > 0 ? (
        <Groups ids={groups} isInForce={mode === "VpcOnly"} />
      ) : (
        <Container header={<Header variant="h2">Security groups</Header>}>
          <Empty title="No security groups">
            {mode === "VpcOnly"
              ? "The VPC's default group holds for apps of this domain."
              : "They matter for jobs with a VpcConfig, and once the mode is VPC only."}
          </Empty>
        </Container>
      )}
    </SpaceBetween>
  );
}

function Subnets({ ids }: { ids: string[] }) {
  const found = useCall(ec2, DescribeSubnetsCommand, { SubnetIds: ids }, { skip: !ids.length });
  if (!ids.length) return <>None</>;
  const blocks = new Map(found.data?.Subnets?.map((one) => [one.SubnetId, one]));
  return (
    <ul className="plain">
      {ids.map((id) => (
        <li key={id}>
          <Copy text={id} what="The subnet's ID" /> {blocks.get(id)?.CidrBlock}{" "}
          {blocks.get(id)?.AvailabilityZone}
        </li>
      ))}
    </ul>
  );
}

function Groups({ ids, isInForce }: { ids: string[]; isInForce: boolean }) {
  const groups = useCall(ec2, DescribeSecurityGroupsCommand, { GroupIds: ids });
  return (
    <View of={groups} what="the security groups">
      {(data) => (
        <SpaceBetween size="l">
          {!isInForce && (
            <Container>
              These groups do not bind apps while the mode is Public internet; they bind jobs that
              name them.
            </Container>
          )}
          {data.SecurityGroups?.map((group) => (
            <GroupRules key={group.GroupId} group={group} />
          ))}
        </SpaceBetween>
      )}
    </View>
  );
}

/** All that the domain's settings name; profiles may add others of their own. */
function groupIds(domain: DescribeDomainResponse): string[] {
  return [
    ...new Set([
      ...(domain.DefaultUserSettings?.SecurityGroups ?? []),
      ...(domain.DefaultSpaceSettings?.SecurityGroups ?? []),
      ...(domain.DomainSettings?.SecurityGroupIds ?? []),
    ]),
  ];
}
