// What the wizard's draft becomes: one function for the call, the review and the commands.
import type {
  CreateDomainCommandInput,
  DefaultSpaceSettings,
  UserSettings,
} from "@aws-sdk/client-sagemaker";
import { roleName } from "~/roles/making";
import { roleArn } from "~/roles/wish";
import { type Draft, repositoriesOf } from "./draft";

/** What a draft cannot know by itself. */
export interface Given {
  accountId: string;
  region: string;
  /** All subnets of the VPC that was chosen: taken where none of them was. */
  subnets: string[];
}

const LANDINGS = {
  studio: "studio::",
  jupyterlab: "app:JupyterLab:",
  classic: "app:JupyterServer:",
};
const SUBNETS_MAX = 16; // API reference, CreateDomain

export const roleNameOf = (draft: Draft): string => draft.wish.name || roleName(draft.name);

export const roleOf = (draft: Draft, { accountId }: Given): string =>
  draft.roleWay === "new" ? roleArn(accountId, roleNameOf(draft)) : draft.role;

export function requestOf(draft: Draft, given: Given): CreateDomainCommandInput {
  const role = roleOf(draft, given);
  const subnets = draft.subnets.length ? draft.subnets : given.subnets.slice(0, SUBNETS_MAX);
  const both = bothOf(draft, given);
  const { hiddenApps, hiddenTools } = draft;
  const user: UserSettings = {
    ExecutionRole: role,
    ...both,
    DefaultLandingUri: LANDINGS[draft.landing],
    StudioWebPortal: "ENABLED",
    ...(hiddenApps.length || hiddenTools.length
      ? { StudioWebPortalSettings: portalOf(hiddenApps, hiddenTools) }
      : {}),
  };
  return {
    DomainName: draft.name,
    AuthMode: "IAM",
    DefaultUserSettings: user,
    DefaultSpaceSettings: { ExecutionRole: draft.spaceRole || role, ...both },
    AppNetworkAccessType: draft.networkType,
    ...(draft.vpc ? { VpcId: draft.vpc, SubnetIds: subnets } : {}),
    TagPropagation: draft.propagatesTags ? "ENABLED" : "DISABLED",
    ...(draft.tags.length
      ? { Tags: draft.tags.map(({ key, value }) => ({ Key: key, Value: value })) }
      : {}),
  };
}

function portalOf(apps: string[], tools: string[]): UserSettings["StudioWebPortalSettings"] {
  const found = {
    ...(apps.length ? { HiddenAppTypes: apps } : {}),
    ...(tools.length ? { HiddenMlTools: tools } : {}),
  };
  return found as UserSettings["StudioWebPortalSettings"];
}

/** What holds in private and in shared spaces. */
function bothOf(draft: Draft, given: Given): UserSettings & DefaultSpaceSettings {
  const lab = labOf(draft, given);
  return {
    ...(draft.securityGroups.length ? { SecurityGroups: draft.securityGroups } : {}),
    ...(Object.keys(lab).length ? { JupyterLabAppSettings: lab } : {}),
    SpaceStorageSettings: {
      DefaultEbsStorageSettings: {
        DefaultEbsVolumeSizeInGb: Number(draft.sizeDefault),
        MaximumEbsVolumeSizeInGb: Number(draft.sizeMax),
      },
    },
    ...(draft.fileSystems.length
      ? {
          CustomFileSystemConfigs: draft.fileSystems.map((FileSystemId) => ({
            EFSFileSystemConfig: { FileSystemId, FileSystemPath: "/" },
          })),
        }
      : {}),
  };
}

function labOf(draft: Draft, given: Given): NonNullable<UserSettings["JupyterLabAppSettings"]> {
  const { instance, image, imageConfig, script, minutes } = draft;
  const prefix = `arn:aws:sagemaker:${given.region}:${given.accountId}`;
  const spec = {
    ...(instance ? { InstanceType: instance } : {}),
    ...(image ? { SageMakerImageArn: `${prefix}:image/${image}` } : {}),
    ...(script ? { LifecycleConfigArn: script } : {}),
  };
  const urls = repositoriesOf(draft);
  return {
    ...(Object.keys(spec).length ? { DefaultResourceSpec: spec as { InstanceType: never } } : {}),
    ...(image ? { CustomImages: [{ ImageName: image, AppImageConfigName: imageConfig }] } : {}),
    ...(script ? { LifecycleConfigArns: [script] } : {}),
    ...(urls.length ? { CodeRepositories: urls.map((RepositoryUrl) => ({ RepositoryUrl })) } : {}),
    ...(draft.idle === "ENABLED"
      ? {
          AppLifecycleManagement: {
            IdleSettings: { LifecycleManagement: "ENABLED", IdleTimeoutInMinutes: Number(minutes) },
          },
        }
      : {}),
  };
}
