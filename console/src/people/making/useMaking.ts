// A person's way in while it is made: its steps, what this page made already, and, once all is
// done, what to hand over. It lives as long as the page: a password is never kept anywhere.
import { useRef, useState } from "react";
import { renewAll } from "~/aws/cache";
import { type Plan, type Steps, useSteps } from "~/aws/useSteps";
import { nothingYet, type Ours, serverNow } from "./once";
import type { Made } from "./steps";

export interface Making {
  steps: Steps;
  ours: Ours;
  isBegun: boolean;
  /** Once all is done. */
  made: Made | undefined;
  begin: (made: Made, plan: Plan[]) => Promise<boolean>;
  goOn: () => Promise<boolean>;
  /** To the questions again; what was made stays. */
  back: () => void;
}

export function useMaking(): Making {
  const steps = useSteps();
  const ours = useRef<Ours>(nothingYet());
  const under = useRef<{ made: Made; plan: Plan[] }>(undefined);
  const [isBegun, setBegun] = useState(false);
  const [made, setMade] = useState<Made>();

  async function goOn(): Promise<boolean> {
    if (!under.current) return false;
    const isDone = await steps.go(under.current.plan);
    if (isDone) setMade(under.current.made);
    renewAll();
    return isDone;
  }

  function begin(next: Made, plan: Plan[]): Promise<boolean> {
    under.current = { made: next, plan };
    ours.current.began ||= serverNow();
    steps.reset();
    setBegun(true);
    return goOn();
  }

  return {
    steps,
    ours: ours.current,
    isBegun,
    made,
    begin,
    goOn,
    back: () => setBegun(false),
  };
}
