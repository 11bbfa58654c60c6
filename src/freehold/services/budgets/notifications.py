"""Notifications of budgets and who gets them: kept in the budget's record, so in one write with it.

Whether one is crossed is the loop's to see (``loops/budgets``); mails leave only where the operator
named an SMTP server. There is no SNS here: such subscribers are refused by name.
Source: reference costs, section 5; AWS Budgets API, Notification, Subscriber.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from freehold.base.errors import InUse, Invalid, LimitExceeded, NotFound, Unsupported
from freehold.kernel.budgets import kept
from freehold.kernel.call import Call, Record
from freehold.kernel.declare.operation import Document
from freehold.meter import budgets as rules
from freehold.services.budgets.service import (
    BUDGET,
    MODIFY,
    VIEW,
    budgets,
    check_account,
    load_budget,
    page,
)

ADDRESS = re.compile(r"[!-?A-~]{1,64}@[A-Za-z0-9.\-]{1,189}")
LIMIT_CODE = "CreationLimitExceededException"
WRONG = "InvalidParameterException"


# -- rules ------------------------------------------------------------------------------------


def entries(given: Sequence[Document]) -> list[Document]:
    """What ``NotificationsWithSubscribers`` becomes.

    Raises:
        LimitExceeded: There are too many of them, or of subscribers.
        Invalid: One is given twice; an address is none.
        Unsupported: A subscriber by SNS.
    """
    rules.check_notifications([dict(one) for one in given])
    for one in given:
        check_subscribers(one["Subscribers"])
    return [kept.entry(one["Notification"], one["Subscribers"]) for one in given]


def check_subscribers(subscribers: Sequence[Document]) -> None:
    """Refuse what cannot be written to.

    Raises:
        Unsupported: SNS.
        Invalid: No e-mail address; the same one twice.
        LimitExceeded: More than ten.
    """
    if any(one["SubscriptionType"] == "SNS" for one in subscribers):
        raise Unsupported(
            "Subscribers by SNS are not supported: this server has no SNS. Use the "
            "SubscriptionType EMAIL."
        )
    addresses = [one["Address"] for one in subscribers]
    for address in addresses:
        if not ADDRESS.fullmatch(address):
            raise Invalid(f"The Address {address!r} is not an e-mail address.", code=WRONG)
    if len(set(addresses)) < len(addresses):
        raise Invalid("The same subscriber is given twice.", code="DuplicateRecordException")
    if len(addresses) > rules.EMAILS_MAX:
        raise LimitExceeded(
            f"A notification takes at most {rules.EMAILS_MAX} e-mail addresses.", code=LIMIT_CODE
        )


def _found(record: Record, notification: Document) -> Document | None:
    wanted = kept.identity_of(notification)
    every = record.document.get(kept.NOTIFICATIONS, ())
    return next((one for one in every if one[kept.NOTIFICATION] == wanted), None)


def _load(record: Record, notification: Document) -> Document:
    """The entry of a notification.

    Raises:
        NotFound: The budget has none such.
    """
    entry = _found(record, notification)
    if entry is None:
        raise NotFound(
            f"Unable to get notification of budget: {record.name} - the notification doesn't exist."
        )
    return entry


def _refuse_twin(record: Record, notification: Document) -> None:
    if _found(record, notification) is not None:
        raise InUse(
            f"Unable to create notification of budget: {record.name} - the notification already "
            "exists."
        )


# -- notifications ------------------------------------------------------------------------------


@budgets.operation("CreateNotification", on=BUDGET, mode="write", action=MODIFY)
def create_notification(call: Call, request: Document) -> None:
    """Add a notification to a budget.

    Raises:
        InUse: It has it.
        LimitExceeded: It has ten.
    """
    record = load_budget(call, request)
    notification, subscribers = request["Notification"], request["Subscribers"]
    check_subscribers(subscribers)
    _refuse_twin(record, notification)
    known = record.document.setdefault(kept.NOTIFICATIONS, [])
    if len(known) >= rules.NOTIFICATIONS_MAX:
        raise LimitExceeded(
            f"A budget takes at most {rules.NOTIFICATIONS_MAX} notifications.", code=LIMIT_CODE
        )
    known.append(kept.entry(notification, subscribers))
    call.update(record)


@budgets.operation("UpdateNotification", on=BUDGET, mode="write", action=MODIFY)
def update_notification(call: Call, request: Document) -> None:
    """Replace a notification; its subscribers stay, and it is quiet until it is crossed anew."""
    record = load_budget(call, request)
    entry = _load(record, request["OldNotification"])
    wanted = kept.identity_of(request["NewNotification"])
    if wanted == entry[kept.NOTIFICATION]:
        return
    _refuse_twin(record, wanted)
    entry.update(kept.entry(wanted, entry[kept.SUBSCRIBERS]))
    call.update(record)


@budgets.operation("DeleteNotification", on=BUDGET, mode="write", action=MODIFY)
def delete_notification(call: Call, request: Document) -> None:
    """Take a notification and its subscribers away."""
    record = load_budget(call, request)
    record.document[kept.NOTIFICATIONS].remove(_load(record, request["Notification"]))
    call.update(record)


@budgets.operation("DescribeNotificationsForBudget", on=BUDGET, action=VIEW)
def describe_notifications_for_budget(call: Call, request: Document) -> Document:
    """A budget's notifications, each with its state, in order of making."""
    record = load_budget(call, request)
    every = [kept.shown(one) for one in record.document.get(kept.NOTIFICATIONS, ())]
    return page(every, request, "Notifications")


