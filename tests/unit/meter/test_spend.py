from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from freehold.meter.budgets import checked
from freehold.meter.spend import calculated_spend, health, limit_at, period_at, rows_since

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp()
ACTIVE = {"team": [(0.0, None)]}


def epoch(*when):
    return datetime(*when, tzinfo=UTC).timestamp()


def budget(unit="MONTHLY", kind="COST", limit_unit="USD", **more):
    given = {
        "BudgetName": "b",
        "BudgetType": kind,
        "TimeUnit": unit,
        "BudgetLimit": {"Amount": "9", "Unit": limit_unit},
        **more,
    }
    return checked(given, NOW)


@pytest.mark.parametrize(
    ("unit", "period", "start", "end"),
    [
        ("DAILY", {}, (2026, 11, 23), (2026, 11, 24)),
        ("MONTHLY", {}, (2026, 11, 1), (2026, 12, 1)),
        ("MONTHLY", {"Start": epoch(2026, 11, 20)}, (2026, 11, 1), (2026, 12, 1)),
        ("MONTHLY", {"End": epoch(2026, 11, 25)}, (2026, 11, 1), (2026, 11, 25)),
        ("QUARTERLY", {}, (2026, 10, 1), (2027, 1, 1)),
        ("QUARTERLY", {"Start": epoch(2026, 2, 1)}, (2026, 11, 1), (2027, 2, 1)),
        ("ANNUALLY", {}, (2026, 1, 1), (2027, 1, 1)),
        ("ANNUALLY", {"Start": epoch(2020, 4, 1)}, (2026, 4, 1), (2027, 4, 1)),
        ("MONTHLY", {"Start": epoch(2027, 3, 5)}, (2027, 3, 1), (2027, 4, 1)),
        (
            "CUSTOM",
            {"Start": epoch(2026, 11, 5), "End": epoch(2027, 1, 9)},
            (2026, 11, 5),
            (2027, 1, 9),
        ),
    ],
)
def test_periods_follow_the_time_unit(unit, period, start, end):
    stored = budget(unit, TimePeriod=period)
    assert period_at(stored, NOW) == (epoch(*start), epoch(*end))
    assert rows_since(stored, NOW) <= epoch(*start)


def test_actual_spend_is_what_the_ledger_says(row):
    stored = budget(CostFilters={"TagKeyValue": ["user:team$red"]})
    rows = [
        row(tags={"team": "red"}, cost="1.25"),
        row(tags={"team": "blue"}),
        row(hour="2026-10-31T23:00", tags={"team": "red"}),
        row(hour="2026-11-01T00:00", tags={"team": "red"}, cost="0.5"),
    ]
    spend = calculated_spend(stored, rows, NOW, ACTIVE)
    assert spend["ActualSpend"] == {"Amount": "1.75", "Unit": "USD"}
    assert calculated_spend(stored, rows, NOW, {})["ActualSpend"]["Amount"] == "0"


def test_a_usage_budget_adds_up_its_own_unit(row):
    rows = [row(), row(unit="GB-Mo", quantity="100")]
    spend = calculated_spend(budget(kind="USAGE", limit_unit="Hrs"), rows, NOW, ACTIVE)
    assert spend["ActualSpend"] == {"Amount": "2", "Unit": "Hrs"}


def test_a_young_ledger_gives_no_forecast(row):
    spend = calculated_spend(budget(), [row(hour="2026-11-12T00:00")], NOW, ACTIVE)
    assert "ForecastedSpend" not in spend


def test_a_steady_ledger_is_forecast_to_go_on(row):
    first = datetime(2026, 10, 26, tzinfo=UTC)
    rows = [row(hour=int((first + timedelta(hours=h)).timestamp())) for h in range(28 * 24 + 12)]
    spend = calculated_spend(budget(), rows, NOW, ACTIVE)
    assert spend["ActualSpend"]["Amount"] == str(22 * 24 + 12)
    assert spend["ForecastedSpend"]["Amount"] == str(30 * 24)


def test_weekends_are_forecast_as_weekends(row):
    first = datetime(2026, 11, 2, tzinfo=UTC)  # a Monday
    days = [first + timedelta(days=d) for d in range(21)]
    rows = [row(hour=int(day.timestamp())) for day in days if day.weekday() < 5]
    stored = budget("CUSTOM", TimePeriod={"Start": NOW, "End": epoch(2026, 11, 30)})
    spend = calculated_spend(stored, rows, NOW, ACTIVE)
    assert spend["ForecastedSpend"]["Amount"] == "4.5"


def test_a_filter_that_can_match_nothing_is_unhealthy():
    stored = budget(CostFilters={"TagKeyValue": ["user:team$red"]})
    assert health(stored, ACTIVE, NOW) == {"Status": "HEALTHY", "LastUpdatedTime": NOW}
    told = health(stored, {}, NOW)
    assert (told["Status"], told["StatusReason"]) == ("UNHEALTHY", "FILTER_INVALID")
    broken = {**stored, "CostFilters": {"Gone": ["x"]}}
    assert health(broken, ACTIVE, NOW)["StatusReason"] == "FILTER_INVALID"
    assert calculated_spend(broken, [], NOW, ACTIVE)["ActualSpend"]["Amount"] == "0"


def test_the_limit_in_force_is_the_planned_one_of_the_period():
    assert limit_at(budget(), NOW)["Amount"] == "9"
    planned = {str(int(epoch(2026, m, 1))): {"Amount": str(m)} for m in (10, 11, 12)}
    assert limit_at({"PlannedBudgetLimits": planned}, NOW) == {"Amount": "11"}
