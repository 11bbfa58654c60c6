// Making an execution role: whom it trusts, under which name, and how an earlier try is taken up.
import { CreateRoleCommand, GetRoleCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { problemOf } from "~/aws/problem";
import { iam } from "~/aws/services/iam";
import type { PolicyDocument } from "./tight";

const MARK = "freehold:quick-setup"; // tag of a role that a setup made: the domain's name
export const ACTIVITIES_POLICY = "freehold-activities"; // name of the policy of a role that is kept to no domain
export const TRUST = JSON.stringify({
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Principal: { Service: "sagemaker.amazonaws.com" },
      Action: "sts:AssumeRole",
    },
  ],
});

export const roleName = (domain: string): string => `AmazonSageMaker-${domain}`.slice(0, 64);

/** As AWS's console offers it: `AmazonSageMaker-ExecutionRole-20261128T101500`. */
export function datedName(now = new Date()): string {
  return `AmazonSageMaker-ExecutionRole-${now.toISOString().slice(0, 19).replace(/[-:]/g, "")}`;
}

/** What CreateRole is asked for a domain's role. */
export const roleRequest = (RoleName: string, domain: string) => ({
  RoleName,
  AssumeRolePolicyDocument: TRUST,
  Description: `Execution role of the domain ${domain}`,
  Tags: [{ Key: MARK, Value: domain }],
});

/** The role that an earlier try made for this domain, or a new one; its ARN. */
export async function takeRole(RoleName: string, domain: string): Promise<string> {
  try {
    const { Role } = await iam.send(GetRoleCommand, { RoleName });
    const mark = Role?.Tags?.find((tag) => tag.Key === MARK)?.Value;
    if (mark === domain) return Role?.Arn ?? "";
    throw new Error(
      `There is a role ${RoleName} that was not made for this domain: choose another name.`,
    );
  } catch (error) {
    if (problemOf(error).kind !== "missing") throw error;
  }
  return newRole(roleRequest(RoleName, domain));
}

export async function newRole(request: Partial<ReturnType<typeof roleRequest>>): Promise<string> {
  const given = { RoleName: "", AssumeRolePolicyDocument: TRUST, ...request };
  const { Role } = await iam.send(CreateRoleCommand, given);
  return Role?.Arn ?? "";
}

export async function putPolicy(
  RoleName: string,
  PolicyName: string,
  policy: PolicyDocument,
): Promise<void> {
  const PolicyDocument = JSON.stringify(policy);
  await iam.send(PutRolePolicyCommand, { RoleName, PolicyName, PolicyDocument });
}