@budgets.operation("DescribeBudgetNotificationsForAccount", on=BUDGET, mode="slow", action=VIEW)
def describe_budget_notifications_for_account(call: Call, request: Document) -> Document:
    """The notifications of all budgets that have any, by name of the budget."""
    check_account(call, request)
    told = [
        {
            "BudgetName": record.name,
            "Notifications": [kept.shown(one) for one in record.document[kept.NOTIFICATIONS]],
        }
        for record in call.every(BUDGET.kind)
        if record.document.get(kept.NOTIFICATIONS)
    ]
    told.sort(key=lambda one: str(one["BudgetName"]))
    return page(told, request, "BudgetNotificationsForAccount")


# -- subscribers --------------------------------------------------------------------------------


@budgets.operation("CreateSubscriber", on=BUDGET, mode="write", action=MODIFY)
def create_subscriber(call: Call, request: Document) -> None:
    """Tell one more of a notification."""
    record = load_budget(call, request)
    entry = _load(record, request["Notification"])
    check_subscribers([*entry[kept.SUBSCRIBERS], request["Subscriber"]])
    entry[kept.SUBSCRIBERS].append(dict(request["Subscriber"]))
    call.update(record)


@budgets.operation("UpdateSubscriber", on=BUDGET, mode="write", action=MODIFY)
def update_subscriber(call: Call, request: Document) -> None:
    """Tell somebody else instead."""
    record = load_budget(call, request)
    entry = _load(record, request["Notification"])
    at = _place(record, entry, request["OldSubscriber"])
    changed = [*entry[kept.SUBSCRIBERS]]
    changed[at] = dict(request["NewSubscriber"])
    check_subscribers(changed)
    entry[kept.SUBSCRIBERS] = changed
    call.update(record)


@budgets.operation("DeleteSubscriber", on=BUDGET, mode="write", action=MODIFY)
def delete_subscriber(call: Call, request: Document) -> None:
    """Tell one less; with the last one the notification goes, as on AWS."""
    record = load_budget(call, request)
    entry = _load(record, request["Notification"])
    del entry[kept.SUBSCRIBERS][_place(record, entry, request["Subscriber"])]
    if not entry[kept.SUBSCRIBERS]:
        record.document[kept.NOTIFICATIONS].remove(entry)
    call.update(record)


@budgets.operation("DescribeSubscribersForNotification", on=BUDGET, action=VIEW)
def describe_subscribers_for_notification(call: Call, request: Document) -> Document:
    """Who is told of a notification."""
    entry = _load(load_budget(call, request), request["Notification"])
    return page(entry[kept.SUBSCRIBERS], request, "Subscribers")


def _place(record: Record, entry: Document, subscriber: Document) -> int:
    try:
        place: int = entry[kept.SUBSCRIBERS].index(dict(subscriber))
    except ValueError:
        raise NotFound(
            f"Unable to get subscriber {subscriber['Address']} of budget: {record.name} - the "
            "subscriber doesn't exist."
        ) from None
    return place
