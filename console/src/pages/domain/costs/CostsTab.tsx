// What the domain costs: a month by day, by person and space, and by resource; last month beside it.
import { GetCostAndUsageCommand } from "@aws-sdk/client-cost-explorer";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMemo } from "react";
import { costs } from "~/aws/services/money/costs";
import { useCall } from "~/aws/useCall";
import { money } from "~/format/amounts";
import { exact } from "~/format/exact";
import { monthBack, monthName } from "~/format/months";
import { digitsFor, moneyAt } from "~/money/precision";
import { useUrlState } from "~/page/urlState";
import { InnerButton } from "~/parts/InnerButton";
import { InnerLink } from "~/parts/InnerLink";
import { DOMAIN_TAG, OwnerLink, PROFILE_TAG, SPACE_TAG, wordsOf } from "~/studio/OwnerLink";
import { type Column, DataTable } from "~/table/DataTable";
import { Empty } from "~/views/Empty";
import { View } from "~/views/View";
import { CostChart, UNTAGGED } from "./CostChart";
import { DomainBudgets, MonthForecast, monthsText, ofDomain, useMonths } from "./MonthMoney";
import { ResourceCosts } from "./ResourceCosts";
import { type Share, sharesOf, sum } from "./shares";

const BOTH = [
  { Type: "TAG" as const, Key: PROFILE_TAG },
  { Type: "TAG" as const, Key: SPACE_TAG },
];

export default function CostsTab({ domainArn }: { domainArn: string }) {
  const [chosen, choose] = useUrlState("month", "this", { push: true });
  const now = monthBack(0);
  const last = monthBack(1);
  const month = chosen === "last" ? last : now;
  const asked = {
    Metrics: ["UnblendedCost"],
    Filter: ofDomain(domainArn),
  };
  const daily = useCall(costs, GetCostAndUsageCommand, {
    ...asked,
    TimePeriod: month,
    Granularity: "DAILY",
    GroupBy: BOTH,
  });
  return (
    <SpaceBetween size="l">
      <Totals domainArn={domainArn} />
      <Container
        header={
          <Header
            variant="h2"
            description="US dollars before credits, by UTC day, by the tags that each hour then had."
            actions={
              <SegmentedControl
                selectedId={chosen === "last" ? "last" : "this"}
                onChange={({ detail }) => choose(detail.selectedId)}
                label="Month"
                options={[
                  { id: "this", text: monthName(now.Start) },
                  { id: "last", text: monthName(last.Start) },
                ]}
              />
            }
          >
            By day
          </Header>
        }
      >
        <View of={daily} what="the cost by day">
          {(data) => <CostChart shares={sharesOf(data)} month={month} />}
        </View>
      </Container>
      <Shares asked={asked} />
      <ResourceCosts domainArn={domainArn} month={month} name={monthName(month.Start)} />
    </SpaceBetween>
  );
}

interface Asked {
  Metrics: string[];
  Filter: { Tags: { Key: string; Values: string[] } };
}

/** Totals are the API's own, not sums of what is shown. */
function Totals({ domainArn }: { domainArn: string }) {
  const own = useMonths(domainArn);
  const nobody = useCall(costs, GetCostAndUsageCommand, {
    TimePeriod: { Start: monthBack(1).Start, End: monthBack(0).End },
    Granularity: "MONTHLY",
    Metrics: ["UnblendedCost"],
    Filter: { Tags: { Key: DOMAIN_TAG, MatchOptions: ["ABSENT"] } },
  });
  const untagged = nobody.data?.ResultsByTime?.at(-1)?.Total?.UnblendedCost?.Amount;
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            <InnerButton to={`/costs?by=user&range=this-month&domain=${domainArn}`}>
              Open in Costs
            </InnerButton>
          }
        >
          This domain
        </Header>
      }
    >
      <View of={own} what="the cost of this domain">
        {(data) => {
          const spent = data.ResultsByTime?.map(({ Total }) => Total?.UnblendedCost?.Amount) ?? [];
          const [last, now] = monthsText(spent);
          return (
            <KeyValuePairs
              columns={3}
              minColumnWidth={200}
              items={[
                { label: "This month so far", value: now },
                {
                  label: "Forecast for the month",
                  value: <MonthForecast domainArn={domainArn} />,
                },
                { label: "Last month", value: last },
                { label: "Budget", value: <DomainBudgets domainArn={domainArn} /> },
                {
                  label: "This month without any domain, whole account",
                  value: nobody.problem ? (
                    "No access"
                  ) : (
                    <InnerLink to="/backfill">{untagged ? money(untagged) : "..."}</InnerLink>
                  ),
                },
              ]}
            />
          );
        }}
      </View>
    </Container>
  );
}

function Shares({ asked }: { asked: Asked }) {
  const months = useCall(costs, GetCostAndUsageCommand, {
    ...asked,
    TimePeriod: { Start: monthBack(1).Start, End: monthBack(0).End },
    Granularity: "MONTHLY",
    GroupBy: BOTH,
  });
  const rows = useMemo(() => ({ ...months, data: months.data && sharesOf(months.data) }), [months]);
  return (
    <DataTable<Share>
      id="shares"
      title="By user and space"
      description="What a space costs stands under the space, not under its people. Shared: what is nobody's, such as the domain's file system."
      nouns={["user or space", "users and spaces"]}
      of={rows}
      rowId={(share) => share.key || UNTAGGED}
      columns={shareColumns(digitsOf(rows.data ?? []))}
      empty={<Empty title="No cost yet">Nothing of this domain ran or was stored.</Empty>}
    />
  );
}

const inMonth = (back: number) => (share: Share) => share.usd.get(monthBack(back).Start) ?? 0;

/** One precision for both months, so that rows can be added up by eye. */
const digitsOf = (shares: Share[]): number =>
  digitsFor(exact(shares.reduce((all, share) => all + sum(share), 0).toFixed(10)));

const shareColumns = (digits: number): Column<Share>[] => [
  {
    id: "owner",
    header: "User or space",
    isRowHeader: true,
    minWidth: 240,
    value: (share) => wordsOf(share.owner) || UNTAGGED,
    cell: (share) => (share.owner ? <OwnerLink owner={share.owner} /> : UNTAGGED),
  },
  {
    id: "now",
    header: "This month",
    minWidth: 150,
    value: inMonth(0),
    cell: (share) => <span className="number">{moneyAt(inMonth(0)(share), digits)}</span>,
  },
  {
    id: "last",
    header: "Last month",
    minWidth: 150,
    value: inMonth(1),
    cell: (share) => <span className="number">{moneyAt(inMonth(1)(share), digits)}</span>,
  },
];
