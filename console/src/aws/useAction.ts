// The one way for a page to change something: run it, know whether it runs, tell how it ended.
import { useCallback, useState } from "react";
import { useNotices } from "~/page/notices";
import { renewAll } from "./cache";
import { type Problem, problemOf } from "./problem";

export interface Action<A extends unknown[]> {
  /** True if it was done; else `problem` says why not. Never throws. */
  run: (...given: A) => Promise<boolean>;
  isRunning: boolean;
  problem: Problem | undefined;
  forget: () => void;
}

export interface ActionOptions<A extends unknown[]> {
  /** Said in a green bar when it is done, such as "Domain finance was deleted". */
  done?: (...given: A) => string;
  /** Services whose answers on the screen are asked again afterwards; default: all. */
  renews?: string;
  /** Show a refusal in the bar as well; leave it out where the form shows `problem` itself. */
  tells?: boolean;
}

export function useAction<A extends unknown[]>(
  act: (...given: A) => Promise<unknown>,
  options: ActionOptions<A> = {},
): Action<A> {
  const [isRunning, setRunning] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const notices = useNotices();
  const { done, renews = "", tells = false } = options;

  const run = async (...given: A): Promise<boolean> => {
    setRunning(true);
    setProblem(undefined);
    try {
      await act(...given);
      if (done) notices.success(done(...given));
      return true;
    } catch (error) {
      const found = problemOf(error);
      setProblem(found);
      if (tells) notices.problem(found);
      return false;
    } finally {
      setRunning(false);
      renewAll(renews);
    }
  };
  const forget = useCallback(() => setProblem(undefined), []);
  return { run, isRunning, problem, forget };
}
