// What the isolation check says as a whole: isolated or not, when, of what; and a way to run it again.
import { StartResourceScanCommand } from "@aws-sdk/client-accessanalyzer";
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useEffect, useState } from "react";
import { accessanalyzer } from "~/aws/services/accessanalyzer";
import { useAction } from "~/aws/useAction";
import { count, counted } from "~/format/amounts";
import { duration } from "~/format/time";
import { useAnnounce } from "~/page/announcer";
import { InnerLink } from "~/parts/InnerLink";
import { StepList } from "~/parts/StepList";
import { When } from "~/parts/When";
import { ProblemText } from "~/views/ProblemText";
import { isMoving, type Run } from "./analysis";

export function Verdict({ run, leaks }: { run: Run; leaks: number | undefined }) {
  const start = useAction(
    () =>
      accessanalyzer.send(StartResourceScanCommand, { analyzerArn: run.arn, resourceArn: run.arn }),
    { renews: "access-analyzer" },
  );
  const moving = isMoving(run);
  useTellEnd(run);
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="Can anybody of one domain reach anything of another? Every way is tried against the policies as they are."
          actions={
            <Button
              iconName="refresh"
              variant={run.isStale || run.state === "never" ? "primary" : "normal"}
              loading={start.isRunning}
              disabled={moving}
              {...(moving ? { disabledReason: "A run is under way." } : {})}
              onClick={() => void start.run()}
            >
              {run.state === "never" ? "Run it" : "Run it again"}
            </Button>
          }
        >
          Isolation check
        </Header>
      }
    >
      <SpaceBetween size="m">
        {start.problem && (
          <Alert type="error" header={start.problem.code}>
            <ProblemText problem={start.problem} />
          </Alert>
        )}
        {moving && <Progress run={run} />}
        {run.state === "failed" && (
          <Alert type="error" header="The last run did not come to its end">
            {run.failure}
          </Alert>
        )}
        {run.verdict && run.isStale && !moving && (
          <Alert type="warning" header="Something was changed since">
            Users, roles, policies, domains or buckets are not what they were when this was found.
            Run it again.
          </Alert>
        )}
        {run.leftOut > 0 && (
          <Alert type="warning">
            {counted(run.leftOut, "finding was", "findings were")} left out: 5,000 are kept.
          </Alert>
        )}
        <KeyValuePairs
          columns={4}
          items={[
            { label: "Result", value: <Result run={run} leaks={leaks} /> },
            { label: "Made", value: <When at={run.ended} /> },
            { label: "Looked at", value: countsOf(run) },
            {
              label: "Guards in force",
              value: (
                <>
                  {run.guards ? run.guards.replaceAll(",", ", ") : "-"}{" "}
                  <InnerLink to="/settings">Change</InnerLink>
                </>
              ),
            },
          ]}
        />
      </SpaceBetween>
    </Container>
  );
}

function Result({ run, leaks }: { run: Run; leaks: number | undefined }) {
  if (run.verdict === "isolated") {
    return <StatusIndicator type="success">All domains are isolated</StatusIndicator>;
  }
  if (run.verdict === "leaks") {
    return (
      <StatusIndicator type="error">
        {leaks === undefined
          ? "There are ways across"
          : counted(leaks, "way across", "ways across")}
      </StatusIndicator>
    );
  }
  return <StatusIndicator type="pending">Not known yet</StatusIndicator>;
}

function countsOf(run: Run): string {
  if (!run.counts.length) return "-";
  return run.counts.map(([name, value]) => `${count(Number(value))} ${name}`).join(", ");
}

/** Where the run stands, and how long the last one took: it tells nothing finer. */
function Progress({ run }: { run: Run }) {
  const now = useNow();
  const running = run.state === "running";
  const since = run.runningSince ? duration((now - run.runningSince.getTime()) / 1000) : "";
  const last = run.began && run.ended ? (run.ended.getTime() - run.began.getTime()) / 1000 : 0;
  const takes = last ? ` The last run took ${duration(last)}.` : "";
  return (
    <SpaceBetween size="xs">
      <StepList
        steps={[
          { text: "Asked for", state: "done" },
          { text: "Trying every way across", state: running ? "running" : "waiting" },
          { text: "Findings written", state: "waiting" },
        ]}
      />
      <span>
        {running && since ? `Running for ${since}.` : "Waiting for its turn."}
        {takes} You may leave this page.
      </span>
    </SpaceBetween>
  );
}

function useNow(): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

function useTellEnd(run: Run): void {
  const announce = useAnnounce();
  const [was, setWas] = useState(run.state);
  useEffect(() => {
    if (was === run.state) return;
    setWas(run.state);
    if (run.state === "running") announce("The isolation check runs.");
    if (run.state === "done") announce("The isolation check has ended.");
  }, [was, run.state, announce]);
}
