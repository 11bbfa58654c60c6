// A domain's month in money: what was spent, what it will likely be in the end, and what of a budget
// for it is used.
import type { Budget } from "@aws-sdk/client-budgets";
import { GetCostAndUsageCommand } from "@aws-sdk/client-cost-explorer";
import Box from "@cloudscape-design/components/box";
import { costs } from "~/aws/services/money/costs";
import { useCall } from "~/aws/useCall";
import { drawn, exact, sum } from "~/format/exact";
import { monthBack } from "~/format/months";
import { digitsFor, moneyAt } from "~/money/precision";
import { forecastRequest, LEVEL, monthOf, todayUtc, useForecast } from "~/money/useForecast";
import { domainsOf } from "~/pages/budgets/draft";
import { Used } from "~/pages/budgets/Used";
import { limitOf, spendText, useBudgets } from "~/pages/budgets/useBudgets";
import { InnerLink } from "~/parts/InnerLink";
import { DOMAIN_TAG } from "~/studio/OwnerLink";

export const ofDomain = (domainArn: string) => ({
  Tags: { Key: DOMAIN_TAG, Values: [domainArn] },
});

/** What this month will have cost when it is over. */
export function MonthForecast({ domainArn }: { domainArn: string }) {
  const ahead = { start: todayUtc(), end: monthBack(0).End };
  const { data, note } = useForecast(forecastRequest(ahead, "MONTHLY", ofDomain(domainArn)));
  if (!data) return <>{note || "..."}</>;
  const { mean, lower, upper } = monthOf(data);
  const text = (value: bigint) => moneyAt(drawn(value), digitsFor(upper));
  return (
    <>
      <span className="number">{text(mean)}</span>
      <Box color="text-body-secondary" fontSize="body-s">
        {LEVEL}% likely {text(lower)} to {text(upper)}
      </Box>
    </>
  );
}

/** A bar for each budget that is for this domain alone; without one, the way to make one. */
export function DomainBudgets({ domainArn }: { domainArn: string }) {
  const budgets = useBudgets();
  if (budgets.problem) {
    return <>{budgets.problem.kind === "forbidden" ? "No access" : "Unknown"}</>;
  }
  if (!budgets.data) return <>...</>;
  const own = budgets.data.filter((one) => domainsOf(one)?.join() === domainArn);
  if (own.length === 0) return <InnerLink to="/budgets/create">None: create one</InnerLink>;
  return own.map((one) => <DomainBudget key={one.BudgetName} budget={one} />);
}

function DomainBudget({ budget }: { budget: Budget }) {
  const { BudgetName = "", CalculatedSpend } = budget;
  const used = CalculatedSpend?.ActualSpend;
  const limit = limitOf(budget);
  return (
    <div>
      <InnerLink to={`/budgets/${encodeURIComponent(BudgetName)}`}>{BudgetName}</InnerLink>
      <Used used={used?.Amount} limit={limit} label={`${BudgetName}: used`} />
      <Box color="text-body-secondary" fontSize="body-s">
        {spendText(used)} of {spendText({ Amount: limit, Unit: used?.Unit })}
      </Box>
    </div>
  );
}

/** This month and the last, spent, at one precision. */
export function useMonths(domainArn: string) {
  return useCall(costs, GetCostAndUsageCommand, {
    TimePeriod: { Start: monthBack(1).Start, End: monthBack(0).End },
    Granularity: "MONTHLY",
    Metrics: ["UnblendedCost"],
    Filter: ofDomain(domainArn),
  });
}

export function monthsText(amounts: Array<string | undefined>): string[] {
  const values = amounts.map((one) => exact(one));
  const digits = digitsFor(sum(values));
  return values.map((one) => moneyAt(drawn(one), digits));
}
