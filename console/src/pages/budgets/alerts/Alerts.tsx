// The alerts of a budget: what each waits for, whether it is passed and since when, and who is told.
import {
  type Budget,
  CreateNotificationCommand,
  DeleteNotificationCommand,
  DescribeNotificationsForBudgetCommand,
  DescribeSubscribersForNotificationCommand,
  type Notification,
} from "@aws-sdk/client-budgets";
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useState } from "react";
import { budgets } from "~/aws/services/money/budgets";
import { useAction } from "~/aws/useAction";
import { pages, useGathered } from "~/aws/useCall";
import { ActionDialog } from "~/dialogs/ActionDialog";
import { useDialog } from "~/page/useDialog";
import { When } from "~/parts/When";
import { useIdentity } from "~/session/useSession";
import { type Column, DataTable } from "~/table/DataTable";
import { lookUp } from "~/trail/lookUp";
import { Empty } from "~/views/Empty";
import { AlertFields } from "./AlertFields";
import { NO_MAIL, sendsMail } from "./mail";
import { PeopleField } from "./PeopleField";
import {
  type AlertDraft,
  amountText,
  notificationOf,
  peopleTrouble,
  subscribersOf,
  told,
  valueTrouble,
} from "./thresholds";

interface Row {
  notification: Notification;
  people: string[];
  crossedAt: Date | undefined;
}

const LOOK_MS = 15_000; // the server holds spend against thresholds about as often

export function Alerts({ budget }: { budget: Budget }) {
  const rows = useAlerts(budget.BudgetName ?? "");
  const dialog = useDialog();
  const add = <Button onClick={() => dialog.open("add-alert")}>Add alert</Button>;
  const [leaving, setLeaving] = useState<Row>();
  return (
    <SpaceBetween size="l">
      {!sendsMail() && <Alert type="info">{NO_MAIL}</Alert>}
      <DataTable<Row>
        id="alerts"
        title="Alerts"
        nouns={["alert", "alerts"]}
        of={rows}
        rowId={({ notification }) => told(notification)}
        columns={columnsOf(budget, setLeaving)}
        actions={add}
        empty={
          <Empty title="No alerts yet" action={add}>
            An alert is given once in each period, when what was spent or what is to be expected
            passes a threshold.
          </Empty>
        }
      />
      {dialog.is === "add-alert" && <AddAlert budget={budget} onClose={dialog.close} />}
      {leaving && <Remove budget={budget} row={leaving} onClose={() => setLeaving(undefined)} />}
    </SpaceBetween>
  );
}

function useAlerts(BudgetName: string) {
  const { accountId: AccountId } = useIdentity();
  return useGathered<Row[]>(
    `budgets alerts ${AccountId} ${BudgetName}`,
    async (signal) => {
      const named = { AccountId, BudgetName };
      const found = await pages(
        budgets,
        DescribeNotificationsForBudgetCommand,
        named,
        "Notifications",
        { signal },
      );
      const since = await crossings(`arn:aws:budgets::${AccountId}:budget/${BudgetName}`);
      return Promise.all(
        found.map(async (notification) => {
          const { NotificationState: _, ...Notification } = notification;
          const { Subscribers = [] } = await budgets.send(
            DescribeSubscribersForNotificationCommand,
            { ...named, Notification },
            signal,
          );
          return {
            notification,
            people: Subscribers.map(({ Address = "" }) => Address),
            crossedAt: since.get(keyOf(notification)),
          };
        }),
      );
    },
    { every: () => LOOK_MS },
  );
}

const keyOf = (one: Notification): string =>
  [one.NotificationType, one.ComparisonOperator, one.Threshold, one.ThresholdType].join(" ");

/** When each alert was last given, as the audit log tells; nothing where one may not read it. */
async function crossings(arn: string): Promise<Map<string, Date>> {
  const input = {
    LookupAttributes: [{ AttributeKey: "ResourceName" as const, AttributeValue: arn }],
  };
  const isAlarm = (one: { name: string; record: Record<string, unknown> }) =>
    one.name === "BudgetAlert" && asked(one.record).NotificationState === "ALARM";
  const found = new Map<string, Date>();
  try {
    const { events } = await lookUp({ input, fits: isAlarm, enough: 50, pagesMax: 4 });
    for (const event of events.reverse()) found.set(keyOf(asked(event.record)), event.at);
  } catch {
    // Reading the log is another permission: the state is told all the same.
  }
  return found;
}

