"""The forecast: what days to come will likely bring, from the days that were, and how surely.

Input: sums by whole UTC day, the instant that it is. Output: expectation and prediction interval
of any span after that instant. Cost Explorer's forecasts and the budgets' are both read off here.

The ground: a day is expected to be the mean of its weekday, in which a day four weeks ago counts
half as much as one of today. What the past days missed their means by is the noise: its variance,
and how much of a day's miss the next day repeats (an AR(1) process). The variance of a span is that
of its noise, days that hang together included, and that of the means themselves, which a short
history knows badly; the interval is Student's t on it. A level that will change is foreseen by none
of this. Source: Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 5.5 and 9.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import pairwise
from statistics import NormalDist
from typing import NamedTuple

DAY_SECONDS = 86_400
HISTORY_DAYS_MIN = 14  # each weekday twice
HISTORY_DAYS_MAX = 90
WEEKDAYS = 7
HALF_LIFE_WEEKS = 4  # ours: a month ago counts half
LEVEL_MIN, LEVEL_MAX = 51, 99  # PredictionIntervalLevel
QUANTUM = Decimal("1E-10")
_REPEATED_MAX = Decimal("0.9")  # beyond it a few weeks cannot tell noise from a trend
_NONE = Decimal(0)


class Interval(NamedTuple):
    """What is expected, and between what it will lie at the level that was asked for."""

    mean: Decimal
    lower: Decimal
    upper: Decimal


class Outlook:
    """A forecast from ``now`` on; see ``outlook``, which makes it."""

    def __init__(self, days: Mapping[int, Decimal], first: int, now: float) -> None:
        self._now = now
        history = _History([days.get(day, _NONE) for day in _days(first, _midnight(now))], first)
        self._means, self._known = history.means, history.known
        self._variance, self._freedom = history.variance, history.freedom
        self._repeated = history.repeated

    def expected(self, start: float, end: float) -> Decimal:
        """What ``[start, end)`` will bring from now on: what is past counts for nothing.

        Each day is rounded, so that a month is its days to the last digit.
        """
        pieces = _pieces(max(start, self._now), end)
        return sum((_rounded(self._means[day] * share) for day, share in pieces), _NONE)

    def interval(self, start: float, end: float, level: int) -> Interval:
        """The same with its prediction interval. What is spent is not negative, nor is ``lower``.

        Args:
            start: Epoch seconds; ``end`` is excluded.
            end: Likewise.
            level: Percent, LEVEL_MIN to LEVEL_MAX: how often the interval is to be right.
        """
        mean = self.expected(start, end)
        reach = self._spread(_pieces(max(start, self._now), end)) * _student(level, self._freedom)
        lower = max(mean - reach, min(mean, _NONE))
        return Interval(mean, _rounded(lower), _rounded(mean + reach))

    def _spread(self, pieces: list[tuple[int, Decimal]]) -> Decimal:
        """Standard deviation of the sum of parts of days."""
        noise, carried = _NONE, _NONE
        shares = [_NONE] * WEEKDAYS
        for day, share in pieces:
            part = share.sqrt()
            noise += share + 2 * part * carried
            carried = self._repeated * (carried + part)
            shares[day] += share
        means = sum((s * s / known for s, known in zip(shares, self._known, strict=True)), _NONE)
        hanging = (1 + self._repeated) / (1 - self._repeated)
        return (self._variance * (noise + hanging * means)).sqrt()


def outlook(days: Mapping[int, Decimal], now: float) -> Outlook | None:
    """A forecast from sums by day; None while they reach back less than HISTORY_DAYS_MIN days.

    Args:
        days: Sums by the first instant of their day, of days that had any. Today and what is
            older than HISTORY_DAYS_MAX are passed over. The history begins with the first of them:
            what was before a thing existed says nothing about it.
        now: Epoch seconds UTC.
    """
    today = _midnight(now)
    oldest = today - HISTORY_DAYS_MAX * DAY_SECONDS
    first = min((day for day in days if oldest <= day < today), default=today)
    if today - first < HISTORY_DAYS_MIN * DAY_SECONDS:
        return None
    return Outlook(days, first, now)


class _History:
    """Means by weekday of the days from ``first`` on, and what they were missed by."""

    def __init__(self, values: list[Decimal], first: int) -> None:
        weights = [_weight(len(values) - 1 - index) for index in range(len(values))]
        weekdays = [_weekday(first + index * DAY_SECONDS) for index in range(len(values))]
        self.means, self.known = [_NONE] * WEEKDAYS, [_NONE] * WEEKDAYS
        for weekday in range(WEEKDAYS):
            own = [index for index, day in enumerate(weekdays) if day == weekday]
            total = sum((weights[index] for index in own), _NONE)
            self.means[weekday] = (
                sum((weights[index] * values[index] for index in own), _NONE) / total
            )
            squares = sum((weights[index] ** 2 for index in own), _NONE)
            self.known[weekday] = total * total / squares  # as good as so many days alike
        missed = [
            _rounded(value - self.means[day]) for value, day in zip(values, weekdays, strict=True)
        ]
        self.freedom = sum(self.known, _NONE) - WEEKDAYS
        squared = sum((w * m * m for w, m in zip(weights, missed, strict=True)), _NONE)
        scale = sum(self.known, _NONE) / self.freedom
        self.variance = squared / sum(weights, _NONE) * scale
        alike = sum((a * b for a, b in pairwise(missed)), _NONE)
        total = sum((m * m for m in missed), _NONE)
        self.repeated = min(max(alike / total, _NONE), _REPEATED_MAX) if total else _NONE


def _weight(days_ago: int) -> Decimal:
    """What a day counts; all days of a week alike, so that no weekday counts more."""
    return Decimal(2) ** (Decimal(-(days_ago // WEEKDAYS)) / HALF_LIFE_WEEKS)


def _student(level: int, freedom: Decimal) -> Decimal:
    """How many standard deviations hold ``level`` percent: Student's t, by Cornish and Fisher.

    With the seven and more degrees of freedom that two weeks give it is right to two digits.
    """
    z = Decimal(repr(NormalDist().inv_cdf(0.5 + level / 200)))
    first = (z**3 + z) / (4 * freedom)
    second = (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * freedom**3)
    return z + first + second + third


def _pieces(start: float, end: float) -> list[tuple[int, Decimal]]:
    """The span cut at midnights: weekday and share of a day."""
    pieces = []
    at = start
    while at < end:
        until = min(end, _midnight(at) + DAY_SECONDS)
        pieces.append((_weekday(at), Decimal(round(until - at)) / DAY_SECONDS))
        at = until
    return pieces


def _days(first: int, until: int) -> range:
    return range(first, until, DAY_SECONDS)


def _midnight(at: float) -> int:
    return int(at // DAY_SECONDS * DAY_SECONDS)


def _weekday(at: float) -> int:
    return datetime.fromtimestamp(at, UTC).weekday()


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(QUANTUM, rounding=ROUND_HALF_EVEN)
