// The settings that people's apps begin with: instance, idle shutdown, sizes, scripts.
import type { UserSettings } from "@aws-sdk/client-sagemaker";
import type { Field } from "~/dialogs/EditDialog";
import { Copy } from "~/parts/Copy";
import { InstanceField } from "~/studio/InstanceField";
import type { Section } from "./section";

const MINUTES_MIN = 60; // IdleTimeoutInMinutes (API reference, IdleSettings)
const MINUTES_MAX = 525_600;

type Settings = Pick<UserSettings, "JupyterLabAppSettings" | "SpaceStorageSettings">;

const lab = (of: Settings | undefined) => of?.JupyterLabAppSettings;
const idle = (of: Settings | undefined) => lab(of)?.AppLifecycleManagement?.IdleSettings;
const sizes = (of: Settings | undefined) => of?.SpaceStorageSettings?.DefaultEbsStorageSettings;

function defaults(
  title: string,
  note: string,
  member: "DefaultUserSettings" | "DefaultSpaceSettings",
): Section {
  return {
    title,
    note,
    facts: (domain) => factsOf(domain[member]),
    fields: (domain) => fieldsOf(domain[member]),
    request: (values, domain) => ({
      [member]: requestOf(values, lab(domain[member])?.LifecycleConfigArns),
    }),
  };
}

export const DEFAULTS: Section[] = [
  defaults(
    "Defaults of user profiles",
    "For people and their private spaces. What runs keeps what it was started with.",
    "DefaultUserSettings",
  ),
  defaults("Defaults of shared spaces", "For the spaces of the team.", "DefaultSpaceSettings"),
];

function factsOf(of: Settings | undefined) {
  const spec = lab(of)?.DefaultResourceSpec;
  const isIdle = idle(of)?.LifecycleManagement === "ENABLED";
  const bounds = sizes(of);
  const scripts = lab(of)?.LifecycleConfigArns ?? [];
  return [
    { label: "Instance type", value: spec?.InstanceType ?? "ml.t3.medium" },
    {
      label: "Idle shutdown",
      value: isIdle ? `After ${idle(of)?.IdleTimeoutInMinutes ?? MINUTES_MIN} minutes` : "Off",
    },
    {
      label: "Size of a space",
      value: bounds
        ? `${bounds.DefaultEbsVolumeSizeInGb} GB, at most ${bounds.MaximumEbsVolumeSizeInGb} GB`
        : "5 GB",
    },
    {
      label: "Lifecycle configuration",
      value: spec?.LifecycleConfigArn ? (
        <Copy text={spec.LifecycleConfigArn} what="The configuration's ARN" />
      ) : (
        "None"
      ),
    },
    {
      label: "Configurations to choose from",
      value: scripts.length ? <span className="break">{scripts.join(", ")}</span> : "None",
    },
  ];
}

function fieldsOf(of: Settings | undefined): Field[] {
  const bounds = sizes(of);
  return [
    {
      id: "instance",
      label: "Instance type",
      value: lab(of)?.DefaultResourceSpec?.InstanceType ?? "",
      control: (now, change) => (
        <InstanceField value={now} onChange={change} usual="ml.t3.medium, as nobody says" />
      ),
    },
    {
      id: "idle",
      label: "Idle shutdown",
      value: idle(of)?.LifecycleManagement ?? "DISABLED",
      options: [
        { value: "ENABLED", label: "On: stop what nobody uses" },
        { value: "DISABLED", label: "Off: it runs until it is stopped" },
      ],
    },
    {
      id: "minutes",
      label: "Minutes without use",
      value: String(idle(of)?.IdleTimeoutInMinutes ?? MINUTES_MIN),
      isNumber: true,
      when: (values) => values.idle === "ENABLED",
      trouble: minutesTrouble,
    },
    {
      id: "size",
      label: "Size of a space (GB)",
      value: String(bounds?.DefaultEbsVolumeSizeInGb ?? 5),
      isNumber: true,
    },
    {
      id: "max",
      label: "Largest size of a space (GB)",
      value: String(bounds?.MaximumEbsVolumeSizeInGb ?? 100),
      isNumber: true,
      trouble: (value, values) =>
        Number(value) < Number(values.size) ? "It must not be below the size of a space." : "",
    },
    {
      id: "script",
      label: "Lifecycle configuration (ARN)",
      value: lab(of)?.DefaultResourceSpec?.LifecycleConfigArn ?? "",
      hint: "It runs before each start. Empty: what was there stays; the word None: none runs.",
    },
  ];
}

export function minutesTrouble(value: string): string {
  const minutes = Number(value);
  return minutes >= MINUTES_MIN && minutes <= MINUTES_MAX
    ? ""
    : `From ${MINUTES_MIN} to ${MINUTES_MAX} minutes.`;
}

/** UpdateDomain merges structures, and replaces lists: only what is said changes. */
export function requestOf(values: Record<string, string>, scripts: string[] = []): Settings {
  const { instance, idle: mode, minutes, size, max, script } = values;
  const spec = {
    ...(instance ? { InstanceType: instance } : {}),
    ...(script ? { LifecycleConfigArn: script } : {}),
  };
  const management =
    mode === "ENABLED"
      ? { LifecycleManagement: "ENABLED", IdleTimeoutInMinutes: Number(minutes) }
      : { LifecycleManagement: "DISABLED" };
  return {
    JupyterLabAppSettings: {
      ...(Object.keys(spec).length ? { DefaultResourceSpec: spec } : {}),
      ...(mode ? { AppLifecycleManagement: { IdleSettings: management } } : {}),
      ...(script && script !== "None"
        ? { LifecycleConfigArns: [...new Set([...scripts, script])] }
        : {}),
    },
    ...(size && max ? { SpaceStorageSettings: sizesOf(size, max) } : {}),
  } as Settings;
}

function sizesOf(size: string, max: string) {
  return {
    DefaultEbsStorageSettings: {
      DefaultEbsVolumeSizeInGb: Number(size),
      MaximumEbsVolumeSizeInGb: Number(max),
    },
  };
}
