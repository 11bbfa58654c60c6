// Whose things are, by the automatic tags: domain and creator of every resource of some types.
import {
  GetResourcesCommand,
  type ResourceTagMapping,
} from "@aws-sdk/client-resource-groups-tagging-api";
import { useMemo } from "react";
import type { Problem } from "~/aws/problem";
import { tagging } from "~/aws/services/tagging";
import { usePages } from "~/aws/useCall";
import { DOMAIN_TAG, PROFILE_TAG, SPACE_TAG, tagOf } from "~/studio/OwnerLink";

export interface Tagging {
  domainArn: string | undefined;
  creatorArn: string | undefined;
}

export interface Tagged {
  of: (arn: string) => Tagging;
  isReady: boolean;
  problem: Problem | undefined;
}

const NOBODY: Tagging = { domainArn: undefined, creatorArn: undefined };

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
    const owners = new Map((data ?? []).map((one) => [one.ResourceARN ?? "", taggingOf(one)]));
    return { of: (arn) => owners.get(arn) ?? NOBODY, isReady: at > 0, problem };
  }, [data, problem, at]);
}

function taggingOf({ Tags }: ResourceTagMapping): Tagging {
  const of = (key: string) => tagOf(Tags, key) || undefined;
  return { domainArn: of(DOMAIN_TAG), creatorArn: of(PROFILE_TAG) ?? of(SPACE_TAG) };
}
