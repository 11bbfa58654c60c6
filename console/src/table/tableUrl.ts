// A table's filter, sorting and page in the URL: `?q=fin&sort=-cost&page=2`; with its own prefix where
// a page has several tables.
import { useEffect, useRef } from "react";
import { useLocation } from "react-router";
import { useUrlStates } from "~/page/urlState";

export interface TableUrl {
  filter: string;
  sort: string;
  isDescending: boolean;
  page: number;
  setFilter: (text: string) => void;
  setSort: (column: string, isDescending: boolean) => void;
  setPage: (page: number) => void;
}

export function useTableUrl(id: string): TableUrl {
  const [query, set] = useUrlStates();
  const name = (what: string) => `${id}.${what}`;
  const sort = query.get(name("sort")) ?? "";
  return {
    filter: query.get(name("q")) ?? "",
    sort: sort.replace(/^-/, ""),
    isDescending: sort.startsWith("-"),
    page: Math.max(1, Number(query.get(name("page"))) || 1),
    setFilter: (text) => set({ [name("q")]: text, [name("page")]: null }),
    setSort: (column, isDescending) =>
      set({ [name("sort")]: isDescending ? `-${column}` : column, [name("page")]: null }),
    setPage: (page) => set({ [name("page")]: page > 1 ? String(page) : null }),
  };
}

/**
 * The table does as its address says whenever somebody else changes it: the back button, a link. What
 * the table itself wrote there is what it shows already.
 */
export function useFollowing(follow: () => void): void {
  const { search } = useLocation();
  const latest = useRef(follow);
  useEffect(() => {
    latest.current = follow;
  });
  useEffect(() => {
    if (location.search === search) latest.current(); // else a newer one is on its way
  }, [search]);
}
