// What the custom wizard asks for, and what is wrong with it, step by step.
import { nameTrouble } from "~/format/names";
import { minutesTrouble } from "~/pages/domain/settings/defaults";
import { type RoleWish, WISH, wishTroubles } from "~/roles/wish";

export interface Draft {
  name: string;
  tags: Array<{ key: string; value: string }>;
  propagatesTags: boolean;
  roleWay: "new" | "existing";
  wish: RoleWish;
  role: string;
  spaceRole: string;
  people: string;
  landing: "studio" | "jupyterlab" | "classic";
  instance: string;
  image: string;
  imageConfig: string;
  script: string;
  repositories: string;
  idle: "ENABLED" | "DISABLED";
  minutes: string;
  hiddenApps: string[];
  hiddenTools: string[];
  networkType: "PublicInternetOnly" | "VpcOnly";
  vpc: string;
  subnets: string[];
  securityGroups: string[];
  sizeDefault: string;
  sizeMax: string;
  fileSystems: string[];
}

export const EMPTY: Draft = {
  name: "",
  tags: [],
  propagatesTags: false,
  roleWay: "new",
  wish: WISH,
  role: "",
  spaceRole: "",
  people: "",
  landing: "studio",
  instance: "",
  image: "",
  imageConfig: "",
  script: "",
  repositories: "",
  idle: "DISABLED",
  minutes: "60",
  hiddenApps: [],
  hiddenTools: [],
  networkType: "PublicInternetOnly",
  vpc: "",
  subnets: [],
  securityGroups: [],
  sizeDefault: "5",
  sizeMax: "100",
  fileSystems: [],
};

const ROLE = /^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/;
const SIZE = { least: 5, most: 16_384 }; // API reference, DefaultEbsStorageSettings
const REPOSITORY = /^https:\/\/\S{1,1015}$/; // API reference, RepositoryUrl: no password in it
const REPOSITORIES_MAX = 10; // API reference, CodeRepositories
export const LANDING_APPS = { studio: "", jupyterlab: "JupyterLab", classic: "JupyterServer" };

const words = (text: string) => text.split(/[\s,]+/).filter(Boolean);
export const peopleOf = (draft: Draft): string[] => words(draft.people);
export const repositoriesOf = (draft: Draft): string[] => words(draft.repositories);

export type Troubles = Partial<Record<keyof Draft, string>>;

/** Trouble of each step by field; an empty object where all is well. */
export const CHECKS: Array<(draft: Draft) => Troubles> = [
  (draft) => some({ name: nameTrouble(draft.name), tags: tagTrouble(draft.tags) }),
  (draft) =>
    some({
      ...(draft.roleWay === "new"
        ? { wish: Object.values(wishTroubles(draft.wish))[0] ?? "" }
        : { role: ROLE.test(draft.role) ? "" : "Choose a role, or enter the ARN of one." }),
      spaceRole:
        !draft.spaceRole || ROLE.test(draft.spaceRole) ? "" : "This is not the ARN of a role.",
      people: peopleTrouble(peopleOf(draft)),
    }),
  (draft) =>
    some({
      minutes: draft.idle === "ENABLED" ? minutesTrouble(draft.minutes) : "",
      imageConfig:
        draft.image && !draft.imageConfig ? "It says how the image is run: choose one." : "",
      repositories: repositoryTrouble(repositoriesOf(draft)),
    }),
  (draft) =>
    some({
      hiddenApps: draft.hiddenApps.includes(LANDING_APPS[draft.landing])
        ? "People begin in this app (Applications): it cannot be hidden."
        : "",
    }),
  (draft) =>
    some({
      vpc: draft.networkType === "VpcOnly" && !draft.vpc ? "VPC only needs a VPC." : "",
      securityGroups:
        draft.networkType === "VpcOnly" && !draft.securityGroups.length
          ? "VPC only needs a security group: it says what may be reached."
          : "",
    }),
  (draft) => some({ sizeDefault: sizeTrouble(draft.sizeDefault), sizeMax: maxTrouble(draft) }),
  () => ({}),
];

function some(troubles: Troubles): Troubles {
  return Object.fromEntries(Object.entries(troubles).filter(([, text]) => text));
}

function peopleTrouble(names: string[]): string {
  const wrong = names.find((name) => nameTrouble(name));
  if (wrong) return `${wrong}: ${nameTrouble(wrong)}`;
  return new Set(names).size < names.length ? "A name stands twice." : "";
}

function repositoryTrouble(urls: string[]): string {
  const wrong = urls.find((url) => !REPOSITORY.test(url) || url.includes("@"));
  if (wrong) return `${wrong}: an address that begins with https://, without a password.`;
  return urls.length > REPOSITORIES_MAX ? `At most ${REPOSITORIES_MAX}.` : "";
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
  troubles: Troubles;
}
