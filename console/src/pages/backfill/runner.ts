// The run that tags: batches of twenty, each looked at just before, so that what somebody tagged
// meanwhile stays. It goes on while other pages are shown, waits where the server is away, and can be
// paused, stopped and undone. One run at a time; what it set is remembered for the tab.
import {
  GetResourcesCommand,
  TagResourcesCommand,
  UntagResourcesCommand,
} from "@aws-sdk/client-resource-groups-tagging-api";
import { connection } from "~/aws/connection";
import { problemOf } from "~/aws/problem";
import { tagging } from "~/aws/services/tagging";
import { whenAnother } from "~/session/kept";
import { DOMAIN_TAG } from "./found";

export interface Item {
  arn: string;
  tags: Record<string, string>;
}

export interface Result extends Item {
  state: "done" | "failed" | "skipped";
  /** Why it failed or was left out. */
  words: string;
}

export interface Run {
  kind: "tag" | "undo";
  status: "running" | "paused" | "waiting" | "ended" | "stopped";
  total: number;
  results: Result[];
}

const BATCH = 20; // TagResources, ResourceARNList: at most twenty
const PLACE = "freehold.backfill.run";
const KEPT_EVERY_MS = 1000;

let run: Run | null = kept();
let keptAt = 0;
let wanted: "go" | "pause" | "stop" = "go";
let wake: () => void = () => undefined;
const listeners = new Set<() => void>();

export const runner = {
  run: (): Run | null => run,
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  isBusy: (): boolean => !!run && run.status !== "ended" && run.status !== "stopped",
  tag: (items: Item[]): Promise<void> => go("tag", items),
  /** Take away what this run set, and nothing else. */
  undo: (): Promise<void> =>
    go(
      "undo",
      (run?.results ?? []).filter((one) => one.state === "done"),
    ),
  pause(): void {
    wanted = "pause";
  },
  resume(): void {
    wanted = "go";
    wake();
  },
  stop(): void {
    wanted = "stop";
    wake();
  },
  forget(): void {
    become(null);
  },
};

connection.onReturn(() => wake());
whenAnother(() => become(null));

async function go(kind: Run["kind"], items: Item[]): Promise<void> {
  if (runner.isBusy()) return;
  wanted = "go";
  become({ kind, status: "running", total: items.length, results: [] });
  for (const batch of batches(items)) {
    if (!(await mayGoOn())) return end("stopped");
    add(await attempted(kind, batch));
  }
  end("ended");
}

/** Those with the same tags together, twenty at most. */
function batches(items: Item[]): Item[][] {
  const alike = new Map<string, Item[]>();
  for (const item of items) {
    const key = JSON.stringify(item.tags);
    alike.set(key, [...(alike.get(key) ?? []), item]);
  }
  return [...alike.values()].flatMap((group) =>
    Array.from({ length: Math.ceil(group.length / BATCH) }, (_, at) =>
      group.slice(at * BATCH, (at + 1) * BATCH),
    ),
  );
}

/** False: stop. Waits while it is paused. */
async function mayGoOn(): Promise<boolean> {
  while (wanted === "pause") {
    set({ status: "paused" });
    await sleep();
  }
  set({ status: "running" });
  return wanted !== "stop";
}

const sleep = (): Promise<void> =>
  new Promise((resolve) => {
    wake = resolve;
  });

/** One batch; where the server is away it waits and does it again: tagging twice is tagging once. */
async function attempted(kind: Run["kind"], batch: Item[]): Promise<Result[]> {
  for (;;) {
    try {
      return await (kind === "tag" ? tagged(batch) : untagged(batch));
    } catch (error) {
      const problem = problemOf(error);
      if (problem.kind !== "network") return batch.map((item) => failed(item, problem.message));
      set({ status: "waiting" });
      await sleep();
      if (wanted === "stop") return batch.map((item) => skipped(item, "Stopped."));
      set({ status: "running" });
    }
  }
}

async function tagged(batch: Item[]): Promise<Result[]> {
  const now = await domainTags(batch);
  const isFree = ({ arn, tags }: Item) => [undefined, tags[DOMAIN_TAG]].includes(now.get(arn));
  const free = batch.filter(isFree);
  const left = batch.filter((item) => !isFree(item));
  const results = left.map((item) =>
    skipped(item, `Somebody tagged it meanwhile: ${now.get(item.arn)}`),
  );
  if (!free.length) return results;
  const answer = await tagging.send(TagResourcesCommand, {
    ResourceARNList: free.map((item) => item.arn),
    Tags: free[0]?.tags ?? {},
  });
  return [...results, ...free.map((item) => resultOf(item, answer.FailedResourcesMap?.[item.arn]))];
}

async function untagged(batch: Item[]): Promise<Result[]> {
  const now = await domainTags(batch);
  const isOurs = ({ arn, tags }: Item) => now.get(arn) === tags[DOMAIN_TAG];
  const ours = batch.filter(isOurs);
  const results = batch
    .filter((item) => !isOurs(item))
    .map((item) => skipped(item, "Its tag was changed meanwhile: it stays."));
  if (!ours.length) return results;
  const answer = await tagging.send(UntagResourcesCommand, {
    ResourceARNList: ours.map((item) => item.arn),
    TagKeys: Object.keys(ours[0]?.tags ?? {}),
  });
  return [...results, ...ours.map((item) => resultOf(item, answer.FailedResourcesMap?.[item.arn]))];
}

async function domainTags(batch: Item[]): Promise<Map<string, string | undefined>> {
  const { ResourceTagMappingList = [] } = await tagging.send(GetResourcesCommand, {
    ResourceARNList: batch.map((item) => item.arn),
  });
  return new Map(
    ResourceTagMappingList.map((one) => [
      one.ResourceARN ?? "",
      one.Tags?.find((tag) => tag.Key === DOMAIN_TAG)?.Value,
    ]),
  );
}

function resultOf(item: Item, failure: { ErrorCode?: string; ErrorMessage?: string } | undefined) {
  if (!failure) return { ...item, state: "done" as const, words: "" };
  return failed(item, failure.ErrorMessage ?? failure.ErrorCode ?? "No reason was given.");
}

const failed = (item: Item, words: string): Result => ({ ...item, state: "failed", words });
const skipped = (item: Item, words: string): Result => ({ ...item, state: "skipped", words });

// -- what is remembered ---------------------------------------------------------------------------

function add(results: Result[]): void {
  if (run) become({ ...run, results: [...run.results, ...results] });
}

function set(part: Partial<Run>): void {
  if (run && run.status !== part.status) become({ ...run, ...part });
}

function end(status: "ended" | "stopped"): void {
  keptAt = 0;
  if (run) become({ ...run, status });
}

function become(next: Run | null): void {
  run = next;
  if (Date.now() - keptAt > KEPT_EVERY_MS) keep();
  for (const listener of listeners) listener();
}

function keep(): void {
  keptAt = Date.now();
  try {
    if (run) sessionStorage.setItem(PLACE, JSON.stringify(run));
    else sessionStorage.removeItem(PLACE);
  } catch {
    // Full or forbidden: it holds until the page is left.
  }
}

addEventListener("pagehide", keep);

/** After a reload: what was set can still be undone; what ran is stopped. */
function kept(): Run | null {
  try {
    const found = JSON.parse(sessionStorage.getItem(PLACE) ?? "null") as Run | null;
    return found && { ...found, status: found.status === "ended" ? "ended" : "stopped" };
  } catch {
    return null;
  }
}
