// The isolation check as Access Analyzer tells it: the analyzer's tags and its findings' conditions
// (docs/operate/access-analyzer.md), as plain values for the page.
import {
  type AnalyzerSummary,
  type FindingSummary,
  GetAnalyzerCommand,
  ListFindingsCommand,
} from "@aws-sdk/client-accessanalyzer";
import { SOON_MS } from "~/aws/polling";
import { accessanalyzer } from "~/aws/services/accessanalyzer";
import { type Call, pages, useCall, useGathered } from "~/aws/useCall";

export const ANALYZER = "freehold-isolation";

export interface Run {
  arn: string;
  state: "never" | "queued" | "running" | "done" | "failed";
  verdict: "isolated" | "leaks" | "";
  began: Date | undefined;
  ended: Date | undefined;
  /** When the run in hand began. */
  runningSince: Date | undefined;
  isStale: boolean;
  failure: string;
  guards: string;
  counts: Array<[string, string]>;
  leftOut: number;
}

export interface Way {
  id: string;
  /** Domain ids, and how people call them. */
  from: string;
  to: string;
  fromName: string;
  toName: string;
  principal: string;
  actions: string[];
  resource: string;
  resourceType: string;
  count: number;
  severity: "leak" | "lists" | "shared";
  status: string;
  policy: string;
  statement: string;
  chain: string;
  cure: string;
  /** What the caller has to bring: condition keys that are not ours. */
  witness: Array<[string, string]>;
  since: Date | undefined;
}

const COUNTS = ["domains", "principals", "things", "operations", "decisions"];

export function useRun() {
  return useCall(
    accessanalyzer,
    GetAnalyzerCommand,
    { analyzerName: ANALYZER },
    { every: ({ analyzer }) => (isMoving(runOf(analyzer)) ? SOON_MS : null) },
  );
}

export const isMoving = ({ state }: Run): boolean => state === "queued" || state === "running";

export function runOf(analyzer: AnalyzerSummary | undefined): Run {
  const tags = analyzer?.tags ?? {};
  const tag = (name: string) => tags[`freehold:${name}`] ?? "";
  return {
    arn: analyzer?.arn ?? "",
    state: (tag("run") || "never") as Run["state"],
    verdict: tag("verdict") as Run["verdict"],
    began: date(tag("began")),
    ended: analyzer?.lastResourceAnalyzedAt,
    runningSince: date(tag("running-since")),
    isStale: tag("stale") === "true",
    failure: tag("failure"),
    guards: tag("guards"),
    counts: COUNTS.filter((name) => tag(name)).map((name) => [name, tag(name)]),
    leftOut: Number(tag("left-out")) || 0,
  };
}

/** All findings; asked again when another run has ended. */
export function useWays(run: Run): Call<Way[]> {
  const key = `access-analyzer ways ${run.arn} ${run.ended?.getTime() ?? 0}`;
  const ask = (signal: AbortSignal) =>
    pages(
      accessanalyzer,
      ListFindingsCommand,
      { analyzerArn: run.arn, maxResults: 100 },
      "findings",
      {
        token: "nextToken",
        signal,
      },
    );
  return useGathered(key, async (signal) => (await ask(signal)).map(wayOf), { skip: !run.arn });
}

function wayOf(finding: FindingSummary): Way {
  const condition = finding.condition ?? {};
  const told = (name: string) => condition[`freehold:${name}`] ?? "";
  const [fromName, from] = domainOf(told("from"));
  const [toName, to] = domainOf(told("to"));
  return {
    id: finding.id ?? "",
    from,
    to,
    fromName,
    toName,
    principal: Object.values(finding.principal ?? {})[0] ?? "",
    actions: finding.action ?? [],
    resource: finding.resource ?? "",
    resourceType: finding.resourceType ?? "",
    count: Number(told("count")) || 1,
    severity: (told("severity") || "leak") as Way["severity"],
    status: finding.status ?? "",
    policy: told("policy"),
    statement: told("statement"),
    chain: told("chain"),
    cure: told("cure"),
    witness: Object.entries(condition).filter(([name]) => !name.startsWith("freehold:")),
    since: finding.createdAt,
  };
}

/** "finance (d-1)": the name and the id. */
function domainOf(text: string): [string, string] {
  const found = /^(.*) \((\S+)\)$/.exec(text);
  return found ? [found[1] ?? "", found[2] ?? ""] : [text, text];
}

function date(text: string): Date | undefined {
  const found = new Date(text);
  return text && !Number.isNaN(found.getTime()) ? found : undefined;
}
