// One event of CloudTrail's history, as pages show it: LookupEvents' item and the record in it, and
// what Freehold's records tell besides (docs/operate/activity.md): outcome, decisions, condition keys.
import type { Event } from "@aws-sdk/client-cloudtrail";

export type Outcome = "allowed" | "refused" | "failed";

/** One question that policy was asked, with its answer. */
export interface Decision {
  action: string;
  resource: string;
  effect: "allow" | "explicitDeny" | "implicitDeny";
  layer?: string;
  policy?: string;
  statement?: string;
  missing?: string[];
  says: string;
}

export interface Seen {
  id: string;
  at: Date;
  name: string;
  /** `sagemaker`, of `sagemaker.amazonaws.com`. */
  service: string;
  who: string;
  /** The caller's ARN; of a role's session, `role` is the role's. */
  arn: string;
  role: string;
  outcome: Outcome;
  errorCode: string;
  errorMessage: string;
  resources: string[];
  isReadOnly: boolean;
  decisions: Decision[];
  conditionKeys: Record<string, unknown>;
  /** Domain, profile and space of the app or job that called; empty for calls from outside. */
  origin: string;
  address: string;
  record: Record<string, unknown>;
}

interface Told {
  userIdentity?: {
    arn?: string;
    type?: string;
    sessionContext?: { sessionIssuer?: { arn?: string } };
  };
  errorCode?: string;
  errorMessage?: string;
  sourceIPAddress?: string;
  additionalEventData?: {
    outcome?: Outcome;
    decisions?: Decision[];
    conditionKeys?: Record<string, unknown>;
    origin?: unknown;
  };
}

export function seen(event: Event): Seen {
  const record = parsed(event.CloudTrailEvent);
  return {
    id: event.EventId ?? "",
    at: event.EventTime ?? new Date(0),
    name: event.EventName ?? "",
    service: (event.EventSource ?? "").replace(/\.amazonaws\.com$/, ""),
    resources: (event.Resources ?? []).map((one) => one.ResourceName ?? ""),
    isReadOnly: event.ReadOnly === "true",
    ...callerOf(event, record),
    ...outcomeOf(record),
    record,
  };
}

function callerOf(event: Event, told: Told) {
  const identity = told.userIdentity ?? {};
  return {
    who: event.Username ?? identity.type ?? "unknown",
    arn: identity.arn ?? "",
    role: identity.sessionContext?.sessionIssuer?.arn ?? "",
    origin: originOf(told.additionalEventData?.origin),
    address: told.sourceIPAddress ?? "",
  };
}

function outcomeOf({ additionalEventData: more = {}, errorCode = "", errorMessage = "" }: Told) {
  return {
    outcome: more.outcome ?? (errorCode ? "failed" : "allowed"),
    errorCode,
    errorMessage,
    decisions: more.decisions ?? [],
    conditionKeys: more.conditionKeys ?? {},
  } as const;
}

/** The question that was refused: the last one. */
export const refusalOf = (one: Seen): Decision | undefined =>
  one.outcome === "refused" ? one.decisions.at(-1) : undefined;

function originOf(origin: unknown): string {
  if (typeof origin === "string") return origin;
  if (!origin || typeof origin !== "object") return "";
  return Object.values(origin).filter(Boolean).map(String).join(" ");
}

function parsed(text: string | undefined): Record<string, unknown> {
  try {
    return JSON.parse(text ?? "{}") as Record<string, unknown>;
  } catch {
    return {};
  }
}
