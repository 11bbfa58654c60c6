// What a domain's settings attach for apps: scripts, images, repositories; and the requests that change
// it. UpdateDomain lays structures over each other and replaces lists: a list is sent as a whole.
import type {
  CustomImage,
  DescribeDomainResponse,
  UpdateDomainRequest,
} from "@aws-sdk/client-sagemaker";

/** Which defaults of the domain: of people and their private spaces, or of shared spaces. */
export type Scope = "DefaultUserSettings" | "DefaultSpaceSettings";

export const SCOPES: Array<{ value: Scope; label: string }> = [
  { value: "DefaultUserSettings", label: "User profiles" },
  { value: "DefaultSpaceSettings", label: "Shared spaces" },
];

export const scopeWords = (scope: Scope): string =>
  SCOPES.find(({ value }) => value === scope)?.label ?? scope;

/** Types of apps that this server runs and that take scripts and repositories. */
export type AppKind = "JupyterLab" | "JupyterServer";
export const APP_KINDS: AppKind[] = ["JupyterLab", "JupyterServer"];

export const CLEARED = "None"; // AWS's word that takes an ARN away

interface Apps {
  LifecycleConfigArns?: string[] | undefined;
  DefaultResourceSpec?: { LifecycleConfigArn?: string | undefined } | undefined;
  CodeRepositories?: Array<{ RepositoryUrl: string | undefined }> | undefined;
  CustomImages?: CustomImage[] | undefined;
}

export function appsOf(domain: DescribeDomainResponse, scope: Scope, kind: AppKind): Apps {
  return (domain[scope]?.[`${kind}AppSettings`] ?? {}) as Apps;
}

export function updateOf(
  domain: DescribeDomainResponse,
  scope: Scope,
  kind: AppKind,
  apps: Apps,
): UpdateDomainRequest {
  return { DomainId: domain.DomainId, [scope]: { [`${kind}AppSettings`]: apps } };
}

export const isAttached = (apps: Apps, arn: string): boolean =>
  apps.LifecycleConfigArns?.includes(arn) || apps.DefaultResourceSpec?.LifecycleConfigArn === arn;

export const isDefault = (apps: Apps, arn: string): boolean =>
  apps.DefaultResourceSpec?.LifecycleConfigArn === arn;

/** A script attached, and made the one that runs if nobody chooses another. */
export function withScript(apps: Apps, arn: string, asDefault: boolean): Apps {
  const arns = new Set([...(apps.LifecycleConfigArns ?? []), arn]);
  return {
    LifecycleConfigArns: [...arns],
    ...(asDefault ? { DefaultResourceSpec: { LifecycleConfigArn: arn } } : {}),
  };
}

export function withoutScript(apps: Apps, arn: string): Apps {
  return {
    LifecycleConfigArns: (apps.LifecycleConfigArns ?? []).filter((one) => one !== arn),
    ...(isDefault(apps, arn) ? { DefaultResourceSpec: { LifecycleConfigArn: CLEARED } } : {}),
  };
}

export const imagesOf = (domain: DescribeDomainResponse, scope: Scope): CustomImage[] =>
  appsOf(domain, scope, "JupyterLab").CustomImages ?? [];

export const repositoriesOf = (
  domain: DescribeDomainResponse,
  scope: Scope,
  kind: AppKind,
): string[] =>
  (appsOf(domain, scope, kind).CodeRepositories ?? []).map((one) => one.RepositoryUrl ?? "");
