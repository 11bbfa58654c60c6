// Which user profile is whose: said by a tag, else by an equal name. The rule for one person is in
// pages/home/mine.ts; this one asks it for all. See docs/operate/console.md, "Your own page".
import { ListUsersCommand } from "@aws-sdk/client-iam";
import { GetResourcesCommand } from "@aws-sdk/client-resource-groups-tagging-api";
import { ListUserProfilesCommand } from "@aws-sdk/client-sagemaker";
import { iam } from "~/aws/services/iam";
import { sagemaker } from "~/aws/services/sagemaker";
import { tagging } from "~/aws/services/tagging";
import { type Call, pages, useGathered } from "~/aws/useCall";

/** On a user profile: the name of the IAM user whose it is. Wins over an equal name. */
export const USER_TAG = "freehold:user";

export interface Profile {
  domainId: string;
  name: string;
}

/** Profiles by the name of the IAM user whose they are, or would be. */
export type ByUser = Map<string, Profile[]>;

export function useProfilesByUser(): Call<ByUser> {
  return useGathered("sagemaker profiles by user", gather);
}

/** The IAM user who signs in as a profile, by `DOMAIN_ID/PROFILE`; none where there is no such user. */
export function useUserByProfile(): Call<Map<string, string>> {
  return useGathered("iam sagemaker users by profile", async (signal) => {
    const paging = { token: "Marker", signal };
    const [byUser, users] = await Promise.all([
      gather(signal),
      pages(iam, ListUsersCommand, { MaxItems: 1000 }, "Users", paging),
    ]);
    const found = new Map<string, string>();
    for (const { UserName = "" } of users) {
      for (const { domainId, name } of byUser.get(UserName) ?? []) {
        found.set(`${domainId}/${name}`, UserName);
      }
    }
    return found;
  });
}

async function gather(signal: AbortSignal): Promise<ByUser> {
  const [profiles, tagged] = await Promise.all([
    pages(sagemaker, ListUserProfilesCommand, { MaxResults: 100 }, "UserProfiles", { signal }),
    pages(
      tagging,
      GetResourcesCommand,
      {
        ResourceTypeFilters: ["sagemaker:user-profile"],
        TagFilters: [{ Key: USER_TAG }],
        ResourcesPerPage: 100,
      },
      "ResourceTagMappingList",
      { token: "PaginationToken", signal },
    ),
  ]);
  const said = new Map(
    tagged.map(({ ResourceARN = "", Tags }) => [
      ResourceARN.split("/").slice(-2).join("/"),
      Tags?.find((tag) => tag.Key === USER_TAG)?.Value ?? "",
    ]),
  );
  const found: ByUser = new Map();
  for (const { DomainId: domainId = "", UserProfileName: name = "" } of profiles) {
    const user = said.get(`${domainId}/${name}`) ?? name;
    found.set(user, [...(found.get(user) ?? []), { domainId, name }]);
  }
  return found;
}
