"""What a budget has used: its periods, actual and forecast spend, its health.

Input: a stored budget, ledger rows, the time, activation spans of tag keys. Output: AWS's
``CalculatedSpend`` and ``HealthStatus``. Source: reference costs, section 5;
the forecast is that of ``meter/forecasts``.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from freehold.base.errors import Fault, Invalid
from freehold.meter.budgets import expression_of, metric_of, tag_keys
from freehold.meter.costs import amount
from freehold.meter.forecasts.outlook import DAY_SECONDS, HISTORY_DAYS_MAX, outlook
from freehold.meter.query.filters import Predicate, predicate
from freehold.meter.query.rows import Activations, Projection, Row
from freehold.meter.query.windows import month_after

Document = dict[str, Any]

# How many periods back a history goes; AWS's model gives no number. Years have none there.
HISTORY_PERIODS_MAX = {"DAILY": 60, "MONTHLY": 12, "QUARTERLY": 12, "CUSTOM": 1}
LIMITS_KEPT_MAX = 100
_MONTHS = {"MONTHLY": 1, "QUARTERLY": 3, "ANNUALLY": 12}


class Period(NamedTuple):
    """One period of a budget, ``[start, end)`` in epoch seconds."""

    start: float
    end: float


def period_at(budget: Document, now: float) -> Period:
    """The budget's period that holds ``now``; its first one before it begins.

    Months are calendar months; quarters and years begin with the month of ``TimePeriod.Start``,
    so that a business year is possible. Spend of the first period before ``Start`` counts, as
    the period's does; nothing after ``TimePeriod.End`` does.
    """
    start, end = float(budget["TimePeriod"]["Start"]), float(budget["TimePeriod"]["End"])
    unit = budget["TimeUnit"]
    if unit == "CUSTOM":
        return Period(start, end)
    at = _day(max(now, start))
    if unit == "DAILY":
        return Period(at.timestamp(), min(end, (at + timedelta(days=1)).timestamp()))
    anchor, step = _day(start), _MONTHS[unit]
    months = (at.year - anchor.year) * 12 + at.month - anchor.month
    first = month_after(anchor, months // step * step)
    return Period(first.timestamp(), min(end, month_after(first, step).timestamp()))


def limit_at(budget: Document, now: float) -> Document | None:
    """The limit in force at ``now``: ``BudgetLimit``, or the planned one of this period."""
    planned = budget.get("PlannedBudgetLimits")
    if not planned:
        return budget.get("BudgetLimit")
    past = [(float(start), limit) for start, limit in planned.items() if float(start) <= now]
    return max(past, key=lambda entry: entry[0])[1] if past else None


def periods_until(budget: Document, now: float) -> list[Period]:
    """The budget's periods up to the one that holds ``now``, oldest first; none of the future.

    Raises:
        Invalid: It is annual: AWS has no history of those.
    """
    most = HISTORY_PERIODS_MAX.get(budget["TimeUnit"])
    if most is None:
        raise Invalid(
            "Budget history is not available for ANNUALLY budgets.",
            code="InvalidParameterException",
        )
    start = float(budget["TimePeriod"]["Start"])
    found: list[Period] = []
    at = now
    while len(found) < most and at >= start:
        period = period_at(budget, at)
        if period.start <= now:
            found.append(period)
        at = period.start - 1
    return found[::-1]


def performance(
    budget: Document,
    former: Iterable[Mapping[str, Any]],
    periods: Sequence[Period],
    rows: Iterable[Row],
    now: float,
    active_keys: Activations,
    *,
    currency: str = "USD",
) -> list[Document]:
    """``BudgetedAndActualAmountsList``: what was meant and what was spent, by period.

    Args:
        budget: As it stands now: its filter holds for all periods.
        former: Limits that were replaced, oldest first: ``{"Until", "Limit"}``.
        periods: Of ``periods_until``.
        rows: Ledger rows that no period's bounds part, from the first period's start on.
        now: Epoch seconds UTC.
        active_keys: Activation spans of tag keys.
        currency: Of the ledger.
    """
    unit, matches, tags = _unit(budget, currency), _predicate(budget), Projection(active_keys)
    sums = [Decimal(0)] * len(periods)
    starts = [period.start for period in periods]
    for row in rows:
        index = bisect_right(starts, row.hour) - 1
        if index < 0 or row.hour >= periods[index].end:
            continue
        if matches is not None and matches(row, tags):
            sums[index] += _measured(row, budget, unit)
    limits = [*former]
    shown = []
    for period, actual in zip(periods, sums, strict=True):
        at = min(period.end - 1, now)
        limit = next((one["Limit"] for one in limits if one["Until"] > at), limit_at(budget, at))
        entry: Document = {
            "ActualAmount": {"Amount": amount(actual), "Unit": unit},
            "TimePeriod": {"Start": period.start, "End": period.end},
        }
        shown.append({**({"BudgetedAmount": limit} if limit else {}), **entry})
    return shown


def rows_since(budget: Document, now: float) -> float:
    """From when on ``calculated_spend`` wants rows."""
    history = _day(now).timestamp() - HISTORY_DAYS_MAX * DAY_SECONDS
    return min(period_at(budget, now).start, history)


def calculated_spend(
    budget: Document,
    rows: Iterable[Row],
    now: float,
    active_keys: Activations,
    *,
    currency: str = "USD",
) -> Document:
    """``CalculatedSpend`` of a stored budget.

    The forecast is what was spent plus what ``forecasts.outlook`` expects of the rest of the
    period. It is left out while what the budget is for reaches back less than two weeks. A USAGE
    budget adds up only rows in the unit of its limit.

    Args:
        budget: As ``budgets.checked`` stored it.
        rows: Ledger rows or roll-ups of at most a day each, from ``rows_since`` on.
        now: Epoch seconds UTC.
        active_keys: Activation spans of tag keys.
        currency: Of the ledger.
    """
    period = period_at(budget, now)
    unit = _unit(budget, currency)
    matches = _predicate(budget)
    tags = Projection(active_keys)
    actual, days = Decimal(0), dict[int, Decimal]()
    for row in rows:
        if matches is None or not matches(row, tags):
            continue
        value = _measured(row, budget, unit)
        if period.start <= row.hour < period.end:
            actual += value
        day = row.hour // DAY_SECONDS * DAY_SECONDS
        days[day] = days.get(day, Decimal(0)) + value
    spend: Document = {"ActualSpend": {"Amount": amount(actual), "Unit": unit}}
    found = outlook(days, now)
    if found is not None:
        more = found.expected(period.start, period.end)
        spend["ForecastedSpend"] = {"Amount": amount(actual + more), "Unit": unit}
    return spend


def health(budget: Document, active_keys: Activations, now: float) -> Document:
    """``HealthStatus``: a filter that can match nothing is told, not left to read as thrift."""
    tags = Projection(active_keys)
    is_valid = _predicate(budget) is not None and all(
        tags.is_active(key, now) for key in tag_keys(budget)
    )
    status: Document = {"Status": "HEALTHY" if is_valid else "UNHEALTHY"}
    if not is_valid:
        status["StatusReason"] = "FILTER_INVALID"
    return {**status, "LastUpdatedTime": now}


def _predicate(budget: Document) -> Predicate | None:
    """The budget's filter; None if it is one that is not (or no longer) served."""
    try:
        return predicate(expression_of(budget))
    except Fault:
        return None


def _measured(row: Row, budget: Document, unit: str) -> Decimal:
    if metric_of(budget) not in ("UsageQuantity", "Hours", "NormalizedUsageAmount"):
        return row.cost
    return row.quantity if row.unit == unit else Decimal(0)


def _unit(budget: Document, currency: str) -> str:
    if budget["BudgetType"] == "COST":
        return currency
    limits = [budget.get("BudgetLimit"), *(budget.get("PlannedBudgetLimits") or {}).values()]
    return next((str(limit["Unit"]) for limit in limits if limit), "Hrs")


def _day(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
