// The steps of a pipeline, read off its definition: what each is, and after which others it comes.

export interface PipelineStep {
  name: string;
  type: string;
  after: string[];
}

interface Raw {
  Name?: string;
  Type?: string;
  DependsOn?: string[];
  Arguments?: unknown;
}

export function stepsOf(definition: string | undefined): PipelineStep[] {
  const steps = parsed(definition)?.Steps ?? [];
  const names = new Set(steps.map((step) => step.Name ?? ""));
  return steps.map((step) => ({
    name: step.Name ?? "",
    type: step.Type ?? "",
    after: [...new Set([...(step.DependsOn ?? []), ...used(step.Arguments)])].filter(
      (name) => names.has(name) && name !== step.Name,
    ),
  }));
}

/** Steps whose results are used: `{"Get": "Steps.Train.ModelArtifacts..."}`. */
function used(of: unknown): string[] {
  const found = JSON.stringify(of ?? null).matchAll(/"Get":"Steps\.([^."]+)/g);
  return [...found].map(([, name]) => name ?? "");
}

function parsed(definition: string | undefined): { Steps?: Raw[] } | undefined {
  try {
    return JSON.parse(definition ?? "");
  } catch {
    return undefined;
  }
}

/** Laid out to be read. */
export function pretty(definition: string | undefined): string {
  const value = parsed(definition);
  return value ? JSON.stringify(value, null, 2) : (definition ?? "");
}
