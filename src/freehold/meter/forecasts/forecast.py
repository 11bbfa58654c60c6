"""GetCostForecast and GetUsageForecast, answered from ledger rows.

Input: the checked request, rows of the last months, the time, the activation spans of tag keys.
Output: the answer as AWS spells it. ``Total`` is the sum of the buckets' means, and a month's mean
is that of its days, to the last digit. A bucket that holds today is all of today: what was spent
of it up to now, and what is expected of the rest; so what was spent up to yesterday and the
forecast from today on make the forecast of a budget. Source: reference costs, section 4.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from freehold.base.errors import Invalid, Unsupported
from freehold.meter.costs import METRICS_OF_FORECASTS, USAGE_FORECAST, amount
from freehold.meter.forecasts.outlook import DAY_SECONDS, HISTORY_DAYS_MAX, Outlook, outlook
from freehold.meter.query.filters import predicate
from freehold.meter.query.rows import Activations, Projection, Row
from freehold.meter.query.windows import Bucket, Window, buckets, instant, month_after

Document = dict[str, Any]

DAILY_MONTHS_MAX = 3  # GetCostForecast, Granularity
MONTHLY_MONTHS_MAX = 18
YOUNG = "Insufficient amount of historical data."
MIXED = (
    "Cost Explorer was unable to identify the usage unit. Provide UsageType/UsageTypeGroup filter "
    "selections that contain matching units, for example: hours."
)


class _Past(NamedTuple):
    """What the ledger holds of it: whole days by their start, today so far, the units."""

    days: Mapping[int, Decimal]
    today: Decimal
    units: frozenset[str]


def rows_since(now: float) -> float:
    """From when on ``forecast`` wants rows."""
    return now // DAY_SECONDS * DAY_SECONDS - HISTORY_DAYS_MAX * DAY_SECONDS


def forecast(
    operation: str,
    request: Document,
    rows: Iterable[Row],
    now: float,
    active_keys: Activations,
    *,
    currency: str = "USD",
) -> Document:
    """Answer GetCostForecast or GetUsageForecast.

    Bounds are given where ``PredictionIntervalLevel`` asks for them.

    Args:
        operation: Which of the two.
        request: Checked against the model.
        rows: Ledger rows or roll-ups of at most a day each, from ``rows_since`` on.
        now: Epoch seconds UTC.
        active_keys: Spans in which each tag key was a cost allocation key.
        currency: Of the ledger.

    Raises:
        Invalid: Period, granularity, metric or filter; DataUnavailableException where the history
            is too short; UnresolvableUsageUnitException where units do not add up.
        Unsupported: NORMALIZED_USAGE_AMOUNT; cost categories.
    """
    span = _window(operation, request, now)
    is_usage = _is_usage(operation, str(request.get("Metric")))
    past = _past(request, rows, now, Projection(active_keys), is_usage)
    if is_usage and len(past.units) > 1:
        raise Invalid(MIXED, code="UnresolvableUsageUnitException")
    found = outlook(past.days, now)
    if found is None:
        raise Invalid(YOUNG, code="DataUnavailableException")
    level = request.get("PredictionIntervalLevel")
    results = [_result(span, bucket, found, past.today, now, level) for bucket in span.buckets]
    total = sum((Decimal(result["MeanValue"]) for result in results), Decimal(0))
    unit = next(iter(past.units)) if is_usage else currency
    return {"Total": {"Amount": amount(total), "Unit": unit}, "ForecastResultsByTime": results}


def _result(
    span: Window, bucket: Bucket, found: Outlook, today: Decimal, now: float, level: int | None
) -> Document:
    spent = today if bucket.start <= now < bucket.end else Decimal(0)
    mean = spent + found.expected(bucket.start, bucket.end)
    result: Document = {"TimePeriod": span.spelled(bucket), "MeanValue": amount(mean)}
    if level is not None:
        reach = found.interval(bucket.start, bucket.end, level)
        result["PredictionIntervalLowerBound"] = amount(spent + reach.lower)
        result["PredictionIntervalUpperBound"] = amount(spent + reach.upper)
    return result


def _past(
    request: Document, rows: Iterable[Row], now: float, tags: Projection, is_usage: bool
) -> _Past:
    matches = predicate(request.get("Filter"))
    midnight = int(now // DAY_SECONDS * DAY_SECONDS)
    days: dict[int, Decimal] = {}
    units = set()
    for row in rows:
        if not matches(row, tags):
            continue
        day = row.hour // DAY_SECONDS * DAY_SECONDS
        days[day] = days.get(day, Decimal(0)) + (row.quantity if is_usage else row.cost)
        units.add(row.unit)
    return _Past(days, days.get(midnight, Decimal(0)), frozenset(units))


def _is_usage(operation: str, metric: str) -> bool:
    is_usage = operation == USAGE_FORECAST
    valid = METRICS_OF_FORECASTS[operation]
    if metric not in valid:
        raise Invalid(f"Metric {metric} is invalid for {operation}. Use {', '.join(valid)}.")
    if metric == "NORMALIZED_USAGE_AMOUNT":
        raise Unsupported(
            "NORMALIZED_USAGE_AMOUNT is not served: it is of reserved instances, of which there "
            "are none here. Use USAGE_QUANTITY."
        )
    return is_usage


def _window(operation: str, request: Document, now: float) -> Window:
    """The period, cut into buckets.

    Raises:
        Invalid: It begins before today, ends before it begins, or reaches too far; hours.
    """
    granularity = str(request.get("Granularity"))
    if granularity not in ("DAILY", "MONTHLY"):
        raise Invalid(
            f"The {operation} operation supports only DAILY and MONTHLY granularities, "
            f"not {granularity}."
        )
    period = request.get("TimePeriod")
    start, end = (instant(period, name, granularity) for name in ("Start", "End"))
    if start >= end:
        raise Invalid(
            f"Requested Start: {start:%Y-%m-%d} must be before requested End: {end:%Y-%m-%d}"
        )
    today = datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if start < today:
        raise Invalid(
            f"Requested Start: {start:%Y-%m-%d} must not be before today, {today:%Y-%m-%d} (UTC)."
        )
    months = DAILY_MONTHS_MAX if granularity == "DAILY" else MONTHLY_MONTHS_MAX
    last = _months_on(today, months)
    if end > last:
        raise Invalid(
            f"Requested End: {end:%Y-%m-%d} is too late: {granularity} forecasts reach "
            f"{months} months from today, to {last:%Y-%m-%d}."
        )
    cut = buckets(start, end, granularity)
    return Window(int(start.timestamp()), int(end.timestamp()), granularity, cut)


def _months_on(day: datetime, months: int) -> datetime:
    """The same day so many months on; where the month has none, the first of the next."""
    first, following = month_after(day, months), month_after(day, months + 1)
    return min(first + timedelta(days=day.day - 1), following)
