// All that runs for one person: their own app and those of their spaces, each with the way to stop it.
import { type AppDetails, DeleteAppCommand } from "@aws-sdk/client-sagemaker";
import Button from "@cloudscape-design/components/button";
import { useState } from "react";
import { sagemaker } from "~/aws/services/sagemaker";
import { useAction } from "~/aws/useAction";
import { TypedDelete } from "~/dialogs/TypedDelete";
import { rate } from "~/format/amounts";
import { Status } from "~/parts/Status";
import { type Owner, OwnerLink } from "~/studio/OwnerLink";
import { type Rates, useRates } from "~/studio/rates";
import { type Column, DataTable } from "~/table/DataTable";
import { timeColumn } from "~/table/timeColumn";
import { Empty } from "~/views/Empty";
import { useOwn } from "./own";

export function OwnApps({ owner }: { owner: Owner }) {
  const { apps } = useOwn(owner);
  const rates = useRates();
  const [chosen, choose] = useState<AppDetails>();
  return (
    <>
      <DataTable<AppDetails>
        id="own-apps"
        title="Running apps"
        nouns={["app", "apps"]}
        of={apps}
        rowId={idOf}
        columns={columnsOf(rates.data, choose)}
        empty={
          <Empty title="Nothing runs">
            Neither their own JupyterLab nor one of a space of theirs.
          </Empty>
        }
      />
      {chosen && <Stop domainId={owner.domainId} app={chosen} onClose={() => choose(undefined)} />}
    </>
  );
}

const placeOf = (app: AppDetails): string => app.SpaceName ?? app.UserProfileName ?? "";
const idOf = (app: AppDetails): string => [placeOf(app), app.AppType, app.AppName].join("/");
const RUNS = { word: "Ready" };

function Stop(given: { domainId: string; app: AppDetails; onClose: () => void }) {
  const { domainId: DomainId, app, onClose } = given;
  const { AppType, AppName, SpaceName, UserProfileName } = app;
  const what = `${AppType} of ${placeOf(app)}`;
  const whose = SpaceName ? { SpaceName } : { UserProfileName };
  const stop = useAction(
    () => sagemaker.send(DeleteAppCommand, { DomainId, AppType, AppName, ...whose }),
    { done: () => `${what} is being stopped.`, renews: "sagemaker" },
  );
  return (
    <TypedDelete title={`Stop ${what}?`} word="stop" verb="Stop" action={stop} onClose={onClose}>
      Kernels end, and what was not saved is lost. Files stay, and the bill stops.
    </TypedDelete>
  );
}

function columnsOf(
  rates: Rates | undefined,
  choose: (app: AppDetails) => void,
): Column<AppDetails>[] {
  return [
    {
      id: "owner",
      header: "Whose",
      isRowHeader: true,
      minWidth: 170,
      value: placeOf,
      cell: (app) => (
        <OwnerLink
          owner={{
            kind: app.SpaceName ? "space" : "user",
            name: placeOf(app),
            domainId: app.DomainId ?? "",
          }}
        />
      ),
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
      cell: (app) => <Status status={app.Status} {...(app.Status === "InService" ? RUNS : {})} />,
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
        return usd === undefined ? "-" : rate(usd);
      },
    },
    timeColumn("started", "Started", (app) => app.CreationTime),
    {
      id: "stop",
      header: "Stop",
      minWidth: 100,
      cell: (app) => (
        <Button
          variant="inline-link"
          ariaLabel={`Stop ${app.AppType} of ${placeOf(app)}`}
          disabled={app.Status !== "InService"}
          onClick={() => choose(app)}
        >
          Stop
        </Button>
      ),
    },
  ];
}
