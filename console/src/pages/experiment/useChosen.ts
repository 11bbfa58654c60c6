// The runs that are chosen, in the address: a pasted link compares the same.
import { useCallback, useMemo } from "react";
import { useUrlState } from "~/page/urlState";

/** As many lines as can be told apart in one chart. */
export const COMPARED_MAX = 9;

export function useChosen(): [string[], (names: string[]) => void] {
  const [text, set] = useUrlState("runs");
  const chosen = useMemo(() => text.split(",").filter(Boolean), [text]);
  return [chosen, useCallback((names) => set(names.join(",")), [set])];
}
