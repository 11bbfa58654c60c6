// The one way for a page to read from AWS: `useCall` for one answer, `usePages` for a whole list,
// `useGathered` for what several calls say together. All hold, renew, abort and poll alike.
import { useCallback, useEffect, useMemo, useSyncExternalStore } from "react";
import { type Entry, entry, type Held, load, watch } from "./cache";
import { usePolling } from "./polling";
import type { CommandOf, InputOf, OutputOf, Service } from "./service";

export interface Call<T> extends Held<T> {
  refresh: () => void;
}

export interface CallOptions<T> {
  /** Ask again after so many milliseconds (`polling.ts` backs off); null: what is shown is settled. */
  every?: (data: T) => number | null;
  /** Leave it unasked, for what is not known yet. */
  skip?: boolean;
}

const PAGES_MAX = 200; // 20,000 items of a hundred each: more than anybody reads

/** One answer. `input` may be made anew at each render: it is compared by its text. */
export function useCall<C extends CommandOf>(
  service: Service,
  command: C,
  input: InputOf<C>,
  options: CallOptions<OutputOf<C>> = {},
): Call<OutputOf<C>> {
  const key = keyOf(service, command, input);
  return useHeld(key, (signal) => service.send(command, input, signal), options);
}

/** All items of a list, page after page; what has come is shown while the rest comes. */
export function usePages<C extends CommandOf, K extends keyof OutputOf<C> & string>(
  service: Service,
  command: C,
  input: InputOf<C>,
  member: K,
  options: CallOptions<NonNullable<OutputOf<C>[K]>> & { token?: string; answered?: string } = {},
): Call<NonNullable<OutputOf<C>[K]>> {
  const { token = "NextToken", answered = token } = options;
  return useHeld(
    `${keyOf(service, command, input)} ${member}`,
    (signal, partly) => pages(service, command, input, member, { token, answered, signal, partly }),
    options,
  );
}

/** What several calls say together; `key` names it and all that it depends on. */
export function useGathered<T>(
  key: string,
  gather: (signal: AbortSignal) => Promise<T>,
  options: CallOptions<T> = {},
): Call<T> {
  return useHeld(key, gather, options);
}

interface Paging<T> {
  token?: string;
  answered?: string;
  signal?: AbortSignal;
  partly?: (items: T) => void;
}

/** All items of a list, outside of a component. */
export async function pages<C extends CommandOf, K extends keyof OutputOf<C> & string>(
  service: Service,
  command: C,
  input: InputOf<C>,
  member: K,
  paging: Paging<NonNullable<OutputOf<C>[K]>> = {},
): Promise<NonNullable<OutputOf<C>[K]>> {
  const { token = "NextToken", answered = token, signal, partly } = paging;
  let items: unknown[] = [];
  let next: string | undefined;
  for (let page = 0; page < PAGES_MAX; page++) {
    const answer = await service.send(command, next ? { ...input, [token]: next } : input, signal);
    const told = answer as Record<string, unknown>;
    items = items.concat((told[member] as unknown[] | undefined) ?? []);
    next = told[answered] as string | undefined;
    if (!next) break;
    partly?.(items as NonNullable<OutputOf<C>[K]>);
  }
  return items as NonNullable<OutputOf<C>[K]>;
}

// The names of classes do not survive the build: commands are numbered as they come.
const numbers = new Map<CommandOf, number>();

function keyOf(service: Service, command: CommandOf, input: unknown): string {
  if (!numbers.has(command)) numbers.set(command, numbers.size);
  return `${service.name} ${numbers.get(command)} ${JSON.stringify(input)}`;
}

const IDLE: Held<never> = { data: undefined, problem: undefined, isLoading: false, at: 0 };

function useHeld<T>(key: string, fetch: Entry<T>["fetch"], options: CallOptions<T>): Call<T> {
  const { skip = false, every } = options;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for all that fetch reads
  const of = useMemo(() => (skip ? null : entry(key, fetch)), [key, skip]);
  const subscribe = useCallback(
    (listener: () => void) => (of ? watch(of, listener) : () => undefined),
    [of],
  );
  const held = useSyncExternalStore<Held<T>>(subscribe, () => of?.held ?? IDLE);
  useEffect(() => {
    if (of) of.fetch = fetch;
  });
  const refresh = useCallback(() => {
    if (of) void load(of);
  }, [of]);
  usePolling(held, every, refresh);
  return useMemo(() => ({ ...held, refresh }), [held, refresh]);
}
