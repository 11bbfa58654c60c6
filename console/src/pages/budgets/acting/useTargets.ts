// Whom an action can bind: the account's roles, users and groups, and which roles work for a domain.
import { ListGroupsCommand, ListRolesCommand, ListUsersCommand } from "@aws-sdk/client-iam";
import {
  DescribeDomainCommand,
  DescribeUserProfileCommand,
  ListUserProfilesCommand,
} from "@aws-sdk/client-sagemaker";
import { iam } from "~/aws/services/iam";
import { sagemaker } from "~/aws/services/sagemaker";
import { type Call, pages, useGathered } from "~/aws/useCall";
import { nameOf } from "~/format/arn";

const PROFILES_MAX = 100; // one page; of more people, roles of their own are chosen by hand

export interface Targets {
  roles: string[];
  users: string[];
  groups: string[];
}

export function useTargets(): Call<Targets> {
  return useGathered("iam budget targets", async (signal) => {
    const paging = { token: "Marker", signal };
    const [roles, users, groups] = await Promise.all([
      pages(iam, ListRolesCommand, { MaxItems: 1000 }, "Roles", paging),
      pages(iam, ListUsersCommand, { MaxItems: 1000 }, "Users", paging),
      pages(iam, ListGroupsCommand, { MaxItems: 1000 }, "Groups", paging),
    ]);
    return {
      roles: roles
        .filter(({ Path = "/" }) => !Path.startsWith("/aws-service-role/"))
        .map(({ RoleName = "" }) => RoleName),
      users: users.map(({ UserName = "" }) => UserName),
      groups: groups.map(({ GroupName = "" }) => GroupName),
    };
  });
}

/** The execution roles of domains: of their people, of their shared spaces, of single profiles. */
export function useDomainRoles(arns: string[]): Call<string[]> {
  const ids = arns.map(nameOf);
  return useGathered(`sagemaker budget roles ${ids.join(" ")}`, async (signal) => {
    const found = await Promise.all(ids.map((DomainId) => rolesOf(DomainId, signal)));
    return [...new Set(found.flat())].sort();
  });
}

async function rolesOf(DomainId: string, signal: AbortSignal): Promise<string[]> {
  const domain = await sagemaker.send(DescribeDomainCommand, { DomainId }, signal);
  const listed = await sagemaker.send(
    ListUserProfilesCommand,
    { DomainIdEquals: DomainId, MaxResults: PROFILES_MAX },
    signal,
  );
  const people = listed.UserProfiles ?? [];
  const profiles = await Promise.all(
    people.map(({ UserProfileName }) =>
      sagemaker.send(DescribeUserProfileCommand, { DomainId, UserProfileName }, signal),
    ),
  );
  return [
    domain.DefaultUserSettings?.ExecutionRole,
    domain.DefaultSpaceSettings?.ExecutionRole,
    ...profiles.map(({ UserSettings }) => UserSettings?.ExecutionRole),
  ]
    .filter((arn) => arn !== undefined)
    .map(nameOf);
}
