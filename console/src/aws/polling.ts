// Looking again only while something changes: two seconds, backing off to thirty, never in a hidden
// tab. A page says what still moves; when nothing does, nothing is asked.
import { useEffect, useRef } from "react";
import type { Held } from "./cache";

export const SOON_MS = 2000;
const LATEST_MS = 30_000;
const GROWTH = 1.25;

export function usePolling<T>(
  held: Held<T>,
  every: ((data: T) => number | null) | undefined,
  refresh: () => void,
): void {
  const turns = useRef(0);
  const wish = every && held.data !== undefined ? every(held.data) : null;
  useEffect(() => {
    if (wish === null) {
      turns.current = 0;
      return;
    }
    if (held.isLoading) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const arm = () => {
      clearTimeout(timer);
      if (document.hidden) return;
      timer = setTimeout(refresh, Math.min(LATEST_MS, wish * GROWTH ** turns.current++));
    };
    const seen = () => {
      turns.current = 0;
      arm();
    };
    arm();
    document.addEventListener("visibilitychange", seen);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", seen);
    };
  }, [wish, held.isLoading, refresh]);
}

/** For lists: look again soon while any status is one of those that pass. */
export function whileAny<T>(passing: (item: T) => boolean): (items: T[]) => number | null {
  return (items) => (items.some(passing) ? SOON_MS : null);
}
