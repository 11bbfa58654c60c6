"""Forecasts by a real client: what will be spent, in AWS's shapes and words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.support.inprocess import Aws
from tests.support.people import allow, make_user, refused
from tests.support.spending import meter, spend

from freehold.compose import House

WEEKS_SECONDS = 20 * 86_400.0
DAY_PRICE = Decimal("1.2")  # ml.t3.medium, 24 hours


@pytest.fixture
def running(house: House) -> House:
    """A notebook that ran day and night for twenty days."""
    spend(house, WEEKS_SECONDS, WEEKS_SECONDS - 1, name="fin/lab", tags={})
    meter(house)
    return house


def span(house: House, start: int, end: int) -> dict[str, str]:
    """Days from today."""
    today = datetime.fromtimestamp(house.kernel.clock.now(), UTC)
    return {
        "Start": f"{today + timedelta(days=start):%Y-%m-%d}",
        "End": f"{today + timedelta(days=end):%Y-%m-%d}",
    }


def ask(house: House, start: int = 1, end: int = 4, **more: Any) -> dict[str, Any]:
    whole = {"TimePeriod": span(house, start, end), "Granularity": "DAILY"}
    return {**whole, "Metric": "UNBLENDED_COST", **more}


def test_what_runs_on_is_forecast_by_day_with_its_interval(aws: Aws, running: House) -> None:
    answer = aws.client("ce").get_cost_forecast(**ask(running, PredictionIntervalLevel=90))
    days = answer["ForecastResultsByTime"]
    assert len(days) == 3
    assert answer["Total"]["Unit"] == "USD"
    assert Decimal(answer["Total"]["Amount"]) == sum(Decimal(day["MeanValue"]) for day in days)
    for day in days:
        low, high = day["PredictionIntervalLowerBound"], day["PredictionIntervalUpperBound"]
        assert Decimal(low) <= Decimal(day["MeanValue"]) <= Decimal(high)
        assert Decimal("0.5") < Decimal(day["MeanValue"]) <= DAY_PRICE
    plain = aws.client("ce").get_cost_forecast(**ask(running))
    assert plain["Total"] == answer["Total"]
    assert set(plain["ForecastResultsByTime"][0]) == {"TimePeriod", "MeanValue"}


def test_usage_is_forecast_in_its_unit(aws: Aws, running: House) -> None:
    answer = aws.client("ce").get_usage_forecast(**ask(running, Metric="USAGE_QUANTITY"))
    assert answer["Total"]["Unit"] == "Hrs"
    assert 36 < Decimal(answer["Total"]["Amount"]) <= 72


def test_a_young_ledger_has_no_forecast(aws: Aws, house: House) -> None:
    spend(house, 7200, 3600, name="fin/lab", tags={})
    meter(house)
    with refused("DataUnavailableException", "Insufficient amount of historical data."):
        aws.client("ce").get_cost_forecast(**ask(house))


@pytest.mark.parametrize(
    ("more", "code", "words"),
    [
        ({"start": 2, "end": 2}, "ValidationException", "must be before requested End"),
        ({"start": -1}, "ValidationException", "must not be before today"),
        ({"Granularity": "HOURLY"}, "ValidationException", "DAILY and MONTHLY"),
        ({"Metric": "USAGE_QUANTITY"}, "ValidationException", "Metric USAGE_QUANTITY is invalid"),
        ({"PredictionIntervalLevel": 100}, "ValidationException", "predictionIntervalLevel"),
        (
            {"Filter": {"CostCategories": {"Key": "Team", "Values": ["a"]}}},
            "UnsupportedOperationException",
            "CostCategories",
        ),
        (
            {"BillingViewArn": "arn:aws:billing::999999999999:billingview/primary"},
            "ResourceNotFoundException",
            "billingview/primary",
        ),
    ],
)
def test_wrong_questions_are_refused(
    aws: Aws, running: House, more: dict[str, Any], code: str, words: str
) -> None:
    with refused(code, words):
        aws.client("ce").get_cost_forecast(**ask(running, **more))


def test_forecasts_have_a_permission_of_their_own(aws: Aws, running: House) -> None:
    ce = aws.client("ce", make_user(aws, "reader", allow("ce:GetCostForecast")))
    assert ce.get_cost_forecast(**ask(running))["Total"]
    with refused("AccessDeniedException", "ce:GetUsageForecast"):
        ce.get_usage_forecast(**ask(running, Metric="USAGE_QUANTITY"))


def test_what_is_not_served_is_refused_by_name(aws: Aws, house: House) -> None:
    with refused("UnsupportedOperationException", "GetCostCategories"):
        aws.client("ce").get_cost_categories(TimePeriod=span(house, -1, 0))
