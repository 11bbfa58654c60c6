// The aws CLI commands that do what the wizard does: a script for a POSIX shell, in the same order.

import { domainArn } from "~/format/arn";
import { cliCommand, quoted } from "~/format/cli";
import { ACTIVITIES_POLICY, roleRequest } from "~/roles/making";
import { TIGHT } from "~/roles/tight";
import { ownBucket, policyOf } from "~/roles/wish";
import { type Draft, peopleOf } from "./draft";
import { type Given, requestOf, roleNameOf, roleOf } from "./request";

const ID = "@DOMAIN-ID@"; // stands for what the shell knows once the domain is there

export function commandsOf(draft: Draft, given: Given): string {
  const isNew = draft.roleWay === "new";
  const people = peopleOf(draft);
  const create = cliCommand("sagemaker", "CreateDomain", requestOf(draft, given));
  if (!isNew && !people.length) return create;
  return [
    ...(isNew ? [cliCommand("iam", "CreateRole", roleRequest(roleNameOf(draft), draft.name))] : []),
    `DOMAIN_ID=$(${create} \\\n  --query DomainArn --output text | cut -d/ -f2)`,
    ...(isNew ? roleCommands(draft, given) : []),
    ...people.map((UserProfileName) =>
      inShell(cliCommand("sagemaker", "CreateUserProfile", { DomainId: ID, UserProfileName })),
    ),
  ].join("\n");
}

function roleCommands(draft: Draft, given: Given): string[] {
  const { accountId, region } = given;
  const place = { accountId, region, domainId: ID, roleArn: roleOf(draft, given) };
  const put = {
    RoleName: roleNameOf(draft),
    PolicyName: draft.wish.isKept ? TIGHT : ACTIVITIES_POLICY,
    PolicyDocument: JSON.stringify(policyOf(draft.wish, place)),
  };
  const bucket = ownBucket(ID);
  const tag = { Key: "sagemaker:domain-arn", Value: domainArn(region, accountId, ID) };
  return [
    ...(draft.wish.buckets === "own"
      ? [
          inShell(`aws s3 mb ${quoted(`s3://${bucket}`)} --region ${region}`),
          inShell(
            cliCommand("s3api", "PutBucketTagging", { Bucket: bucket, Tagging: { TagSet: [tag] } }),
          ),
        ]
      : []),
    inShell(cliCommand("iam", "PutRolePolicy", put)),
  ];
}

/** The shell's own value in place of the mark, in single quotes or without. */
function inShell(command: string): string {
  return command
    .split(/('[^']*')/)
    .map((piece) => piece.replaceAll(ID, piece.startsWith("'") ? `'"$DOMAIN_ID"'` : `"$DOMAIN_ID"`))
    .join("");
}
