// What quick setup does, a step a thing; the same as `freehold quick-setup` (src/freehold/cli/quick).
// A role that an earlier try made for this domain is taken up again.
import { CreateDomainCommand, CreateUserProfileCommand } from "@aws-sdk/client-sagemaker";
import { sagemaker } from "~/aws/services/sagemaker";
import type { Plan } from "~/aws/useSteps";
import { domainArn } from "~/format/arn";
import { putPolicy, roleName, takeRole } from "~/roles/making";
import { TIGHT, tightPolicy } from "~/roles/tight";
import { makeBucket } from "./bucket";

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
        await putPolicy(RoleName, TIGHT, tightPolicy({ ...wish, ...made }, bucket()));
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
