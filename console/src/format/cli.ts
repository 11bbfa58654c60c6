// The aws CLI command that does what a page is about to do: words quoted for a POSIX shell.

const SAFE = /^[A-Za-z0-9_@%+=:,./-]+$/;

export function quoted(word: string): string {
  return SAFE.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** `aws sagemaker create-domain --domain-name finance`: members become options, structures JSON. */
export function cliCommand(service: string, operation: string, input: object): string {
  const words = Object.entries(input).flatMap(([member, value]) => option(member, value));
  const head = `aws ${service} ${kebab(operation)}`;
  return words.length ? `${head} \\\n  ${words.join(" \\\n  ")}` : head;
}

function option(member: string, value: unknown): string[] {
  if (value === undefined || value === null || value === "") return [];
  const name = `--${kebab(member)}`;
  if (value === true) return [name];
  if (value === false) return [`--no-${kebab(member)}`];
  if (Array.isArray(value) && value.every((one) => typeof one === "string")) {
    return [`${name} ${value.map(quoted).join(" ")}`];
  }
  return [`${name} ${quoted(typeof value === "object" ? JSON.stringify(value) : String(value))}`];
}

/** `CreateDomain` to `create-domain`, as the CLI spells it. */
export function kebab(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1-$2")
    .toLowerCase();
}
