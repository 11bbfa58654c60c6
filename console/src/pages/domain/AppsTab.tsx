// What runs in a domain, whose it is, and the way to stop it.
import { type AppDetails, DeleteAppCommand, ListAppsCommand } from "@aws-sdk/client-sagemaker";
import Button from "@cloudscape-design/components/button";
import Toggle from "@cloudscape-design/components/toggle";
import { useMemo } from "react";
import { whileAny } from "~/aws/polling";
import { sagemaker } from "~/aws/services/sagemaker";
import { useAction } from "~/aws/useAction";
import { usePages } from "~/aws/useCall";
import { TypedDelete } from "~/dialogs/TypedDelete";
import { counted, rate } from "~/format/amounts";
import { useUrlState } from "~/page/urlState";
import { useDialog } from "~/page/useDialog";
import { InnerButton } from "~/parts/InnerButton";
import { isPassing, Status } from "~/parts/Status";
import { OwnerLink } from "~/studio/OwnerLink";
import { type Rates, useRates } from "~/studio/rates";
import { type Column, DataTable } from "~/table/DataTable";
import { timeColumn } from "~/table/timeColumn";
import { useChosen } from "~/table/useChosen";
import { Empty } from "~/views/Empty";

const poll = whileAny<AppDetails>((app) => isPassing(app.Status));
const ENDED = new Set(["Deleted", "Failed"]);

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
      data: apps.data?.filter((app) => ended === "yes" || !ENDED.has(app.Status ?? "")),
    }),
    [apps, ended],
  );
  const selection = useChosen("apps", shown.data, rowId);
  const chosen = selection.items;
  const stop = useAction(() => Promise.all(chosen.map((app) => stopApp(domainId, app))), {
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
        rowId={rowId}
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
          <p>{chosen.map((app) => app.SpaceName ?? app.UserProfileName).join(", ")}</p>
          Kernels end, and what was not saved is lost. Files stay, and the bill stops.
        </TypedDelete>
      )}
    </>
  );
}

function rowId(app: AppDetails): string {
  return [app.SpaceName ?? app.UserProfileName, app.AppType, app.AppName].join("/");
}

function stopApp(DomainId: string, app: AppDetails) {
  const { AppType, AppName, SpaceName, UserProfileName } = app;
  const owner = SpaceName ? { SpaceName } : { UserProfileName };
  return sagemaker.send(DeleteAppCommand, { DomainId, AppType, AppName, ...owner });
}

const columnsOf = (rates: Rates | undefined): Column<AppDetails>[] => [
  {
    id: "owner",
    header: "Whose",
    isRowHeader: true,
    minWidth: 180,
    value: (app) => app.SpaceName ?? app.UserProfileName,
    cell: (app) => (
      <OwnerLink
        owner={{
          kind: app.SpaceName ? "space" : "user",
          name: app.SpaceName ?? app.UserProfileName ?? "",
          domainId: app.DomainId ?? "",
        }}
      />
    ),
  },
  {
    id: "kind",
    header: "Kind",
    minWidth: 110,
    value: (app) => (app.SpaceName ? "Space" : "User profile"),
    cell: (app) => (app.SpaceName ? "Space" : "User profile"),
  },
  {
    id: "type",
    header: "Type",
    minWidth: 120,
    value: (app) => app.AppType,
    cell: (app) => app.AppType,
  },
  {
    id: "status",
    header: "Status",
    minWidth: 130,
    value: (app) => app.Status,
    cell: (app) => (
      <Status status={app.Status} {...(app.Status === "InService" ? { word: "Ready" } : {})} />
    ),
  },
  {
    id: "instance",
    header: "Instance",
    minWidth: 140,
    value: (app) => app.ResourceSpec?.InstanceType,
    cell: (app) => app.ResourceSpec?.InstanceType ?? "-",
  },
  {
    id: "rate",
    header: "Rate",
    minWidth: 150,
    value: (app) => rates?.get(app.ResourceSpec?.InstanceType ?? "")?.usd,
    cell: (app) => {
      const usd = rates?.get(app.ResourceSpec?.InstanceType ?? "")?.usd;
      return usd === undefined || ENDED.has(app.Status ?? "") ? "-" : rate(usd);
    },
  },
  timeColumn("created", "Started", (app) => app.CreationTime),
];
