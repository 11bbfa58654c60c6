"""Thresholds of budgets: what is passed, and what cannot be known yet."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from freehold.meter import alarms

LIMIT = {"Amount": "200", "Unit": "USD"}


def spent(actual: str, forecast: str | None = None) -> dict[str, Any]:
    found: dict[str, Any] = {"ActualSpend": {"Amount": actual, "Unit": "USD"}}
    if forecast is not None:
        found["ForecastedSpend"] = {"Amount": forecast, "Unit": "USD"}
    return found


def threshold(operator: str, value: float, **more: Any) -> alarms.Threshold:
    return alarms.of_notification(
        {
            "NotificationType": "ACTUAL",
            "ComparisonOperator": operator,
            "Threshold": value,
            **more,
        }
    )


@pytest.mark.parametrize(
    ("operator", "actual", "crossed"),
    [
        ("GREATER_THAN", "170", False),
        ("GREATER_THAN", "170.0000000001", True),
        ("LESS_THAN", "170", False),
        ("LESS_THAN", "169.99", True),
        ("EQUAL_TO", "170.004", True),
        ("EQUAL_TO", "170.01", False),
    ],
)
def test_a_percentage_is_of_the_limit(operator: str, actual: str, *, crossed: bool) -> None:
    assert alarms.is_crossed(threshold(operator, 85.0), spent(actual), LIMIT) is crossed


def test_an_absolute_value_needs_no_limit() -> None:
    absolute = threshold("GREATER_THAN", 0.01, ThresholdType="ABSOLUTE_VALUE")
    assert alarms.is_crossed(absolute, spent("0.02"), None)
    assert not alarms.is_crossed(absolute, spent("0.01"), None)


def test_a_percentage_of_no_limit_is_not_passed() -> None:
    assert not alarms.is_crossed(threshold("GREATER_THAN", 1.0), spent("5"), None)


def test_a_forecast_that_is_not_there_yet_is_not_passed() -> None:
    expected = threshold("LESS_THAN", 100.0, NotificationType="FORECASTED")
    assert not alarms.is_crossed(expected, spent("500"), LIMIT)
    assert alarms.is_crossed(expected, spent("500", "199"), LIMIT)


def test_an_action_is_due_when_its_threshold_is_passed() -> None:
    due = alarms.of_action(
        {
            "NotificationType": "FORECASTED",
            "ActionThreshold": {
                "ActionThresholdValue": 150.0,
                "ActionThresholdType": "ABSOLUTE_VALUE",
            },
        }
    )
    assert alarms.amount_of(due, LIMIT) == Decimal("150.0")
    assert alarms.is_crossed(due, spent("0", "151"), LIMIT)
    assert not alarms.is_crossed(due, spent("151", "150"), LIMIT)


def test_a_threshold_reads_as_a_sentence() -> None:
    assert alarms.told(threshold("GREATER_THAN", 85.0), "USD") == (
        "actual spend greater than 85 % of the limit"
    )
    absolute = threshold("EQUAL_TO", 1200.0, ThresholdType="ABSOLUTE_VALUE")
    assert alarms.told(absolute, "USD") == "actual spend equal to 1200 USD"
