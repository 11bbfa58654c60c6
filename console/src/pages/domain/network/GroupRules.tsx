// One security group: its rules in words, one added, one taken away. In force within a second.
import {
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  DescribeSecurityGroupRulesCommand,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
  type SecurityGroup,
  type SecurityGroupRule,
} from "@aws-sdk/client-ec2";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { ec2 } from "~/aws/services/ec2";
import { useAction } from "~/aws/useAction";
import { usePages } from "~/aws/useCall";
import { EditDialog } from "~/dialogs/EditDialog";
import { TypedDelete } from "~/dialogs/TypedDelete";
import { useDialog } from "~/page/useDialog";
import { type Column, DataTable } from "~/table/DataTable";
import { useChosen } from "~/table/useChosen";
import { Empty } from "~/views/Empty";
import {
  peerOf,
  peerTrouble,
  permissionOf,
  portsTrouble,
  sentence,
  trafficOf,
  type Wish,
} from "./rules";

const PROTOCOLS = [
  { value: "tcp", label: "TCP" },
  { value: "udp", label: "UDP" },
  { value: "icmp", label: "ICMP" },
  { value: "-1", label: "Anything" },
];

export function GroupRules({ group }: { group: SecurityGroup }) {
  const dialog = useDialog();
  const id = group.GroupId ?? "";
  const rules = usePages(
    ec2,
    DescribeSecurityGroupRulesCommand,
    { Filters: [{ Name: "group-id", Values: [id] }] },
    "SecurityGroupRules",
  );
  const add = useAction(
    (values: Record<string, string>) => {
      const asked = { GroupId: id, IpPermissions: [permissionOf(values as unknown as Wish)] };
      return values.way === "out"
        ? ec2.send(AuthorizeSecurityGroupEgressCommand, asked)
        : ec2.send(AuthorizeSecurityGroupIngressCommand, asked);
    },
    { done: () => `A rule was added to ${id}. It is in force.`, renews: "ec2" },
  );
  const chosen = useChosen(`rules-${id}`, rules.data, idOf);
  const [rule] = chosen.items;
  const revoke = useAction(
    () => {
      const asked = { GroupId: id, SecurityGroupRuleIds: [rule?.SecurityGroupRuleId ?? ""] };
      return rule?.IsEgress
        ? ec2.send(RevokeSecurityGroupEgressCommand, asked)
        : ec2.send(RevokeSecurityGroupIngressCommand, asked);
    },
    { done: () => `The rule is gone from ${id}. Open connections of it are cut.`, renews: "ec2" },
  );
  return (
    <>
      <DataTable<SecurityGroupRule>
        id={`rules-${id}`}
        title={`Security group ${group.GroupName}`}
        description={`${id}: ${group.Description ?? ""}`}
        nouns={["rule", "rules"]}
        of={rules}
        rowId={idOf}
        columns={columnsOf(id)}
        selection={{ type: "single", ...chosen }}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button
              disabled={!rule}
              onClick={() => dialog.open(`revoke-${id}`)}
              ariaLabel={`Revoke rule of ${group.GroupName}`}
            >
              Revoke rule
            </Button>
            <Button
              onClick={() => dialog.open(`add-${id}`)}
              ariaLabel={`Add rule to ${group.GroupName}`}
            >
              Add rule
            </Button>
          </SpaceBetween>
        }
        empty={
          <Empty title="No rules">A group without rules lets nothing in and nothing out.</Empty>
        }
      />
      {dialog.is === `add-${id}` && (
        <EditDialog
          title={`Add a rule to ${group.GroupName}`}
          verb="Add rule"
          action={add}
          onClose={dialog.close}
          fields={FIELDS}
        />
      )}
      {dialog.is === `revoke-${id}` && rule && (
        <TypedDelete
          title={`Revoke this rule of ${group.GroupName}?`}
          word="revoke"
          verb="Revoke"
          action={revoke}
          onClose={dialog.close}
        >
          {rule.IsEgress ? "Nobody goes out by it any more: " : "Nobody comes in by it any more: "}
          {sentence(rule, id)}. Whoever else uses this group is cut off as well.
        </TypedDelete>
      )}
    </>
  );
}

const idOf = (rule: SecurityGroupRule): string => rule.SecurityGroupRuleId ?? "";

const FIELDS = [
  {
    id: "way",
    label: "Direction",
    value: "out",
    options: [
      { value: "out", label: "Out: what apps and jobs may reach" },
      { value: "in", label: "In: who may reach them" },
    ],
  },
  { id: "protocol", label: "Protocol", value: "tcp", options: PROTOCOLS },
  {
    id: "ports",
    label: "Ports",
    value: "443",
    hint: "One port or a range; empty: all.",
    when: ({ protocol }: Record<string, string>) => protocol === "tcp" || protocol === "udp",
    trouble: (value: string, { protocol = "" }: Record<string, string>) =>
      portsTrouble(value, protocol),
  },
  {
    id: "peer",
    label: "Whom",
    value: "",
    hint: "A block of addresses, 10.0.0.0/16, or a security group, sg-... Everywhere: 0.0.0.0/0",
    trouble: peerTrouble,
  },
  { id: "description", label: "What it is for", value: "" },
];

function columnsOf(own: string): Column<SecurityGroupRule>[] {
  return [
    {
      id: "way",
      header: "Direction",
      minWidth: 110,
      value: (rule) => (rule.IsEgress ? "Out" : "In"),
      cell: (rule) => (rule.IsEgress ? "Out" : "In"),
    },
    {
      id: "rule",
      header: "Lets through",
      isRowHeader: true,
      minWidth: 200,
      value: trafficOf,
      cell: trafficOf,
    },
    {
      id: "peer",
      header: "To or from",
      minWidth: 200,
      value: (rule) => peerOf(rule, own),
      cell: (rule) => peerOf(rule, own),
    },
    {
      id: "for",
      header: "What it is for",
      minWidth: 200,
      value: (rule) => rule.Description,
      cell: (rule) => rule.Description || "-",
    },
    {
      id: "id",
      header: "Rule ID",
      isHidden: true,
      minWidth: 200,
      value: (rule) => rule.SecurityGroupRuleId,
      cell: (rule) => rule.SecurityGroupRuleId,
    },
  ];
}
