// A step that makes a thing and may be tried again: never twice, and never mistaking somebody else's
// for ours. An answer that was lost leaves the thing behind; the next try is told that it exists.
import { problemOf } from "~/aws/problem";
import { session } from "~/session/session";

/** What this page made, and when it began to. */
export interface Ours {
  made: Set<string>;
  /** Of which an answer was lost: they may be there. */
  unsure: Set<string>;
  /** Server's time, milliseconds. */
  began: number;
}

const ROUNDED_MS = 2000; // services tell whole seconds, and clocks are not quite the same

export const nothingYet = (): Ours => ({ made: new Set(), unsure: new Set(), began: 0 });

export const serverNow = (): number => Date.now() + session.clockOffset();

interface Thing {
  /** Names it among what this page makes. */
  what: string;
  make: () => Promise<unknown>;
  /** When the thing of that name came to be. */
  bornAt: () => Promise<Date | undefined>;
  /** Done instead where we made it before. */
  again?: () => Promise<unknown>;
}

export function once(ours: Ours, { what, make, bornAt, again }: Thing): () => Promise<void> {
  return async () => {
    if (ours.made.has(what)) return void (await again?.());
    try {
      await make();
    } catch (error) {
      if (!(await isOurs(ours, what, error, bornAt))) throw error;
      await again?.();
    }
    ours.made.add(what);
  };
}

/** Whether `error` only says that our own earlier try got through. */
async function isOurs(
  ours: Ours,
  what: string,
  error: unknown,
  bornAt: Thing["bornAt"],
): Promise<boolean> {
  const { kind } = problemOf(error);
  if (kind === "network" || kind === "internal") ours.unsure.add(what);
  if (kind !== "conflict") return false;
  if (!ours.unsure.has(what) && attemptsOf(error) <= 1) return false;
  const born = await bornAt();
  return (born?.getTime() ?? 0) >= ours.began - ROUNDED_MS;
}

/** The SDK itself tries again where a connection broke. */
const attemptsOf = (error: unknown): number =>
  (error as { $metadata?: { attempts?: number } }).$metadata?.attempts ?? 1;
