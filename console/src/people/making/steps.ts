// What makes a person's way in, a step a thing. A step whose answer was lost is not done twice: where
// the thing is there when it is tried again, it was we who made it.
import {
  CreateLoginProfileCommand,
  CreateUserCommand,
  GetAccountPasswordPolicyCommand,
  GetUserCommand,
  UpdateLoginProfileCommand,
} from "@aws-sdk/client-iam";
import { AddTagsCommand } from "@aws-sdk/client-sagemaker";
import { problemOf } from "~/aws/problem";
import { iam } from "~/aws/services/iam";
import { sagemaker } from "~/aws/services/sagemaker";
import type { Plan } from "~/aws/useSteps";
import { USER_TAG } from "~/people/owners";
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
  if (wish.way === "new") steps.push(userStep(of.userName, ours));
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

export function userStep(UserName: string, ours: Ours): Plan {
  const text = `IAM user ${UserName}`;
  return { text, run: once(ours, text, () => iam.send(CreateUserCommand, { UserName })) };
}

/** A login profile whose password must be replaced; it stands in `made` alone. */
export function passwordStep(made: Made, ours: Ours): Plan {
  const UserName = made.userName;
  const given = () => ({ UserName, Password: made.password, PasswordResetRequired: true });
  const make = once(
    ours,
    `Password of ${UserName}`,
    () => iam.send(CreateLoginProfileCommand, given()),
    () => iam.send(UpdateLoginProfileCommand, given()),
  );
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

/** What this page made, or may have made: a step that is tried again finds it there. */
export type Ours = Set<string>;

/** `make`, once; `known`: instead, where it was made by an earlier try. */
export function once(
  ours: Ours,
  what: string,
  make: () => Promise<unknown>,
  known?: () => Promise<unknown>,
): () => Promise<void> {
  return async () => {
    if (ours.has(what)) return void (await known?.());
    try {
      await make();
      ours.add(what);
    } catch (error) {
      const { kind } = problemOf(error);
      if (kind === "conflict" && ours.has(unsure(what))) {
        ours.add(what);
        return void (await known?.());
      }
      // Its answer was lost: it may be there.
      if (kind === "network" || kind === "internal") ours.add(unsure(what));
      throw error;
    }
  };
}

const unsure = (what: string): string => `perhaps ${what}`;
