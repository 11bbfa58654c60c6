// The runs of an experiment: a column for each metric; the chosen ones are compared.
import Button from "@cloudscape-design/components/button";
import { useMemo } from "react";
import type { Call } from "~/aws/useCall";
import { figure } from "~/format/figure";
import { duration } from "~/format/time";
import { useUrlStates } from "~/page/urlState";
import { Status } from "~/parts/Status";
import { type Column, DataTable } from "~/table/DataTable";
import { timeColumn } from "~/table/timeColumn";
import { Empty } from "~/views/Empty";
import { COMPARED_MAX, useChosen } from "./useChosen";
import { namesIn, type Run } from "./useRuns";

const METRICS_SHOWN = 6; // further ones are chosen in the preferences

export function RunsTab({ runs }: { runs: Call<Run[]> }) {
  const [chosen, choose] = useChosen();
  const [, set] = useUrlStates();
  const items = (runs.data ?? []).filter((run) => chosen.includes(run.name));
  const columns = useMemo(() => columnsOf(runs.data ?? []), [runs.data]);
  return (
    <DataTable<Run>
      // The columns are those of this experiment's metrics: made anew when they become known.
      key={columns.map((column) => column.id).join()}
      id="runs"
      title="Runs"
      nouns={["run", "runs"]}
      of={runs}
      rowId={(run) => run.name}
      columns={columns}
      selection={{
        type: "multi",
        items,
        onChange: (next) => choose(next.map((run) => run.name)),
      }}
      actions={
        <Button
          variant="primary"
          disabled={!items.length || items.length > COMPARED_MAX}
          disabledReason={
            items.length ? `At most ${COMPARED_MAX} at a time.` : "Choose runs in the list first."
          }
          onClick={() => set({ tab: "compare" })}
        >
          Compare
        </Button>
      }
      empty={
        <Empty title="No runs yet">
          A run is made by <code>with Run(...)</code> in a notebook or a job.
        </Empty>
      }
    />
  );
}

function columnsOf(runs: Run[]): Column<Run>[] {
  const metrics = namesIn(runs, (run) => run.metrics);
  return [
    {
      id: "name",
      header: "Run",
      isRowHeader: true,
      minWidth: 200,
      value: (run) => run.title,
      cell: (run) => <span className="break">{run.title}</span>,
    },
    {
      id: "status",
      header: "Status",
      minWidth: 145,
      value: (run) => run.status,
      cell: (run) => <Status status={run.status} />,
    },
    {
      id: "trial",
      header: "Trial",
      minWidth: 140,
      isHidden: true,
      value: (run) => run.trials.join(", "),
      cell: (run) => <span className="break">{run.trials.join(", ")}</span>,
    },
    ...metrics.map(
      (name, index): Column<Run> => ({
        id: `metric ${name}`,
        header: name,
        minWidth: Math.min(220, 80 + 9 * name.length),
        isHidden: index >= METRICS_SHOWN,
        value: (run) => run.metrics.get(name)?.last,
        cell: (run) => <span className="number">{figure(run.metrics.get(name)?.last)}</span>,
      }),
    ),
    timeColumn("began", "Started", (run) => run.began),
    {
      id: "took",
      header: "Took",
      minWidth: 110,
      value: took,
      cell: (run) => {
        const seconds = took(run);
        return seconds === undefined ? "-" : duration(seconds);
      },
    },
  ];
}

function took({ began, ended }: Run): number | undefined {
  return began && ended && (ended.getTime() - began.getTime()) / 1000;
}