const asked = (record: Record<string, unknown>): Notification =>
  (record.requestParameters ?? {}) as Notification;

function columnsOf(budget: Budget, remove: (row: Row) => void): Column<Row>[] {
  const unit = budget.CalculatedSpend?.ActualSpend?.Unit;
  const isPassed = ({ notification }: Row) => notification.NotificationState === "ALARM";
  return [
    {
      id: "threshold",
      header: "Threshold",
      isRowHeader: true,
      minWidth: 230,
      value: ({ notification }) => told(notification, unit),
      cell: ({ notification }) => told(notification, unit),
    },
    {
      id: "amount",
      header: "That is",
      minWidth: 120,
      value: ({ notification }) => notification.Threshold ?? 0,
      cell: ({ notification: one }) => (
        <span className="number">{amountText(budget, one.Threshold ?? 0, one.ThresholdType)}</span>
      ),
    },
    {
      id: "state",
      header: "State",
      minWidth: 130,
      value: (row) => (isPassed(row) ? "Passed" : "OK"),
      cell: (row) => (
        <StatusIndicator type={isPassed(row) ? "error" : "success"}>
          {isPassed(row) ? "Passed" : "OK"}
        </StatusIndicator>
      ),
    },
    {
      id: "at",
      header: "Last given",
      minWidth: 140,
      value: ({ crossedAt }) => crossedAt?.getTime(),
      cell: ({ crossedAt }) => (crossedAt ? <When at={crossedAt} /> : "-"),
    },
    {
      id: "people",
      header: "Who is told",
      minWidth: 200,
      value: ({ people }) => people.join(", "),
      cell: ({ people }) => <span className="break">{people.join(", ")}</span>,
    },
    {
      id: "remove",
      header: "Remove",
      minWidth: 110,
      cell: (row) => (
        <Button
          variant="inline-link"
          ariaLabel={`Remove: ${told(row.notification, unit)}`}
          onClick={() => remove(row)}
        >
          Remove
        </Button>
      ),
    },
  ];
}

function AddAlert({ budget, onClose }: { budget: Budget; onClose: () => void }) {
  const { accountId: AccountId } = useIdentity();
  const [draft, setDraft] = useState<AlertDraft>({
    kind: "ACTUAL",
    value: "85",
    type: "PERCENTAGE",
  });
  const [people, setPeople] = useState("");
  const [isTried, setTried] = useState(false);
  const troubles = { value: valueTrouble(draft.value), people: peopleTrouble(people) };
  const add = useAction(
    () =>
      budgets.send(CreateNotificationCommand, {
        AccountId,
        BudgetName: budget.BudgetName,
        Notification: notificationOf(draft),
        Subscribers: subscribersOf(people),
      }),
    { done: () => "The alert was added. It is looked at within half a minute." },
  );

  async function go(): Promise<void> {
    setTried(true);
    if (!troubles.value && !troubles.people && (await add.run())) onClose();
  }

  return (
    <ActionDialog title="Add alert" verb="Add alert" action={add} onGo={go} onClose={onClose}>
      <AlertFields
        draft={draft}
        change={(part) => setDraft((all) => ({ ...all, ...part }))}
        trouble={isTried ? troubles.value : ""}
      />
      <PeopleField people={people} change={setPeople} trouble={isTried ? troubles.people : ""} />
    </ActionDialog>
  );
}

function Remove({ budget, row, onClose }: { budget: Budget; row: Row; onClose: () => void }) {
  const { accountId: AccountId } = useIdentity();
  const { NotificationState: _, ...Notification } = row.notification;
  const remove = useAction(
    () =>
      budgets.send(DeleteNotificationCommand, {
        AccountId,
        BudgetName: budget.BudgetName,
        Notification,
      }),
    { done: () => "The alert was removed." },
  );
  return (
    <ActionDialog
      title="Remove alert"
      verb="Remove"
      action={remove}
      onGo={async () => (await remove.run()) && onClose()}
      onClose={onClose}
    >
      “{told(row.notification)}” is not looked at any more, and {row.people.join(", ")} will not be
      told. The budget and its other alerts stay.
    </ActionDialog>
  );
}
