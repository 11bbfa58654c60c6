// Lifecycle configurations of the account, and where this domain attaches them: made, attached, made
// the default, detached, deleted.
import {
  DeleteStudioLifecycleConfigCommand,
  type DescribeDomainResponse,
  ListStudioLifecycleConfigsCommand,
  type StudioLifecycleConfigDetails,
  UpdateDomainCommand,
} from "@aws-sdk/client-sagemaker";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { sagemaker } from "~/aws/services/sagemaker";
import { useAction } from "~/aws/useAction";
import { usePages } from "~/aws/useCall";
import { EditDialog } from "~/dialogs/EditDialog";
import { TypedDelete } from "~/dialogs/TypedDelete";
import { useDialog } from "~/page/useDialog";
import { type Column, DataTable } from "~/table/DataTable";
import { timeColumn } from "~/table/timeColumn";
import { useChosen } from "~/table/useChosen";
import { Empty } from "~/views/Empty";
import {
  type AppKind,
  appsOf,
  isAttached,
  isDefault,
  SCOPES,
  type Scope,
  scopeWords,
  updateOf,
  withoutScript,
  withScript,
} from "./attached";
import { NewScript } from "./NewScript";
import { ScriptText } from "./ScriptText";

type Script = StudioLifecycleConfigDetails;

const arnOf = (script: Script) => script.StudioLifecycleConfigArn ?? "";
const nameOf = (script: Script) => script.StudioLifecycleConfigName ?? "";
const kindOf = (script: Script) => script.StudioLifecycleConfigAppType as AppKind;

export function ScriptsBox({ domain }: { domain: DescribeDomainResponse }) {
  const dialog = useDialog();
  const scripts = usePages(
    sagemaker,
    ListStudioLifecycleConfigsCommand,
    { MaxResults: 100 },
    "StudioLifecycleConfigs",
  );
  const chosen = useChosen("scripts", scripts.data, nameOf);
  const [script] = chosen.items;
  const places = script ? placesOf(domain, script) : [];
  const detach = useAction(
    async () => {
      for (const { scope } of places) {
        await sagemaker.send(UpdateDomainCommand, detached(domain, scope, script));
      }
    },
    {
      done: () => `${script ? nameOf(script) : ""} was detached.`,
      renews: "sagemaker",
      tells: true,
    },
  );
  const actions = (
    <SpaceBetween direction="horizontal" size="xs">
      <Button disabled={!script} onClick={() => dialog.open("show-script")}>
        Show
      </Button>
      <Button disabled={!script} onClick={() => dialog.open("attach-script")}>
        Attach
      </Button>
      <Button
        disabled={!places.length}
        loading={detach.isRunning}
        onClick={() => void detach.run()}
      >
        Detach
      </Button>
      <Button disabled={!script} onClick={() => dialog.open("delete-script")}>
        Delete
      </Button>
      <Button onClick={() => dialog.open("new-script")}>Create configuration</Button>
    </SpaceBetween>
  );
  return (
    <>
      <DataTable<Script>
        id="scripts"
        title="Lifecycle configurations"
        description="Scripts that run before an app starts, as its owner. They are the account's; this domain offers those that are attached."
        nouns={["configuration", "configurations"]}
        of={scripts}
        rowId={nameOf}
        columns={columnsOf(domain)}
        actions={actions}
        selection={{ type: "single", ...chosen }}
        empty={
          <Empty title="No lifecycle configuration yet">
            Create one to install packages or set up the home each time an app starts.
          </Empty>
        }
      />
      {dialog.is === "new-script" && <NewScript onClose={dialog.close} />}
      {dialog.is === "show-script" && script && (
        <ScriptText name={nameOf(script)} onClose={dialog.close} />
      )}
      {dialog.is === "attach-script" && script && (
        <Attach domain={domain} script={script} onClose={dialog.close} />
      )}
      {dialog.is === "delete-script" && script && (
        <Delete script={script} places={places} onClose={dialog.close} />
      )}
    </>
  );
}

interface PlaceOf {
  scope: Scope;
  isDefault: boolean;
}

function placesOf(domain: DescribeDomainResponse, script: Script): PlaceOf[] {
  return SCOPES.flatMap(({ value: scope }) => {
    const apps = appsOf(domain, scope, kindOf(script));
    const arn = arnOf(script);
    return isAttached(apps, arn) ? [{ scope, isDefault: isDefault(apps, arn) }] : [];
  });
}

function detached(domain: DescribeDomainResponse, scope: Scope, script: Script | undefined) {
  const kind = kindOf(script ?? {});
  const apps = appsOf(domain, scope, kind);
  return updateOf(domain, scope, kind, withoutScript(apps, arnOf(script ?? {})));
}

const placeWords = (places: PlaceOf[]): string =>
  places.map((one) => `${scopeWords(one.scope)}${one.isDefault ? " (default)" : ""}`).join(", ") ||
  "Not attached";

function columnsOf(domain: DescribeDomainResponse): Column<Script>[] {
  return [
    { id: "name", header: "Name", isRowHeader: true, minWidth: 240, value: nameOf, cell: nameOf },
    { id: "type", header: "App type", minWidth: 130, value: kindOf, cell: kindOf },
    {
      id: "places",
      header: "In this domain",
      minWidth: 280,
      value: (script) => placeWords(placesOf(domain, script)),
      cell: (script) => placeWords(placesOf(domain, script)),
    },
    timeColumn("created", "Created", (script) => script.CreationTime, 150),
  ];
}

interface ScriptProps {
  domain: DescribeDomainResponse;
  script: Script;
  onClose: () => void;
}

function Attach({ domain, script, onClose }: ScriptProps) {
  const kind = kindOf(script);
  const attach = useAction(
    ({ scope, mode }: Record<string, string>) => {
      const at = scope as Scope;
      const apps = withScript(appsOf(domain, at, kind), arnOf(script), mode === "default");
      return sagemaker.send(UpdateDomainCommand, updateOf(domain, at, kind, apps));
    },
    {
      done: ({ scope }) => `${nameOf(script)}: attached to ${scopeWords(scope as Scope)}.`,
      renews: "sagemaker",
    },
  );
  return (
    <EditDialog
      title={`Attach ${nameOf(script)}`}
      verb="Attach"
      action={attach}
      onClose={onClose}
      fields={[
        { id: "scope", label: "For", value: "DefaultUserSettings", options: SCOPES },
        {
          id: "mode",
          label: "When it runs",
          value: "default",
          options: [
            { value: "default", label: "At each start: it is the default" },
            { value: "offered", label: "Where somebody chooses it" },
          ],
        },
      ]}
    />
  );
}

interface DeleteProps {
  script: Script;
  places: PlaceOf[];
  onClose: () => void;
}

function Delete({ script, places, onClose }: DeleteProps) {
  const name = nameOf(script);
  const remove = useAction(
    async () => {
      const named = { StudioLifecycleConfigName: name };
      await sagemaker.send(DeleteStudioLifecycleConfigCommand, named);
    },
    { done: () => `Lifecycle configuration ${name} was deleted.`, renews: "sagemaker" },
  );
  return (
    <TypedDelete title={`Delete ${name}?`} word={name} action={remove} onClose={onClose}>
      {places.length
        ? "This domain attaches it: detach it first, or the delete is refused."
        : "It goes for every domain. One that another domain attaches, or that a running app was started with, is refused."}
    </TypedDelete>
  );
}
