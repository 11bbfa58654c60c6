// Which user profile is whose. Told, never guessed: by the session's origin, by a tag, or by the
// profile's name. See docs/operate/console.md, "Your own page".
import { GetResourcesCommand } from "@aws-sdk/client-resource-groups-tagging-api";
import {
  DescribeSpaceCommand,
  ListTagsCommand,
  ListUserProfilesCommand,
} from "@aws-sdk/client-sagemaker";
import { type Problem, problemOf } from "~/aws/problem";
import { sagemaker } from "~/aws/services/sagemaker";
import { tagging } from "~/aws/services/tagging";
import { type Call, pages, useGathered } from "~/aws/useCall";
import { nameOf } from "~/format/arn";
import { USER_TAG } from "~/people/owners";
import type { Identity } from "~/session/exchange";
import { useIdentity } from "~/session/useSession";

export interface Me {
  domainId: string;
  userProfileName: string;
}

export interface Mine {
  profiles: Me[];
  /** The IAM user that was looked for; "" for root and roles, which have no profile of their own. */
  user: string;
  /** Why one of the ways could not be gone. */
  problems: Problem[];
}

export function useMine(): Call<Mine> {
  const identity = useIdentity();
  const key = `sagemaker mine ${identity.arn} ${identity.origin}`;
  return useGathered(key, (signal) => look(identity, signal));
}

async function look(identity: Identity, signal: AbortSignal): Promise<Mine> {
  const { arn, origin } = identity;
  if (origin) return ofOrigin(origin, signal);
  const user = arn.includes(":user/") ? nameOf(arn) : "";
  if (!user) return { profiles: [], user, problems: [] };
  const problems: Problem[] = [];
  const tried = async (way: Promise<Me[]>): Promise<Me[]> => {
    try {
      return await way;
    } catch (error) {
      signal.throwIfAborted();
      const problem = problemOf(error);
      if (problem.kind === "network") throw error; // no answer says nothing about whose it is
      problems.push(problem);
      return [];
    }
  };
  const found = await Promise.all([
    tried(byTag(user, signal)),
    tried(byName(identity, user, signal)),
  ]);
  return { profiles: distinct(found.flat()), user, problems };
}

/** Keys of a profile or a space: whose they are is sealed in them by the server. */
async function ofOrigin(origin: string, signal: AbortSignal): Promise<Mine> {
  const [domainId = "", name = ""] = origin.split("/").slice(-2);
  if (origin.includes(":user-profile/")) {
    return { profiles: [{ domainId, userProfileName: name }], user: "", problems: [] };
  }
  const space = await sagemaker.send(
    DescribeSpaceCommand,
    { DomainId: domainId, SpaceName: name },
    signal,
  );
  const owner = space.OwnershipSettings?.OwnerUserProfileName;
  const isPrivate = space.SpaceSharingSettings?.SharingType === "Private";
  const profiles = owner && isPrivate ? [{ domainId, userProfileName: owner }] : [];
  return { profiles, user: "", problems: [] };
}

async function byTag(user: string, signal: AbortSignal): Promise<Me[]> {
  const found = await pages(
    tagging,
    GetResourcesCommand,
    {
      ResourceTypeFilters: ["sagemaker:user-profile"],
      TagFilters: [{ Key: USER_TAG, Values: [user] }],
    },
    "ResourceTagMappingList",
    { token: "PaginationToken", signal },
  );
  return found.map(({ ResourceARN = "" }) => {
    const [domainId = "", userProfileName = ""] = ResourceARN.split("/").slice(-2);
    return { domainId, userProfileName };
  });
}

/** Of that very name, unless its tag says that it is somebody else's, or may not be read. */
async function byName(
  { region, accountId }: Identity,
  user: string,
  signal: AbortSignal,
): Promise<Me[]> {
  const found = await pages(
    sagemaker,
    ListUserProfilesCommand,
    { UserProfileNameContains: user, MaxResults: 100 },
    "UserProfiles",
    { signal },
  );
  const named = found.filter((one) => one.UserProfileName === user);
  const checked = await Promise.all(
    named.map(async ({ DomainId: domainId = "" }) => {
      const ResourceArn = `arn:aws:sagemaker:${region}:${accountId}:user-profile/${domainId}/${user}`;
      const tags = await pages(sagemaker, ListTagsCommand, { ResourceArn }, "Tags", { signal });
      const said = tags.find((tag) => tag.Key === USER_TAG)?.Value;
      return said === undefined || said === user ? [{ domainId, userProfileName: user }] : [];
    }),
  );
  return checked.flat();
}

function distinct(all: Me[]): Me[] {
  return [...new Map(all.map((me) => [`${me.domainId}/${me.userProfileName}`, me])).values()];
}
