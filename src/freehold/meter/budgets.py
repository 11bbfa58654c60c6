"""Budgets: what a budget may say, and how it is said back.

Input: the ``Budget`` of CreateBudget or UpdateBudget, checked against the model. Output: the
budget to store, in AWS's spelling with its defaults, and the answer of DescribeBudget. One
canonical filter expression is derived from either form (``CostFilters`` + ``CostTypes``, or
``FilterExpression`` + ``Metrics``); the form that was used is the one that is rendered.
Source: reference costs, sections 5 and 6.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from freehold.base.errors import Fault, Invalid, LimitExceeded
from freehold.meter.query.filters import leaves, predicate
from freehold.meter.query.windows import month_after

Document = dict[str, Any]

END_DEFAULT = 3_706_473_600.0  # 2087-06-15 00:00 UTC
NAME = re.compile(r"[^:\\]{1,100}")
NOTIFICATIONS_MAX = 10
EMAILS_MAX = 10
TOPICS_MAX = 1
PLANNED_PERIODS = {"MONTHLY": 12, "QUARTERLY": 4}
_PLANNED_MONTHS = {"MONTHLY": 1, "QUARTERLY": 3}
COST_TYPES_DEFAULT = {
    "IncludeTax": True,
    "IncludeSubscription": True,
    "UseBlended": False,
    "IncludeRefund": True,
    "IncludeCredit": True,
    "IncludeUpfront": True,
    "IncludeRecurring": True,
    "IncludeOtherSubscription": True,
    "IncludeSupport": True,
    "IncludeDiscount": True,
    "UseAmortized": False,
}
# Which record types a flag leaves out when it is false.
_RECORD_TYPES = {
    "IncludeTax": ("Tax",),
    "IncludeSubscription": ("RIFee", "SavingsPlanRecurringFee"),
    "IncludeRefund": ("Refund",),
    "IncludeCredit": ("Credit",),
    "IncludeUpfront": ("Upfront", "SavingsPlanUpfrontFee"),
    "IncludeRecurring": ("Recurring",),
    "IncludeOtherSubscription": ("Subscription",),
    "IncludeSupport": ("Support",),
    "IncludeDiscount": ("Discount",),
}
# The old form's names of dimensions; upper snake case is taken as well.
FILTER_DIMENSIONS = {
    "AZ": "AZ",
    "InstanceType": "INSTANCE_TYPE",
    "InstanceTypeFamily": "INSTANCE_TYPE_FAMILY",
    "InvoicingEntity": "INVOICING_ENTITY",
    "LegalEntityName": "LEGAL_ENTITY_NAME",
    "LinkedAccount": "LINKED_ACCOUNT",
    "Operation": "OPERATION",
    "Platform": "PLATFORM",
    "PurchaseType": "PURCHASE_TYPE",
    "RecordType": "RECORD_TYPE",
    "Region": "REGION",
    "Service": "SERVICE",
    "Tenancy": "TENANCY",
    "UsageType": "USAGE_TYPE",
    "UsageTypeGroup": "USAGE_TYPE_GROUP",
}
_DIMENSION_NAMES = {name.lower(): value for name, value in FILTER_DIMENSIONS.items()} | {
    value.lower(): value for value in FILTER_DIMENSIONS.values()
}
_TAG_NAMES = frozenset({"tagkeyvalue", "tag_key", "tag"})
_OURS = ("CalculatedSpend", "HealthStatus", "LastUpdatedTime")
NO_LIMIT = (
    "Unable to create/update budget - please provide one of the followings: "
    "Budget Limit/ Planned Budget Limit/ Auto Adjust Data"
)


def already_exists(name: str) -> str:
    """The message of DuplicateRecordException."""
    return f"Error creating budget: {name} - the budget already exists."


def does_not_exist(name: str) -> str:
    """The message of NotFoundException."""
    return f"Unable to get budget: {name} - the budget doesn't exist."


def checked(budget: Mapping[str, Any], now: float, *, currency: str = "USD") -> Document:
    """The budget to store: checked, with AWS's defaults, without what the server makes itself.

    Args:
        budget: ``Budget`` or ``NewBudget`` of the request. Timestamps are epoch seconds.
        now: Epoch seconds UTC; the default start and ``LastUpdatedTime``.
        currency: Of the ledger; the unit of a COST budget's limits.

    Raises:
        Invalid: InvalidParameterException, told by the member that is wrong.
    """
    stored = {key: value for key, value in budget.items() if key not in _OURS and value is not None}
    name, kind, unit = str(stored.get("BudgetName")), stored.get("BudgetType"), stored["TimeUnit"]
    if not NAME.fullmatch(name) or "/action/" in name:
        raise _wrong("BudgetName must have 1 to 100 characters without : and \\ and /action/.")
    if kind not in ("COST", "USAGE"):
        raise _wrong(f"BudgetType {kind} is not supported. Use COST or USAGE.")
    _check_form(stored)
    if "FilterExpression" not in stored and "Metrics" not in stored:
        stored.setdefault("CostFilters", {})
        given = stored.pop("CostTypes", None) or {}  # USAGE budgets have none
        if kind == "COST":
            stored["CostTypes"] = COST_TYPES_DEFAULT | {
                key: value for key, value in given.items() if value is not None
            }
    stored["TimePeriod"] = _time_period(stored.get("TimePeriod") or {}, unit, now)
    _check_limits(stored, now, currency)
    try:
        predicate(expression_of(stored))
    except Fault as fault:
        raise _wrong(f"Filter is invalid: {fault.message}") from fault
    stored["LastUpdatedTime"] = now
    return stored


def rendered(
    budget: Document, spend: Document, health: Document, *, show_filter_expression: bool = False
) -> Document:
    """The ``Budget`` of DescribeBudget: the form that was used, with what was computed.

    The expression is shown only on demand; for an old-form budget it is then the canonical one.
    """
    shown = {key: value for key, value in budget.items() if key != "FilterExpression"}
    if show_filter_expression:
        if (expression := expression_of(budget)) is not None:
            shown["FilterExpression"] = expression
        shown["Metrics"] = [metric_of(budget)]
    shown["CalculatedSpend"] = spend
    shown["HealthStatus"] = health
    return shown


def expression_of(budget: Mapping[str, Any]) -> Document | None:
    """The one expression that a budget filters by; None if it takes everything.

    Raises:
        Invalid: A cost filter that is not known.
    """
    if budget.get("FilterExpression"):
        return dict(budget["FilterExpression"])
    parts: list[Document] = []
    for name, values in (budget.get("CostFilters") or {}).items():
        if values:
            parts += _filters(name, values)
    cost_types = budget.get("CostTypes") or {}
    left_out = [
        record_type
        for flag, record_types in _RECORD_TYPES.items()
        if cost_types.get(flag) is False
        for record_type in record_types
    ]
    if left_out:
        parts.append({"Not": {"Dimensions": {"Key": "RECORD_TYPE", "Values": left_out}}})
    if len(parts) > 1:
        return {"And": parts}
    return parts[0] if parts else None


def metric_of(budget: Mapping[str, Any]) -> str:
    """The one metric that a budget adds up."""
    if metrics := budget.get("Metrics"):
        return str(metrics[0])
    if budget["BudgetType"] == "USAGE":
        return "UsageQuantity"
    cost_types = budget.get("CostTypes") or {}
    if cost_types.get("UseAmortized"):
        return "AmortizedCost"
    return "BlendedCost" if cost_types.get("UseBlended") else "UnblendedCost"


def tag_key_value(text: str) -> tuple[str, str]:
    """Key and value of ``user:<key>$<value>``: one leading ``user:`` goes, the first ``$`` parts.

    A key that AWS makes stands without ``user:`` (``aws:createdBy$...``) and is kept whole.

    Raises:
        Invalid: There is no ``$`` or no key.
    """
    key, parting, value = text.removeprefix("user:").partition("$")
    if not parting or not key:
        raise _wrong(f"Tag filter {text!r} must be user:<key>$<value>.")
    return key, value


def check_notifications(notifications: list[Mapping[str, Any]]) -> None:
    """Refuse more notifications or subscribers than a budget may have, and repeated ones.

    Raises:
        LimitExceeded: CreationLimitExceededException.
        Invalid: The same notification twice.
    """
    code = "CreationLimitExceededException"
    if len(notifications) > NOTIFICATIONS_MAX:
        raise LimitExceeded(f"A budget takes at most {NOTIFICATIONS_MAX} notifications.", code=code)
    seen = set()
    for entry in notifications:
        told = entry["Notification"]
        threshold = told.get("ThresholdType") or "PERCENTAGE"
        seen.add(
            (told["NotificationType"], told["ComparisonOperator"], told["Threshold"], threshold)
        )
        kinds = [subscriber["SubscriptionType"] for subscriber in entry["Subscribers"]]
        if kinds.count("SNS") > TOPICS_MAX or kinds.count("EMAIL") > EMAILS_MAX:
            raise LimitExceeded(
                f"A notification takes {TOPICS_MAX} SNS topic and {EMAILS_MAX} e-mail addresses.",
                code=code,
            )
    if len(seen) < len(notifications):
        raise Invalid("The same notification is given twice.", code="DuplicateRecordException")


def _wrong(message: str) -> Invalid:
    return Invalid(message, code="InvalidParameterException")


def _check_form(budget: Mapping[str, Any]) -> None:
    is_old = bool(budget.get("CostFilters") or budget.get("CostTypes"))
    is_new = bool(budget.get("FilterExpression") or budget.get("Metrics"))
    if is_old and is_new:
        raise _wrong(
            "CostFilters and CostTypes cannot be combined with FilterExpression and Metrics."
        )
    if is_new and len(budget.get("Metrics") or ()) != 1:
        raise _wrong("Give exactly one of Metrics with FilterExpression.")
    if budget["BudgetType"] == "USAGE" and is_new:
        usage = ("UsageQuantity", "Hours", "NormalizedUsageAmount")
        if budget["Metrics"][0] not in usage:
            raise _wrong(f"A USAGE budget takes one of the metrics {', '.join(usage)}.")
    cost_types = budget.get("CostTypes") or {}
    if cost_types.get("UseBlended") and cost_types.get("UseAmortized"):
        raise _wrong("UseBlended and UseAmortized cannot both be true.")


def _check_limits(budget: Mapping[str, Any], now: float, currency: str) -> None:
    limit, planned = budget.get("BudgetLimit"), budget.get("PlannedBudgetLimits")
    given = [
        name
        for name in ("BudgetLimit", "PlannedBudgetLimits", "AutoAdjustData")
        if budget.get(name)
    ]
    if not given:
        raise _wrong(NO_LIMIT)
    if len(given) > 1:
        raise _wrong(f"{' and '.join(given)} cannot be combined.")
    if not limit and not planned:
        raise _wrong("AutoAdjustData is not supported. Give a BudgetLimit.")
    for one in [limit] if limit else list((planned or {}).values()):
        _check_amount(one)
        if budget["BudgetType"] == "COST" and one["Unit"] != currency:
            raise _wrong(f"The Unit of a COST budget must be {currency}.")
    if planned:
        unit = budget["TimeUnit"]
        if unit not in PLANNED_PERIODS:
            raise _wrong("PlannedBudgetLimits need the TimeUnit MONTHLY or QUARTERLY.")
        starts = _planned_starts(unit, max(now, float(budget["TimePeriod"]["Start"])))
        starts = [at for at in starts if at < budget["TimePeriod"]["End"]]
        if sorted(planned, key=str) != sorted((str(at) for at in starts), key=str):
            raise _wrong(
                f"PlannedBudgetLimits must name the {len(starts)} period starts from the current "
                f"one on, in epoch seconds: {', '.join(str(at) for at in starts)}."
            )


def _check_amount(limit: Mapping[str, Any]) -> None:
    try:
        value = Decimal(str(limit.get("Amount")))
    except InvalidOperation as error:
        raise _wrong(f"Amount {limit.get('Amount')!r} is not a number.") from error
    if not value.is_finite() or value <= 0:
        raise _wrong("The budget's Amount must be greater than 0.")
    if not limit.get("Unit"):
        raise _wrong("The budget's limit needs a Unit.")


def _planned_starts(unit: str, at: float) -> list[int]:
    step = _PLANNED_MONTHS[unit]
    day = datetime.fromtimestamp(at, UTC)
    first = month_after(day, -((day.month - 1) % step))
    return [int(month_after(first, step * n).timestamp()) for n in range(PLANNED_PERIODS[unit])]


def _time_period(period: Mapping[str, Any], unit: str, now: float) -> Document:
    start, end = period.get("Start"), period.get("End")
    if unit == "CUSTOM" and (start is None or end is None):
        raise _wrong("A CUSTOM budget needs a TimePeriod with Start and End.")
    start = _unit_start(unit, now) if start is None else float(start)
    end = END_DEFAULT if end is None else float(end)
    if start >= end:
        raise _wrong("The start date must come before the end date.")
    if end > END_DEFAULT:
        raise _wrong("The end date must not be after 06/15/87 00:00 UTC.")
    return {"Start": start, "End": end}


def _unit_start(unit: str, now: float) -> float:
    day = datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if unit == "DAILY":
        return day.timestamp()
    months = {"MONTHLY": 0, "QUARTERLY": (day.month - 1) % 3, "ANNUALLY": day.month - 1}[unit]
    return month_after(day, -months).timestamp()


def _filters(name: str, values: list[str]) -> list[Document]:
    """Leaves that must all hold: values of one tag key are OR-ed, keys are AND-ed."""
    if name.lower() in _TAG_NAMES:
        tags: dict[str, list[str]] = {}
        for text in values:
            key, value = tag_key_value(text)
            tags.setdefault(key, []).append(value)
        return [{"Tags": {"Key": key, "Values": found}} for key, found in tags.items()]
    dimension = _DIMENSION_NAMES.get(name.lower())
    if dimension is None:
        raise _wrong(f"CostFilters key {name!r} is not supported.")
    return [{"Dimensions": {"Key": dimension, "Values": list(values)}}]


def tag_keys(budget: Mapping[str, Any]) -> list[str]:
    """The tag keys that a budget filters by, in order."""
    return [
        leaf["Key"]
        for root, leaf in leaves(expression_of(budget))
        if root == "Tags" and leaf.get("Key")
    ]
