// What the custom wizard asks for, and the request that it becomes: one function for the call, the
// review and the command.
import type { CreateDomainCommandInput, UserSettings } from "@aws-sdk/client-sagemaker";
import { nameTrouble } from "~/format/names";

export interface Draft {
  name: string;
  tags: Array<{ key: string; value: string }>;
  role: string;
  spaceRole: string;
  people: string;
  landing: "studio" | "jupyterlab";
  networkType: "PublicInternetOnly" | "VpcOnly";
  vpc: string;
  subnets: string[];
  securityGroups: string[];
  sizeDefault: string;
  sizeMax: string;
  propagatesTags: boolean;
}

export const EMPTY: Draft = {
  name: "",
  tags: [],
  role: "",
  spaceRole: "",
  people: "",
  landing: "studio",
  networkType: "PublicInternetOnly",
  vpc: "",
  subnets: [],
  securityGroups: [],
  sizeDefault: "5",
  sizeMax: "100",
  propagatesTags: false,
};

const ROLE = /^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/;
const SIZE = { least: 5, most: 16_384 }; // API reference, DefaultEbsStorageSettings
const LANDINGS = { studio: "studio::", jupyterlab: "app:JupyterLab:" };

export const peopleOf = (draft: Draft): string[] =>
  draft.people.split(/[\s,]+/).filter((name) => name !== "");

export function requestOf(draft: Draft): CreateDomainCommandInput {
  const storage = {
    SpaceStorageSettings: {
      DefaultEbsStorageSettings: {
        DefaultEbsVolumeSizeInGb: Number(draft.sizeDefault),
        MaximumEbsVolumeSizeInGb: Number(draft.sizeMax),
      },
    },
  };
  const groups = draft.securityGroups.length ? { SecurityGroups: draft.securityGroups } : {};
  const user: UserSettings = {
    ExecutionRole: draft.role,
    ...groups,
    DefaultLandingUri: LANDINGS[draft.landing],
    StudioWebPortal: "ENABLED",
    ...storage,
  };
  return {
    DomainName: draft.name,
    AuthMode: "IAM",
    DefaultUserSettings: user,
    DefaultSpaceSettings: { ExecutionRole: draft.spaceRole || draft.role, ...groups, ...storage },
    AppNetworkAccessType: draft.networkType,
    ...(draft.vpc ? { VpcId: draft.vpc, SubnetIds: draft.subnets } : {}),
    TagPropagation: draft.propagatesTags ? "ENABLED" : "DISABLED",
    ...(draft.tags.length
      ? { Tags: draft.tags.map(({ key, value }) => ({ Key: key, Value: value })) }
      : {}),
  };
}

/** Trouble of each step by field; an empty object where all is well. */
export const CHECKS: Array<(draft: Draft) => Partial<Record<keyof Draft, string>>> = [
  (draft) => some({ name: nameTrouble(draft.name), tags: tagTrouble(draft.tags) }),
  (draft) =>
    some({
      role: ROLE.test(draft.role) ? "" : "Choose a role, or enter the ARN of one.",
      spaceRole:
        !draft.spaceRole || ROLE.test(draft.spaceRole) ? "" : "This is not the ARN of a role.",
      people: peopleTrouble(peopleOf(draft)),
    }),
  (draft) =>
    some({
      vpc: draft.networkType === "VpcOnly" && !draft.vpc ? "VPC only needs a VPC." : "",
      subnets: draft.vpc && !draft.subnets.length ? "Choose at least one subnet." : "",
      securityGroups:
        draft.networkType === "VpcOnly" && !draft.securityGroups.length
          ? "VPC only needs a security group: it says what may be reached."
          : "",
    }),
  (draft) => some({ sizeDefault: sizeTrouble(draft.sizeDefault), sizeMax: maxTrouble(draft) }),
  () => ({}),
];

function some<T extends object>(troubles: T): Partial<T> {
  return Object.fromEntries(Object.entries(troubles).filter(([, text]) => text)) as Partial<T>;
}

function peopleTrouble(names: string[]): string {
  const wrong = names.find((name) => nameTrouble(name));
  if (wrong) return `${wrong}: ${nameTrouble(wrong)}`;
  return new Set(names).size < names.length ? "A name stands twice." : "";
}

function tagTrouble(tags: Draft["tags"]): string {
  if (tags.some(({ key }) => !key)) return "Each tag needs a key.";
  if (tags.some(({ key }) => /^(aws|sagemaker):/i.test(key))) {
    return "Keys that begin with aws: or sagemaker: are written by the server.";
  }
  return new Set(tags.map(({ key }) => key)).size < tags.length ? "A key stands twice." : "";
}

function sizeTrouble(size: string): string {
  const value = Number(size);
  const isOne = Number.isInteger(value) && value >= SIZE.least && value <= SIZE.most;
  return isOne ? "" : `A whole number from ${SIZE.least} to ${SIZE.most}.`;
}

function maxTrouble({ sizeDefault, sizeMax }: Draft): string {
  const trouble = sizeTrouble(sizeMax);
  if (trouble) return trouble;
  return Number(sizeMax) < Number(sizeDefault) ? "The largest size is below the default." : "";
}

/** What each step of the wizard is given. */
export interface StepProps {
  draft: Draft;
  change: (part: Partial<Draft>) => void;
  troubles: Partial<Record<keyof Draft, string>>;
}
