// What of Studio can be hidden from people (StudioWebPortalSettings), as far as this console has it.
import type {
  DescribeDomainResponse,
  DescribeUserProfileResponse,
} from "@aws-sdk/client-sagemaker";

/** Types of apps that this server runs. */
export const APPS = [
  { value: "JupyterLab", label: "JupyterLab" },
  { value: "JupyterServer", label: "Studio Classic (JupyterServer)" },
];

/** AWS's names of tools, and how our navigation calls them. */
export const TOOLS = [
  { value: "Training", label: "Jobs" },
  { value: "Experiments", label: "Experiments" },
  { value: "Models", label: "Model registry" },
  { value: "Pipelines", label: "Pipelines" },
];

export interface Hidden {
  apps: string[];
  tools: string[];
}

export const NOTHING: Hidden = { apps: [], tools: [] };

/** What is hidden from a person: a list of the profile's own takes the place of the domain's. */
export function hiddenOf(
  domain: DescribeDomainResponse | undefined,
  profile: DescribeUserProfileResponse | undefined,
): Hidden {
  const own = profile?.UserSettings?.StudioWebPortalSettings;
  const usual = domain?.DefaultUserSettings?.StudioWebPortalSettings;
  return {
    apps: own?.HiddenAppTypes ?? usual?.HiddenAppTypes ?? [],
    tools: own?.HiddenMlTools ?? usual?.HiddenMlTools ?? [],
  };
}

/** Of somebody with several profiles: what all of them hide. */
export function hiddenFromAll(all: Hidden[]): Hidden {
  const [first = NOTHING, ...rest] = all;
  const everywhere = (member: keyof Hidden) =>
    first[member].filter((name) => rest.every((one) => one[member].includes(name)));
  return { apps: everywhere("apps"), tools: everywhere("tools") };
}

/** In words, such as "Jobs, Pipelines"; names that this console does not have stay as AWS's. */
export function wordsOf(names: string[], known: typeof TOOLS): string {
  return names.map((name) => known.find((one) => one.value === name)?.label ?? name).join(", ");
}
