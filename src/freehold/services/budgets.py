"""Budgets: limits on what may be spent, and what was spent of them, read off the ledger.

What a budget may say is checked and rendered by ``meter/budgets.py``; its spend is computed at
each look. Notifications are not sent by this server, so they are refused, never kept unsent.
Reference: costs, sections 5 and 6; docs/parity.md.
"""

from __future__ import annotations

from collections.abc import Sequence

from freehold.base.errors import Denied, InUse, Invalid, LimitExceeded, NotFound, Unsupported
from freehold.kernel import ledger, tagging
from freehold.kernel.call import Call, Record
from freehold.kernel.declare import lists
from freehold.kernel.declare.operation import Document
from freehold.kernel.declare.service import Service
from freehold.meter import budgets as rules
from freehold.meter import spend
from freehold.meter.query.rows import Row
from freehold.meter.query.tokens import position, token

budgets = Service("budgets", tag_member="ResourceTags")

PAGE_DEFAULT = 100  # DescribeBudgets, MaxResults
BUDGETS_MAX = 20_000  # AWS Budgets quotas: per account
FORMER = "_FormerLimits"  # limits that were replaced: {"Until": epoch seconds, "Limit"}
HISTORY_MEMBERS = (
    "BudgetName",
    "BudgetType",
    "CostFilters",
    "CostTypes",
    "FilterExpression",
    "TimeUnit",
)
VIEW, MODIFY = "budgets:ViewBudget", "budgets:ModifyBudget"


def _tail(document: Document) -> str:
    """A budget is named in the request itself or in the budget that it brings."""
    given = document.get("Budget") or document.get("NewBudget") or document
    return f"budget/{given.get('BudgetName') or '*'}"


BUDGET = budgets.resource(
    "Budget",
    arn=_tail,
    arn_member="_Arn",
    created="_CreatedAt",
    modified=None,
    not_found="Unable to get budget: {BudgetName} - the budget doesn't exist.",
    global_=True,
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
    """Keep a budget.

    Raises:
        Denied: Another account's id.
        Invalid: What the budget says; told by member.
        InUse: There is one of that name.
        Unsupported: Notifications.
    """
    _check_account(call, request)
    if request.get("NotificationsWithSubscribers"):
        raise Unsupported(
            "NotificationsWithSubscribers is not supported: this server does not send "
            "notifications. Leave it out and ask for CalculatedSpend with DescribeBudget."
        )
    budget = _checked(call, request["Budget"])
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
    record = _load(call, request)
    return {"Budget": _rendered(call, [record], request)[0]}


@budgets.operation("DescribeBudgets", on=BUDGET, mode="slow", action=VIEW)
def describe_budgets(call: Call, request: Document) -> Document:
    """All budgets by name, each with what was spent of it up to now."""
    _check_account(call, request)
    limit = int(request.get("MaxResults") or PAGE_DEFAULT)
    try:
        found, token = lists.page_by_name(call, BUDGET, limit, request.get("NextToken"))
    except Invalid as fault:
        raise Invalid(fault.message, code="InvalidNextTokenException") from fault
    answer: Document = {"Budgets": _rendered(call, found, request)}
    return answer | ({"NextToken": token} if token else {})


@budgets.operation("UpdateBudget", on=BUDGET, mode="write", action=MODIFY)
def update_budget(call: Call, request: Document) -> None:
    """Replace a budget by another of the same name.

    Raises:
        NotFound: There is none of that name: names cannot be changed.
    """
    record = _load(call, request)
    budget = _checked(call, request["NewBudget"])
    ours = {key: value for key, value in record.document.items() if key.startswith("_")}
    before = record.document.get("BudgetLimit")
    if before and before != budget.get("BudgetLimit"):
        replaced = {"Until": call.now, "Limit": before}
        ours[FORMER] = [*ours.get(FORMER, ()), replaced][-spend.LIMITS_KEPT_MAX :]
    record.document = budget | ours
    call.update(record)


@budgets.operation("DeleteBudget", on=BUDGET, mode="write", action=MODIFY)
def delete_budget(call: Call, request: Document) -> None:
    """Delete a budget."""
    call.remove(_load(call, request))


@budgets.operation("DescribeBudgetPerformanceHistory", on=BUDGET, mode="slow", action=VIEW)
def describe_budget_performance_history(call: Call, request: Document) -> Document:
    """What was budgeted and spent in each period up to this one, oldest first.

    Limits are those of the time; the filter is today's.

    Raises:
        Invalid: The budget is annual; a page token of another request.
    """
    record = _load(call, request)
    budget, now = _plain(record), call.now
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
        _plain(record),
        record.document.get(FORMER, ()),
        periods,
        ledger.day_rows(call.unit, periods[0].start, min(periods[-1].end, call.now + 1), cuts),
        call.now,
        ledger.activations(call.unit),
        currency=ledger.currency(call.unit),
    )


