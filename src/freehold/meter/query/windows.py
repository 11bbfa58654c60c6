"""Time periods of Cost Explorer: checked, and cut into buckets.

Input: ``TimePeriod`` and ``Granularity`` of a request, the time. Output: buckets in order, half
open, UTC. Source: reference costs, section 4 (Time) and section 6 (AWS's words).
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from freehold.base.errors import Invalid

HOURLY_DAYS_MAX = 14
MONTHS_MAX = 14  # beyond it, a period must begin with a month
DAY_CLOSES_SECONDS = 6 * 3600
MONTH_CLOSES_SECONDS = 3 * 86_400  # stands for the invoice until there are invoices

START_AFTER_END = "Start date (and hour) should be before end date (and hour)"
END_TOO_LATE = "end date past the beginning of next month"
START_TOO_OLD = (
    "To retrieve data beyond the past 14 months, your start date needs to be the first day of "
    "the month."
)
NO_HOURS = "Hourly timePeriod is not supported for this request"

_DAY = "%Y-%m-%d"
_HOUR = "%Y-%m-%dT%H:%M:%SZ"


class Bucket(NamedTuple):
    """``[start, end)`` in epoch seconds; ``closes``: from then on it is no estimate any more."""

    start: int
    end: int
    closes: int


class Window(NamedTuple):
    """A checked period and its buckets, of which there is at least one."""

    start: int
    end: int
    granularity: str
    buckets: tuple[Bucket, ...]

    def bucket_of(self, at: float) -> int | None:
        """Index of the bucket that holds ``at``; None outside the window."""
        if not self.start <= at < self.end:
            return None
        return bisect_right(self.buckets, at, key=lambda bucket: bucket.start) - 1

    def spelled(self, bucket: Bucket) -> dict[str, str]:
        """The bucket as an answer's ``TimePeriod``."""
        form = _HOUR if self.granularity == "HOURLY" else _DAY
        return {
            "Start": datetime.fromtimestamp(bucket.start, UTC).strftime(form),
            "End": datetime.fromtimestamp(bucket.end, UTC).strftime(form),
        }


def window(period: Any, granularity: str, now: float) -> Window:
    """Check a ``TimePeriod`` and cut it into buckets.

    Args:
        period: ``{"Start", "End"}``; dates for DAILY and MONTHLY, ``...THH:00:00Z`` for HOURLY.
        granularity: DAILY, MONTHLY or HOURLY.
        now: Epoch seconds UTC.

    Raises:
        Invalid: With AWS's words: start not before end, end past the beginning of next month,
            a start too old; or the form does not fit the granularity.
    """
    if granularity not in ("DAILY", "MONTHLY", "HOURLY"):
        raise Invalid("Granularity must be one of DAILY, MONTHLY, HOURLY.")
    start = instant(period, "Start", granularity)
    end = instant(period, "End", granularity)
    if start >= end:
        raise Invalid(START_AFTER_END)
    today = datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if end > month_after(today):
        raise Invalid(END_TOO_LATE)
    if granularity == "HOURLY":
        if start < today - timedelta(days=HOURLY_DAYS_MAX):
            raise Invalid(f"Hourly data is available only for the past {HOURLY_DAYS_MAX} days.")
    elif start < month_after(today, -MONTHS_MAX) and start.day != 1:
        raise Invalid(START_TOO_OLD)
    return Window(_epoch(start), _epoch(end), granularity, buckets(start, end, granularity))


def period(value: Any, now: float) -> Window:
    """The period of a look-up (GetTags, GetDimensionValues): whole days, as one DAILY window."""
    return window(value, "DAILY", now)


def month_after(day: datetime, months: int = 1) -> datetime:
    """First instant of the month that lies ``months`` after that of ``day``."""
    index = day.year * 12 + day.month - 1 + months
    return datetime(index // 12, index % 12 + 1, 1, tzinfo=UTC)


def instant(period: Any, name: str, granularity: str) -> datetime:
    """``Start`` or ``End`` of a period in the form that the granularity wants.

    Raises:
        Invalid: It is missing, no date, or of the other form.
    """
    text = period.get(name) if isinstance(period, dict) else None
    if not isinstance(text, str) or not text:
        raise Invalid(f"TimePeriod {name} is missing.")
    try:
        if "T" not in text:
            at = datetime.strptime(text, _DAY).replace(tzinfo=UTC)
        else:
            at = datetime.strptime(text, _HOUR).replace(tzinfo=UTC)
    except ValueError as error:
        raise Invalid(
            f"TimePeriod {name} {text!r} is not a date. "
            "Use yyyy-MM-dd, or yyyy-MM-ddTHH:mm:ssZ with HOURLY granularity."
        ) from error
    if ("T" in text) != (granularity == "HOURLY"):
        if granularity != "HOURLY":
            raise Invalid(NO_HOURS)
        raise Invalid(
            f"TimePeriod {name} {text!r} must be yyyy-MM-ddTHH:mm:ssZ with HOURLY granularity."
        )
    if at.minute or at.second:
        raise Invalid(f"TimePeriod {name} {text!r} must be a whole hour.")
    return at


def buckets(start: datetime, end: datetime, granularity: str) -> tuple[Bucket, ...]:
    """``[start, end)`` cut at the months, days or hours of UTC, in order."""
    cut = []
    at = start
    while at < end:
        if granularity == "MONTHLY":
            following = month_after(at)
            closes = _epoch(following) + MONTH_CLOSES_SECONDS
        elif granularity == "DAILY":
            following = at + timedelta(days=1)
            closes = _epoch(following) + DAY_CLOSES_SECONDS
        else:
            following = at + timedelta(hours=1)
            closes = _epoch(at.replace(hour=0) + timedelta(days=1)) + DAY_CLOSES_SECONDS
        cut.append(Bucket(_epoch(at), _epoch(min(following, end)), closes))
        at = following
    return tuple(cut)


def _epoch(at: datetime) -> int:
    return int(at.timestamp())
