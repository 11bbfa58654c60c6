// /console/budgets: every limit, what was spent of it, and what is to be expected.
import type { Budget } from "@aws-sdk/client-budgets";
import { useMemo } from "react";
import { useBreadcrumbs } from "~/page/breadcrumbs";
import { Help, useHelp } from "~/page/help";
import { useDomainNames } from "~/pages/costs/ask/useCosts";
import { InnerButton } from "~/parts/InnerButton";
import { InnerLink } from "~/parts/InnerLink";
import { type Column, DataTable } from "~/table/DataTable";
import { Empty } from "~/views/Empty";
import { unitText } from "./draft";
import { Scope } from "./Scope";
import { Used, usedShare } from "./Used";
import { limitOf, spendText, useBudgets } from "./useBudgets";

const HELP = (
  <Help title="Budgets">
    <p>
      A budget is a limit for a period, of the whole account or of domains. It shows what was spent
      of it so far, read off the same ledger as the costs page.
    </p>
    <p>
      The <b>forecast</b> is what was spent plus, for each day that is left, the mean of the same
      weekdays of the last 90 days. It is left out until there are two weeks of history.
    </p>
    <p>
      This server sends no notifications: look here, or ask DescribeBudget. A budget does not stop
      anything.
    </p>
  </Help>
);

export default function Budgets() {
  useBreadcrumbs([{ text: "Budgets" }]);
  useHelp(HELP);
  const budgets = useBudgets();
  const domains = useDomainNames();
  const columns = useMemo(() => columnsOf(domains), [domains]);
  const create = (
    <InnerButton to="/budgets/create" variant="primary">
      Create budget
    </InnerButton>
  );
  return (
    <DataTable<Budget>
      id="budgets"
      title="Budgets"
      headingTag="h1"
      nouns={["budget", "budgets"]}
      of={budgets}
      rowId={(budget) => budget.BudgetName ?? ""}
      columns={columns}
      actions={create}
      empty={
        <Empty
          title="No budgets yet"
          action={<InnerButton to="/budgets/create">Create budget</InnerButton>}
        >
          A budget says what a team may spend in a month, and shows how much of it is used.
        </Empty>
      }
    />
  );
}

function columnsOf(domains: Map<string, string>): Column<Budget>[] {
  const actual = (budget: Budget) => budget.CalculatedSpend?.ActualSpend;
  const forecast = (budget: Budget) => budget.CalculatedSpend?.ForecastedSpend;
  return [
    {
      id: "name",
      header: "Name",
      isRowHeader: true,
      minWidth: 160,
      value: (budget) => budget.BudgetName,
      cell: ({ BudgetName = "" }) => (
        <InnerLink to={`/budgets/${encodeURIComponent(BudgetName)}`}>{BudgetName}</InnerLink>
      ),
    },
    {
      id: "used",
      header: "Used",
      minWidth: 190,
      value: (budget) => usedShare(actual(budget)?.Amount, limitOf(budget)),
      cell: (budget) => (
        <Used
          used={actual(budget)?.Amount}
          limit={limitOf(budget)}
          label={`${budget.BudgetName}: used`}
        />
      ),
    },
    {
      id: "actual",
      header: "Spent",
      minWidth: 130,
      value: (budget) => Number(actual(budget)?.Amount ?? 0),
      cell: (budget) => <span className="number">{spendText(actual(budget))}</span>,
    },
    {
      id: "limit",
      header: "Limit",
      minWidth: 130,
      value: (budget) => Number(limitOf(budget) ?? 0),
      cell: (budget) => (
        <span className="number">
          {spendText({ Amount: limitOf(budget), Unit: actual(budget)?.Unit })}
        </span>
      ),
    },
    {
      id: "forecast",
      header: "Forecast",
      minWidth: 180,
      value: (budget) => Number(forecast(budget)?.Amount ?? 0),
      cell: (budget) =>
        forecast(budget) ? (
          <span className="number">{spendText(forecast(budget))}</span>
        ) : (
          "Too little history"
        ),
    },
    {
      id: "period",
      header: "Period",
      minWidth: 130,
      value: ({ TimeUnit }) => unitText(TimeUnit),
      cell: ({ TimeUnit }) => unitText(TimeUnit),
    },
    {
      id: "scope",
      header: "For",
      minWidth: 150,
      cell: (budget) => <Scope budget={budget} domains={domains} />,
    },
  ];
}
