// The one table of the console: filter, sort, page and columns in the URL or remembered; keyboard
// navigation; ten thousand rows, shown by the page; and the four views in its place.
import { useCollection } from "@cloudscape-design/collection-hooks";
import Header from "@cloudscape-design/components/header";
import Pagination from "@cloudscape-design/components/pagination";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table, { type TableProps } from "@cloudscape-design/components/table";
import TextFilter from "@cloudscape-design/components/text-filter";
import type { ReactNode } from "react";
import type { Call } from "~/aws/useCall";
import { count, counted } from "~/format/amounts";
import { Empty } from "~/views/Empty";
import { Loading } from "~/views/Loading";
import { Trouble } from "~/views/Trouble";
import { TablePreferences, useTablePreferences } from "./TablePreferences";
import { useFollowing, useTableUrl } from "./tableUrl";
import { Updated } from "./Updated";

export interface Column<T> {
  id: string;
  header: string;
  cell: (item: T) => ReactNode;
  /** What is filtered and sorted by; without it the column is not sortable. */
  value?: (item: T) => string | number | undefined;
  isRowHeader?: boolean;
  /** Not shown until chosen in the preferences. */
  isHidden?: boolean;
  minWidth?: number;
}

export interface DataTableProps<T> {
  /** Names the table in preferences, and in the URL where a page has several. */
  id: string;
  title: string;
  /** One item and many: "domain", "domains". */
  nouns: [string, string];
  of: Call<T[]>;
  rowId: (item: T) => string;
  columns: Column<T>[];
  empty: ReactNode;
  actions?: ReactNode;
  filters?: ReactNode;
  selection?: { type: "single" | "multi"; items: T[]; onChange: (items: T[]) => void };
  description?: ReactNode;
  headingTag?: "h1" | "h2" | "h3";
}

export function DataTable<T>(given: DataTableProps<T>) {
  const { id, of, columns, nouns, rowId, selection } = given;
  const [preferences, setPreferences] = useTablePreferences(id, columns);
  const url = useTableUrl(id);
  const sorted = columns.find((column) => column.id === url.sort);
  const definitions = columns.map(definition);
  const { items, filteredItemsCount, actions, collectionProps, filterProps, paginationProps } =
    useCollection(of.data ?? [], {
      filtering: {
        defaultFilteringText: url.filter,
        filteringFunction: (item, text) => matches(columns, item, text.toLowerCase()),
        noMatch: (
          <Empty title={`No ${nouns[1]} match`}>Nothing here holds what you filter by.</Empty>
        ),
        empty: given.empty,
      },
      pagination: { pageSize: preferences.pageSize, defaultPage: url.page },
      sorting: sorted
        ? {
            defaultState: {
              sortingColumn: definition(sorted),
              isDescending: url.isDescending,
            },
          }
        : {},
      selection: { keepSelection: true, trackBy: rowId },
    });
  useFollowing(() => {
    const { sortingColumn, sortingDescending = false } = collectionProps;
    if (filterProps.filteringText !== url.filter) actions.setFiltering(url.filter);
    const isSorted = (sortingColumn?.sortingField ?? "") === (sorted?.id ?? "");
    if (!isSorted || sortingDescending !== url.isDescending) {
      const column = sorted ? definition(sorted) : {};
      actions.setSorting({ sortingColumn: column, isDescending: url.isDescending });
    }
    if (paginationProps.currentPageIndex !== url.page) actions.setCurrentPage(url.page);
  });
  if (of.data === undefined && of.problem) {
    return <Trouble problem={of.problem} what={`the ${nouns[1]}`} onRetry={of.refresh} />;
  }
  const total = of.data?.length ?? 0;
  const counter = counterOf(filterProps.filteringText, filteredItemsCount ?? 0, total, !of.at);
  return (
    <Table<T>
      {...collectionProps}
      items={[...items]}
      trackBy={rowId}
      columnDefinitions={definitions}
      columnDisplay={preferences.columns}
      wrapLines={preferences.wrapLines}
      stripedRows={preferences.stripedRows}
      resizableColumns
      stickyHeader
      enableKeyboardNavigation
      variant="container"
      loading={of.data === undefined}
      loadingText={`Loading the ${nouns[1]}`}
      empty={of.data === undefined ? <Loading what={`the ${nouns[1]}`} /> : collectionProps.empty}
      {...(selection
        ? {
            selectionType: selection.type,
            selectedItems: selection.items,
            onSelectionChange: ({ detail }) => selection.onChange(detail.selectedItems),
          }
        : {})}
      ariaLabels={labels(nouns, rowId)}
      renderAriaLive={({ totalItemsCount }) =>
        counted(totalItemsCount ?? total, nouns[0], nouns[1])
      }
      totalItemsCount={filteredItemsCount ?? total}
      onSortingChange={(event) => {
        collectionProps.onSortingChange?.(event);
        url.setSort(
          String(event.detail.sortingColumn.sortingField ?? ""),
          !!event.detail.isDescending,
        );
      }}
      header={
        <Header
          variant={given.headingTag === "h1" ? "h1" : "h2"}
          counter={counter}
          {...(given.description ? { description: given.description } : {})}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Updated of={of} what={`the ${nouns[1]}`} />
              {given.actions}
            </SpaceBetween>
          }
        >
          {given.title}
        </Header>
      }
      filter={
        <SpaceBetween direction="horizontal" size="xs">
          <TextFilter
            {...filterProps}
            onChange={(event) => {
              filterProps.onChange(event);
              url.setFilter(event.detail.filteringText);
            }}
            filteringPlaceholder={`Find ${nouns[1]}`}
            filteringAriaLabel={`Find ${nouns[1]}`}
            countText={counted(filteredItemsCount ?? 0, "match", "matches")}
          />
          {given.filters}
        </SpaceBetween>
      }
      pagination={
        <Pagination
          {...paginationProps}
          onChange={(event) => {
            paginationProps.onChange(event);
            url.setPage(event.detail.currentPageIndex);
          }}
        />
      }
      preferences={
        <TablePreferences columns={columns} value={preferences} onChange={setPreferences} />
      }
    />
  );
}

