// Where a wizard stands: its step in the URL, what is wrong on it, and the way to another.
import { useState } from "react";
import { useUrlState } from "~/page/urlState";

interface WizardState<T> {
  /** The step that is shown, from 0. */
  at: number;
  /** What is wrong on it, by field; told once somebody tried to leave it forwards. */
  troubles: T | Record<string, never>;
  go: (to: number) => void;
}

/** `checks`: for each step, what is wrong with the draft; nothing if it is well. */
export function useWizard<D, T extends object>(
  draft: D,
  checks: Array<(draft: D) => T>,
): WizardState<T> {
  const [step, setStep] = useUrlState("step", "1", { push: true });
  const [isTried, setTried] = useState(false);
  const troublesOf = (at: number) => checks[at]?.(draft) ?? {};
  const isWell = (at: number) => Object.keys(troublesOf(at)).length === 0;

  // A link into the middle leads to the first step that is not well.
  const first = checks.findIndex((_, at) => !isWell(at));
  const wanted = Math.min(Math.max(0, Number(step) - 1 || 0), checks.length - 1);
  const at = first === -1 ? wanted : Math.min(wanted, first);

  function go(to: number): void {
    const isStuck = to > at && !isWell(at);
    setTried(isStuck);
    if (!isStuck) setStep(String(to + 1));
  }
  return { at, troubles: isTried ? troublesOf(at) : {}, go };
}
