from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.base.errors import Invalid, Unsupported
from freehold.meter.budgets import checked
from freehold.meter.costs import COST_FORECAST, USAGE_FORECAST
from freehold.meter.forecasts.forecast import forecast, rows_since
from freehold.meter.spend import calculated_spend

DAY = 86_400
ACTIVE = {"team": [(0.0, None)]}
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def ask(start, end, per="DAILY", metric="UNBLENDED_COST", **more):
    period = {"Start": start, "End": end}
    return {"TimePeriod": period, "Granularity": per, "Metric": metric, **more}


def told(request, rows, now=NOON, operation=COST_FORECAST):
    return forecast(operation, request, rows, now.timestamp(), ACTIVE)


@pytest.fixture
def days(row):
    """A row for each day up to and with today, by what each cost."""

    def make(values, now=NOON, **more):
        today = int(now.timestamp() // DAY * DAY)
        first = today - (len(values) - 1) * DAY
        return [row(hour=first + n * DAY, cost=str(v), **more) for n, v in enumerate(values)]

    return make


@given(
    values=st.lists(st.decimals(0, 99, places=10), min_size=16, max_size=60),
    length=st.integers(1, 60),
    level=st.integers(51, 99),
    minute=st.integers(0, 800 * 1440),
)
def test_buckets_add_up_and_hold_their_means(row, values, length, level, minute):
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    start, end = f"{today:%Y-%m-%d}", f"{today + timedelta(days=length):%Y-%m-%d}"
    hours = [int(today.timestamp()) - n * DAY for n in range(len(values))]
    rows = [row(hour=hour, cost=str(value)) for hour, value in zip(hours, values, strict=True)]
    answers = [
        told(ask(start, end, per, PredictionIntervalLevel=level), rows, now)
        for per in ("DAILY", "MONTHLY")
    ]
    for answer in answers:
        results = answer["ForecastResultsByTime"]
        means = [Decimal(one["MeanValue"]) for one in results]
        assert sum(means) == Decimal(answer["Total"]["Amount"])
        for one, mean in zip(results, means, strict=True):
            low = Decimal(one["PredictionIntervalLowerBound"])
            assert 0 <= low <= mean <= Decimal(one["PredictionIntervalUpperBound"])
        bounds = [(one["TimePeriod"]["Start"], one["TimePeriod"]["End"]) for one in results]
        assert (bounds[0][0], bounds[-1][1]) == (start, end)
        assert all(a[1] == b[0] for a, b in pairwise(bounds))
    assert answers[0]["Total"] == answers[1]["Total"]
    assert len(answers[0]["ForecastResultsByTime"]) == length


def test_today_is_what_was_spent_of_it_and_what_is_left(days):
    rows = days([2] * 28 + [7])
    [today, tomorrow] = told(ask("2026-11-23", "2026-11-25"), rows)["ForecastResultsByTime"]
    assert today["MeanValue"] == "8"  # seven by noon, and half of two
    assert tomorrow == {
        "TimePeriod": {"Start": "2026-11-24", "End": "2026-11-25"},
        "MeanValue": "2",
    }


@given(values=st.lists(st.decimals(0, 99, places=10), min_size=30, max_size=60))
def test_a_budget_and_the_forecast_say_the_same(row, values):
    today = int(NOON.timestamp() // DAY * DAY)
    rows = [row(hour=today - n * DAY, cost=str(value)) for n, value in enumerate(values)]
    stored = checked(
        {
            "BudgetName": "b",
            "BudgetType": "COST",
            "TimeUnit": "MONTHLY",
            "BudgetLimit": {"Amount": "9", "Unit": "USD"},
        },
        NOON.timestamp(),
    )
    said = calculated_spend(stored, rows, NOON.timestamp(), ACTIVE)["ForecastedSpend"]["Amount"]
    month = sum(values[1:23], Decimal(0))  # from the first to yesterday
    more = told(ask("2026-11-23", "2026-12-01", "MONTHLY"), rows)["Total"]["Amount"]
    assert Decimal(said) == month + Decimal(more)


def test_the_first_of_a_month_can_be_asked_for_from_that_day_on(days):
    first = datetime(2026, 12, 1, tzinfo=UTC)
    answer = told(ask("2026-12-01", "2027-01-01", "MONTHLY"), days([1] * 30 + [0], first), first)
    assert answer["Total"] == {"Amount": "31", "Unit": "USD"}


def test_a_filter_by_domain_is_served_and_its_history_is_its_own(days):
    rows = [*days([5] * 40), *days([1] * 10, tags={"team": "new"})]
    request = ask("2026-11-24", "2026-11-25", Filter={"Tags": {"Key": "team", "Values": ["new"]}})
    with pytest.raises(Invalid, match="Insufficient amount of historical data") as caught:
        told(request, rows)
    assert caught.value.code == "DataUnavailableException"
    request["Filter"] = {"Tags": {"Key": "team", "MatchOptions": ["ABSENT"]}}
    assert told(request, rows)["Total"]["Amount"] == "5"


def test_usage_has_one_unit_or_none(days):
    hours = days([1] * 20)
    usage = ask("2026-11-24", "2026-11-25", metric="USAGE_QUANTITY")
    answer = told(usage, hours, operation=USAGE_FORECAST)
    assert answer["Total"] == {"Amount": "2", "Unit": "Hrs"}
    with pytest.raises(Invalid, match="matching units") as caught:
        told(usage, [*hours, *days([1] * 20, unit="GB-Mo")], operation=USAGE_FORECAST)
    assert caught.value.code == "UnresolvableUsageUnitException"


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (ask("2026-11-23", "2026-11-23"), "Requested Start: 2026-11-23 must be before"),
        (ask("2026-11-22", "2026-11-29"), "must not be before today, 2026-11-23"),
        (ask("2026-11-23", "2027-02-24"), "3 months from today, to 2027-02-23"),
        (ask("2026-11-23", "2028-05-24", "MONTHLY"), "18 months from today"),
        (ask("2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z", "HOURLY"), "only DAILY and MONTHLY"),
        (ask("2026-11-23T00:00:00Z", "2026-11-24"), "Hourly timePeriod is not supported"),
        (
            ask("2026-11-23", "2026-11-24", metric="USAGE_QUANTITY"),
            "is invalid for GetCostForecast. Use ",
        ),
        (ask("2026-11-23", "2026-11-24", Filter={}), "no root"),
    ],
)
def test_what_cannot_be_forecast_is_refused_before_it_is_computed(days, request_, words):
    with pytest.raises(Invalid, match=words):
        told(request_, days([1] * 30))


def test_normalized_usage_is_refused_by_name(days):
    request = ask("2026-11-23", "2026-11-24", metric="NORMALIZED_USAGE_AMOUNT")
    with pytest.raises(Unsupported, match="NORMALIZED_USAGE_AMOUNT"):
        told(request, days([1] * 30), operation=USAGE_FORECAST)


def test_the_end_of_a_long_month_is_three_months_on(days):
    now = datetime(2026, 11, 30, 6, tzinfo=UTC)  # February has no thirtieth
    rows = days([1] * 30, now)
    assert told(ask("2026-11-30", "2027-03-01"), rows, now)["Total"]
    with pytest.raises(Invalid, match="to 2027-03-01"):
        told(ask("2026-11-30", "2027-03-02"), rows, now)


def test_no_more_history_is_wanted_than_counts():
    assert rows_since(NOON.timestamp()) == datetime(2026, 8, 25, tzinfo=UTC).timestamp()
