// Who there is and which policies bind them: everything of the account in one picture, gathered from
// GetAccountAuthorizationDetails (people, groups, roles) and ListPolicies (managed ones, without text).
import {
  GetAccountAuthorizationDetailsCommand,
  type GroupDetail,
  ListPoliciesCommand,
  type Policy,
  type RoleDetail,
  type UserDetail,
} from "@aws-sdk/client-iam";
import { iam } from "~/aws/services/iam";
import { type Call, pages, useGathered } from "~/aws/useCall";
import { useIdentity } from "~/session/useSession";

export type HolderKind = "user" | "group" | "role";
export type PolicyKind = "inline" | "trust" | "managed" | "aws";

export interface Holder {
  kind: HolderKind;
  name: string;
  arn: string;
}

export interface PolicyItem {
  /** The ARN of a managed policy, else `inline:role:NAME:POLICY` or `trust:NAME`. */
  id: string;
  name: string;
  kind: PolicyKind;
  /** Who is bound by it: the one holder, or all to whom it is attached. */
  holders: Holder[];
  updated?: Date;
  /** The signed-in principal lives by it: a mistake in it may lock them out. */
  isMine: boolean;
}

export interface Account {
  holders: Holder[];
  policies: PolicyItem[];
}

const PAGE = 1000; // MaxItems' maximum

export function useAccount(): Call<Account> {
  const { arn } = useIdentity();
  return useGathered(`iam account ${arn}`, (signal) => gather(arn, signal));
}

export const inlineId = (holder: Pick<Holder, "kind" | "name">, policy: string): string =>
  `inline:${holder.kind}:${holder.name}:${policy}`;

async function gather(me: string, signal: AbortSignal): Promise<Account> {
  const filter = { MaxItems: PAGE, Filter: ["User", "Group", "Role"] as const };
  const input = { ...filter, Filter: [...filter.Filter] };
  const paging = { token: "Marker", signal };
  const ask = GetAccountAuthorizationDetailsCommand;
  const [users, groups, roles, managed] = await Promise.all([
    pages(iam, ask, { ...input, Filter: ["User"] }, "UserDetailList", paging),
    pages(iam, ask, { ...input, Filter: ["Group"] }, "GroupDetailList", paging),
    pages(iam, ask, { ...input, Filter: ["Role"] }, "RoleDetailList", paging),
    pages(iam, ListPoliciesCommand, { Scope: "All", MaxItems: PAGE }, "Policies", paging),
  ]);
  return pictured(me, users, groups, roles, managed);
}

interface Bound {
  holder: Holder;
  isMine: boolean;
  inline: string[];
  attached: string[];
}

function pictured(
  me: string,
  users: UserDetail[],
  groups: GroupDetail[],
  roles: RoleDetail[],
  managed: Policy[],
): Account {
  const self = users.find((user) => user.Arn === me);
  const mine = new Set(self?.GroupList ?? []);
  const bound: Bound[] = [
    ...users.map((one) => ofUser(one, one.Arn === me)),
    ...groups.map((one) => ofGroup(one, mine.has(one.GroupName ?? ""))),
    ...roles.map((one) => ofRole(one, isSessionOf(me, one.RoleName ?? ""))),
  ];
  return {
    holders: bound.map((one) => one.holder),
    policies: [
      ...bound.flatMap(inlineOf),
      ...bound.filter((one) => one.holder.kind === "role").map(trustOf),
      ...managed.map((one) => managedOf(one, bound)),
    ],
  };
}

const isSessionOf = (me: string, role: string): boolean => me.includes(`:assumed-role/${role}/`);

const names = (list: Array<{ PolicyName?: string | undefined }> | undefined): string[] =>
  (list ?? []).map((one) => one.PolicyName ?? "");

const arns = (list: Array<{ PolicyArn?: string | undefined }> | undefined): string[] =>
  (list ?? []).map((one) => one.PolicyArn ?? "");

function ofUser(one: UserDetail, isMine: boolean): Bound {
  const holder: Holder = { kind: "user", name: one.UserName ?? "", arn: one.Arn ?? "" };
  const attached = arns(one.AttachedManagedPolicies);
  const boundary = one.PermissionsBoundary?.PermissionsBoundaryArn;
  if (boundary) attached.push(boundary);
  return { holder, isMine, inline: names(one.UserPolicyList), attached };
}

function ofGroup(one: GroupDetail, isMine: boolean): Bound {
  const holder: Holder = { kind: "group", name: one.GroupName ?? "", arn: one.Arn ?? "" };
  const attached = arns(one.AttachedManagedPolicies);
  return { holder, isMine, inline: names(one.GroupPolicyList), attached };
}

function ofRole(one: RoleDetail, isMine: boolean): Bound {
  const holder: Holder = { kind: "role", name: one.RoleName ?? "", arn: one.Arn ?? "" };
  const attached = arns(one.AttachedManagedPolicies);
  const boundary = one.PermissionsBoundary?.PermissionsBoundaryArn;
  if (boundary) attached.push(boundary);
  return { holder, isMine, inline: names(one.RolePolicyList), attached };
}

function inlineOf({ holder, isMine, inline }: Bound): PolicyItem[] {
  return inline.map((name) => ({
    id: inlineId(holder, name),
    name,
    kind: "inline",
    holders: [holder],
    isMine,
  }));
}

function trustOf({ holder, isMine }: Bound): PolicyItem {
  return {
    id: `trust:${holder.name}`,
    name: "Trust policy",
    kind: "trust",
    holders: [holder],
    isMine,
  };
}

function managedOf(one: Policy, bound: Bound[]): PolicyItem {
  const arn = one.Arn ?? "";
  const holding = bound.filter((who) => who.attached.includes(arn));
  return {
    id: arn,
    name: one.PolicyName ?? "",
    kind: arn.split(":")[4] === "aws" ? "aws" : "managed",
    holders: holding.map((who) => who.holder),
    ...(one.UpdateDate ? { updated: one.UpdateDate } : {}),
    isMine: holding.some((who) => who.isMine),
  };
}
