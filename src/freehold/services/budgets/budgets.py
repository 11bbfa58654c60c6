"""Budgets: limits on what may be spent, and what was spent of them, read off the ledger.

What a budget may say is checked and rendered by ``meter/budgets.py``; its spend is computed at
each look. Reference: costs, sections 5 and 6; docs/parity.md.
"""

from __future__ import annotations

from collections.abc import Sequence

from freehold.base.errors import InUse, Invalid, LimitExceeded
from freehold.kernel import ledger
from freehold.kernel.budgets import actions as life
from freehold.kernel.budgets import kept
from freehold.kernel.call import Call, Record
from freehold.kernel.declare import lists
from freehold.kernel.declare.operation import Document
from freehold.meter import budgets as rules
from freehold.meter import spend
from freehold.meter.query.tokens import position, token
from freehold.services.budgets.notifications import entries
from freehold.services.budgets.service import (
    BUDGET,
    MODIFY,
    PAGE_DEFAULT,
    VIEW,
    budgets,
    check_account,
    load_budget,
)

BUDGETS_MAX = 20_000  # AWS Budgets quotas: per account
FORMER = "_FormerLimits"  # limits that were replaced: {"Until": epoch seconds, "Limit"}
COUNTS = (  # members that say what is counted, and up to where
    *("BudgetLimit", "PlannedBudgetLimits", "TimeUnit", "TimePeriod", "BudgetType"),
    *("CostFilters", "CostTypes", "FilterExpression", "Metrics"),
)
HISTORY_MEMBERS = (
    "BudgetName",
    "BudgetType",
    "CostFilters",
    "CostTypes",
    "FilterExpression",
    "TimeUnit",
)


@budgets.operation(
    "CreateBudget",
    on=BUDGET,
    mode="write",
    action=MODIFY,
    is_create=True,
    tag_action="budgets:TagResource",
)
def create_budget(call: Call, request: Document) -> None:
    """Keep a budget with its notifications.

    Raises:
        Denied: Another account's id.
        Invalid: What the budget says; told by member.
        InUse: There is one of that name.
        LimitExceeded: Of budgets, notifications or subscribers.
        Unsupported: A subscriber by SNS.
    """
    check_account(call, request)
    budget = _checked(call, request["Budget"])
    budget[kept.NOTIFICATIONS] = entries(request.get("NotificationsWithSubscribers") or [])
    name = budget["BudgetName"]
    if call.find(BUDGET, budget) is not None:
        raise InUse(rules.already_exists(name))
    if call.count(BUDGET) >= BUDGETS_MAX:
        raise LimitExceeded(
            f"An account has at most {BUDGETS_MAX} budgets.", code="ServiceQuotaExceededException"
        )
    call.create(BUDGET, budget, tags=call.request_tags)


@budgets.operation("DescribeBudget", on=BUDGET, mode="slow", action=VIEW)
def describe_budget(call: Call, request: Document) -> Document:
    """A budget with what was spent of it up to now."""
    record = load_budget(call, request)
    return {"Budget": _rendered(call, [record], request)[0]}


@budgets.operation("DescribeBudgets", on=BUDGET, mode="slow", action=VIEW)
def describe_budgets(call: Call, request: Document) -> Document:
    """All budgets by name, each with what was spent of it up to now."""
    check_account(call, request)
    limit = int(request.get("MaxResults") or PAGE_DEFAULT)
    try:
        found, token = lists.page_by_name(call, BUDGET, limit, request.get("NextToken"))
    except Invalid as fault:
        raise Invalid(fault.message, code="InvalidNextTokenException") from fault
    answer: Document = {"Budgets": _rendered(call, found, request)}
    return answer | ({"NextToken": token} if token else {})


