// Columns that people and spaces have in common: what runs, and what it cost.
import Box from "@cloudscape-design/components/box";
import { money } from "~/format/amounts";
import { Status } from "~/parts/Status";
import type { Column } from "~/table/DataTable";
import type { ByOwner } from "./useByOwner";

export function ownerColumns<T>(
  by: ByOwner,
  kind: "user" | "space",
  nameOf: (item: T) => string,
): Column<T>[] {
  return [
    {
      id: "app",
      header: "App",
      minWidth: 150,
      value: (item) => by.app(kind, nameOf(item))?.Status,
      cell: (item) => {
        const app = by.app(kind, nameOf(item));
        if (!app) return "-";
        return (
          <>
            <Status status={app.Status} {...(app.Status === "InService" ? RUNS : {})} />
            {kind === "user" && app.SpaceName && (
              <Box variant="small" display="block" color="text-body-secondary">
                in {app.SpaceName}
              </Box>
            )}
          </>
        );
      },
    },
    {
      id: "cost",
      header: "Month's cost",
      minWidth: 150,
      value: (item) => by.cost(kind, nameOf(item)),
      cell: (item) => {
        const usd = by.cost(kind, nameOf(item));
        return <span className="number">{usd === undefined ? by.unknown : money(usd)}</span>;
      },
    },
  ];
}

const RUNS = { word: "Runs" };
