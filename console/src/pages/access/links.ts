// From what decisions, findings and simulations call a policy to where it stands in the editor.
import { inlineId } from "./policies/account";

/** The role or user behind an ARN, a role's session included. */
export function holderOf(arn: string): { kind: "role" | "user" | "group"; name: string } | null {
  const tail = arn.split(":").slice(5).join(":").split("/");
  const [kind, ...path] = tail;
  if (kind === "assumed-role" && path[0]) return { kind: "role", name: path[0] };
  const name = path.at(-1);
  return name && (kind === "role" || kind === "user" || kind === "group") ? { kind, name } : null;
}

/** The editor's page for a policy: by its ARN, or by its name as an inline one of `principal`. */
export function policyLink(policy: string, principal: string, line = 0): string {
  const id = policyId(policy, principal);
  if (!id) return "";
  return `/access?tab=policies&policy=${encodeURIComponent(id)}${line ? `&line=${line}` : ""}`;
}

export function policyId(policy: string, principal: string): string {
  if (policy.startsWith("arn:")) return policy.includes(":policy/") ? policy : "";
  const holder = holderOf(principal);
  return policy && holder ? inlineId(holder, policy) : "";
}

export interface SimulatorLink {
  principal: string;
  action: string;
  resource: string;
  context?: Record<string, unknown>;
}

// What a simulation knows by itself of its principal, and what no policy of sense asks for.
const KNOWN = /^aws:(principal|user|currenttime|epochtime|viaawsservice)/i;

export function simulatorLink({ principal, action, resource, context }: SimulatorLink): string {
  const query = new URLSearchParams({ tab: "simulator", principal, actions: action });
  if (resource && resource !== "*") query.set("resources", resource);
  const told = Object.entries(context ?? {}).filter(([name]) => !KNOWN.test(name));
  if (told.length) query.set("context", JSON.stringify(Object.fromEntries(told)));
  return `/access?${query}`;
}
