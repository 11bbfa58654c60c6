// The apps of one person or one space, with what only DescribeApp tells: instance, last use.
import {
  type AppDetails,
  DescribeAppCommand,
  type DescribeAppResponse,
  ListAppsCommand,
} from "@aws-sdk/client-sagemaker";
import { problemOf } from "~/aws/problem";
import { sagemaker } from "~/aws/services/sagemaker";
import { type Call, pages, useGathered } from "~/aws/useCall";
import { isPassing } from "~/parts/Status";
import type { Owner } from "./OwnerLink";

const ENDED = new Set(["Deleted", "Failed"]);
const LOOK_MS = 2000;
const WATCH_MS = 30_000; // last use of a running app is written once a minute

/** Those that run, and the last that ended, so that a failure does not vanish. */
export function useApps(owner: Owner, isExpecting: boolean): Call<DescribeAppResponse[]> {
  return useGathered(
    `sagemaker apps of ${owner.kind} ${owner.domainId}/${owner.name}`,
    (signal) => gather(owner, signal),
    { every: (apps) => rhythm(apps, isExpecting) },
  );
}

/** `isExpecting`: another tab starts one just now. */
function rhythm(apps: DescribeAppResponse[], isExpecting: boolean): number | null {
  if (apps.some((app) => isPassing(app.Status))) return LOOK_MS;
  if (isExpecting && apps.every(hasEnded)) return LOOK_MS;
  return apps.some(isRunning) ? WATCH_MS : null;
}

export const isRunning = (app: DescribeAppResponse): boolean => app.Status === "InService";
export const hasEnded = (app: { Status?: string | undefined }): boolean =>
  ENDED.has(app.Status ?? "");

async function gather(owner: Owner, signal: AbortSignal): Promise<DescribeAppResponse[]> {
  const whose =
    owner.kind === "space"
      ? { SpaceNameEquals: owner.name }
      : { UserProfileNameEquals: owner.name };
  const input = { DomainIdEquals: owner.domainId, MaxResults: 100, ...whose };
  const all = await pages(sagemaker, ListAppsCommand, input, "Apps", { signal });
  const newest = all.toSorted((a, b) => timeOf(b) - timeOf(a));
  const shown = newest.filter((app, at) => !hasEnded(app) || at === 0);
  return Promise.all(shown.map((app) => describe(owner, app, signal)));
}

const timeOf = (app: AppDetails): number => app.CreationTime?.getTime() ?? 0;

async function describe(
  owner: Owner,
  app: AppDetails,
  signal: AbortSignal,
): Promise<DescribeAppResponse> {
  const whose =
    owner.kind === "space" ? { SpaceName: owner.name } : { UserProfileName: owner.name };
  const named = {
    DomainId: owner.domainId,
    AppType: app.AppType,
    AppName: app.AppName,
    ...whose,
  };
  try {
    return await sagemaker.send(DescribeAppCommand, named, signal);
  } catch (error) {
    if (problemOf(error).kind !== "missing") throw error;
    return app as DescribeAppResponse; // ended since it was listed
  }
}
