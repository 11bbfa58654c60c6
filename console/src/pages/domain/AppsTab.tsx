// What runs in a domain, whose it is, and the way to stop it.
import { type AppDetails, ListAppsCommand } from "@aws-sdk/client-sagemaker";
import Button from "@cloudscape-design/components/button";
import Toggle from "@cloudscape-design/components/toggle";
import { useMemo } from "react";
import { whileAny } from "~/aws/polling";
import { sagemaker } from "~/aws/services/sagemaker";
import { useAction } from "~/aws/useAction";
import { usePages } from "~/aws/useCall";
import { TypedDelete } from "~/dialogs/TypedDelete";
import { counted } from "~/format/amounts";
import { useUrlState } from "~/page/urlState";
import { useDialog } from "~/page/useDialog";
import { InnerButton } from "~/parts/InnerButton";
import { isPassing } from "~/parts/Status";
import { appColumns, appId, placeOf, stopApp, whoseColumn } from "~/studio/apps";
import { type Rates, useRates } from "~/studio/rates";
import { hasEnded } from "~/studio/useApps";
import { type Column, DataTable } from "~/table/DataTable";
import { useChosen } from "~/table/useChosen";
import { Empty } from "~/views/Empty";

const poll = whileAny<AppDetails>((app) => isPassing(app.Status));

export function AppsTab({ domainId }: { domainId: string }) {
  const dialog = useDialog();
  const [ended, setEnded] = useUrlState("ended", "no");
  const apps = usePages(
    sagemaker,
    ListAppsCommand,
    { DomainIdEquals: domainId, MaxResults: 100 },
    "Apps",
    { every: poll },
  );
  const rates = useRates();
  const shown = useMemo(
    () => ({
      ...apps,
      data: apps.data?.filter((app) => ended === "yes" || !hasEnded(app)),
    }),
    [apps, ended],
  );
  const selection = useChosen("apps", shown.data, appId);
  const chosen = selection.items;
  const stop = useAction(() => Promise.all(chosen.map((app) => stopApp(app))), {
    done: () => `${counted(chosen.length, "app is", "apps are")} being stopped.`,
  });
  const canStop = chosen.length > 0 && chosen.every((app) => app.Status === "InService");
  return (
    <>
      <DataTable<AppDetails>
        id="apps"
        title="Apps"
        nouns={["app", "apps"]}
        of={shown}
        rowId={appId}
        columns={columnsOf(rates.data)}
        selection={{ type: "multi", ...selection }}
        filters={
          <Toggle
            checked={ended === "yes"}
            onChange={({ detail }) => setEnded(detail.checked ? "yes" : "no")}
          >
            Show ended apps
          </Toggle>
        }
        actions={
          <Button disabled={!canStop} onClick={() => dialog.open("stop-apps")}>
            Stop
          </Button>
        }
        empty={
          <Empty
            title="Nothing runs"
            action={<InnerButton to={`/domains/${domainId}?tab=users`}>To the users</InnerButton>}
          >
            An app starts when somebody opens JupyterLab, and costs until it is stopped.
          </Empty>
        }
      />
      {dialog.is === "stop-apps" && chosen.length > 0 && (
        <TypedDelete
          title={`Stop ${counted(chosen.length, "app")}?`}
          word="stop"
          verb="Stop"
          action={stop}
          onClose={dialog.close}
        >
          <p>{chosen.map(placeOf).join(", ")}</p>
          Kernels end, and what was not saved is lost. Files stay, and the bill stops.
        </TypedDelete>
      )}
    </>
  );
}

const columnsOf = (rates: Rates | undefined): Column<AppDetails>[] => [
  whoseColumn,
  {
    id: "kind",
    header: "Kind",
    minWidth: 110,
    value: (app) => (app.SpaceName ? "Space" : "User profile"),
    cell: (app) => (app.SpaceName ? "Space" : "User profile"),
  },
  ...appColumns(rates),
];
