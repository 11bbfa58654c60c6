// Whether the server answers: told by every call, and asked every two seconds while it does not.
import { useSyncExternalStore } from "react";

const ASK_MS = 2000;
let isLost = false;
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();
const returns = new Set<() => void>();

export const connection = {
  lost(): void {
    if (isLost) return;
    become(true);
    timer = setTimeout(ask, ASK_MS);
  },
  reached(): void {
    if (!isLost) return;
    clearTimeout(timer);
    become(false);
    for (const again of [...returns]) again();
  },
  /** Ask now, for who pressed "Try again". */
  retry(): void {
    clearTimeout(timer);
    void ask();
  },
  isLost: (): boolean => isLost,
  /** Called whenever the server is back after it was lost. */
  onReturn(again: () => void): () => void {
    returns.add(again);
    return () => returns.delete(again);
  },
};

export function useIsConnectionLost(): boolean {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, connection.isLost);
}

async function ask(): Promise<void> {
  try {
    const answer = await fetch("/_freehold/health", { cache: "no-store" });
    if (answer.ok) {
      connection.reached();
      return;
    }
  } catch {
    // Still away.
  }
  timer = setTimeout(ask, ASK_MS);
}

function become(next: boolean): void {
  isLost = next;
  for (const listener of listeners) listener();
}
