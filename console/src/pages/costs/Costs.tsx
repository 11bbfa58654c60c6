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
import { Help, useHelp } from "~/page/help";
import { Page } from "~/page/Page";
import { TabsInUrl } from "~/page/TabsInUrl";
import { useUrlStates } from "~/page/urlState";
import { CliCommand } from "~/parts/CliCommand";
import { useIdentity } from "~/session/useSession";
import { View } from "~/views/View";
import { type Costs as CostsHeld, seriesOf } from "./ask/collect";
import { HOURS_DAYS_MAX, spelled } from "./ask/periods";
import { isByResource, type Query, readQuery, requestOf } from "./ask/query";
import { todayUtc, useCosts, useDomainNames } from "./ask/useCosts";
import { Controls } from "./choose/Controls";
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
      Days are UTC. A day is <b>estimated</b> until six hours after its end. Figures are rounded to
      be read; point at one for its last digit, or download them.
    </p>
    <p>A name in the table leads into it: domain, then user, then resource.</p>
  </Help>
);

export default function Costs() {
  useHelp(HELP);
  const [url] = useSearchParams();
  const [, change] = useUrlStates();
  const { accountId } = useIdentity();
  const today = todayUtc();
  const query = useMemo(() => readQuery(url, today), [url, today]);
  const domains = useDomainNames();
  const costs = useCosts(query, domains);
  const operation = isByResource(query) ? "GetCostAndUsageWithResources" : "GetCostAndUsage";
  const { data } = costs;
  return (
    <Page
      title="Costs"
      description="What was spent, by whom and on what. Days are UTC."
      actions={
        <Button
          iconName="download"
          disabled={!data}
          onClick={() => data && save(fileName(query), costsFile(data, query))}
        >
          Download CSV
        </Button>
      }
    >
      <SpaceBetween size="l">
        <PriceNotice />
        <Container>
          <Controls query={query} today={today} domains={domains} change={change} />
        </Container>
        {query.isCut && (
          <Alert type="info">
            Hours are kept for {HOURS_DAYS_MAX} days: shown is {spelled(query.period)}.
          </Alert>
        )}
        <View of={costs} what="the costs">
          {(found) => <Found costs={found} query={query} url={url} of={costs} />}
        </View>
        <CliCommand command={cliCommand("ce", operation, requestOf(query, accountId))} />
      </SpaceBetween>
    </Page>
  );
}

interface FoundProps {
  costs: CostsHeld;
  query: Query;
  url: URLSearchParams;
  of: ReturnType<typeof useCosts>;
}

function Found({ costs, query, url, of }: FoundProps) {
  const series = useMemo(() => seriesOf(costs, query.by, query.top), [costs, query]);
  const { by, granularity } = query;
  const title = `Cost by ${by.text.toLowerCase()} and ${granularity}`;
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">{title}</Header>}>
        <SpaceBetween size="l">
          <Summary costs={costs} query={query} url={url} />
          <CostChart costs={costs} series={series} granularity={granularity} label={title} />
        </SpaceBetween>
      </Container>
      <TabsInUrl
        label="Tables"
        tabs={[
          {
            id: "groups",
            label: `By ${by.text.toLowerCase()}`,
            content: () => <GroupTable of={of} costs={costs} query={query} url={url} />,
          },
          {
            id: "times",
            label: `By ${granularity}, as in the chart`,
            content: () => <TimeTable of={of} costs={costs} series={series} query={query} />,
          },
        ]}
      />
    </SpaceBetween>
  );
}

const fileName = ({ by, period }: Query): string =>
  `costs-by-${by.id}-${spelled(period).replaceAll(" ", "-")}.csv`;
