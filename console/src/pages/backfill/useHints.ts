// Suggestions for many resources: a few look-ups at a time, with progress, to be stopped at any time.
import { useEffect, useRef, useState } from "react";
import { type Problem, problemOf } from "~/aws/problem";
import type { Untagged } from "./found";
import { type Hint, hintOf } from "./suggest";
import { places } from "./targets";

export interface Hints {
  of: Map<string, Hint>;
  progress: { done: number; total: number } | null;
  problem: Problem | undefined;
  ask: (resources: Untagged[]) => Promise<Map<string, Hint>>;
  stop: () => void;
}

const AT_ONCE = 4;
const TOLD_EVERY = 10;

export function useHints(): Hints {
  const [of, setOf] = useState<Map<string, Hint>>(() => new Map());
  const [progress, setProgress] = useState<Hints["progress"]>(null);
  const [problem, setProblem] = useState<Problem>();
  const under = useRef<AbortController>(null);
  useEffect(() => () => under.current?.abort(), []);

  async function ask(resources: Untagged[]): Promise<Map<string, Hint>> {
    under.current?.abort();
    const mine = new AbortController();
    under.current = mine;
    const found = new Map(of);
    const waiting = resources.filter((one) => !found.has(one.arn));
    const total = waiting.length;
    setProblem(undefined);
    setProgress({ done: 0, total });
    try {
      const known = await places(mine.signal);
      const work = async () => {
        for (let next = waiting.shift(); next; next = waiting.shift()) {
          found.set(next.arn, await hintOf(next, known, mine.signal));
          const done = total - waiting.length;
          if (done % TOLD_EVERY === 0) setProgress({ done, total });
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, work));
    } catch (error) {
      if (!mine.signal.aborted) setProblem(problemOf(error));
    }
    setOf(found);
    setProgress(null);
    return found;
  }

  return { of, progress, problem, ask, stop: () => under.current?.abort() };
}
