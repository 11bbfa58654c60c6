// What quick setup does, a step a thing; the same as `freehold quick-setup` (src/freehold/cli/quick).
// A role that an earlier try made for this domain is taken up again.
import { CreateRoleCommand, GetRoleCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { CreateDomainCommand, CreateUserProfileCommand } from "@aws-sdk/client-sagemaker";
import { problemOf } from "~/aws/problem";
import { iam } from "~/aws/services/iam";
import { sagemaker } from "~/aws/services/sagemaker";
import type { Plan } from "~/aws/useSteps";
import { domainArn } from "~/format/arn";
import { makeBucket } from "./bucket";
import tight from "./tight-policy.json";

export interface QuickWish {
  domain: string;
  person: string;
  accountId: string;
  region: string;
}

export interface Made {
  roleArn: string;
  domainId: string;
}

const MARK = "freehold:quick-setup"; // tag of a role that quick setup made: the domain's name
const POLICY = "freehold-tight";
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

export function quickPlan(wish: QuickWish): { made: Made; steps: Plan[] } {
  const made: Made = { roleArn: "", domainId: "" };
  const RoleName = roleName(wish.domain);
  const bucket = () => `sagemaker-${made.domainId}`;
  const arn = () => domainArn(wish.region, wish.accountId, made.domainId);
  const steps = [
    {
      text: `Execution role ${RoleName}`,
      run: async () => {
        made.roleArn = await takeRole(RoleName, wish.domain);
      },
    },
    {
      text: `Domain ${wish.domain}`,
      run: async () => {
        const settings = settingsOf(made.roleArn);
        const answer = await sagemaker.send(CreateDomainCommand, {
          DomainName: wish.domain,
          AuthMode: "IAM",
          DefaultUserSettings: settings,
          DefaultSpaceSettings: settings,
        });
        made.domainId = answer.DomainArn?.split("/").pop() ?? "";
      },
    },
    { text: "Bucket for its files", run: () => makeBucket(bucket(), wish.region, arn()) },
    {
      text: "Policy that keeps it to itself",
      run: async () => {
        const PolicyDocument = tightPolicy(wish, made, bucket());
        await iam.send(PutRolePolicyCommand, { RoleName, PolicyName: POLICY, PolicyDocument });
      },
    },
    {
      text: `User profile ${wish.person}`,
      run: async () => {
        const named = { DomainId: made.domainId, UserProfileName: wish.person };
        await sagemaker.send(CreateUserProfileCommand, named);
      },
    },
  ];
  return { made, steps };
}

function settingsOf(ExecutionRole: string) {
  const sizes = { DefaultEbsVolumeSizeInGb: 5, MaximumEbsVolumeSizeInGb: 100 };
  return { ExecutionRole, SpaceStorageSettings: { DefaultEbsStorageSettings: sizes } };
}

async function takeRole(RoleName: string, domain: string): Promise<string> {
  try {
    const { Role } = await iam.send(GetRoleCommand, { RoleName });
    const mark = Role?.Tags?.find((tag) => tag.Key === MARK)?.Value;
    if (mark === domain) return Role?.Arn ?? "";
    throw new Error(
      `There is a role ${RoleName} that quick setup did not make: choose another domain name.`,
    );
  } catch (error) {
    if (problemOf(error).kind !== "missing") throw error;
  }
  const { Role } = await iam.send(CreateRoleCommand, {
    RoleName,
    AssumeRolePolicyDocument: TRUST,
    Description: `Execution role of the domain ${domain}`,
    Tags: [{ Key: MARK, Value: domain }],
  });
  return Role?.Arn ?? "";
}

/** The policy's text with what it is for filled in; the text itself is Python's, see its test. */
function tightPolicy(wish: QuickWish, made: Made, bucket: string): string {
  const values: Record<string, string> = {
    "@partition@": "aws",
    "@region@": wish.region,
    "@account@": wish.accountId,
    "@domain-arn@": domainArn(wish.region, wish.accountId, made.domainId),
    "@domain-id@": made.domainId,
    "@role-arn@": made.roleArn,
    "@bucket@": bucket,
  };
  return JSON.stringify(tight).replace(/@[a-z-]+@/g, (name) => values[name] ?? name);
}