@budgets.operation("UpdateBudget", on=BUDGET, mode="write", action=MODIFY)
def update_budget(call: Call, request: Document) -> None:
    """Replace a budget by another of the same name; its notifications and actions stay.

    Where it now counts other things or up to another limit, its alerts begin anew.

    Raises:
        NotFound: There is none of that name: names cannot be changed.
    """
    record = load_budget(call, request)
    budget = _checked(call, request["NewBudget"])
    ours = {key: value for key, value in record.document.items() if key.startswith("_")}
    before = record.document.get("BudgetLimit")
    if before and before != budget.get("BudgetLimit"):
        replaced = {"Until": call.now, "Limit": before}
        ours[FORMER] = [*ours.get(FORMER, ()), replaced][-spend.LIMITS_KEPT_MAX :]
    is_same = all(record.document.get(key) == budget.get(key) for key in COUNTS)
    record.document = budget | ours
    if not is_same:
        kept.rearm(record.document)
    call.update(record)


@budgets.operation("DeleteBudget", on=BUDGET, mode="write", action=MODIFY)
def delete_budget(call: Call, request: Document) -> None:
    """Delete a budget with its notifications and actions; what those did is undone."""
    record = load_budget(call, request)
    for action in kept.actions_of(call.unit, record.name):
        end_action(call, action)
    call.remove(record)


def end_action(call: Call, action: Record) -> None:
    """Delete an action; one whose policy still binds somebody, once the loop has taken it away."""
    if action.document.get(kept.IS_DELETED):
        return
    if not action.document.get(kept.GIVEN):
        call.remove(action)
        return
    action.document[kept.IS_DELETED] = True
    life.undo(action, "DELETE_ACTION", "The action was deleted.", call.now)
    call.update(action)


@budgets.operation("DescribeBudgetPerformanceHistory", on=BUDGET, mode="slow", action=VIEW)
def describe_budget_performance_history(call: Call, request: Document) -> Document:
    """What was budgeted and spent in each period up to this one, oldest first.

    Limits are those of the time; the filter is today's.

    Raises:
        Invalid: The budget is annual; a page token of another request.
    """
    record = load_budget(call, request)
    budget, now = kept.plain(record), call.now
    asked = request.get("TimePeriod") or {}
    since, until = float(asked.get("Start") or 0), float(asked.get("End") or now + 1)
    periods = [
        period
        for period in spend.periods_until(budget, now)
        if period.end > since and period.start < until
    ]
    begin = (position(request, request.get("NextToken")) or [0])[0]
    limit = int(request.get("MaxResults") or PAGE_DEFAULT)
    shown = periods[begin : begin + limit]
    answer: Document = {
        "BudgetPerformanceHistory": {
            **{key: budget[key] for key in HISTORY_MEMBERS if key in budget},
            "BudgetedAndActualAmountsList": _performance(call, record, shown),
        }
    }
    if begin + limit < len(periods):
        answer["NextToken"] = token(request, [begin + limit])
    return answer


def _performance(call: Call, record: Record, periods: list[spend.Period]) -> list[Document]:
    if not periods:
        return []
    cuts = [at for period in periods for at in period]
    return spend.performance(
        kept.plain(record),
        record.document.get(FORMER, ()),
        periods,
        ledger.day_rows(call.unit, periods[0].start, min(periods[-1].end, call.now + 1), cuts),
        call.now,
        ledger.activations(call.unit),
        currency=ledger.currency(call.unit),
    )


# -- what the operations share ------------------------------------------------------------------


def _checked(call: Call, budget: Document) -> Document:
    view, ours = budget.get("BillingViewArn"), ledger.primary_view(call.kernel.settings)
    if view not in (None, ours):
        raise Invalid(f"The billing view {view} does not exist: use {ours} or none.")
    return rules.checked(budget, call.now, currency=ledger.currency(call.unit))


def _rendered(call: Call, records: Sequence[Record], request: Document) -> list[Document]:
    """Budgets as answers show them."""
    now, activations = call.now, ledger.activations(call.unit)
    wanted = [kept.plain(record) for record in records]
    return [
        rules.rendered(
            budget,
            spent,
            spend.health(budget, activations, now),
            show_filter_expression=bool(request.get("ShowFilterExpression")),
        )
        for budget, spent in zip(wanted, kept.spends(call.unit, wanted, now), strict=True)
    ]
