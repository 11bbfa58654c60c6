// /console/activity: who did what, on which thing, and how it ended. CloudTrail's event history with
// its filters in the URL; refused calls lead to their reason.
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Toggle from "@cloudscape-design/components/toggle";
import { count } from "~/format/amounts";
import { nameOf } from "~/format/arn";
import { csv, save } from "~/format/csv";
import { localTime } from "~/format/time";
import { Help, useHelp } from "~/page/help";
import { Page } from "~/page/Page";
import { useUrlState, useUrlStates } from "~/page/urlState";
import { When } from "~/parts/When";
import { ownerOf } from "~/studio/OwnerLink";
import { type Column, DataTable, matches } from "~/table/DataTable";
import { useTableUrl } from "~/table/tableUrl";
import type { Seen } from "~/trail/event";
import { OutcomeStatus } from "~/trail/OutcomeStatus";
import { whoColumn } from "~/trail/Who";
import { Empty } from "~/views/Empty";
import { EventPanel } from "./EventPanel";
import { Filters } from "./Filters";
import { questionOf } from "./question";
import { type History, useHistory } from "./useHistory";

const HELP = (
  <Help title="Activity">
    <p>
      Every call to this account leaves an event: who, what, on which thing, from where, and how it
      ended. Nobody can change one.
    </p>
    <p>
      <b>Refused</b> is what policy forbade: open the event and let it be explained. <b>Failed</b>{" "}
      is what was allowed but could not be done.
    </p>
    <p>
      At first only changes are shown, as in AWS's event history. Naming a person or a resource also
      shows data events, such as reads of objects.
    </p>
  </Help>
);

export default function Activity() {
  useHelp(HELP);
  const [query, change] = useUrlStates();
  const [live, setLive] = useUrlState("live");
  const [chosen, choose] = useUrlState("event", "", { push: true });
  const question = questionOf(query);
  const history = useHistory(question, live === "on");
  const events = history.events.data ?? [];
  const columns = columnsOf(choose);
  const filter = useTableUrl("events").filter.toLowerCase();
  const shown = events.filter((event) => matches(columns, event, filter));
  return (
    <Page title="Activity" description="Who did what, on which thing, and how it ended.">
      <SpaceBetween size="m">
        <Filters of={question} onChange={(part) => change(withUsual(part))} />
        <DataTable<Seen>
          id="events"
          title="Events"
          nouns={["event", "events"]}
          of={history.events}
          rowId={(event) => event.id}
          columns={columns}
          description={<Reach of={history} />}
          actions={
            <SpaceBetween direction="horizontal" size="xs" alignItems="center">
              <Toggle
                checked={live === "on"}
                onChange={({ detail }) => setLive(detail.checked ? "on" : "")}
              >
                Live
              </Toggle>
              <Button iconName="download" disabled={!shown.length} onClick={() => saveAll(shown)}>
                CSV
              </Button>
            </SpaceBetween>
          }
          empty={
            <Empty title="No events">
              Nothing fits what you ask for. Take a filter away, or ask for a longer time.
            </Empty>
          }
        />
        {history.hasOlder && (
          <Box textAlign="center">
            <Button onClick={history.older} loading={history.events.isLoading}>
              Load older events
            </Button>
          </Box>
        )}
        {chosen && (
          <EventPanel
            id={chosen}
            known={events.find((event) => event.id === chosen)}
            onClose={() => choose("")}
          />
        )}
      </SpaceBetween>
    </Page>
  );
}

/** The kind that is usual is left out of the URL. */
const withUsual = (part: object) =>
  Object.fromEntries(
    Object.entries(part).map(([name, value]) => [name, value === "changes" ? null : String(value)]),
  );

function Reach({ of }: { of: History }) {
  const oldest = of.events.data?.at(-1);
  const words = of.hasOlder
    ? `${count(of.read)} events were looked through${oldest ? `, back to ${localTime(oldest.at)}` : ""}; there are older ones.`
    : "All that fits is loaded.";
  return <>{of.events.at || of.read ? words : ""}</>;
}

function saveAll(events: Seen[]): void {
  const head = ["Time (UTC)", "Event", "Service", "Who", "ARN", "Outcome", "Error"];
  const rows = events.map((event) => [
    event.at.toISOString(),
    event.name,
    event.service,
    event.who,
    event.arn,
    event.outcome,
    event.errorCode,
    event.resources.join(" "),
    event.address,
    event.id,
  ]);
  save("activity.csv", csv([[...head, "Resources", "Address", "Request id"], ...rows]));
}

function columnsOf(choose: (id: string) => void): Column<Seen>[] {
  return [
    {
      id: "time",
      header: "Time",
      minWidth: 150,
      value: (event) => event.at.getTime(),
      cell: (event) => <When at={event.at} />,
    },
    {
      id: "name",
      header: "Event",
      isRowHeader: true,
      minWidth: 240,
      value: (event) => event.name,
      cell: (event) => (
        <Button variant="inline-link" onClick={() => choose(event.id)}>
          {event.name}
        </Button>
      ),
    },
    {
      id: "service",
      header: "Service",
      minWidth: 125,
      value: (event) => event.service,
      cell: (event) => event.service,
    },
    whoColumn,
    {
      id: "outcome",
      header: "Outcome",
      minWidth: 170,
      value: (event) => `${event.outcome} ${event.errorCode}`,
      cell: (event) => <OutcomeStatus of={event} />,
    },
    {
      id: "resources",
      header: "Resources",
      minWidth: 260,
      value: (event) => event.resources.join(" "),
      cell: (event) => <Resources of={othersOf(event)} />,
    },
    {
      id: "address",
      header: "Address",
      minWidth: 130,
      isHidden: true,
      value: (event) => event.address,
      cell: (event) => event.address,
    },
    {
      id: "id",
      header: "Request id",
      minWidth: 320,
      isHidden: true,
      value: (event) => event.id,
      cell: (event) => <code>{event.id}</code>,
    },
  ];
}

const SHOWN_MAX = 2;

/** The resources without the app's own space or profile, and its domain: "Who" tells these. */
function othersOf({ origin, resources }: Seen): string[] {
  const own = ownerOf(origin);
  const others = own
    ? resources.filter((arn) => arn !== origin && !arn.endsWith(`:domain/${own.domainId}`))
    : resources;
  return others.length ? others : resources;
}

function Resources({ of }: { of: string[] }) {
  if (!of.length) return <>-</>;
  const more = of.length - SHOWN_MAX;
  return (
    <>
      {of.slice(0, SHOWN_MAX).map((arn) => (
        <div key={arn} className="break" title={arn}>
          {arn.startsWith("arn:") ? `${kindOf(arn)} ${nameOf(arn)}` : arn}
        </div>
      ))}
      {more > 0 && <Box color="text-body-secondary">and {more} more</Box>}
    </>
  );
}

/** `domain`, of `arn:aws:sagemaker:...:domain/d-1`; the service where the ARN names no kind. */
function kindOf(arn: string): string {
  const parts = arn.split(":");
  const tail = parts.slice(5).join(":");
  return tail.includes("/") ? (tail.split("/")[0] ?? "") : (parts[2] ?? "");
}
