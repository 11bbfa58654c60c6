// Deleting a domain in its order: apps, spaces, user profiles, the domain. Each turn looks at what is
// there and does the next thing, so it can be left, reloaded or fail half-way and simply go on.
import {
  type AppDetails,
  DeleteDomainCommand,
  DeleteSpaceCommand,
  DeleteUserProfileCommand,
  DescribeDomainCommand,
  ListAppsCommand,
  ListSpacesCommand,
  ListUserProfilesCommand,
  type SpaceDetails,
  type UserProfileDetails,
} from "@aws-sdk/client-sagemaker";
import { problemOf } from "~/aws/problem";
import { sagemaker } from "~/aws/services/sagemaker";
import { pages } from "~/aws/useCall";
import { stopApp } from "~/studio/apps";

export interface Left {
  apps: AppDetails[];
  spaces: SpaceDetails[];
  users: UserProfileDetails[];
  isDomainThere: boolean;
}

export type Retention = "Retain" | "Delete";

const ENDED = new Set(["Deleted", "Failed"]);
const LOOK_MS = 1000;
const TOGETHER = 8; // calls at a time

/** What there is of the domain now. */
export async function look(domainId: string, signal: AbortSignal): Promise<Left> {
  const input = { DomainIdEquals: domainId, MaxResults: 100 };
  const [isDomainThere, apps, spaces, users] = await Promise.all([
    exists(domainId, signal),
    pages(sagemaker, ListAppsCommand, input, "Apps", { signal }),
    pages(sagemaker, ListSpacesCommand, input, "Spaces", { signal }),
    pages(sagemaker, ListUserProfilesCommand, input, "UserProfiles", { signal }),
  ]);
  return {
    apps: apps.filter(({ Status = "" }) => !ENDED.has(Status)),
    spaces,
    users,
    isDomainThere,
  };
}

/** Go on until nothing is left; `tell` hears what is left after each look. */
export async function removeAll(
  domainId: string,
  retention: Retention,
  signal: AbortSignal,
  tell: (left: Left) => void,
): Promise<void> {
  for (;;) {
    const left = await look(domainId, signal);
    tell(left);
    if (!left.isDomainThere) return;
    await next(domainId, retention, left, signal);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    signal.throwIfAborted();
  }
}

async function next(
  DomainId: string,
  retention: Retention,
  { apps, spaces, users }: Left,
  signal: AbortSignal,
): Promise<void> {
  if (apps.length) {
    return each(apps, (app) => (app.Status === "Deleting" ? undefined : stopApp(app, signal)));
  }
  if (spaces.length) {
    return each(spaces, ({ Status, SpaceName }) => {
      if (Status === "Deleting") return;
      return sagemaker.send(DeleteSpaceCommand, { DomainId, SpaceName }, signal);
    });
  }
  if (users.length) {
    return each(users, ({ Status, UserProfileName }) => {
      if (Status === "Deleting") return;
      return sagemaker.send(DeleteUserProfileCommand, { DomainId, UserProfileName }, signal);
    });
  }
  await gone(() =>
    sagemaker.send(
      DeleteDomainCommand,
      { DomainId, RetentionPolicy: { HomeEfsFileSystem: retention } },
      signal,
    ),
  );
}

async function each<T>(items: T[], act: (item: T) => Promise<unknown> | undefined): Promise<void> {
  for (let at = 0; at < items.length; at += TOGETHER) {
    const part = items.slice(at, at + TOGETHER);
    await Promise.all(part.map((item) => gone(async () => act(item))));
  }
}

/** What is gone already was somebody else's doing, or ours before a reload. */
async function gone(act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (problemOf(error).kind !== "missing") throw error;
  }
}

async function exists(DomainId: string, signal: AbortSignal): Promise<boolean> {
  try {
    await sagemaker.send(DescribeDomainCommand, { DomainId }, signal);
    return true;
  } catch (error) {
    if (problemOf(error).kind === "missing") return false;
    throw error;
  }
}
