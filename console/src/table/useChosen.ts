// The chosen rows of a table, by their ids in its address (`?apps.chosen=ana%2F...`): always as they
// now are, so that a button judges what is, and whoever is gone is not chosen any more.
import { useMemo, useState } from "react";
import { useUrlState } from "~/page/urlState";
import { useFollowing } from "./tableUrl";

interface Chosen<T> {
  items: T[];
  onChange: (items: T[]) => void;
}

/** `table` and `rowId`: as the table has them. */
export function useChosen<T>(
  table: string,
  rows: T[] | undefined,
  rowId: (item: T) => string,
): Chosen<T> {
  const [told, tell] = useUrlState(`${table}.chosen`);
  const [text, setText] = useState(told); // at once: an address is behind a click
  useFollowing(() => setText(told));
  const items = useMemo(() => {
    const ids = new Set(text.split(",").filter(Boolean).map(decoded));
    return ids.size ? (rows ?? []).filter((row) => ids.has(rowId(row))) : [];
  }, [text, rows, rowId]);
  const onChange = (next: T[]) => {
    const chosen = next.map((row) => encodeURIComponent(rowId(row))).join(",");
    setText(chosen);
    tell(chosen);
  };
  return { items, onChange };
}

function decoded(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}
