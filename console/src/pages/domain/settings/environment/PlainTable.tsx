// A short table of what is attached: one can be chosen, and something done with it.
import Header from "@cloudscape-design/components/header";
import Table from "@cloudscape-design/components/table";
import type { ReactNode } from "react";

interface PlainTableProps<T> {
  title: string;
  description: string;
  items: T[];
  rowId: (item: T) => string;
  rowWords: (item: T) => string;
  chosen: T | undefined;
  onChoose: (item: T | undefined) => void;
  columns: Array<{ header: string; width: number; cell: (item: T) => ReactNode }>;
  actions: ReactNode;
  empty: ReactNode;
}

export function PlainTable<T>(given: PlainTableProps<T>) {
  const { title, description, items, rowId, rowWords, chosen, onChoose, columns } = given;
  const key = chosen && rowId(chosen);
  return (
    <Table<T>
      items={items}
      trackBy={rowId}
      wrapLines
      resizableColumns
      enableKeyboardNavigation
      selectionType="single"
      selectedItems={items.filter((item) => rowId(item) === key)}
      onSelectionChange={({ detail }) => onChoose(detail.selectedItems[0])}
      ariaLabels={{
        tableLabel: title,
        selectionGroupLabel: `Choose of ${title}`,
        itemSelectionLabel: (_, item) => `Choose ${rowWords(item)}`,
      }}
      columnDefinitions={columns.map(({ header, width, cell }, at) => ({
        id: header,
        header,
        width,
        minWidth: 110,
        isRowHeader: at === 0,
        cell,
      }))}
      header={
        <Header
          variant="h2"
          counter={`(${items.length})`}
          description={description}
          actions={given.actions}
        >
          {title}
        </Header>
      }
      empty={given.empty}
    />
  );
}
