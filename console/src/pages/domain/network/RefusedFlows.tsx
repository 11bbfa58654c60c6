// Connections that were refused in the last 24 hours: who wanted to go where, in sentences.
import { FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { useMemo, useState } from "react";
import { logs } from "~/aws/services/logs";
import { usePages } from "~/aws/useCall";
import { count } from "~/format/amounts";
import { InnerLink } from "~/parts/InnerLink";
import { When } from "~/parts/When";
import { type Column, DataTable } from "~/table/DataTable";
import { Empty } from "~/views/Empty";
import { type Refused, refusedOf } from "./flows";

const DAY_MS = 24 * 3_600_000;
const LOOK_MS = 15_000; // flow logs are written every five seconds

export function RefusedFlows({ domainId }: { domainId: string }) {
  const [since] = useState(() => Date.now() - DAY_MS);
  const events = usePages(
    logs,
    FilterLogEventsCommand,
    { logGroupName: `/freehold/flow-logs/${domainId}`, startTime: since, limit: 1000 },
    "events",
    { token: "nextToken", every: () => LOOK_MS },
  );
  const refused = useMemo(() => {
    // The group is made with the first refusal: none yet is no trouble.
    if (events.problem?.kind === "missing") {
      return { ...events, problem: undefined, data: [], at: since + DAY_MS };
    }
    return { ...events, data: events.data && refusedOf(events.data, domainId) };
  }, [events, domainId, since]);
  return (
    <DataTable<Refused>
      id="refused"
      title="Refused in the last 24 hours"
      description="From the domain's flow log. A rule in a security group below lets through what should pass."
      nouns={["refused connection", "refused connections"]}
      of={refused}
      rowId={(one) => one.sentence}
      columns={COLUMNS}
      empty={
        <Empty title="Nothing was refused">
          No app or job of this domain was kept from anything in the last 24 hours.
        </Empty>
      }
    />
  );
}

const COLUMNS: Column<Refused>[] = [
  {
    id: "sentence",
    header: "What happened",
    isRowHeader: true,
    minWidth: 560,
    value: (one) => one.sentence,
    cell: (one) => one.sentence,
  },
  {
    id: "who",
    header: "Who",
    minWidth: 180,
    value: (one) => one.who,
    cell: (one) => (one.to ? <InnerLink to={one.to}>{one.who}</InnerLink> : one.who),
  },
  {
    id: "packets",
    header: "Packets",
    minWidth: 125,
    value: (one) => one.packets,
    cell: (one) => <span className="number">{count(one.packets)}</span>,
  },
  {
    id: "last",
    header: "Last",
    minWidth: 140,
    value: (one) => one.lastAt.getTime(),
    cell: (one) => <When at={one.lastAt} />,
  },
];
