"""How budgets, their alerts and their actions are kept: kinds, members, and where they stand.

Written by ``services/budgets`` and ``loops/budgets``; read by both and by ``freehold explain``.
A budget's record holds its notifications, so that a budget and its alerts change in one write.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from freehold.kernel import ledger
from freehold.meter import alarms, spend
from freehold.store.records import Document, Page, Record
from freehold.store.unit import Unit

BUDGET = "budgets:budget"
ACTION = "budgets:budget-action"
MOVER = "budgets"
# Members of a budget's record beside AWS's.
NOTIFICATIONS = "_Notifications"  # entries: see ``entry``
# Members of an action's record beside AWS's.
HISTORY = "_History"  # ``ActionHistory``, oldest first
PERIOD = "_Period"  # start of the budget's period that the status belongs to
GIVEN = "_Given"  # [noun, name] of whom the policy is attached to by this action, and by it alone
THEN = "_Then"  # status to go on to once it was reversed
IS_DELETED = "_Deleted"  # to its owner it is gone; what it did is being undone
# Members of an entry.
NOTIFICATION, SUBSCRIBERS = "Notification", "Subscribers"
STATE = "State"
ALERTED = "Alerted"  # start of the period in which an alert was given
CHANGED_AT = "ChangedAt"  # of the state
STEP = 500


def plain(record: Record) -> Document:
    """A document as AWS knows it, without what is ours."""
    return {key: value for key, value in record.document.items() if not key.startswith("_")}


def entry(notification: Document, subscribers: Sequence[Document]) -> Document:
    """A notification as it is kept, quiet until the loop has looked at it."""
    return {
        NOTIFICATION: identity_of(notification),
        SUBSCRIBERS: [dict(one) for one in subscribers],
        STATE: "OK",
        ALERTED: None,
        CHANGED_AT: None,
    }


def identity_of(notification: Document) -> Document:
    """The members that tell one notification from another, with AWS's default; no state."""
    return {
        "NotificationType": notification["NotificationType"],
        "ComparisonOperator": notification["ComparisonOperator"],
        "Threshold": float(notification["Threshold"]),
        "ThresholdType": notification.get("ThresholdType") or "PERCENTAGE",
    }


def shown(kept: Document) -> Document:
    """The ``Notification`` of an answer."""
    return {**kept[NOTIFICATION], "NotificationState": kept[STATE]}


def rearm(record: Document) -> None:
    """Forget how a budget's alerts stand: it is another budget now."""
    for kept in record.get(NOTIFICATIONS, ()):
        kept.update({STATE: "OK", ALERTED: None, CHANGED_AT: None})


def actions_of(unit: Unit, budget_name: str) -> list[Record]:
    """All actions of a budget, those that are being undone included, oldest first."""
    return unit.records(Page(ACTION, scope=budget_name, limit=STEP))


def every(unit: Unit, kind: str) -> Iterator[Record]:
    """All records of a kind, however many."""
    page = Page(kind, limit=STEP)
    while True:
        batch = unit.records(page)
        yield from batch
        if len(batch) < STEP:
            return
        page = page._replace(after=(batch[-1].created, batch[-1].id))


def spends(unit: Unit, budgets: Sequence[Document], now: float) -> list[Document]:
    """``CalculatedSpend`` of each budget. The ledger is read once for all of them."""
    if not budgets:
        return []
    activations, currency = ledger.activations(unit), ledger.currency(unit)
    since = min(spend.rows_since(budget, now) for budget in budgets)
    cuts = [at for budget in budgets for at in spend.period_at(budget, now)]
    rows = list(ledger.day_rows(unit, since, now + 1, cuts))
    return [
        spend.calculated_spend(budget, rows, now, activations, currency=currency)
        for budget in budgets
    ]


def is_over(budget: Document, now: float) -> bool:
    """Whether the budget has ended, so that nothing of it is due any more."""
    return now >= float(budget["TimePeriod"]["End"])


def is_crossed(threshold: alarms.Threshold, budget: Document, spent: Document, now: float) -> bool:
    """Whether a threshold of a budget holds now."""
    return not is_over(budget, now) and alarms.is_crossed(
        threshold, spent, spend.limit_at(budget, now)
    )


def notes(unit: Unit, policy_arn: str) -> list[str]:
    """Of a policy that refused: which budget's action put it there, in a sentence each."""
    return [
        f"The budget {record.document['BudgetName']!r} attached this policy: action "
        f"{record.document['ActionId']}, {record.document['Status']}. Raise the limit and reverse "
        f"the action, or wait for the budget's next period."
        for record in every(unit, ACTION)
        if record.document.get(GIVEN)
        and record.document["Definition"]["IamActionDefinition"]["PolicyArn"] == policy_arn
    ]
