// What a page shows, in its URL: tab, filter, sorting, page. So the back button works, and a link
// that is pasted shows the same. A value that is the default is left out.
import { useCallback } from "react";
import { useNavigate, useSearchParams } from "react-router";

type Change = Record<string, string | null>;

/** One value in the query. `push` makes a step for the back button; else the step is replaced. */
export function useUrlState(
  name: string,
  usual = "",
  { push = false } = {},
): [string, (value: string) => void] {
  const [query] = useSearchParams();
  const change = useChangeQuery(push);
  const set = useCallback(
    (next: string) => change({ [name]: next === usual ? null : next }),
    [name, usual, change],
  );
  return [query.get(name) ?? usual, set];
}

/** Several values at once; null or "" leaves one out. */
export function useUrlStates(): [URLSearchParams, (change: Change) => void] {
  const [query] = useSearchParams();
  return [query, useChangeQuery(false)];
}

/** Changes what the address says now, not what was last drawn: two changes in a row both count. */
function useChangeQuery(push: boolean): (change: Change) => void {
  const navigate = useNavigate();
  return useCallback(
    (change) => {
      const query = new URLSearchParams(location.search);
      for (const [name, value] of Object.entries(change)) {
        if (value === null || value === "") query.delete(name);
        else query.set(name, value);
      }
      navigate({ search: query.toString() }, { replace: !push, preventScrollReset: true });
    },
    [navigate, push],
  );
}
