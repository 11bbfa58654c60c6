// The two policies that keep an IAM user to one domain: a managed one that all its people share, and
// an inline one about the user's own profile. The texts are Python's (kernel/permission/tight.py).
import {
  AttachUserPolicyCommand,
  CreatePolicyCommand,
  PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import { problemOf } from "~/aws/problem";
import { iam } from "~/aws/services/iam";
import { domainArn } from "~/format/arn";
import texts from "./policies.json";

/** Whom the policies are for, and what stands in them. */
export interface Holder {
  userName: string;
  userProfileName: string;
  domainId: string;
  accountId: string;
  region: string;
  /** The domain's execution role: what notebooks and jobs of its people work as. */
  roleArn: string;
  /** Of the profile, where it is not the domain's; "" if it is. */
  ownRoleArn: string;
}

export const sharedName = (domainId: string): string => `freehold-people-${domainId}`;
export const ownName = (of: Pick<Holder, "domainId" | "userProfileName">): string =>
  `freehold-own-${of.domainId}-${of.userProfileName}`;
export const sharedArn = (of: Pick<Holder, "accountId" | "domainId">): string =>
  `arn:aws:iam::${of.accountId}:policy/${sharedName(of.domainId)}`;

export const sharedText = (of: Holder): string =>
  filled(of.roleArn ? texts.domain.Statement : texts.domain.Statement.filter(isNoPass), of);

export function ownText(of: Holder): string {
  const pass = of.ownRoleArn ? texts.domain.Statement.filter((one) => !isNoPass(one)) : [];
  return filled([...texts.own.Statement, ...pass], { ...of, roleArn: of.ownRoleArn });
}

const isNoPass = ({ Sid }: { Sid: string }): boolean => Sid !== "PassOwnRole";

/** The domain's policy is made for the first of its people; one that was changed stays as it is. */
export async function attachShared(of: Holder): Promise<void> {
  try {
    await iam.send(CreatePolicyCommand, {
      PolicyName: sharedName(of.domainId),
      PolicyDocument: sharedText(of),
      Description: `What people of the domain ${of.domainId} may do`,
    });
  } catch (error) {
    if (problemOf(error).kind !== "conflict") throw error;
  }
  const named = { UserName: of.userName, PolicyArn: sharedArn(of) };
  await iam.send(AttachUserPolicyCommand, named);
}

export async function putOwn(of: Holder): Promise<void> {
  await iam.send(PutUserPolicyCommand, {
    UserName: of.userName,
    PolicyName: ownName(of),
    PolicyDocument: ownText(of),
  });
}

function filled(Statement: object[], of: Holder): string {
  const values: Record<string, string> = {
    "@partition@": "aws",
    "@region@": of.region,
    "@account@": of.accountId,
    "@domain-arn@": domainArn(of.region, of.accountId, of.domainId),
    "@domain-id@": of.domainId,
    "@role-arn@": of.roleArn,
    "@bucket@": `sagemaker-${of.domainId}`, // as quick setup names it
    "@profile@": of.userProfileName,
  };
  const text = JSON.stringify({ Version: texts.own.Version, Statement });
  return text.replace(/@[a-z-]+@/g, (name) => values[name] ?? name);
}
