// Several calls in order, each shown: what is done, what runs, what failed. "Try again" goes on at
// the step that failed, so a lost connection costs nothing that was made before.
import { useRef, useState } from "react";
import { type Problem, problemOf } from "./problem";

export interface Step {
  text: string;
  state: "waiting" | "running" | "done" | "failed";
}

export interface Plan {
  text: string;
  run: () => Promise<void>;
}

export interface Steps {
  steps: Step[];
  problem: Problem | undefined;
  isRunning: boolean;
  /** Begin, or go on where it failed. True once all is done. */
  go: (plan: Plan[]) => Promise<boolean>;
  /** Forget what was done: another plan begins. */
  reset: () => void;
}

export function useSteps(): Steps {
  const [steps, setSteps] = useState<Step[]>([]);
  const [problem, setProblem] = useState<Problem>();
  const [isRunning, setRunning] = useState(false);
  const done = useRef(0);

  async function go(plan: Plan[]): Promise<boolean> {
    setRunning(true);
    setProblem(undefined);
    try {
      for (; done.current < plan.length; done.current++) {
        setSteps(shown(plan, done.current, "running"));
        await plan[done.current]?.run();
      }
      setSteps(shown(plan, plan.length, "running"));
      return true;
    } catch (error) {
      setSteps(shown(plan, done.current, "failed"));
      setProblem(problemOf(error));
      return false;
    } finally {
      setRunning(false);
    }
  }

  function reset(): void {
    done.current = 0;
    setSteps([]);
    setProblem(undefined);
  }

  return { steps, problem, isRunning, go, reset };
}

/** Texts with their states, where step `at` runs or failed. */
export function shown(plan: Array<{ text: string }>, at: number, now: Step["state"]): Step[] {
  return plan.map(({ text }, index) => {
    if (index === at) return { text, state: now };
    return { text, state: index < at ? "done" : "waiting" };
  });
}
