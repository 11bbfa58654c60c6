// What would policy say? A user, group or role (or a policy that is only written down), actions,
// resources and condition keys; the answer with its statements. The question stands in the URL.
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";
import { useAction } from "~/aws/useAction";
import { useGathered } from "~/aws/useCall";
import { cliCommand } from "~/format/cli";
import { useUrlStates } from "~/page/urlState";
import { useDraft } from "~/page/useDraft";
import { CliCommand } from "~/parts/CliCommand";
import { ProblemText } from "~/views/ProblemText";
import { useAccount } from "../policies/account";
import { JsonEditor } from "../policies/JsonEditor";
import { useLint } from "../policies/useLint";
import { ContextFields } from "./ContextFields";
import { Results } from "./Results";
import { contextKeys, type Entry, entriesOf, type Row, type Source, simulate } from "./simulate";

const POLICY = { text: '{\n  "Version": "2012-10-17",\n  "Statement": []\n}' };

export function SimulatorTab() {
  const [query, change] = useUrlStates();
  const isCustom = query.get("way") === "policy";
  const principal = query.get("principal") ?? "";
  const [draft, setDraft] = useDraft("simulator", POLICY);
  const [actions, setActions] = useState(linesIn(query, "actions"));
  const [resources, setResources] = useState(linesIn(query, "resources"));
  const [entries, setEntries] = useState<Entry[]>(() => fromUrl(query.get("context")));
  const [isTried, setTried] = useState(false);
  const [rows, setRows] = useState<Row[]>();
  const source: Source = isCustom ? { policy: draft.text } : { principal };
  const isReady = isCustom ? !!draft.text.trim() : !!principal;
  const keys = useGathered(`iam keys ${JSON.stringify(source)}`, (s) => contextKeys(source, s), {
    skip: !isReady,
  });
  const wanted = lines(actions);
  const on = lines(resources);
  const run = useAction(async () => setRows(await simulate(source, wanted, on, filled(entries))), {
    renews: "nothing",
  });

  function go(): void {
    setTried(true);
    change({ actions: wanted.join(","), resources: on.join(","), context: inUrl(entries) });
    if (isReady && wanted.length) void run.run();
  }

  return (
    <SpaceBetween size="l">
      <Container
        header={
          <Header
            variant="h2"
            description="Asks the engine that decides real calls. Nothing is done, and guards and bucket policies are not asked."
          >
            Simulator
          </Header>
        }
      >
        <SpaceBetween size="m">
          <SegmentedControl
            label="What is simulated"
            selectedId={isCustom ? "policy" : "principal"}
            options={[
              { id: "principal", text: "Somebody" },
              { id: "policy", text: "A policy I write" },
            ]}
            onChange={({ detail }) =>
              change({ way: detail.selectedId === "policy" ? "policy" : null })
            }
          />
          {isCustom ? (
            <Written text={draft.text} onChange={(text) => setDraft({ text })} />
          ) : (
            <Who
              arn={principal}
              onChange={(arn) => change({ principal: arn })}
              error={isTried && !principal ? "Choose somebody." : ""}
            />
          )}
          <FormField
            label="Actions"
            description="One a line, without stars: sagemaker:CreateTrainingJob."
            errorText={isTried && !wanted.length ? "Name at least one action." : ""}
          >
            <Textarea
              value={actions}
              rows={3}
              spellcheck={false}
              onChange={({ detail }) => setActions(detail.value)}
            />
          </FormField>
          <FormField label="Resources" description="ARNs, one a line. None: every resource (*).">
            <Textarea
              value={resources}
              rows={2}
              spellcheck={false}
              onChange={({ detail }) => setResources(detail.value)}
            />
          </FormField>
          <FormField label="Condition keys" stretch>
            <ContextFields entries={entries} keys={keys.data ?? []} onChange={setEntries} />
          </FormField>
          <Button variant="primary" loading={run.isRunning} onClick={go}>
            Simulate
          </Button>
        </SpaceBetween>
      </Container>
      {run.problem && (
        <Alert type="error" header={run.problem.code}>
          <ProblemText problem={run.problem} />
        </Alert>
      )}
      {rows && !run.problem && <Results rows={rows} />}
      {!isCustom && principal && wanted.length > 0 && (
        <CliCommand
          command={cliCommand("iam", "SimulatePrincipalPolicy", {
            PolicySourceArn: principal,
            ActionNames: wanted,
            ResourceArns: on.length ? on : undefined,
          })}
        />
      )}
    </SpaceBetween>
  );
}

function Who({
  arn,
  onChange,
  error,
}: {
  arn: string;
  onChange: (arn: string) => void;
  error: string;
}) {
  const account = useAccount();
  const options = (account.data?.holders ?? []).map((one) => ({
    value: one.arn,
    label: `${one.kind} ${one.name}`,
    description: one.arn,
  }));
  const chosen =
    options.find((one) => one.value === arn) ?? (arn ? { value: arn, label: arn } : null);
  return (
    <FormField
      label="Who"
      errorText={error || (account.data ? "" : (account.problem?.message ?? ""))}
    >
      <Select
        options={options}
        selectedOption={chosen}
        placeholder="A user, group or role"
        filteringType="auto"
        statusType={account.data || account.problem ? "finished" : "loading"}
        loadingText="Loading users, groups and roles"
        empty="There is nobody yet"
        onChange={({ detail }) => onChange(detail.selectedOption.value ?? "")}
      />
    </FormField>
  );
}

function Written({ text, onChange }: { text: string; onChange: (text: string) => void }) {
  const lint = useLint(text);
  return (
    <ExpandableSection headerText="The policy" defaultExpanded>
      <JsonEditor label="Policy to simulate" text={text} onChange={onChange} lint={lint} />
    </ExpandableSection>
  );
}

const lines = (text: string): string[] =>
  text
    .split(/[\s,]+/)
    .map((line) => line.trim())
    .filter(Boolean);

const linesIn = (query: URLSearchParams, name: string): string =>
  (query.get(name) ?? "").replaceAll(",", "\n");

const filled = (entries: Entry[]): Entry[] => entries.filter((entry) => entry.name && entry.value);

function inUrl(entries: Entry[]): string {
  const found = filled(entries);
  return found.length
    ? JSON.stringify(Object.fromEntries(found.map((e) => [e.name, e.value])))
    : "";
}

function fromUrl(text: string | null): Entry[] {
  try {
    return entriesOf(JSON.parse(text || "{}") as Record<string, unknown>);
  } catch {
    return [];
  }
}
