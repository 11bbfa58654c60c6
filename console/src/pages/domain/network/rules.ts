// A rule of a security group in words, and the request that makes one.
import type { IpPermission, SecurityGroupRule } from "@aws-sdk/client-ec2";

const ALL_PORTS = -1;

/** "TCP port 443", "UDP ports 1000 to 2000", "anything". */
export function trafficOf(rule: SecurityGroupRule): string {
  const protocol = rule.IpProtocol ?? "-1";
  if (protocol === "-1") return "Anything";
  const name = protocol.toUpperCase();
  const { FromPort: from = ALL_PORTS, ToPort: to = ALL_PORTS } = rule;
  if (protocol.startsWith("icmp")) return from < 0 ? `${name}, all kinds` : `${name} type ${from}`;
  if (from <= 0 && (to < 0 || to >= 65_535)) return `${name}, all ports`;
  return from === to ? `${name} port ${from}` : `${name} ports ${from} to ${to}`;
}

export function peerOf(rule: SecurityGroupRule, own: string): string {
  const block = rule.CidrIpv4 ?? rule.CidrIpv6;
  if (block === "0.0.0.0/0") return "anywhere (IPv4)";
  if (block === "::/0") return "anywhere (IPv6)";
  if (block) return block;
  const group = rule.ReferencedGroupInfo?.GroupId;
  if (group) return group === own ? "this same group" : group;
  return rule.PrefixListId ?? "-";
}

/** "TCP port 443 to anywhere (IPv4)" */
export function sentence(rule: SecurityGroupRule, own: string): string {
  return `${trafficOf(rule)} ${rule.IsEgress ? "to" : "from"} ${peerOf(rule, own)}`;
}

export interface Wish {
  protocol: string;
  ports: string;
  peer: string;
  description: string;
}

const PORTS = /^(\d{1,5})(?:\s*-\s*(\d{1,5}))?$/;
const BLOCK = /^[0-9a-fA-F.:]+\/\d{1,3}$/;
const GROUP = /^sg-[0-9a-f]{8,17}$/;

export function portsTrouble(ports: string, protocol: string): string {
  if (protocol !== "tcp" && protocol !== "udp") return "";
  if (ports === "") return "";
  const [, from, to = from] = PORTS.exec(ports) ?? [];
  const isRange = from !== undefined && Number(from) <= Number(to) && Number(to) <= 65_535;
  return isRange ? "" : "One port, such as 443, or a range, such as 8000-8100. Empty: all.";
}

export function peerTrouble(peer: string): string {
  if (BLOCK.test(peer) || GROUP.test(peer)) return "";
  return "A block of addresses, such as 10.0.0.0/16, or the id of a security group, sg-...";
}

export function permissionOf({ protocol, ports, peer, description }: Wish): IpPermission {
  const [, from, to = from] = PORTS.exec(ports) ?? [];
  const isPorted = protocol === "tcp" || protocol === "udp";
  const Description = description || undefined;
  const permission: IpPermission = { IpProtocol: protocol };
  if (isPorted) {
    permission.FromPort = Number(from ?? 0);
    permission.ToPort = Number(to ?? 65_535);
  }
  if (protocol === "icmp") Object.assign(permission, { FromPort: -1, ToPort: -1 });
  if (GROUP.test(peer)) permission.UserIdGroupPairs = [{ GroupId: peer, Description }];
  else if (peer.includes(":")) permission.Ipv6Ranges = [{ CidrIpv6: peer, Description }];
  else permission.IpRanges = [{ CidrIp: peer, Description }];
  return permission;
}
