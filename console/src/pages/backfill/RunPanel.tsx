// The run: how far it is, pause, stop, undo; and each resource that failed or was left out, with why.
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useSyncExternalStore } from "react";
import { renewAll } from "~/aws/cache";
import { count, counted } from "~/format/amounts";
import { csv, save } from "~/format/csv";
import { type Column, DataTable } from "~/table/DataTable";
import { type Result, type Run, runner } from "./runner";

export const useRun = (): Run | null => useSyncExternalStore(runner.subscribe, runner.run);

export function RunPanel({ run, onEnd }: { run: Run; onEnd: () => void }) {
  const done = run.results.filter((one) => one.state === "done").length;
  const troubled = run.results.filter((one) => one.state !== "done");
  const isOver = run.status === "ended" || run.status === "stopped";
  const verb = run.kind === "tag" ? "tagged" : "untagged";
  const over = (act: () => Promise<void>) => () =>
    void act().finally(() => {
      renewAll("tag");
      onEnd();
    });
  return (
    <SpaceBetween size="m">
      <Container
        header={
          <Header
            variant="h2"
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                {run.status === "running" && <Button onClick={runner.pause}>Pause</Button>}
                {run.status === "paused" && (
                  <Button variant="primary" onClick={runner.resume}>
                    Go on
                  </Button>
                )}
                {!isOver && <Button onClick={runner.stop}>Stop</Button>}
                {isOver && run.kind === "tag" && done > 0 && (
                  <Button iconName="undo" onClick={over(runner.undo)}>
                    Undo this run
                  </Button>
                )}
                {isOver && (
                  <Button iconName="download" onClick={() => saveAll(run.results)}>
                    CSV
                  </Button>
                )}
                {isOver && <Button onClick={runner.forget}>Close</Button>}
              </SpaceBetween>
            }
          >
            {run.kind === "tag" ? "Tagging" : "Undoing"}
          </Header>
        }
      >
        <SpaceBetween size="s">
          {run.status === "waiting" && (
            <Alert type="warning">
              The server does not answer. The run goes on when it is back.
            </Alert>
          )}
          <ProgressBar
            value={run.total ? Math.round((run.results.length / run.total) * 100) : 100}
            label={STATES[run.status]}
            description={`${count(done)} of ${count(run.total)} ${verb}`}
            {...(isOver
              ? {
                  status: troubled.length ? "error" : "success",
                  resultText: `${count(done)} ${verb}, ${count(troubled.length)} not`,
                }
              : {})}
          />
        </SpaceBetween>
      </Container>
      {troubled.length > 0 && (
        <DataTable<Result>
          id="troubled"
          title="Not done"
          nouns={["resource", "resources"]}
          of={{
            data: troubled,
            problem: undefined,
            isLoading: false,
            at: 1,
            refresh: () => undefined,
          }}
          rowId={(one) => one.arn}
          columns={COLUMNS}
          description={`${counted(troubled.length, "resource")} with the reason. Try again by choosing them below.`}
          empty={null}
        />
      )}
    </SpaceBetween>
  );
}

const STATES: Record<Run["status"], string> = {
  running: "It runs. You may leave this page, not the tab.",
  paused: "Paused",
  waiting: "Waiting for the server",
  ended: "Ended",
  stopped: "Stopped",
};

const COLUMNS: Column<Result>[] = [
  {
    id: "arn",
    header: "Resource",
    isRowHeader: true,
    minWidth: 320,
    value: (one) => one.arn,
    cell: (one) => <span className="break">{one.arn}</span>,
  },
  {
    id: "state",
    header: "State",
    minWidth: 110,
    value: (one) => one.state,
    cell: (one) => (one.state === "failed" ? "Failed" : "Left out"),
  },
  {
    id: "words",
    header: "Why",
    minWidth: 320,
    value: (one) => one.words,
    cell: (one) => <span className="break">{one.words}</span>,
  },
];

function saveAll(results: Result[]): void {
  const rows = results.map((one) => [one.arn, one.state, one.words, JSON.stringify(one.tags)]);
  save("backfill.csv", csv([["Resource", "State", "Why", "Tags"], ...rows]));
}
