// What the add-user wizard asks for, what is wrong with it, and the request that it becomes.
import type { CreateUserProfileRequest, UserSettings } from "@aws-sdk/client-sagemaker";
import { nameTrouble } from "~/format/names";
import { minutesTrouble } from "~/pages/domain/settings/defaults";
import { userNameOf, userNameTrouble, WISH, type Wish } from "~/people/making/wish";
import { USER_TAG } from "~/people/owners";

export interface Draft {
  name: string;
  role: string;
  tags: Array<{ key: string; value: string }>;
  signIn: Wish;
  instance: string;
  /** "": as the domain says. */
  idle: "" | "ENABLED" | "DISABLED";
  minutes: string;
  size: string;
  max: string;
}

export const EMPTY: Draft = {
  name: "",
  role: "",
  tags: [],
  signIn: WISH,
  instance: "",
  idle: "",
  minutes: "60",
  size: "",
  max: "",
};

export type Troubles = Partial<Record<keyof Draft, string>>;

const ROLE = /^arn:aws[a-z-]*:iam::\d{12}:role\/\S+$/;

function general({ name, role, tags }: Draft): Troubles {
  const keys = tags.map(({ key }) => key);
  return kept({
    name: nameTrouble(name),
    role: !role || ROLE.test(role) ? "" : "An ARN of a role: arn:aws:iam::ACCOUNT:role/NAME",
    tags:
      keys.some((key) => !key) || new Set(keys).size < keys.length ? "Each tag needs a key." : "",
  });
}

const signIn = ({ signIn: wish, name }: Draft): Troubles =>
  kept({ signIn: userNameTrouble(wish, name) });

function settings({ idle, minutes, size, max }: Draft): Troubles {
  const sizes = [size, max].filter(Boolean);
  const areNumbers = sizes.every((one) => /^[1-9]\d*$/.test(one));
  return kept({
    minutes: idle === "ENABLED" ? minutesTrouble(minutes) : "",
    size: areNumbers ? "" : "Whole gigabytes.",
    max: areNumbers && sizes.length === 1 ? "Give both sizes, or none." : order(size, max),
  });
}

const order = (size: string, max: string): string =>
  Number(max) < Number(size) ? "It must not be below the size of a space." : "";

const kept = (found: Troubles): Troubles =>
  Object.fromEntries(Object.entries(found).filter(([, words]) => words));

/** Of each step, in order; the review has none of its own. */
export const CHECKS: Array<(draft: Draft) => Troubles> = [general, signIn, settings, () => ({})];

export function requestOf(domainId: string, draft: Draft): CreateUserProfileRequest {
  const user = userNameOf(draft.signIn, draft.name);
  const own = draft.tags.filter(({ key }) => !user || key !== USER_TAG);
  const tags = own.map(({ key, value }) => ({ Key: key, Value: value }));
  if (user) tags.push({ Key: USER_TAG, Value: user });
  const settings = settingsOf(draft);
  return {
    DomainId: domainId,
    UserProfileName: draft.name,
    ...(tags.length ? { Tags: tags } : {}),
    ...(Object.keys(settings).length ? { UserSettings: settings } : {}),
  };
}

function settingsOf({ role, instance, idle, minutes, size, max }: Draft): UserSettings {
  const lab = {
    ...(instance ? { DefaultResourceSpec: { InstanceType: instance } } : {}),
    ...(idle ? { AppLifecycleManagement: { IdleSettings: idleOf(idle, minutes) } } : {}),
  };
  return {
    ...(role ? { ExecutionRole: role } : {}),
    ...(Object.keys(lab).length ? { JupyterLabAppSettings: lab } : {}),
    ...(size
      ? {
          SpaceStorageSettings: {
            DefaultEbsStorageSettings: {
              DefaultEbsVolumeSizeInGb: Number(size),
              MaximumEbsVolumeSizeInGb: Number(max),
            },
          },
        }
      : {}),
  } as UserSettings;
}

function idleOf(mode: string, minutes: string) {
  const isOn = mode === "ENABLED";
  return { LifecycleManagement: mode, ...(isOn ? { IdleTimeoutInMinutes: Number(minutes) } : {}) };
}
