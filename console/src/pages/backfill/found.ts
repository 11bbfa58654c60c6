// What carries no domain's tag. Neither AWS nor we can ask for "tag absent": all tags are read by
// GetResources, all things by their lists, and the difference is what is left over.
import { GetResourcesCommand } from "@aws-sdk/client-resource-groups-tagging-api";
import { problemOf } from "~/aws/problem";
import { tagging } from "~/aws/services/tagging";
import { pages } from "~/aws/useCall";
import { type Listed, SOURCES } from "./sources";

export const DOMAIN_TAG = "sagemaker:domain-arn";
export const PROFILE_TAG = "sagemaker:user-profile-arn";
export const SPACE_TAG = "sagemaker:space-arn";

export interface Untagged {
  arn: string;
  /** `training-job`, `bucket`, `role`. */
  type: string;
  name: string;
  created: Date | undefined;
  tags: Record<string, string>;
}

export interface Found {
  resources: Untagged[];
  /** How many carry the tag already. */
  tagged: number;
  /** What could not be looked at, and why. */
  unseen: string[];
}

// A domain is what the tag says, and what lives in one says so by its ARN; networks serve several.
const NOT_MEANT = /:(domain|user-profile|space|app|analyzer)\/|^arn:[^:]*:(ec2|budgets):/;
const AT_ONCE = 4;

export async function gather(signal: AbortSignal, tell: (step: string) => void): Promise<Found> {
  tell("Reading all tags");
  const tags = new Map<string, Record<string, string>>();
  const mapped = await pages(
    tagging,
    GetResourcesCommand,
    { ResourcesPerPage: 100 },
    "ResourceTagMappingList",
    { token: "PaginationToken", signal },
  );
  for (const one of mapped) {
    const pairs = (one.Tags ?? []).map((tag) => [tag.Key ?? "", tag.Value ?? ""]);
    tags.set(one.ResourceARN ?? "", Object.fromEntries(pairs));
  }
  const all = new Map<string, Listed>();
  for (const arn of tags.keys()) all.set(arn, { arn, created: undefined });
  const unseen = await listAll(signal, tell, (one) => all.set(one.arn, one));
  const meant = [...all.values()].filter(({ arn }) => arn && !NOT_MEANT.test(arn));
  const resources = meant.filter(({ arn }) => !tags.get(arn)?.[DOMAIN_TAG]);
  return {
    resources: resources.map((one) => shown(one, tags.get(one.arn) ?? {})),
    tagged: meant.length - resources.length,
    unseen,
  };
}

/** A few lists at a time; one that is refused costs its own kind only. */
async function listAll(
  signal: AbortSignal,
  tell: (step: string) => void,
  add: (one: Listed) => void,
): Promise<string[]> {
  const unseen: string[] = [];
  const waiting = [...SOURCES];
  let done = 0;
  async function work(): Promise<void> {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      tell(`Looking at ${next.what} (${done + 1} of ${SOURCES.length})`);
      try {
        for (const one of await next.list(signal)) add(one);
      } catch (error) {
        const problem = problemOf(error);
        if (signal.aborted || problem.kind === "network") throw error;
        unseen.push(`${next.what}: ${problem.message}`);
      }
      done += 1;
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return unseen;
}

function shown({ arn, created }: Listed, tags: Record<string, string>): Untagged {
  const parts = arn.split(":");
  const tail = parts.slice(5).join(":");
  const [first = "", ...rest] = tail.split("/");
  const type = rest.length ? first : parts[2] === "s3" ? "bucket" : (parts[2] ?? "");
  return { arn, type, name: rest.length ? rest.join("/") : tail, created, tags };
}
