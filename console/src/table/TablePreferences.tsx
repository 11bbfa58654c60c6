// A table's preferences: columns, page size, lines; remembered by the browser for each table.
import CollectionPreferences, {
  type CollectionPreferencesProps,
} from "@cloudscape-design/components/collection-preferences";
import { useCallback, useState } from "react";

export interface Preferences {
  pageSize: number;
  wrapLines: boolean;
  stripedRows: boolean;
  columns: Array<{ id: string; visible: boolean }>;
}

interface ColumnName {
  id: string;
  header: string;
  isRowHeader?: boolean;
  isHidden?: boolean;
}

const PAGE_SIZES = [20, 50, 100].map((value) => ({ value, label: `${value} rows` }));

/** Preferences of the table `id`. Columns that came since are added where they stand. */
export function useTablePreferences(
  id: string,
  columns: ColumnName[],
): [Preferences, (next: Preferences) => void] {
  const place = `freehold.table.${id}`;
  const [chosen, setChosen] = useState<Partial<Preferences>>(() => read(place));
  const known = chosen.columns ?? [];
  const kept = known.filter((one) => columns.some((column) => column.id === one.id));
  const added = columns
    .filter((column) => !kept.some((one) => one.id === column.id))
    .map((column) => ({ id: column.id, visible: !column.isHidden }));
  const preferences = {
    pageSize: chosen.pageSize ?? 20,
    wrapLines: chosen.wrapLines ?? true,
    stripedRows: chosen.stripedRows ?? false,
    columns: [...kept, ...added],
  };
  const change = useCallback(
    (next: Preferences) => {
      setChosen(next);
      try {
        localStorage.setItem(place, JSON.stringify(next));
      } catch {
        // A private window: it holds until the page is left.
      }
    },
    [place],
  );
  return [preferences, change];
}

function read(place: string): Partial<Preferences> {
  try {
    return JSON.parse(localStorage.getItem(place) ?? "{}");
  } catch {
    return {};
  }
}

interface TablePreferencesProps {
  columns: ColumnName[];
  value: Preferences;
  onChange: (next: Preferences) => void;
}

export function TablePreferences({ columns, value, onChange }: TablePreferencesProps) {
  return (
    <CollectionPreferences
      title="Preferences"
      confirmLabel="Confirm"
      cancelLabel="Cancel"
      preferences={{
        pageSize: value.pageSize,
        wrapLines: value.wrapLines,
        stripedRows: value.stripedRows,
        contentDisplay: value.columns,
      }}
      pageSizePreference={{ title: "Page size", options: PAGE_SIZES }}
      wrapLinesPreference={{ label: "Wrap lines", description: "Show the whole text of a cell" }}
      stripedRowsPreference={{ label: "Striped rows", description: "Shade every other row" }}
      contentDisplayPreference={{
        title: "Columns",
        options: columns.map((column) => ({
          id: column.id,
          label: column.header,
          alwaysVisible: !!column.isRowHeader,
        })),
      }}
      onConfirm={({ detail }) => onChange(preferencesOf(detail, value))}
    />
  );
}

function preferencesOf(
  detail: CollectionPreferencesProps.Preferences,
  before: Preferences,
): Preferences {
  return {
    pageSize: detail.pageSize ?? before.pageSize,
    wrapLines: detail.wrapLines ?? before.wrapLines,
    stripedRows: detail.stripedRows ?? before.stripedRows,
    columns: (detail.contentDisplay ?? before.columns).map(({ id, visible }) => ({ id, visible })),
  };
}
