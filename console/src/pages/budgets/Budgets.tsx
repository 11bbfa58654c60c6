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
import { useWatched } from "./useWatched";
import { ActionCell, AlertsCell, NOTHING, type Watched } from "./WatchedCells";

const HELP = (
  <Help title="Budgets">
    <p>
      A budget is a limit for a period, of the whole account or of domains. It shows what was spent
      of it so far, read off the same ledger as the costs page.
    </p>
    <p>
      The <b>forecast</b> is what was spent plus what the last weeks lead to expect for the rest of
      the period. It is left out until there are two weeks of history.
    </p>
    <p>
      <b>Alerts</b> are given once in a period, by e-mail where this install names a mail server.{" "}
      <b>Actions</b> deny new starts once so much is spent; what runs goes on.
    </p>
  </Help>
);

export default function Budgets() {
  useBreadcrumbs([{ text: "Budgets" }]);
  useHelp(HELP);
  const budgets = useBudgets();
  const domains = useDomainNames();
  const watched = useWatched();
  const columns = useMemo(() => columnsOf(domains, watched), [domains, watched]);
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

function columnsOf(
  domains: Map<string, string>,
  watched: Map<string, Watched> | undefined,
): Column<Budget>[] {
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
      header: "Spent",
      minWidth: 180,
      value: (budget) => usedShare(actual(budget)?.Amount, limitOf(budget)),
      cell: (budget) => (
        <>
          <span className="number">{spendText(actual(budget))}</span>
          <Used
            used={actual(budget)?.Amount}
            limit={limitOf(budget)}
            label={`${budget.BudgetName}: used`}
          />
        </>
      ),
    },
    {
      id: "limit",
      header: "Limit",
      minWidth: 120,
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
      minWidth: 200,
      value: (budget) => Number(forecast(budget)?.Amount ?? 0),
      cell: (budget) =>
        forecast(budget) ? (
          <>
            <span className="number">{spendText(forecast(budget))}</span>
            <Used
              used={forecast(budget)?.Amount}
              limit={limitOf(budget)}
              label={`${budget.BudgetName}: forecast`}
              isForecast
            />
          </>
        ) : (
          "Too little history"
        ),
    },
    {
      id: "alerts",
      header: "Alerts",
      minWidth: 160,
      value: ({ BudgetName = "" }) => watched?.get(BudgetName)?.passed,
      cell: ({ BudgetName = "" }) => (
        <AlertsCell name={BudgetName} watched={watched && (watched.get(BudgetName) ?? NOTHING)} />
      ),
    },
    {
      id: "actions",
      header: "Actions",
      minWidth: 200,
      value: ({ BudgetName = "" }) => watched?.get(BudgetName)?.action,
      cell: ({ BudgetName = "" }) => (
        <ActionCell name={BudgetName} watched={watched && (watched.get(BudgetName) ?? NOTHING)} />
      ),
    },
    {
      id: "period",
      header: "Period",
      isHidden: true,
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
