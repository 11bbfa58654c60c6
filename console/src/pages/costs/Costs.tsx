// /console/costs: who spends what. One question of Cost Explorer, drawn, listed, saved and shown as a
// command; all that is chosen stands in the URL.
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMemo } from "react";
import { useSearchParams } from "react-router";
import { cliCommand } from "~/format/cli";
import { save } from "~/format/csv";
import { digitsFor } from "~/money/precision";
import { todayUtc, useForecast } from "~/money/useForecast";
import { Help, useHelp } from "~/page/help";
import { Page } from "~/page/Page";
import { TabsInUrl } from "~/page/TabsInUrl";
import { useUrlStates } from "~/page/urlState";
import { CliCommand } from "~/parts/CliCommand";
import { useIdentity } from "~/session/useSession";
import { View } from "~/views/View";
import { type Costs as CostsHeld, seriesOf } from "./ask/collect";
import { type Outlook, outlookOf } from "./ask/outlook";
import { AHEAD_MONTHS, HOURS_DAYS_MAX, spelled } from "./ask/periods";
import { isByResource, type Query, readQuery, requestAhead, requestOf } from "./ask/query";
import { useCosts, useDomainNames } from "./ask/useCosts";
import { useLimit } from "./ask/useLimit";
import { Controls } from "./choose/Controls";
import { Reports } from "./choose/Reports";
import { CostChart } from "./show/CostChart";
import { costsFile } from "./show/costsFile";
import { GroupTable } from "./show/GroupTable";
import { PriceNotice } from "./show/PriceNotice";
import { Summary } from "./show/Summary";
import { TimeTable } from "./show/TimeTable";

const HELP = (
  <Help title="Costs">
    <p>
      Each second that an app or a job runs, and each byte that lies on a disk, is a line of the
      ledger with the tags it had in that hour. This page adds them up.
    </p>
    <p>
      <b>Untagged</b> is what carries no such tag. It is always shown. <b>Others</b> is all beyond
      the dearest; the table lists each.
    </p>
    <p>
      What is <b>forecast</b> is hatched: the mean of the same weekdays, recent weeks counting more.
      The dashed lines hold it four times of five, if all goes on as it went.
    </p>
    <p>
      Cost is <b>unblended</b>: without discounts and commitments AWS's other cost metrics are the
      same.
    </p>
    <p>
      Days are UTC. A day is <b>estimated</b> until six hours after its end. Figures are rounded to
      be read; point at one for its last digit, or download them.
    </p>
    <p>
      A name in the table, or in a bar's details, leads into it: domain, then user or space, then
      resource. The browser's back button leads out again.
    </p>
  </Help>
);

export default function Costs() {
  useHelp(HELP);
  const [url] = useSearchParams();
  const [, change] = useUrlStates();
  const today = todayUtc();
  const query = useMemo(() => readQuery(url, today), [url, today]);
  const domains = useDomainNames();
  const costs = useCosts(query, domains);
  const { data } = costs;
  // What was spent stands first: the forecast and budgets are asked for behind it.
  const forecast = useForecast(data ? requestAhead(query) : null);
  const outlook = useMemo(
    () => data && outlookOf(data, forecast.data, query.granularity),
    [data, forecast.data, query.granularity],
  );
  return (
    <Page
      title="Costs"
      description="What was spent, by whom and on what, and what will be. Days are UTC."
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <Reports query={url.toString()} />
          <Button
            iconName="download"
            disabled={!data}
            onClick={() =>
              data && outlook && save(fileName(query), costsFile(data, outlook, query))
            }
          >
            Download CSV
          </Button>
        </SpaceBetween>
      }
    >
      <SpaceBetween size="l">
        <PriceNotice />
        <Container>
          <Controls query={query} today={today} domains={domains} change={change} />
        </Container>
        {query.isCut && <Cut query={query} />}
        <View of={costs} what="the costs">
          {(found) => (
            <Found
              costs={found}
              outlook={outlook ?? outlookOf(found, undefined, query.granularity)}
              note={forecast.note}
              query={query}
              url={url}
              of={costs}
            />
          )}
        </View>
        <Commands query={query} />
      </SpaceBetween>
    </Page>
  );
}

/** Less is shown than was asked for, and why. */
function Cut({ query: { granularity, period } }: { query: Query }) {
  const why =
    granularity === "hour"
      ? `Hours are kept for ${HOURS_DAYS_MAX} days`
      : granularity === "day"
        ? `Days are forecast for ${AHEAD_MONTHS.day} months; by the month it is ${AHEAD_MONTHS.month}`
        : `Months are forecast for ${AHEAD_MONTHS.month}`;
  return (
    <Alert type="info">
      {why}: shown is {spelled(period)}.
    </Alert>
  );
}

function Commands({ query }: { query: Query }) {
  const { accountId } = useIdentity();
  const operation = isByResource(query) ? "GetCostAndUsageWithResources" : "GetCostAndUsage";
  const ahead = requestAhead(query);
  return (
    <SpaceBetween size="xs">
      {query.past && (
        <CliCommand command={cliCommand("ce", operation, requestOf(query, accountId))} />
      )}
      {ahead && (
        <CliCommand
          title="The forecast by the aws CLI"
          command={cliCommand("ce", "GetCostForecast", ahead)}
        />
      )}
    </SpaceBetween>
  );
}

interface FoundProps {
  costs: CostsHeld;
  outlook: Outlook;
  note: string;
  query: Query;
  url: URLSearchParams;
  of: ReturnType<typeof useCosts>;
}

function Found({ costs, outlook, note, query, url, of }: FoundProps) {
  const series = useMemo(() => seriesOf(costs, query.by, query.top), [costs, query]);
  const limit = useLimit(query.filters, query.granularity);
  const { by, granularity } = query;
  const digits = digitsFor(costs.total + (outlook.rest ?? 0n));
  const title = `Cost by ${by.text.toLowerCase()} and ${granularity}`;
  const shown = { costs, outlook, limit, digits, query, url };
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">{title}</Header>}>
        <SpaceBetween size="l">
          <Summary note={note} {...shown} />
          <CostChart series={series} label={title} {...shown} />
        </SpaceBetween>
      </Container>
      <TabsInUrl
        label="Tables"
        tabs={[
          {
            id: "groups",
            label: `By ${by.text.toLowerCase()}`,
            content: () => <GroupTable of={of} {...shown} />,
          },
          {
            id: "times",
            label: `By ${granularity}, as in the chart`,
            content: () => <TimeTable of={of} series={series} {...shown} />,
          },
        ]}
      />
    </SpaceBetween>
  );
}

const fileName = ({ by, period }: Query): string =>
  `costs-by-${by.id}-${spelled(period).replaceAll(" ", "-")}.csv`;
