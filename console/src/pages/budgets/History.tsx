// How a budget went: what was spent in each period against the limit of its time, drawn and listed.
import {
  type Budget,
  type BudgetedAndActualAmounts,
  DescribeBudgetPerformanceHistoryCommand,
} from "@aws-sdk/client-budgets";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import MixedLineBarChart, {
  type MixedLineBarChartProps,
} from "@cloudscape-design/components/mixed-line-bar-chart";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { budgets } from "~/aws/services/money/budgets";
import { type Call, useGathered } from "~/aws/useCall";
import { money } from "~/format/amounts";
import { useIdentity } from "~/session/useSession";
import { type Column, DataTable } from "~/table/DataTable";
import { Empty } from "~/views/Empty";
import { View } from "~/views/View";
import { Used, usedShare } from "./Used";
import { spendText } from "./useBudgets";

const PAGES_MAX = 10;
const HEIGHT = 240;

export function History({ budget }: { budget: Budget }) {
  if (budget.TimeUnit === "ANNUALLY") {
    return (
      <Container header={<Header variant="h2">History</Header>}>
        Budgets of a year have no history, as on AWS. The costs page shows what was spent.
      </Container>
    );
  }
  return <Periods name={budget.BudgetName ?? ""} />;
}

function Periods({ name }: { name: string }) {
  const history = useHistory(name);
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">History</Header>}>
        <View of={history} what="the history">
          {(periods) => <Chart periods={periods} />}
        </View>
      </Container>
      <DataTable<BudgetedAndActualAmounts>
        id="history"
        title="Periods"
        nouns={["period", "periods"]}
        of={history}
        rowId={startOf}
        columns={COLUMNS}
        empty={<Empty title="It has not begun">Its first period lies in the future.</Empty>}
      />
    </SpaceBetween>
  );
}

function useHistory(BudgetName: string): Call<BudgetedAndActualAmounts[]> {
  const { accountId: AccountId } = useIdentity();
  return useGathered(`budgets history ${AccountId} ${BudgetName}`, async (signal) => {
    const found: BudgetedAndActualAmounts[] = [];
    let NextToken: string | undefined;
    for (let page = 0; page < PAGES_MAX; page++) {
      const input = { AccountId, BudgetName, ...(NextToken ? { NextToken } : {}) };
      const answer = await budgets.send(DescribeBudgetPerformanceHistoryCommand, input, signal);
      found.push(...(answer.BudgetPerformanceHistory?.BudgetedAndActualAmountsList ?? []));
      NextToken = answer.NextToken;
      if (!NextToken) break;
    }
    return found;
  });
}

function Chart({ periods }: { periods: BudgetedAndActualAmounts[] }) {
  const unit = periods[0]?.ActualAmount?.Unit ?? "USD";
  const text = (value: number) =>
    /^[A-Z]{3}$/.test(unit) ? money(value, unit) : `${value} ${unit}`;
  const limits = periods.filter(({ BudgetedAmount }) => BudgetedAmount);
  return (
    <MixedLineBarChart<string>
      height={HEIGHT}
      xScaleType="categorical"
      xDomain={periods.map(startOf)}
      hideFilter
      ariaLabel="Spent and limit by period"
      xTitle="Period (UTC)"
      yTitle={unit}
      series={[
        {
          type: "bar",
          title: "Spent",
          valueFormatter: text,
          data: periods.map((one) => ({
            x: startOf(one),
            y: Number(one.ActualAmount?.Amount ?? 0),
          })),
        },
        ...limitSeries(limits, text),
      ]}
      i18nStrings={{ yTickFormatter: text }}
      empty={<Empty title="It has not begun" />}
    />
  );
}

/** One limit for all is a line across, also where there is but one period; else it goes with them. */
function limitSeries(
  limits: BudgetedAndActualAmounts[],
  valueFormatter: (value: number) => string,
): Array<MixedLineBarChartProps.ChartSeries<string>> {
  const amounts = new Set(limits.map(({ BudgetedAmount }) => Number(BudgetedAmount?.Amount)));
  const [y] = amounts;
  if (y === undefined) return [];
  if (amounts.size === 1) return [{ type: "threshold", title: "Limit", valueFormatter, y }];
  const data = limits.map((one) => ({ x: startOf(one), y: Number(one.BudgetedAmount?.Amount) }));
  return [{ type: "line", title: "Limit", valueFormatter, data }];
}

const startOf = ({ TimePeriod }: BudgetedAndActualAmounts): string =>
  TimePeriod?.Start?.toISOString().slice(0, 10) ?? "";

const COLUMNS: Column<BudgetedAndActualAmounts>[] = [
  {
    id: "start",
    header: "From (UTC)",
    isRowHeader: true,
    minWidth: 130,
    value: startOf,
    cell: startOf,
  },
  {
    id: "actual",
    header: "Spent",
    minWidth: 120,
    value: ({ ActualAmount }) => Number(ActualAmount?.Amount ?? 0),
    cell: ({ ActualAmount }) => <span className="number">{spendText(ActualAmount)}</span>,
  },
  {
    id: "limit",
    header: "Limit",
    minWidth: 120,
    value: ({ BudgetedAmount }) => Number(BudgetedAmount?.Amount ?? 0),
    cell: ({ BudgetedAmount }) => <span className="number">{spendText(BudgetedAmount)}</span>,
  },
  {
    id: "used",
    header: "Used",
    minWidth: 190,
    value: (one) => usedShare(one.ActualAmount?.Amount, one.BudgetedAmount?.Amount),
    cell: (one) => (
      <Used
        used={one.ActualAmount?.Amount}
        limit={one.BudgetedAmount?.Amount}
        label={`From ${startOf(one)}: used`}
      />
    ),
  },
];
