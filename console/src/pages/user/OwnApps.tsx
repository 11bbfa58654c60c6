// All that runs for one person: their own app and those of their spaces, each with the way to stop it.
import type { AppDetails } from "@aws-sdk/client-sagemaker";
import Button from "@cloudscape-design/components/button";
import { useState } from "react";
import { useAction } from "~/aws/useAction";
import { TypedDelete } from "~/dialogs/TypedDelete";
import { appColumns, appId, placeOf, stopApp, whoseColumn } from "~/studio/apps";
import type { Owner } from "~/studio/OwnerLink";
import { type Rates, useRates } from "~/studio/rates";
import { type Column, DataTable } from "~/table/DataTable";
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
        rowId={appId}
        columns={columnsOf(rates.data, choose)}
        empty={
          <Empty title="Nothing runs">
            Neither their own JupyterLab nor one of a space of theirs.
          </Empty>
        }
      />
      {chosen && <Stop app={chosen} onClose={() => choose(undefined)} />}
    </>
  );
}

function Stop(given: { app: AppDetails; onClose: () => void }) {
  const { app, onClose } = given;
  const what = `${app.AppType} of ${placeOf(app)}`;
  const stop = useAction(() => stopApp(app), {
    done: () => `${what} is being stopped.`,
    renews: "sagemaker",
  });
  return (
    <TypedDelete title={`Stop ${what}?`} word="stop" verb="Stop" action={stop} onClose={onClose}>
      Kernels end, and what was not saved is lost. Files stay, and the bill stops.
    </TypedDelete>
  );
}

const columnsOf = (
  rates: Rates | undefined,
  choose: (app: AppDetails) => void,
): Column<AppDetails>[] => [
  whoseColumn,
  ...appColumns(rates),
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
