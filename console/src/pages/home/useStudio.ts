// What a person can work in: their own notebook and the spaces that they may use, each with the app
// that runs in it and the instance that it runs on, or would.
import {
  type AppDetails,
  DescribeAppCommand,
  DescribeDomainCommand,
  type DescribeDomainResponse,
  DescribeSpaceCommand,
  DescribeUserProfileCommand,
  type DescribeUserProfileResponse,
  ListAppsCommand,
  ListSpacesCommand,
  type SpaceDetails,
} from "@aws-sdk/client-sagemaker";
import { SOON_MS } from "~/aws/polling";
import { sagemaker } from "~/aws/services/sagemaker";
import { type Call, pages, useGathered } from "~/aws/useCall";
import { isPassing } from "~/parts/Status";
import { type Hidden, hiddenOf } from "~/studio/portal/portal";
import type { Me } from "./mine";

export interface Place {
  /** "" for the person's own notebook. */
  spaceName: string;
  title: string;
  kind: "Own notebook" | "Private space" | "Shared space";
  app: AppDetails | undefined;
  instance: string;
}

export interface Studio {
  domain: DescribeDomainResponse | undefined;
  profile: DescribeUserProfileResponse;
  places: Place[];
  /** Apps and tools that they are not to be offered. */
  hidden: Hidden;
}

const INSTANCE_DEFAULT = "ml.t3.medium"; // as CreateApp takes where nobody says
const WATCH_MS = 30_000;
const SPACES_DESCRIBED_MAX = 50;

/** `isExpecting`: another tab starts something just now. */
export function useStudio(me: Me, isExpecting: boolean): Call<Studio> {
  return useGathered(
    `sagemaker studio ${me.domainId}/${me.userProfileName}`,
    (signal) => gather(me, signal),
    { every: (studio) => rhythm(studio, isExpecting) },
  );
}

function rhythm({ places }: Studio, isExpecting: boolean): number | null {
  if (isExpecting && places.every(({ app }) => !app)) return SOON_MS;
  if (places.some(({ app }) => isPassing(app?.Status))) return SOON_MS;
  return places.some(({ app }) => app) ? WATCH_MS : null;
}

async function gather(me: Me, signal: AbortSignal): Promise<Studio> {
  const { domainId: DomainId, userProfileName: UserProfileName } = me;
  const inDomain = { DomainIdEquals: DomainId, MaxResults: 100 };
  const [profile, domain, spaces, apps] = await Promise.all([
    sagemaker.send(DescribeUserProfileCommand, { DomainId, UserProfileName }, signal),
    // Its defaults are nice to have: who may not see the domain works in it all the same.
    sagemaker.send(DescribeDomainCommand, { DomainId }, signal).catch(() => undefined),
    pages(sagemaker, ListSpacesCommand, inDomain, "Spaces", { signal }),
    pages(sagemaker, ListAppsCommand, inDomain, "Apps", { signal }),
  ]);
  const live = apps.filter((app) => app.Status === "InService" || isPassing(app.Status));
  const own = ownPlace(me, domain, profile, live);
  const mine = spaces.filter((space) => isMine(space, UserProfileName));
  const places = await Promise.all(
    mine.map((space, at) =>
      placeOf(space, live, at < SPACES_DESCRIBED_MAX ? signal : null, domain, own.instance),
    ),
  );
  const all = [own, ...places];
  return {
    domain,
    profile,
    places: await Promise.all(all.map((one) => truly(me, one, signal))),
    hidden: hiddenOf(domain, profile),
  };
}

/** Shared spaces are everybody's of the domain; private ones their owner's alone. */
function isMine(space: SpaceDetails, userProfileName: string): boolean {
  const owner = space.OwnershipSettingsSummary?.OwnerUserProfileName;
  const isPrivate = space.SpaceSharingSettingsSummary?.SharingType === "Private";
  return !isPrivate || owner === userProfileName;
}

function ownPlace(
  me: Me,
  domain: DescribeDomainResponse | undefined,
  profile: DescribeUserProfileResponse,
  live: AppDetails[],
): Place {
  const spec = (of: DescribeUserProfileResponse["UserSettings"]) =>
    of?.JupyterLabAppSettings?.DefaultResourceSpec?.InstanceType;
  return {
    spaceName: "",
    title: me.userProfileName,
    kind: "Own notebook",
    app: live.find((app) => !app.SpaceName && app.UserProfileName === me.userProfileName),
    instance: spec(profile.UserSettings) ?? spec(domain?.DefaultUserSettings) ?? INSTANCE_DEFAULT,
  };
}

async function placeOf(
  space: SpaceDetails,
  live: AppDetails[],
  signal: AbortSignal | null,
  domain: DescribeDomainResponse | undefined,
  ownInstance: string,
): Promise<Place> {
  const { DomainId, SpaceName = "" } = space;
  const isPrivate = space.SpaceSharingSettingsSummary?.SharingType === "Private";
  const told =
    signal &&
    (await sagemaker
      .send(DescribeSpaceCommand, { DomainId, SpaceName }, signal)
      .catch(() => undefined));
  const own = told?.SpaceSettings?.JupyterLabAppSettings?.DefaultResourceSpec?.InstanceType;
  const usual =
    domain?.DefaultSpaceSettings?.JupyterLabAppSettings?.DefaultResourceSpec?.InstanceType;
  return {
    spaceName: SpaceName,
    title: space.SpaceDisplayName ?? SpaceName,
    kind: isPrivate ? "Private space" : "Shared space",
    app: live.find((app) => app.SpaceName === SpaceName),
    instance: own ?? (isPrivate ? ownInstance : (usual ?? INSTANCE_DEFAULT)),
  };
}

/** What runs tells its own instance: it may have been started on another. */
async function truly(me: Me, place: Place, signal: AbortSignal): Promise<Place> {
  if (!place.app) return place;
  const { AppType, AppName } = place.app;
  const owner = place.spaceName
    ? { SpaceName: place.spaceName }
    : { UserProfileName: me.userProfileName };
  const app = await sagemaker
    .send(DescribeAppCommand, { DomainId: me.domainId, AppType, AppName, ...owner }, signal)
    .catch(() => undefined);
  return { ...place, instance: app?.ResourceSpec?.InstanceType ?? place.instance };
}