@budgets.operation("DescribeNotificationsForBudget", on=BUDGET, action=VIEW)
def describe_notifications_for_budget(call: Call, request: Document) -> Document:
    """A budget's notifications: none, since they are refused."""
    _load(call, request)
    return {"Notifications": []}


# -- tags -------------------------------------------------------------------------------------


def _named(_call: Call, request: Document) -> str:
    return str(request["ResourceARN"])


@budgets.operation("ListTagsForResource", on=BUDGET, target=_named)
def list_tags_for_resource(call: Call, request: Document) -> Document:
    """The tags of a budget, by key."""
    return {"ResourceTags": tagging.as_list(_tagged(call, request).tags)}


@budgets.operation("TagResource", on=BUDGET, target=_named, mode="write")
def tag_resource(call: Call, request: Document) -> None:
    """Set tags of a budget."""
    record = _tagged(call, request)
    tags = record.tags | tagging.as_map(request["ResourceTags"])
    tagging.check_count(tags)
    call.retag(record, tags)


@budgets.operation(
    "UntagResource",
    on=BUDGET,
    target=_named,
    mode="write",
    keys={"aws:TagKeys": "ResourceTagKeys"},
)
def untag_resource(call: Call, request: Document) -> None:
    """Take tags of a budget away."""
    record = _tagged(call, request)
    gone = set(request["ResourceTagKeys"])
    call.retag(record, {key: value for key, value in record.tags.items() if key not in gone})


# -- what the operations share ------------------------------------------------------------------


def _check_account(call: Call, request: Document) -> None:
    if request["AccountId"] != call.account_id:
        raise Denied(
            f"Account {request['AccountId']} is not yours: this server has account "
            f"{call.account_id} only."
        )


def _checked(call: Call, budget: Document) -> Document:
    view, ours = budget.get("BillingViewArn"), ledger.primary_view(call.kernel.settings)
    if view not in (None, ours):
        raise Invalid(f"The billing view {view} does not exist: use {ours} or none.")
    return rules.checked(budget, call.now, currency=ledger.currency(call.unit))


def _load(call: Call, request: Document) -> Record:
    _check_account(call, request)
    return call.load(BUDGET, request.get("NewBudget") or request)


def _tagged(call: Call, request: Document) -> Record:
    arn = request["ResourceARN"]
    record = call.unit.find(arn)
    if record is None or record.kind != BUDGET.kind:
        raise NotFound(f"Unable to get budget: {arn} - the budget doesn't exist.")
    return record


def _rendered(call: Call, records: Sequence[Record], request: Document) -> list[Document]:
    """Budgets as answers show them. The ledger is read once for all of them."""
    if not records:
        return []
    now, activations = call.now, ledger.activations(call.unit)
    currency = ledger.currency(call.unit)
    wanted = [_plain(record) for record in records]
    since = min(spend.rows_since(budget, now) for budget in wanted)
    cuts = [at for budget in wanted for at in spend.period_at(budget, now)]
    rows: list[Row] = list(ledger.day_rows(call.unit, since, now + 1, cuts))
    return [
        rules.rendered(
            budget,
            spend.calculated_spend(budget, rows, now, activations, currency=currency),
            spend.health(budget, activations, now),
            show_filter_expression=bool(request.get("ShowFilterExpression")),
        )
        for budget in wanted
    ]


def _plain(record: Record) -> Document:
    return {key: value for key, value in record.document.items() if not key.startswith("_")}
