// All IAM users with their groups, policies and tags, and the user profiles that are theirs.
import { GetAccountAuthorizationDetailsCommand, type UserDetail } from "@aws-sdk/client-iam";
import { useMemo } from "react";
import type { Problem } from "~/aws/problem";
import { iam } from "~/aws/services/iam";
import { type Call, usePages } from "~/aws/useCall";
import { type Profile, useProfilesByUser } from "~/people/owners";

export interface Person {
  name: string;
  arn: string;
  created: Date | undefined;
  groups: string[];
  policies: string[];
  profiles: Profile[] | undefined;
}

export interface People {
  people: Call<Person[]>;
  /** Why nobody knows whose profiles are whose. */
  profilesProblem: Problem | undefined;
}

export function usePeople(): People {
  const users = usePages(
    iam,
    GetAccountAuthorizationDetailsCommand,
    { MaxItems: 1000, Filter: ["User"] },
    "UserDetailList",
    { token: "Marker" },
  );
  const by = useProfilesByUser();
  const people = useMemo(() => {
    const { data, ...rest } = users;
    const found = data?.map((user) => personOf(user, by.data?.get(user.UserName ?? "")));
    const known = by.data ? found?.map((one) => ({ ...one, profiles: one.profiles ?? [] })) : found;
    return { ...rest, data: known };
  }, [users, by.data]);
  return { people, profilesProblem: by.problem };
}

function personOf(user: UserDetail, profiles: Profile[] | undefined): Person {
  return {
    name: user.UserName ?? "",
    arn: user.Arn ?? "",
    created: user.CreateDate,
    groups: user.GroupList ?? [],
    policies: [
      ...(user.AttachedManagedPolicies ?? []).map((one) => one.PolicyName ?? ""),
      ...(user.UserPolicyList ?? []).map((one) => one.PolicyName ?? ""),
    ],
    profiles,
  };
}
