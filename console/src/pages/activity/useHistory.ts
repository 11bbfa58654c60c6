// The events that the Activity page shows: the newest first, older ones when asked for, and with
// "live" the new ones as they come. A lost connection keeps what is shown.
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { type Problem, problemOf } from "~/aws/problem";
import type { Call } from "~/aws/useCall";
import type { Seen } from "~/trail/event";
import { type LookUp, lookUp } from "~/trail/lookUp";
import { fitsOf, inputOf, isSifted, type Question } from "./question";

const FIRST = 100;
const MORE = 500;
const PAGES_MAX = 40; // of fifty events: 2,000 are read at most before the page asks whether to go on
const LIVE_MS = 5000;
const NEWER_PAGES_MAX = 10;

export interface History {
  events: Call<Seen[]>;
  /** How many events were read, fitting or not. */
  read: number;
  hasOlder: boolean;
  older: () => void;
}

interface State {
  events: Seen[] | undefined;
  read: number;
  next: string | undefined;
  at: number;
}

const NOTHING: State = { events: undefined, read: 0, next: undefined, at: 0 };

export function useHistory(question: Question, isLive: boolean): History {
  const key = JSON.stringify(question);
  const [state, setState] = useState<State>(NOTHING);
  const [isLoading, setLoading] = useState(true);
  const [problem, setProblem] = useState<Problem>();
  const under = useRef<AbortController>(null);

  const ask = useCallback(async (act: (signal: AbortSignal) => Promise<void>) => {
    under.current?.abort();
    const mine = new AbortController();
    under.current = mine;
    setLoading(true);
    try {
      await act(mine.signal);
      setProblem(undefined);
    } catch (error) {
      if (mine.signal.aborted) return;
      setProblem(problemOf(error));
    }
    if (under.current === mine) {
      setLoading(false);
      under.current = null;
    }
  }, []);

  const first = useCallback(() => {
    const wanted = JSON.parse(key) as Question;
    void ask(async (signal) => {
      const found = await lookUp(asked(wanted, FIRST), undefined, signal, (part) => {
        setState({ events: part.events, read: part.read, next: part.next, at: 0 });
      });
      setState({ events: found.events, read: found.read, next: found.next, at: Date.now() });
    });
  }, [key, ask]);

  useEffect(() => {
    setState(NOTHING);
    setProblem(undefined);
    first();
    return () => under.current?.abort();
  }, [first]);

  const older = useCallback(() => {
    const wanted = JSON.parse(key) as Question;
    void ask(async (signal) => {
      const found = await lookUp(asked(wanted, MORE), state.next, signal);
      setState((now) => ({
        events: joined(now.events ?? [], found.events),
        read: now.read + found.read,
        next: found.next,
        at: Date.now(),
      }));
    });
  }, [key, ask, state.next]);

  const newer = useCallback(() => {
    if (under.current || document.hidden) return;
    const wanted = JSON.parse(key) as Question;
    const known = state.events?.[0];
    void ask(async (signal) => {
      const { input, ...rest } = asked(wanted, MORE);
      const since = known ? { StartTime: known.at } : {};
      const question = { ...rest, input: { ...input, ...since }, pagesMax: NEWER_PAGES_MAX };
      const found = await lookUp(question, undefined, signal);
      setState((now) => ({
        ...now,
        events: joined(found.events, now.events ?? []),
        at: Date.now(),
      }));
    });
  }, [key, ask, state.events]);

  useEffect(() => {
    if (!isLive) return;
    const timer = setInterval(newer, LIVE_MS);
    return () => clearInterval(timer);
  }, [isLive, newer]);

  return useMemo(
    () => ({
      events: { data: state.events, problem, isLoading, at: state.at, refresh: first },
      read: state.read,
      hasOlder: !!state.next,
      older,
    }),
    [state, problem, isLoading, first, older],
  );
}

function asked(question: Question, enough: number): LookUp {
  const pagesMax = isSifted(question) ? PAGES_MAX : Math.ceil(enough / 50);
  return { input: inputOf(question, Date.now()), fits: fitsOf(question), enough, pagesMax };
}

/** Two runs of events, each newest first, without those that stand in both. */
function joined(newer: Seen[], older: Seen[]): Seen[] {
  const ids = new Set(newer.map((event) => event.id));
  return [...newer, ...older.filter((event) => !ids.has(event.id))];
}
