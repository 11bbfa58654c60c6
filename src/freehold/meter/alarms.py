"""Thresholds of budgets: whether what was spent, or what is to be expected, passes one.

Input: a notification or an action's threshold as AWS spells it, ``CalculatedSpend`` and the limit
in force. Output: yes or no. Source: reference costs, section 5; AWS Budgets API, Notification.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, NamedTuple

Document = Mapping[str, Any]

EQUAL_QUANTUM = Decimal("0.01")  # spend is equal to a threshold if it is to the cent
HUNDRED = Decimal(100)


class Threshold(NamedTuple):
    """What is compared with what. ``value`` is in percent of the limit, or in the limit's unit."""

    kind: str
    operator: str
    value: Decimal
    is_percentage: bool


def of_notification(notification: Document) -> Threshold:
    """The threshold of a ``Notification``; percent where it does not say."""
    return Threshold(
        notification["NotificationType"],
        notification["ComparisonOperator"],
        Decimal(str(notification["Threshold"])),
        (notification.get("ThresholdType") or "PERCENTAGE") == "PERCENTAGE",
    )


def of_action(action: Document) -> Threshold:
    """The threshold of an ``Action``: an action is due when it is passed."""
    threshold = action["ActionThreshold"]
    return Threshold(
        action["NotificationType"],
        "GREATER_THAN",
        Decimal(str(threshold["ActionThresholdValue"])),
        threshold["ActionThresholdType"] == "PERCENTAGE",
    )


def amount_of(threshold: Threshold, limit: Document | None) -> Decimal | None:
    """The threshold as an amount; None where it is a part of a limit that there is not."""
    if not threshold.is_percentage:
        return threshold.value
    return None if limit is None else Decimal(str(limit["Amount"])) * threshold.value / HUNDRED


def measured(threshold: Threshold, spend: Document) -> Decimal | None:
    """What is held against it; None while there is no forecast."""
    found = spend.get("ActualSpend" if threshold.kind == "ACTUAL" else "ForecastedSpend")
    return None if found is None else Decimal(str(found["Amount"]))


def is_crossed(threshold: Threshold, spend: Document, limit: Document | None) -> bool:
    """Whether it holds now. What cannot be known yet (no forecast, no limit) is not crossed."""
    value, amount = measured(threshold, spend), amount_of(threshold, limit)
    if value is None or amount is None:
        return False
    if threshold.operator == "GREATER_THAN":
        return value > amount
    if threshold.operator == "LESS_THAN":
        return value < amount
    return _rounded(value) == _rounded(amount)


def told(threshold: Threshold, unit: str) -> str:
    """The threshold for people: ``actual spend greater than 85 % of the limit``."""
    what = "actual spend" if threshold.kind == "ACTUAL" else "forecasted spend"
    words = threshold.operator.lower().replace("_", " ")
    value = f"{threshold.value.normalize():f}"
    return f"{what} {words} {value} {'% of the limit' if threshold.is_percentage else unit}"


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(EQUAL_QUANTUM, rounding=ROUND_HALF_EVEN)
