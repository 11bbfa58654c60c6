// Which settings govern a person's or a space's apps, and who said so: the same rule as the server's
// (kernel/studio/settings.py): structures laid over each other, the narrower one on top.
import type {
  DefaultSpaceSettings,
  DescribeDomainResponse,
  DescribeSpaceResponse,
  DescribeUserProfileResponse,
  UserSettings,
} from "@aws-sdk/client-sagemaker";

export type Settings = UserSettings & Partial<DefaultSpaceSettings>;

export interface Layer {
  /** "the user profile ana", "the domain's default user settings". */
  whose: string;
  settings: Settings;
}

export interface Told<T> {
  value: T;
  /** Who said so; "" where nobody did. */
  from: string;
}

/** From the narrowest to the widest. */
export function layersOfUser(
  domain: DescribeDomainResponse,
  user: DescribeUserProfileResponse | undefined,
): Layer[] {
  const layers = [{ whose: "the domain's default user settings", settings: usersOf(domain) }];
  const own = user?.UserSettings as Settings | undefined;
  if (own) layers.unshift({ whose: `the user profile ${user?.UserProfileName}`, settings: own });
  return layers;
}

export function layersOfSpace(
  domain: DescribeDomainResponse,
  space: DescribeSpaceResponse,
  owner: DescribeUserProfileResponse | undefined,
): Layer[] {
  const own = {
    whose: `the space ${space.SpaceName}`,
    settings: (space.SpaceSettings ?? {}) as Settings,
  };
  if (space.SpaceSharingSettings?.SharingType === "Private") {
    return [own, ...layersOfUser(domain, owner)];
  }
  const settings = (domain.DefaultSpaceSettings ?? {}) as Settings;
  return [own, { whose: "the domain's default space settings", settings }];
}

/** What `read` finds in the narrowest layer that says anything. */
export function told<T>(
  layers: Layer[],
  read: (of: Settings) => T | undefined,
): Told<T | undefined> {
  for (const { whose, settings } of layers) {
    const value = read(settings);
    if (value !== undefined && value !== null && value !== "") return { value, from: whose };
  }
  return { value: undefined, from: "" };
}

export const roleOf = (layers: Layer[]) => told(layers, (of) => of.ExecutionRole);

export const instanceOf = (layers: Layer[]) =>
  told(layers, (of) => of.JupyterLabAppSettings?.DefaultResourceSpec?.InstanceType);

/** Types of apps that are not to be offered; shared spaces hide nothing by themselves. */
export const hiddenAppsOf = (layers: Layer[]) =>
  told(layers, (of) => of.StudioWebPortalSettings?.HiddenAppTypes);

/** Minutes without use after which apps are shut down; undefined: they run until stopped. */
export function idleOf(layers: Layer[]): Told<number | undefined> {
  const idle = (of: Settings) => of.JupyterLabAppSettings?.AppLifecycleManagement?.IdleSettings;
  const mode = told(layers, (of) => idle(of)?.LifecycleManagement);
  if (mode.value !== "ENABLED") return { value: undefined, from: mode.from };
  const own = told(layers, (of) => idle(of)?.IdleTimeoutInMinutes);
  return own.value === undefined ? { value: 60, from: mode.from } : own;
}

/** Security groups are added together, not replaced. */
export function groupsOf(layers: Layer[]): string[] {
  return [...new Set(layers.flatMap(({ settings }) => settings.SecurityGroups ?? []))];
}

function usersOf(domain: DescribeDomainResponse): Settings {
  return (domain.DefaultUserSettings ?? {}) as Settings;
}