/** "(3/40)" while filtered, "(100+)" while more comes. */
function counterOf(filter: string, matching: number, total: number, isPartly: boolean): string {
  if (filter) return `(${count(matching)}/${count(total)})`;
  return `(${count(total)}${isPartly ? "+" : ""})`;
}

function definition<T>(column: Column<T>): TableProps.ColumnDefinition<T> {
  const { id, header, cell, value, isRowHeader } = column;
  const minWidth = Math.max(column.minWidth ?? 0, headerWidth(header, !!value));
  return {
    id,
    header,
    cell,
    ...(isRowHeader ? { isRowHeader } : {}),
    minWidth,
    width: minWidth,
    ...(value
      ? { sortingField: id, sortingComparator: (a: T, b: T) => compare(value(a), value(b)) }
      : {}),
  };
}

const EDGES = { sorted: 58, plain: 40 }; // px of padding and handle, with the arrow or without
const pen = document.createElement("canvas").getContext("2d");
const known = new Map<string, number>();

/** What the longest word of a header takes, in px: no header breaks within a word. */
function headerWidth(header: string, isSorted: boolean): number {
  let longest = known.get(header);
  if (longest === undefined) {
    if (pen) pen.font = `700 14px ${getComputedStyle(document.body).fontFamily}`;
    const words = header.split(/\s+/).map((word) => pen?.measureText(word).width ?? 0);
    longest = Math.ceil(Math.max(...words));
    known.set(header, longest);
  }
  return longest + (isSorted ? EDGES.sorted : EDGES.plain);
}

function compare(a: string | number | undefined, b: string | number | undefined): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1;
  return String(a).localeCompare(String(b), "en", { numeric: true });
}

/** Whether the filter's text fits; also for who does something with all that match. */
export function matches<T>(columns: Column<T>[], item: T, text: string): boolean {
  return (
    !text ||
    columns.some(({ value }) =>
      String(value?.(item) ?? "")
        .toLowerCase()
        .includes(text),
    )
  );
}

function labels<T>(nouns: [string, string], rowId: (item: T) => string): TableProps.AriaLabels<T> {
  return {
    tableLabel: nouns[1],
    selectionGroupLabel: `Choose ${nouns[1]}`,
    allItemsSelectionLabel: () => `Choose all ${nouns[1]}`,
    itemSelectionLabel: (_, item) => `Choose ${rowId(item)}`,
  };
}
