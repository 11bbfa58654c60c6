// A table of a few rows without filter and pages: what one person holds.
import Header from "@cloudscape-design/components/header";
import Table, { type TableProps } from "@cloudscape-design/components/table";
import type { ReactNode } from "react";
import type { Call } from "~/aws/useCall";
import { View } from "~/views/View";
import { Box, Note } from "./Box";

interface SmallTableProps<T> {
  title: string;
  description?: string;
  actions?: ReactNode;
  of: Call<T[]>;
  /** What is asked for: "the access keys of ana". */
  what: string;
  rowId: (row: T) => string;
  columns: TableProps.ColumnDefinition<T>[];
  /** Said where there is none. */
  nothing: string;
}

export function SmallTable<T>(given: SmallTableProps<T>) {
  const { title, description = "", actions, of, what, rowId, columns, nothing } = given;
  if (of.data === undefined || !of.data.length) {
    return (
      <Box title={title} description={description} actions={actions}>
        <View of={of} what={what}>
          {() => <Note>{nothing}</Note>}
        </View>
      </Box>
    );
  }
  return (
    <Table<T>
      items={of.data}
      trackBy={rowId}
      wrapLines
      resizableColumns
      enableKeyboardNavigation
      ariaLabels={{ tableLabel: title }}
      columnDefinitions={columns}
      header={
        <Header
          variant="h2"
          counter={`(${of.data.length})`}
          description={description}
          actions={actions}
        >
          {title}
        </Header>
      }
    />
  );
}
