// What an ARN is, in words, and the page that shows it where there is one.
export interface Kind {
  words: string;
  name: string;
  /** Below /console; "" where no page shows it. */
  to: string;
}

const WORDS: Record<string, string> = {
  "training-job": "Training job",
  "processing-job": "Processing job",
  "transform-job": "Transform job",
  "hyper-parameter-tuning-job": "Tuning job",
  "automl-job": "AutoML job",
  experiment: "Experiment",
  "experiment-trial": "Trial",
  "experiment-trial-component": "Trial component",
  pipeline: "Pipeline",
  model: "Model",
  "model-package": "Model package",
  "model-package-group": "Model package group",
  endpoint: "Endpoint",
  "endpoint-config": "Endpoint configuration",
  "user-profile": "User profile",
  space: "Space",
  app: "App",
  domain: "Domain",
  image: "Image",
  "app-image-config": "App image configuration",
  "code-repository": "Code repository",
  "studio-lifecycle-config": "Lifecycle configuration",
  "file-system": "File system",
  "log-group": "Log group",
  role: "Role",
};
/** Kinds that have a page of their own. */
const PAGES: Record<string, (name: string) => string> = {
  "training-job": (name) => `/jobs/training/${name}`,
  "processing-job": (name) => `/jobs/processing/${name}`,
  experiment: (name) => `/experiments/${name}`,
  "model-package-group": (name) => `/registry/${name}`,
  "model-package": (name) => `/registry/${name}`,
  model: (name) => `/models/${name}`,
  pipeline: (name) => `/pipelines/${name}`,
};

export function kindOf(arn: string): Kind {
  const [, , service = "", , , ...rest] = arn.split(":");
  const path = rest.join(":");
  if (service === "s3") return { words: "Bucket", name: path, to: "" };
  const cut = path.search(/[/:]/);
  const kind = cut < 0 ? path : path.slice(0, cut);
  const name = cut < 0 ? path : path.slice(cut + 1);
  const words = WORDS[kind] ?? `${service} ${kind}`;
  return { words, name: shown(kind, name), to: pathOf(kind, name) };
}

/** Names of people, spaces and apps begin with the domain's id, which the page says already. */
function shown(kind: string, name: string): string {
  const isStudio = kind === "user-profile" || kind === "space" || kind === "app";
  return isStudio ? name.slice(name.indexOf("/") + 1) : name;
}

function pathOf(kind: string, name: string): string {
  const [domainId = "", owner = ""] = name.split("/");
  if (kind === "user-profile") return `/domains/${domainId}/users/${owner}`;
  if (kind === "space") return `/domains/${domainId}/spaces/${owner}`;
  if (kind === "app") return `/domains/${domainId}?tab=apps`;
  if (kind === "domain") return `/domains/${domainId}`;
  return PAGES[kind]?.(name) ?? "";
}
