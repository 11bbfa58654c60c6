// The account's settings: their names and what each does, how they stand, and one call to set one.
import { GetServiceSettingCommand, UpdateServiceSettingCommand } from "@aws-sdk/client-ssm";
import { ssm } from "~/aws/services/ssm";
import { useAction } from "~/aws/useAction";
import { type Call, useGathered } from "~/aws/useCall";

export interface Switch {
  name: string;
  label: string;
  description: string;
}

export const GUARDS: Switch[] = [
  {
    name: "isolation.lists",
    label: "Lists show only what one may see",
    description:
      "Lists, searches, tag queries, costs and activity leave out what the caller may not describe. Off, they name what is in every domain, as on AWS.",
  },
  {
    name: "isolation.tags",
    label: "Nobody moves things between domains",
    description:
      "Only who may backfill (freehold:Backfill) writes the tags that say whose something is. Off, whoever may add tags may move it.",
  },
  {
    name: "isolation.pass-role",
    label: "Roles stay in their domain",
    description:
      "What runs in a domain hands on that domain's roles only. Off, a policy that allows iam:PassRole too widely lends another domain's.",
  },
  {
    name: "isolation.references",
    label: "Nothing is built on what one may not see",
    description:
      "Who names a model, an image or a group in a new thing must be allowed to describe it.",
  },
];

export const IDLE: Switch = {
  name: "idle.by-price",
  label: "Dear instances are shut down sooner",
  description:
    "Where idle shutdown is on: the dearer the instance, the shorter it may stand idle. Cheap ones keep the time that the settings say.",
};

export const QUOTAS = [
  { name: "quota.domains", label: "Domains of the account" },
  { name: "quota.user-profiles", label: "User profiles of each domain" },
  { name: "quota.spaces", label: "Spaces of each domain" },
  { name: "quota.apps", label: "Running apps of each domain" },
];

export const OFF = "off";

export type Settings = Map<string, string>;

export function useSettings(): Call<Settings> {
  const names = [...GUARDS, IDLE, ...QUOTAS].map(({ name }) => name);
  return useGathered("ssm settings", async (signal) => {
    const found = names.map(async (name): Promise<[string, string]> => {
      const told = await ssm.send(GetServiceSettingCommand, { SettingId: idOf(name) }, signal);
      return [name, told.ServiceSetting?.SettingValue ?? OFF];
    });
    return new Map(await Promise.all(found));
  });
}

/** Sets some, one after the other; `done` says it in a bar. */
export function useSet(done: (changes: Array<[string, string]>) => string) {
  return useAction(
    async (changes: Array<[string, string]>) => {
      for (const [name, SettingValue] of changes) {
        await ssm.send(UpdateServiceSettingCommand, { SettingId: idOf(name), SettingValue });
      }
    },
    { done, tells: true },
  );
}

const idOf = (name: string): string => `/freehold/${name}`;
