// A column that tells when: sorted by the instant, shown as `When` shows times.
import { When } from "~/parts/When";
import type { Column } from "./DataTable";

export function timeColumn<T>(
  id: string,
  header: string,
  at: (row: T) => Date | undefined,
  minWidth = 140,
): Column<T> {
  return {
    id,
    header,
    minWidth,
    value: (row) => at(row)?.getTime(),
    cell: (row) => <When at={at(row)} />,
  };
}
