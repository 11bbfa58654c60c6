// Apps as lists show them: whose they are, what they cost, and the way to stop one.
import { type AppDetails, DeleteAppCommand } from "@aws-sdk/client-sagemaker";
import { sagemaker } from "~/aws/services/sagemaker";
import { rate } from "~/format/amounts";
import { Status } from "~/parts/Status";
import type { Column } from "~/table/DataTable";
import { timeColumn } from "~/table/timeColumn";
import { OwnerLink } from "./OwnerLink";
import type { Rates } from "./rates";
import { hasEnded } from "./useApps";

/** The space or the user profile that it is of. */
export const placeOf = (app: AppDetails): string => app.SpaceName ?? app.UserProfileName ?? "";

export const appId = (app: AppDetails): string =>
  [placeOf(app), app.AppType, app.AppName].join("/");

export function stopApp(app: AppDetails, signal?: AbortSignal) {
  const { DomainId, AppType, AppName, SpaceName, UserProfileName } = app;
  const owner = SpaceName ? { SpaceName } : { UserProfileName };
  return sagemaker.send(DeleteAppCommand, { DomainId, AppType, AppName, ...owner }, signal);
}

export const whoseColumn: Column<AppDetails> = {
  id: "owner",
  header: "Whose",
  isRowHeader: true,
  minWidth: 180,
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
};

/** What it is, how it fares, and what it costs by the hour while it runs. */
export const appColumns = (rates: Rates | undefined): Column<AppDetails>[] => [
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
      return usd === undefined || hasEnded(app) ? "-" : rate(usd);
    },
  },
  timeColumn("created", "Started", (app) => app.CreationTime),
];
