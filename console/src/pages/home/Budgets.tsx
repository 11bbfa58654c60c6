// What remains of the budgets that speak of a person or of their domain.
import { type Budget, DescribeBudgetsCommand } from "@aws-sdk/client-budgets";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { budgets } from "~/aws/services/money/budgets";
import { usePages } from "~/aws/useCall";
import { money } from "~/format/amounts";
import { domainArn } from "~/format/arn";
import { useIdentity } from "~/session/useSession";
import type { Me } from "./mine";
import { noAccess } from "./noAccess";
import { profileArn } from "./useMyJobs";

export function Budgets({ me }: { me: Me }) {
  const { region, accountId } = useIdentity();
  const found = usePages(
    budgets,
    DescribeBudgetsCommand,
    { AccountId: accountId, MaxResults: 100 },
    "Budgets",
  );
  if (found.problem) {
    return <span title={found.problem.message}>{noAccess(found.problem.kind)}</span>;
  }
  if (!found.data) return <>...</>;
  const arns = [profileArn(region, accountId, me), domainArn(region, accountId, me.domainId)];
  const mine = found.data.filter((one) => arns.some((arn) => speaksOf(one, arn)));
  if (!mine.length) return <>None is set</>;
  return (
    <SpaceBetween size="xs">
      {mine.map((one) => (
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

function Left({ budget }: { budget: Budget }) {
  const limit = Number(budget.BudgetLimit?.Amount ?? 0);
  const spent = Number(budget.CalculatedSpend?.ActualSpend?.Amount ?? 0);
  const left = limit - spent;
  const words = left >= 0 ? `${money(left)} left` : `${money(-left)} over`;
  return (
    <ProgressBar
      value={limit > 0 ? Math.min(100, (spent / limit) * 100) : 100}
      label={budget.BudgetName}
      additionalInfo={`${words} of ${money(limit)}`}
      {...(left < 0 ? { status: "error" as const, resultText: words } : {})}
    />
  );
}
