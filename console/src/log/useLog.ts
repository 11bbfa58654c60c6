// The lines of one log stream, from its beginning and on while it grows. Lines stand outside of
// React's state: a hundred thousand of them cost one render a page, not one each.
import { GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { useCallback, useEffect, useReducer, useRef, useState } from "react";
import { SOON_MS } from "~/aws/polling";
import { type Problem, type ProblemKind, problemOf } from "~/aws/problem";
import { logs } from "~/aws/services/logs";

export interface LogLine {
  at: number;
  text: string;
}

export interface Log {
  lines: LogLine[];
  problem: Problem | undefined;
  /** Read up to its end, as far as it was written. */
  isCaughtUp: boolean;
  /** Longer than we show. */
  isCut: boolean;
  again: () => void;
}

const LINES_MAX = 200_000;
const LATEST_MS = 15_000;
const GROWTH = 1.25;
/** What goes by: the log is read on from where it stood. */
const PASSING = new Set<ProblemKind>(["network", "internal", "throttled"]);

/** `isLive`: more may come. `isPaused`: what came stays, nothing is asked. */
export function useLog(
  group: string,
  stream: string | undefined,
  isLive: boolean,
  isPaused: boolean,
): Log {
  const lines = useRef<LogLine[]>([]);
  const token = useRef<string>(undefined);
  const [isCaughtUp, setCaughtUp] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const [, shown] = useReducer((n: number) => n + 1, 0);
  const [turn, again] = useReducer((n: number) => n + 1, 0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another stream begins anew
  useEffect(() => {
    lines.current = [];
    token.current = undefined;
    setCaughtUp(false);
  }, [group, stream]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `turn` asks once more
  useEffect(() => {
    if (!stream || isPaused) return;
    const leaving = new AbortController();
    const { signal } = leaving;
    const add = (more: LogLine[]) => {
      lines.current = lines.current.concat(more).slice(0, LINES_MAX);
      shown();
    };
    const once = () => readOn(group, stream, token, () => lines.current.length, add, signal);
    const hasMore = () => isLive && lines.current.length < LINES_MAX;
    void follow(once, hasMore, signal, (found) => {
      setProblem(found);
      if (!found) setCaughtUp(true);
    });
    return () => leaving.abort();
  }, [group, stream, isLive, isPaused, turn]);

  const isCut = lines.current.length >= LINES_MAX;
  return { lines: lines.current, problem, isCaughtUp, isCut, again: useCallback(again, []) };
}

/** Reads on while there may be more, and through what goes by; tells a trouble, and its end. */
async function follow(
  once: () => Promise<boolean>,
  hasMore: () => boolean,
  signal: AbortSignal,
  tell: (problem: Problem | undefined) => void,
): Promise<void> {
  let wait = SOON_MS;
  for (;;) {
    const came = await once().catch(problemOf);
    if (signal.aborted) return;
    const problem = typeof came === "boolean" ? undefined : came;
    tell(problem);
    if (problem ? !PASSING.has(problem.kind) : !hasMore()) return;
    wait = came === true ? SOON_MS : Math.min(LATEST_MS, wait * GROWTH);
    if (!(await pause(wait, signal))) return;
  }
}

/** Page after page until the token stands still. Whether anything came. */
async function readOn(
  group: string,
  stream: string,
  token: { current: string | undefined },
  held: () => number,
  add: (lines: LogLine[]) => void,
  signal: AbortSignal,
): Promise<boolean> {
  let came = false;
  while (held() < LINES_MAX) {
    const answer = await logs.send(
      GetLogEventsCommand,
      {
        logGroupName: group,
        logStreamName: stream,
        startFromHead: true,
        ...(token.current ? { nextToken: token.current } : {}),
      },
      signal,
    );
    signal.throwIfAborted();
    const events = answer.events ?? [];
    if (events.length) {
      add(events.map((event) => ({ at: event.timestamp ?? 0, text: event.message ?? "" })));
      came = true;
    }
    const isEnd = answer.nextForwardToken === token.current;
    token.current = answer.nextForwardToken;
    if (isEnd || !answer.nextForwardToken) return came;
  }
  return came;
}

/** Waits; longer while the tab is hidden. False once it is left. */
async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  do {
    await new Promise((resolve) => setTimeout(resolve, ms));
  } while (document.hidden && !signal.aborted);
  return !signal.aborted;
}
