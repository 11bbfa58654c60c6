// What the Activity page asks for: from its URL to LookupEvents' input, and what is sifted here.
import type { LookupEventsCommandInput } from "@aws-sdk/client-cloudtrail";
import type { Seen } from "~/trail/event";

export interface Question {
  who: string;
  what: string;
  resource: string;
  /** A domain's id. */
  domain: string;
  /** "", "refused", "failed" */
  outcome: string;
  /** "changes" (what AWS's console shows first) or "all". */
  kind: string;
  /** "", or a span back from now in milliseconds, or `ISO/ISO`. */
  time: string;
}

export const NAMES = ["who", "what", "resource", "domain", "outcome", "kind", "time"] as const;
const USUAL: Partial<Question> = { kind: "changes" };

export function questionOf(query: URLSearchParams): Question {
  const found = NAMES.map((name) => [name, query.get(name) ?? USUAL[name] ?? ""]);
  return Object.fromEntries(found) as Question;
}

type Key = "Username" | "EventName" | "ResourceName" | "ReadOnly";

export function inputOf(question: Question, now: number): LookupEventsCommandInput {
  const { who, what, resource, domain, outcome, kind } = question;
  const pairs: Array<[Key, string]> = [
    ["Username", who],
    ["EventName", what],
    ["ResourceName", resource || domain],
    ["ReadOnly", kind === "changes" && !outcome ? "false" : ""], // refused reads matter as well
  ];
  const attributes = pairs
    .filter(([, value]) => value)
    .map(([AttributeKey, AttributeValue]) => ({ AttributeKey, AttributeValue }));
  const [start, end] = spanOf(question.time, now);
  return {
    ...(attributes.length ? { LookupAttributes: attributes } : {}),
    ...(start ? { StartTime: start } : {}),
    ...(end ? { EndTime: end } : {}),
  };
}

/** What LookupEvents has no attribute for. */
export function fitsOf({ outcome, resource, domain }: Question): (event: Seen) => boolean {
  return (event) =>
    (!outcome || event.outcome === outcome) &&
    (!(resource && domain) || JSON.stringify(event.record).includes(domain));
}

export const isSifted = ({ outcome, resource, domain }: Question): boolean =>
  !!outcome || !!(resource && domain);

function spanOf(time: string, now: number): [Date?, Date?] {
  if (!time) return [];
  if (/^\d+$/.test(time)) return [new Date(now - Number(time))];
  const [start = "", end = ""] = time.split("/");
  const dates = [start, end].map((text) => new Date(text));
  return dates.some((date) => Number.isNaN(date.getTime())) ? [] : [dates[0], dates[1]];
}
