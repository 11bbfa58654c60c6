// Whose things are, by the automatic tags: domain and creator of every resource of some types.
import {
  GetResourcesCommand,
  type ResourceTagMapping,
} from "@aws-sdk/client-resource-groups-tagging-api";
import { useMemo } from "react";
import type { Problem } from "~/aws/problem";
import { tagging } from "~/aws/services/tagging";
import { usePages } from "~/aws/useCall";
import { nameOf } from "~/format/arn";

export const DOMAIN_TAG = "sagemaker:domain-arn";
export const PROFILE_TAG = "sagemaker:user-profile-arn";
export const SPACE_TAG = "sagemaker:space-arn";

export interface Owner {
  domainArn: string | undefined;
  creatorArn: string | undefined;
}

export interface Tagged {
  of: (arn: string) => Owner;
  isReady: boolean;
  problem: Problem | undefined;
}

const NOBODY: Owner = { domainArn: undefined, creatorArn: undefined };

export function useTags(types: string[]): Tagged {
  const found = usePages(
    tagging,
    GetResourcesCommand,
    { ResourceTypeFilters: types, ResourcesPerPage: 100 },
    "ResourceTagMappingList",
    { token: "PaginationToken" },
  );
  const { data, problem, at } = found;
  return useMemo(() => {
    const owners = new Map((data ?? []).map((one) => [one.ResourceARN ?? "", ownerOf(one)]));
    return { of: (arn) => owners.get(arn) ?? NOBODY, isReady: at > 0, problem };
  }, [data, problem, at]);
}

function ownerOf({ Tags = [] }: ResourceTagMapping): Owner {
  const of = (key: string) => Tags.find((tag) => tag.Key === key)?.Value || undefined;
  return { domainArn: of(DOMAIN_TAG), creatorArn: of(PROFILE_TAG) ?? of(SPACE_TAG) };
}

/** "ana", "team (space)". */
export function creatorOf(arn: string | undefined): string {
  if (!arn) return "";
  return arn.includes(":space/") ? `${nameOf(arn)} (space)` : nameOf(arn);
}
