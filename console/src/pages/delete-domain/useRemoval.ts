// A delete that goes on after a reload: what was confirmed is kept for the tab, what is left is asked.
import { useEffect, useReducer, useState } from "react";
import { renewAll } from "~/aws/cache";
import { type Problem, problemOf } from "~/aws/problem";
import { useDraft } from "~/page/useDraft";
import { type Left, look, type Retention, removeAll } from "./removal";

interface Confirmed {
  retention: Retention;
  isConfirmed: boolean;
  /** The domain's, which nobody tells any more once it is gone. */
  name: string;
}

export interface Removal {
  left: Left | undefined;
  /** What there was when it began. */
  first: Left | undefined;
  isGoing: boolean;
  problem: Problem | undefined;
  retention: Retention;
  choose: (retention: Retention) => void;
  /** Of the domain; "" until it is confirmed. */
  name: string;
  begin: (name: string) => void;
  again: () => void;
}

export function useRemoval(domainId: string): Removal {
  const [kept, keep, forget] = useDraft<Confirmed>(`delete-${domainId}`, {
    retention: "Retain",
    isConfirmed: false,
    name: "",
  });
  const [left, setLeft] = useState<Left>();
  const [first, setFirst] = useState<Left>();
  const [problem, setProblem] = useState<Problem>();
  const [turn, again] = useReducer((n: number) => n + 1, 0);
  const { retention, isConfirmed } = kept;

  // biome-ignore lint/correctness/useExhaustiveDependencies: `turn` begins it once more
  useEffect(() => {
    const leaving = new AbortController();
    const tell = (now: Left) => {
      setLeft(now);
      setFirst((before) => before ?? now);
    };
    setProblem(undefined);
    const work = isConfirmed
      ? removeAll(domainId, retention, leaving.signal, tell).then(() => {
          forget();
          renewAll();
        })
      : look(domainId, leaving.signal).then(tell);
    work.catch((error) => {
      if (!leaving.signal.aborted) setProblem(problemOf(error));
    });
    return () => leaving.abort();
  }, [domainId, retention, isConfirmed, turn]);

  return {
    left,
    first,
    isGoing: isConfirmed,
    problem,
    retention,
    choose: (next) => keep({ retention: next }),
    name: kept.name,
    begin: (name) => keep({ isConfirmed: true, name }),
    again,
  };
}
