// What a page shows, in its URL: tab, filter, sorting, page. So the back button works, and a link
// that is pasted shows the same. A value that is the default is left out.
import { useCallback } from "react";
import { useSearchParams } from "react-router";

/** One value in the query. `push` makes a step for the back button; else the step is replaced. */
export function useUrlState(
  name: string,
  usual = "",
  { push = false } = {},
): [string, (value: string) => void] {
  const [query, setQuery] = useSearchParams();
  const value = query.get(name) ?? usual;
  const set = useCallback(
    (next: string) =>
      setQuery(
        (before) => {
          const after = new URLSearchParams(before);
          if (next === usual) after.delete(name);
          else after.set(name, next);
          return after;
        },
        { replace: !push, preventScrollReset: true },
      ),
    [name, usual, push, setQuery],
  );
  return [value, set];
}

/** Several at once: two calls of the setter in one turn would each see the old query. */
export function useUrlStates(): [URLSearchParams, (change: Record<string, string | null>) => void] {
  const [query, setQuery] = useSearchParams();
  const set = useCallback(
    (change: Record<string, string | null>) =>
      setQuery(
        (before) => {
          const after = new URLSearchParams(before);
          for (const [name, value] of Object.entries(change)) {
            if (value === null || value === "") after.delete(name);
            else after.set(name, value);
          }
          return after;
        },
        { replace: true, preventScrollReset: true },
      ),
    [setQuery],
  );
  return [query, set];
}
