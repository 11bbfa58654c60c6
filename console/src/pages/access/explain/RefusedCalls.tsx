// The refused calls of the last hour: choose one to have it explained.
import Button from "@cloudscape-design/components/button";
import { useState } from "react";
import { useGathered } from "~/aws/useCall";
import { When } from "~/parts/When";
import { type Column, DataTable } from "~/table/DataTable";
import { refusalOf, type Seen } from "~/trail/event";
import { lookUp } from "~/trail/lookUp";
import { whoColumn } from "~/trail/Who";
import { Empty } from "~/views/Empty";

const HOUR_MS = 3_600_000;
const ENOUGH = 200;
const PAGES_MAX = 40; // 2,000 events

export function RefusedCalls({ onChoose }: { onChoose: (id: string) => void }) {
  const [since] = useState(() => new Date(Date.now() - HOUR_MS));
  const calls = useGathered(`cloudtrail refused ${since.getTime()}`, async (signal) => {
    const fits = (event: Seen) => event.outcome === "refused";
    const input = { StartTime: since };
    return (await lookUp({ input, fits, enough: ENOUGH, pagesMax: PAGES_MAX }, undefined, signal))
      .events;
  });
  return (
    <DataTable<Seen>
      id="refused"
      title="Refused in the last hour"
      nouns={["refused call", "refused calls"]}
      of={calls}
      rowId={(event) => event.id}
      columns={columnsOf(onChoose)}
      empty={
        <Empty title="Nothing was refused in the last hour">
          Older refusals stand in Activity, with "Refused only".
        </Empty>
      }
    />
  );
}

function columnsOf(choose: (id: string) => void): Column<Seen>[] {
  return [
    {
      id: "time",
      header: "Time",
      minWidth: 130,
      value: (event) => event.at.getTime(),
      cell: (event) => <When at={event.at} />,
    },
    {
      id: "action",
      header: "Action",
      isRowHeader: true,
      minWidth: 240,
      value: (event) => actionOf(event),
      cell: (event) => (
        <Button variant="inline-link" onClick={() => choose(event.id)}>
          {actionOf(event)}
        </Button>
      ),
    },
    whoColumn,
    {
      id: "resource",
      header: "Resource",
      minWidth: 240,
      value: (event) => refusalOf(event)?.resource,
      cell: (event) => <span className="break">{refusalOf(event)?.resource ?? "-"}</span>,
    },
    {
      id: "why",
      header: "Why",
      minWidth: 260,
      value: (event) => refusalOf(event)?.says,
      cell: (event) => (
        <span className="break">{refusalOf(event)?.says ?? event.errorMessage}</span>
      ),
    },
  ];
}

const actionOf = (event: Seen): string =>
  refusalOf(event)?.action ?? `${event.service}:${event.name}`;
