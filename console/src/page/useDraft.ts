// What is typed into a form, kept for the tab: going back, reloading or a lost connection costs
// nothing. Never for secrets: sessionStorage can be read by whoever sits at the machine.
import { useCallback, useEffect, useState } from "react";

export function useDraft<T extends object>(
  name: string,
  initial: T,
): [T, (change: Partial<T>) => void, () => void] {
  const place = `freehold.draft.${name}`;
  const [draft, setDraft] = useState<T>(() => ({ ...initial, ...kept<T>(place) }));
  useEffect(() => {
    try {
      sessionStorage.setItem(place, JSON.stringify(draft));
    } catch {
      // Full or forbidden: it holds until the page is left.
    }
  }, [place, draft]);
  const change = useCallback((part: Partial<T>) => setDraft((all) => ({ ...all, ...part })), []);
  const forget = useCallback(() => sessionStorage.removeItem(place), [place]);
  return [draft, change, forget];
}

function kept<T>(place: string): Partial<T> {
  try {
    return JSON.parse(sessionStorage.getItem(place) ?? "{}");
  } catch {
    return {};
  }
}
