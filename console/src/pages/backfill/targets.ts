// Where a resource may go: a domain, and a profile or space of it; and the tags that say so.
import {
  DescribeDomainCommand,
  type DomainDetails,
  ListDomainsCommand,
  ListSpacesCommand,
  ListUserProfilesCommand,
  type SpaceDetails,
  type UserProfileDetails,
} from "@aws-sdk/client-sagemaker";
import { sagemaker } from "~/aws/services/sagemaker";
import { pages } from "~/aws/useCall";
import { DOMAIN_TAG, PROFILE_TAG, SPACE_TAG, type Untagged } from "./found";

export interface Target {
  domainArn: string;
  domainName: string;
  /** The tag's key, and the profile's or space's ARN; absent where only the domain is known. */
  member?: { key: typeof PROFILE_TAG | typeof SPACE_TAG; arn: string; name: string };
  /** Why it is suggested, or "chosen by you". */
  reason: string;
}

/** What there is to choose from, with what suggestions need to know. */
export interface Places {
  domains: DomainDetails[];
  profiles: UserProfileDetails[];
  spaces: SpaceDetails[];
  /** Execution role to the ids of the domains that use it by default. */
  roles: Map<string, Set<string>>;
}

const DESCRIBED_MAX = 200; // domains whose roles are looked up
const PAGE = { MaxResults: 100 };

export async function places(signal: AbortSignal): Promise<Places> {
  const [domains, profiles, spaces] = await Promise.all([
    pages(sagemaker, ListDomainsCommand, PAGE, "Domains", { signal }),
    pages(sagemaker, ListUserProfilesCommand, PAGE, "UserProfiles", { signal }),
    pages(sagemaker, ListSpacesCommand, PAGE, "Spaces", { signal }),
  ]);
  const roles = new Map<string, Set<string>>();
  for (const { DomainId = "" } of domains.slice(0, DESCRIBED_MAX)) {
    const told = await sagemaker.send(DescribeDomainCommand, { DomainId }, signal);
    const used = [
      told.DefaultUserSettings?.ExecutionRole,
      told.DefaultSpaceSettings?.ExecutionRole,
    ];
    for (const role of used) {
      if (role) roles.set(role, (roles.get(role) ?? new Set()).add(DomainId));
    }
  }
  return { domains, profiles, spaces, roles };
}

/** `arn:...:user-profile/d-1/ana` or `space/d-1/team` to its parts. */
export function memberOf(arn: string): { domainId: string; member: Target["member"] } | null {
  const found = /:(user-profile|space)\/([^/]+)\/(.+)$/.exec(arn);
  if (!found) return null;
  const [, kind, domainId = "", name = ""] = found;
  const key = kind === "space" ? SPACE_TAG : PROFILE_TAG;
  return { domainId, member: { key, arn, name } };
}

export function targetOf(
  { domains }: Places,
  domainId: string,
  reason: string,
  member?: Target["member"],
): Target | undefined {
  const domain = domains.find((one) => one.DomainId === domainId);
  if (!domain) return undefined;
  const { DomainArn: domainArn = "", DomainName: domainName = "" } = domain;
  return { domainArn, domainName, reason, ...(member ? { member } : {}) };
}

/** The tags to be set: nothing that is there is ever overwritten, so that undoing is exact. */
export function tagsOf(resource: Untagged, { domainArn, member }: Target): Record<string, string> {
  const tags: Record<string, string> = { [DOMAIN_TAG]: domainArn };
  if (member && !resource.tags[PROFILE_TAG] && !resource.tags[SPACE_TAG]) {
    tags[member.key] = member.arn;
  }
  return tags;
}

/** "finance" or "finance, profile ana". */
export function words({ domainName, member }: Target): string {
  if (!member) return domainName;
  return `${domainName}, ${member.key === SPACE_TAG ? "space" : "profile"} ${member.name}`;
}
