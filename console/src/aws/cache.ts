// Answers that the page holds, by call: shown at once when asked again, then renewed behind.
// Two components that ask the same share one request; the last to leave aborts it.
import { connection } from "./connection";
import { type Problem, problemOf } from "./problem";

export interface Held<T> {
  data: T | undefined;
  problem: Problem | undefined;
  isLoading: boolean;
  /** When `data` came, in our own milliseconds; 0: never. */
  at: number;
}

export interface Entry<T> {
  key: string;
  held: Held<T>;
  listeners: Set<() => void>;
  fetch: (signal: AbortSignal, partly: (data: T) => void) => Promise<T>;
  under: AbortController | null;
}

const FRESH_MS = 3000;
const ENTRIES_MAX = 500;
const NOTHING: Held<never> = { data: undefined, problem: undefined, isLoading: true, at: 0 };

// biome-ignore lint/suspicious/noExplicitAny: entries of all types stand side by side
const entries = new Map<string, Entry<any>>();

export function entry<T>(key: string, fetch: Entry<T>["fetch"]): Entry<T> {
  let found = entries.get(key) as Entry<T> | undefined;
  if (!found) {
    found = { key, held: NOTHING, listeners: new Set(), fetch, under: null };
    entries.set(key, found);
    if (entries.size > ENTRIES_MAX) forgetOldest();
  }
  return found;
}

/** Begin to watch; asks unless the answer is a few seconds young. */
export function watch<T>(of: Entry<T>, listener: () => void): () => void {
  of.listeners.add(listener);
  if (!of.under && Date.now() - of.held.at > FRESH_MS) void load(of);
  return () => {
    of.listeners.delete(listener);
    // React mounts twice in a row while developing: only who stays away is gone.
    setTimeout(() => of.listeners.size === 0 && abandon(of), 0);
  };
}

export async function load<T>(of: Entry<T>): Promise<void> {
  of.under?.abort();
  const under = new AbortController();
  of.under = under;
  set(of, { ...of.held, isLoading: true });
  try {
    const data = await of.fetch(under.signal, (part) => {
      if (of.under === under && !of.held.at) set(of, { ...of.held, data: part });
    });
    if (of.under !== under) return;
    set(of, { data, problem: undefined, isLoading: false, at: Date.now() });
  } catch (error) {
    if (of.under !== under) return;
    const problem = problemOf(error);
    // What was shown stays while the server is away; any other trouble is the answer now.
    const data = problem.kind === "network" ? of.held.data : undefined;
    set(of, { data, problem, isLoading: false, at: of.held.at });
  }
  of.under = null;
}

/** Ask again what is on the screen and was asked of `service` (all services: ""). */
export function renewAll(service = ""): void {
  for (const one of entries.values()) {
    if (!one.key.startsWith(service)) continue;
    if (one.listeners.size > 0) void load(one);
    else one.held = { ...one.held, at: 0 };
  }
}

/** Another person: nothing is held over. */
export function forgetAll(): void {
  for (const one of entries.values()) one.under?.abort();
  entries.clear();
}

connection.onReturn(() => renewAll());

function abandon(of: Entry<unknown>): void {
  if (!of.under) return;
  of.under.abort();
  of.under = null;
  of.held = { ...of.held, isLoading: false };
}

function forgetOldest(): void {
  for (const [key, one] of entries) {
    if (one.listeners.size > 0) continue;
    entries.delete(key);
    return;
  }
}

function set<T>(of: Entry<T>, held: Held<T>): void {
  of.held = held;
  for (const listener of of.listeners) listener();
}
