// /console/backfill: what carries no domain's tag, where it belongs, and the run that tags it. The
// announcement's loop over list-* and tag-resources, by clicks, with a dry run and an undo.
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useMemo, useState } from "react";
import { useGathered } from "~/aws/useCall";
import { count, counted } from "~/format/amounts";
import { Help, useHelp } from "~/page/help";
import { Page } from "~/page/Page";
import { DataTable, matches } from "~/table/DataTable";
import { useTableUrl } from "~/table/tableUrl";
import { Empty } from "~/views/Empty";
import { ProblemText } from "~/views/ProblemText";
import { columnsOf } from "./columns";
import { DryRun, type Planned } from "./DryRun";
import { gather, type Untagged } from "./found";
import { RunPanel, useRun } from "./RunPanel";
import { runner } from "./runner";
import { TargetDialog } from "./TargetDialog";
import type { Target } from "./targets";
import { useHints } from "./useHints";

const HELP = (
  <Help title="Backfill">
    <p>
      What is made in a domain carries its tag by itself. What is older, or was made from outside,
      does not: nobody's cost, and kept out by isolation policies.
    </p>
    <p>
      Choose resources, let a place be suggested or choose it, look at the dry run, tag. Tags that
      are there are never overwritten, and a run can be undone.
    </p>
    <p>With the guard isolation.tags on, only backfill administrators may do this.</p>
  </Help>
);

export default function Backfill() {
  useHelp(HELP);
  const [step, setStep] = useState("");
  const found = useGathered("tag untagged", (signal) => gather(signal, setStep));
  const [chosen, choose] = useState<Untagged[]>([]);
  const [targets, setTargets] = useState<Map<string, Target>>(() => new Map());
  const [dialog, setDialog] = useState<"target" | "dry" | null>(null);
  const hints = useHints();
  const run = useRun();
  const listed = useMemo(() => ({ ...found, data: found.data?.resources }), [found]);
  const planned = chosen.flatMap((resource): Planned[] => {
    const target = targets.get(resource.arn);
    return target ? [{ resource, target }] : [];
  });

  const columns = columnsOf(targets, hints.of);
  const { filter } = useTableUrl("untagged");
  const all = listed.data ?? [];
  const matching = all.filter((one) => matches(columns, one, filter.toLowerCase()));

  function assign(pairs: Iterable<[string, Target]>): void {
    setTargets((now) => new Map([...now, ...pairs]));
  }

  async function suggest(): Promise<void> {
    const wanted = chosen.length ? chosen : matching;
    const told = await hints.ask(wanted);
    const pairs = wanted.flatMap(({ arn }): Array<[string, Target]> => {
      const target = told.get(arn)?.target;
      return target && !targets.has(arn) ? [[arn, target]] : [];
    });
    assign(pairs);
    if (!chosen.length) {
      const with_ = new Set(pairs.map(([arn]) => arn));
      choose(wanted.filter(({ arn }) => with_.has(arn) || targets.has(arn)));
    }
  }

  return (
    <Page
      title="Backfill"
      description="Resources that carry no domain's tag: say where they belong, and tag them."
    >
      <SpaceBetween size="l">
        {run && <RunPanel run={run} onEnd={found.refresh} />}
        {found.data?.unseen.length ? <Unseen of={found.data.unseen} /> : null}
        {hints.problem && (
          <Alert type="error" header="Not all suggestions came">
            <ProblemText problem={hints.problem} />
          </Alert>
        )}
        {hints.progress && (
          <ProgressBar
            value={(hints.progress.done / Math.max(1, hints.progress.total)) * 100}
            label="Looking up who made them"
            description={`${count(hints.progress.done)} of ${count(hints.progress.total)}`}
          />
        )}
        {found.isLoading && step && !found.at && (
          <StatusIndicator type="loading">{step}</StatusIndicator>
        )}
        <DataTable<Untagged>
          id="untagged"
          title="Untagged resources"
          nouns={["resource", "resources"]}
          of={listed}
          rowId={(resource) => resource.arn}
          columns={columns}
          selection={{ type: "multi", items: chosen, onChange: choose }}
          description={
            found.data
              ? `${counted(chosen.length, "chosen", "chosen")}, ${count(planned.length)} with a place. ${counted(found.data.tagged, "other carries", "others carry")} a domain's tag.`
              : "Reading tags and lists."
          }
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button
                disabled={!matching.length && !chosen.length}
                onClick={() => choose(chosen.length ? [] : matching)}
              >
                {chooseWords(chosen.length > 0, !!filter)}
              </Button>
              {hints.progress ? (
                <Button onClick={hints.stop}>Stop</Button>
              ) : (
                <Button onClick={() => void suggest()} disabled={!listed.data?.length}>
                  Suggest places
                </Button>
              )}
              <Button disabled={!chosen.length} onClick={() => setDialog("target")}>
                Assign
              </Button>
              <Button
                variant="primary"
                disabled={!planned.length || runner.isBusy()}
                onClick={() => setDialog("dry")}
              >
                Dry run
              </Button>
            </SpaceBetween>
          }
          empty={
            <Empty title="Nothing is untagged">
              Every resource that can belong to a domain carries its tag.
            </Empty>
          }
        />
      </SpaceBetween>
      {dialog === "target" && (
        <TargetDialog
          count={chosen.length}
          onClose={() => setDialog(null)}
          onChoose={(target) => {
            assign(chosen.map(({ arn }) => [arn, target]));
            setDialog(null);
          }}
        />
      )}
      {dialog === "dry" && (
        <DryRun
          planned={planned}
          onClose={() => setDialog(null)}
          onGo={(items) => {
            setDialog(null);
            choose([]);
            void runner.tag(items).finally(found.refresh);
          }}
        />
      )}
    </Page>
  );
}

function chooseWords(isChosen: boolean, isFiltered: boolean): string {
  if (isChosen) return "Choose none";
  return isFiltered ? "Choose all matches" : "Choose all";
}

function Unseen({ of }: { of: string[] }) {
  return (
    <Alert type="warning" header="Some kinds could not be looked at">
      {of.map((line) => (
        <div key={line} className="break">
          {line}
        </div>
      ))}
    </Alert>
  );
}
