from __future__ import annotations

import random
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.meter.forecasts.outlook import (
    DAY_SECONDS,
    HISTORY_DAYS_MAX,
    HISTORY_DAYS_MIN,
    LEVEL_MAX,
    LEVEL_MIN,
    Outlook,
    _student,
    outlook,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp()  # a Monday, at noon
TODAY = int(NOW // DAY_SECONDS * DAY_SECONDS)
amounts = st.decimals(0, 10_000, places=10, allow_nan=False)
histories = st.lists(amounts, min_size=HISTORY_DAYS_MIN, max_size=HISTORY_DAYS_MAX + 30)
levels = st.integers(LEVEL_MIN, LEVEL_MAX)


def past(values):
    """Sums by day of days that end yesterday."""
    first = TODAY - len(values) * DAY_SECONDS
    return {first + index * DAY_SECONDS: value for index, value in enumerate(values)}


def told(values) -> Outlook:
    found = outlook(past(values), NOW)
    assert found is not None
    return found


def day(number):
    start = TODAY + number * DAY_SECONDS
    return start, start + DAY_SECONDS


@given(histories, st.integers(1, 60), levels)
def test_a_span_is_its_days_to_the_last_digit_and_lies_in_its_interval(values, many, level):
    found = told(values)
    whole = found.interval(TODAY, TODAY + many * DAY_SECONDS, level)
    assert whole.mean == sum(found.expected(*day(n)) for n in range(many))
    assert 0 <= whole.lower <= whole.mean <= whole.upper


@given(histories, levels, levels, st.integers(1, 40))
def test_a_higher_level_is_never_narrower(values, one, other, many):
    low, high = sorted((one, other))
    found, end = told(values), TODAY + many * DAY_SECONDS
    narrow, wide = found.interval(TODAY, end, low), found.interval(TODAY, end, high)
    assert wide.lower <= narrow.lower
    assert wide.upper >= narrow.upper


@given(histories, levels, st.integers(1, 40))
def test_more_days_are_never_surer(values, level, many):
    found = told(values)
    short = found.interval(TODAY, TODAY + many * DAY_SECONDS, level)
    long = found.interval(TODAY, TODAY + (many + 1) * DAY_SECONDS, level)
    assert long.upper - long.mean >= short.upper - short.mean
    assert long.mean >= short.mean


@given(amounts, st.integers(HISTORY_DAYS_MIN, HISTORY_DAYS_MAX), levels)
def test_what_never_changed_is_sure_to_go_on(value, many, level):
    found = told([value] * many).interval(*day(1), level)
    assert found == (value, value, value)


def test_weekends_stay_weekends():
    weeks = [Decimal(0 if number % 7 in (5, 6) else 3) for number in range(21)]
    found = told(weeks)  # from a Monday on
    assert [found.expected(*day(number)) for number in range(1, 8)] == [3, 3, 3, 3, 0, 0, 3]
    assert found.expected(*day(0)) == Decimal("1.5")  # half of the Monday is left
    assert found.expected(*day(-3)) == 0


def test_what_changed_lately_counts_more_than_what_was():
    found = told([Decimal(1)] * 28 + [Decimal(2)] * 28)
    assert Decimal("1.6") < found.expected(*day(1)) < 2


def test_days_that_hang_together_make_a_week_less_sure():
    swings = [Decimal(4 if number // 10 % 2 else 2) for number in range(80)]
    jumps = [Decimal(4 if number * 7 % 10 < 5 else 2) for number in range(80)]
    week = TODAY + 7 * DAY_SECONDS

    def reach(values):
        found = told(values).interval(TODAY, week, 80)
        return found.upper - found.mean

    assert reach(swings) > 2 * reach(jumps) > 0


@pytest.mark.parametrize("values", [[], [Decimal(5)], [Decimal(5)] * (HISTORY_DAYS_MIN - 1)])
def test_a_short_history_gives_none(values):
    assert outlook(past(values), NOW) is None
    assert outlook(past(values) | {TODAY: Decimal(9)}, NOW) is None


def test_what_is_long_over_is_no_history():
    old = {day - 200 * DAY_SECONDS: value for day, value in past([Decimal(1)] * 30).items()}
    assert outlook(old, NOW) is None


@pytest.mark.parametrize(
    ("level", "freedom", "wanted"),  # from tables of Student's t
    [(90, 7, "1.895"), (95, 7, "2.365"), (99, 7, "3.499"), (80, 20, "1.325"), (95, 60, "2.000")],
)
def test_the_interval_is_students(level, freedom, wanted):
    assert abs(_student(level, Decimal(freedom)) - Decimal(wanted)) < Decimal("0.02")


def test_intervals_hold_as_often_as_they_say():
    """Of days drawn by a generator of fixed seed, nine in ten lie in the interval of 90 percent."""
    dice = random.Random(7)
    inside = 0
    for _ in range(400):
        values = [Decimal(repr(round(dice.gauss(100, 10), 6))) for _ in range(60)]
        mean, lower, upper = told(values).interval(*day(1), 90)
        inside += lower <= Decimal(repr(dice.gauss(100, 10))) <= upper
        assert lower < mean < upper
    assert 340 <= inside <= 380
