// The text of one policy: read fresh when it is opened, written back by the call that its kind needs.
import {
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  DeleteGroupPolicyCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  DeleteRolePolicyCommand,
  DeleteUserPolicyCommand,
  GetGroupPolicyCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  GetUserPolicyCommand,
  ListPolicyVersionsCommand,
  PutGroupPolicyCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { iam } from "~/aws/services/iam";
import type { HolderKind } from "./account";

export interface PolicyText {
  text: string;
  /** Of a managed policy: the version in force, and all there are, the oldest last. */
  version?: string;
  versions?: string[];
}

const VERSIONS_MAX = 5; // IAM quota: versions of a managed policy

/** What an id (`account.ts`) means. */
export interface Named {
  kind: "inline" | "trust" | "managed";
  holderKind: HolderKind;
  holder: string;
  policy: string;
}

export function named(id: string): Named {
  const [kind = "", a = "", b = "", ...rest] = id.split(":");
  if (kind === "inline") {
    return { kind, holderKind: a as HolderKind, holder: b, policy: rest.join(":") };
  }
  if (kind === "trust") return { kind, holderKind: "role", holder: a, policy: "Trust policy" };
  return { kind: "managed", holderKind: "role", holder: "", policy: id };
}

export async function readPolicy(id: string, signal?: AbortSignal): Promise<PolicyText> {
  const { kind, holderKind, holder, policy: PolicyName } = named(id);
  if (kind === "managed") return readManaged(id, signal);
  if (kind === "trust") {
    const { Role } = await iam.send(GetRoleCommand, { RoleName: holder }, signal);
    return { text: shaped(Role?.AssumeRolePolicyDocument) };
  }
  return {
    text: shaped((await readInline(holderKind, holder, PolicyName, signal)).PolicyDocument),
  };
}

function readInline(kind: HolderKind, holder: string, PolicyName: string, signal?: AbortSignal) {
  if (kind === "role") {
    return iam.send(GetRolePolicyCommand, { RoleName: holder, PolicyName }, signal);
  }
  if (kind === "user") {
    return iam.send(GetUserPolicyCommand, { UserName: holder, PolicyName }, signal);
  }
  return iam.send(GetGroupPolicyCommand, { GroupName: holder, PolicyName }, signal);
}

async function readManaged(PolicyArn: string, signal?: AbortSignal): Promise<PolicyText> {
  const { Policy } = await iam.send(GetPolicyCommand, { PolicyArn }, signal);
  const VersionId = Policy?.DefaultVersionId ?? "v1";
  const [one, all] = await Promise.all([
    iam.send(GetPolicyVersionCommand, { PolicyArn, VersionId }, signal),
    iam.send(ListPolicyVersionsCommand, { PolicyArn }, signal),
  ]);
  return {
    text: shaped(one.PolicyVersion?.Document),
    version: VersionId,
    versions: (all.Versions ?? []).map((version) => version.VersionId ?? ""),
  };
}

/** IAM gives texts URL-encoded. One line is hard to read: then it is laid out; else it stays. */
function shaped(encoded: string | undefined): string {
  const text = decodeURIComponent(encoded ?? "");
  return text.includes("\n") ? text : laidOut(text);
}

/** The text with two spaces a level; as it is where it is no JSON. */
export function laidOut(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** The version that has to go so that another one may come. */
export function goingVersion(of: PolicyText): string | undefined {
  const { versions = [], version } = of;
  if (versions.length < VERSIONS_MAX) return undefined;
  return versions.filter((one) => one !== version).at(-1);
}

export async function writePolicy(id: string, text: string, before: PolicyText): Promise<void> {
  const { kind, holderKind, holder, policy: PolicyName } = named(id);
  const PolicyDocument = text;
  if (kind === "managed") {
    const VersionId = goingVersion(before);
    if (VersionId) await iam.send(DeletePolicyVersionCommand, { PolicyArn: id, VersionId });
    await iam.send(CreatePolicyVersionCommand, {
      PolicyArn: id,
      PolicyDocument,
      SetAsDefault: true,
    });
  } else if (kind === "trust") {
    await iam.send(UpdateAssumeRolePolicyCommand, { RoleName: holder, PolicyDocument });
  } else {
    await writeInline(holderKind, holder, PolicyName, text);
  }
}

export async function writeInline(
  kind: HolderKind,
  holder: string,
  PolicyName: string,
  PolicyDocument: string,
): Promise<void> {
  const given = { PolicyName, PolicyDocument };
  if (kind === "role") await iam.send(PutRolePolicyCommand, { RoleName: holder, ...given });
  else if (kind === "user") await iam.send(PutUserPolicyCommand, { UserName: holder, ...given });
  else await iam.send(PutGroupPolicyCommand, { GroupName: holder, ...given });
}

export async function createManaged(PolicyName: string, PolicyDocument: string): Promise<string> {
  const { Policy } = await iam.send(CreatePolicyCommand, { PolicyName, PolicyDocument });
  return Policy?.Arn ?? "";
}

export async function deletePolicy(id: string): Promise<void> {
  const { kind, holderKind, holder, policy: PolicyName } = named(id);
  if (kind === "managed") await deleteManaged(id);
  else if (holderKind === "role") {
    await iam.send(DeleteRolePolicyCommand, { RoleName: holder, PolicyName });
  } else if (holderKind === "user") {
    await iam.send(DeleteUserPolicyCommand, { UserName: holder, PolicyName });
  } else await iam.send(DeleteGroupPolicyCommand, { GroupName: holder, PolicyName });
}

/** Its other versions have to go first, as on AWS. */
async function deleteManaged(PolicyArn: string): Promise<void> {
  const { Versions } = await iam.send(ListPolicyVersionsCommand, { PolicyArn });
  for (const { VersionId, IsDefaultVersion } of Versions ?? []) {
    if (!IsDefaultVersion) await iam.send(DeletePolicyVersionCommand, { PolicyArn, VersionId });
  }
  await iam.send(DeletePolicyCommand, { PolicyArn });
}
