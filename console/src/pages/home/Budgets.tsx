// What remains of the budgets that speak of a person or of their domain, and what a breach means.
import {
  type Budget,
  DescribeBudgetActionsForBudgetCommand,
  DescribeBudgetsCommand,
} from "@aws-sdk/client-budgets";
import Box from "@cloudscape-design/components/box";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { budgets } from "~/aws/services/money/budgets";
import { type Call, usePages } from "~/aws/useCall";
import { money } from "~/format/amounts";
import { domainArn } from "~/format/arn";
import { limitOf } from "~/pages/budgets/useBudgets";
import { useIdentity } from "~/session/useSession";
import type { Me } from "./mine";
import { noAccess } from "./noAccess";
import { profileArn } from "./useMyJobs";

/** The budgets that filter by one's profile or domain; all of them are read, few are shown. */
export function useMyBudgets(me: Me): Call<Budget[]> {
  const { region, accountId } = useIdentity();
  const found = usePages(
    budgets,
    DescribeBudgetsCommand,
    { AccountId: accountId, MaxResults: 100 },
    "Budgets",
  );
  const arns = [profileArn(region, accountId, me), domainArn(region, accountId, me.domainId)];
  const mine = found.data?.filter((one) => arns.some((arn) => speaksOf(one, arn)));
  return { ...found, data: mine };
}

export function Budgets({ me }: { me: Me }) {
  const mine = useMyBudgets(me);
  if (mine.problem) {
    return <span title={mine.problem.message}>{noAccess(mine.problem.kind)}</span>;
  }
  if (!mine.data) return <>...</>;
  if (!mine.data.length) return <>None is set</>;
  return (
    <SpaceBetween size="xs">
      {mine.data.map((one) => (
        <Left key={one.BudgetName} budget={one} />
      ))}
    </SpaceBetween>
  );
}

/** The whole value of a tag in its filters: `user:KEY$ARN`, or in an expression. */
function speaksOf({ CostFilters, FilterExpression }: Budget, arn: string): boolean {
  const text = JSON.stringify([CostFilters, FilterExpression]);
  return text.includes(`$${arn}"`) || text.includes(`"${arn}"`);
}

const limited = (budget: Budget): number => Number(limitOf(budget) ?? 0);
const spentOf = (budget: Budget): number =>
  Number(budget.CalculatedSpend?.ActualSpend?.Amount ?? 0);

/** Whether all of it is spent. */
export const isPassed = (budget: Budget): boolean => spentOf(budget) > limited(budget);

function Left({ budget }: { budget: Budget }) {
  const limit = limited(budget);
  const spent = spentOf(budget);
  const left = limit - spent;
  const words = left >= 0 ? `${money(left)} left` : `${money(-left)} over`;
  return (
    <>
      <ProgressBar
        value={limit > 0 ? Math.min(100, (spent / limit) * 100) : 100}
        label={budget.BudgetName}
        additionalInfo={`${words} of ${money(limit)}`}
        {...(left < 0 ? { status: "error" as const, resultText: words } : {})}
      />
      {left < 0 && <Meaning name={budget.BudgetName ?? ""} />}
    </>
  );
}

/** What follows from it for who wants to start something: as far as one may see the actions. */
function Meaning({ name }: { name: string }) {
  const { accountId: AccountId } = useIdentity();
  const input = { AccountId, BudgetName: name, MaxResults: 100 };
  const actions = usePages(budgets, DescribeBudgetActionsForBudgetCommand, input, "Actions");
  if (actions.problem) return <Box color="text-body-secondary">New starts may be refused.</Box>;
  const isStopping = actions.data?.some(({ Status }) => Status === "EXECUTION_SUCCESS");
  if (!isStopping) return null;
  return (
    <StatusIndicator type="error">
      New starts are refused until its next period begins or an administrator reverses it
    </StatusIndicator>
  );
}
