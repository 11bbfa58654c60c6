// What makes a person's way in, a step a thing; each may be tried again (`once.ts`).
import {
  CreateLoginProfileCommand,
  CreateUserCommand,
  GetAccountPasswordPolicyCommand,
  GetLoginProfileCommand,
  GetUserCommand,
  type Tag,
  UpdateLoginProfileCommand,
} from "@aws-sdk/client-iam";
import { AddTagsCommand } from "@aws-sdk/client-sagemaker";
import { iam } from "~/aws/services/iam";
import { sagemaker } from "~/aws/services/sagemaker";
import type { Plan } from "~/aws/useSteps";
import { USER_TAG } from "~/people/owners";
import { homeOf } from "./home";
import { type Ours, once } from "./once";
import { oneTimePassword } from "./password";
import { attachShared, type Holder, putOwn, sharedName } from "./policies";
import type { Wish } from "./wish";

/** What is handed over at the end: in memory, as long as it is shown. */
export interface Made {
  userName: string;
  /** "" where they have one already. */
  password: string;
}

/** `profile`: what makes the profile, or marks the one that is there. */
export function signInPlan(
  wish: Wish,
  of: Holder,
  profile: Plan,
  ours: Ours,
): { made: Made; steps: Plan[] } {
  const made: Made = { userName: of.userName, password: "" };
  const steps = [profile];
  if (wish.way === "new") steps.push(userStep(of.userName, ours, homeOf(of)));
  if (wish.way === "known") {
    steps.unshift({
      text: `IAM user ${of.userName} is there`,
      run: async () => void (await iam.send(GetUserCommand, { UserName: of.userName })),
    });
  }
  if (wish.way !== "none" && wish.policy === "domain") {
    steps.push(
      { text: `Policy ${sharedName(of.domainId)}`, run: () => attachShared(of) },
      { text: `Policy of the profile ${of.userProfileName}`, run: () => putOwn(of) },
    );
  }
  if (wish.way === "new") steps.push(passwordStep(made, ours));
  return { made, steps };
}

export function userStep(UserName: string, ours: Ours, Tags: Tag[] = []): Plan {
  const text = `IAM user ${UserName}`;
  const run = once(ours, {
    what: text,
    make: () => iam.send(CreateUserCommand, { UserName, Tags }),
    bornAt: async () => (await iam.send(GetUserCommand, { UserName })).User?.CreateDate,
  });
  return { text, run };
}

/** A login profile whose password must be replaced; it stands in `made` alone. */
export function passwordStep(made: Made, ours: Ours): Plan {
  const UserName = made.userName;
  const given = () => ({ UserName, Password: made.password, PasswordResetRequired: true });
  const make = once(ours, {
    what: `Password of ${UserName}`,
    make: () => iam.send(CreateLoginProfileCommand, given()),
    bornAt: async () => {
      const { LoginProfile } = await iam.send(GetLoginProfileCommand, { UserName });
      return LoginProfile?.CreateDate;
    },
    again: () => iam.send(UpdateLoginProfileCommand, given()),
  });
  return {
    text: "One-time password",
    run: async () => {
      made.password ||= oneTimePassword(await lengthMin());
      await make();
    },
  };
}

/** Says on a profile that is there whose it is. */
export const tagStep = (ResourceArn: string, profile: string, userName: string): Plan => ({
  text: `The profile ${profile} is ${userName}'s`,
  run: async () => {
    const Tags = [{ Key: USER_TAG, Value: userName }];
    await sagemaker.send(AddTagsCommand, { ResourceArn, Tags });
  },
});

/** What the account's password policy asks for; 0 where there is none, or it may not be read. */
export async function lengthMin(): Promise<number> {
  try {
    const { PasswordPolicy } = await iam.send(GetAccountPasswordPolicyCommand, {});
    return PasswordPolicy?.MinimumPasswordLength ?? 0;
  } catch {
    return 0;
  }
}
