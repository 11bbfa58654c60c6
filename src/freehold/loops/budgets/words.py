"""What alerts say: subject and text of the mails, plain and short."""

from __future__ import annotations

from freehold.meter import alarms, spend
from freehold.store.records import Document

ACTION_EVENT = "BudgetAction"  # ours: AWS leaves no event of it
Message = tuple[str, str]


def alert(budget: Document, threshold: alarms.Threshold, spent: Document, now: float) -> Message:
    """A threshold is passed."""
    name = budget["BudgetName"]
    unit = spent["ActualSpend"]["Unit"]
    lines = [
        f"Budget {name}: {alarms.told(threshold, unit)}.",
        "",
        *_standing(budget, spent, now),
        "",
        "You get this once for this threshold and period.",
    ]
    return f"Budget {name}: {alarms.told(threshold, unit)}", "\n".join(lines)


def pending(budget: Document, action: Document) -> Message:
    """An action waits for somebody's approval."""
    name = budget["BudgetName"]
    policy = action["Definition"]["IamActionDefinition"]["PolicyArn"]
    text = (
        f"The threshold of an action of the budget {name} is passed. It waits for approval: it "
        f"would attach {policy}.\n\nApprove it on the budget's page of the console, or by "
        f"ExecuteBudgetAction with the ActionId {action['ActionId']}."
    )
    return f"Budget {name}: an action waits for approval", text


def outcome(budget_name: str, action: Document, message: str) -> Message:
    """An action was carried out, or could not be."""
    policy = action["Definition"]["IamActionDefinition"]["PolicyArn"]
    status = action["Status"]
    text = f"{message}\n\nBudget: {budget_name}\nAction: {action['ActionId']}\nPolicy: {policy}"
    return f"Budget {budget_name}: action is {status}", text


def _standing(budget: Document, spent: Document, now: float) -> list[str]:
    limit = spend.limit_at(budget, now)
    lines = [f"Spent:    {_amount(spent['ActualSpend'])}"]
    if "ForecastedSpend" in spent:
        lines.append(f"Forecast: {_amount(spent['ForecastedSpend'])}")
    if limit:
        lines.append(f"Limit:    {_amount(limit)}")
    return lines


def _amount(given: Document) -> str:
    return f"{float(given['Amount']):.2f} {given['Unit']}"
