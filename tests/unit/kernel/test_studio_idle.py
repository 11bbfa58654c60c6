"""When an idle app is shut down: cases, and laws that hold for all of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.kernel.studio.idle import Span, idle_since, is_over, settings_of, timeout_minutes

ON = {"LifecycleManagement": "ENABLED"}
T3, M5, P4 = Decimal("0.05"), Decimal("0.922"), Decimal("37.688")


def span(own: Decimal) -> Span:
    return Span(own, T3, P4)


@pytest.mark.parametrize(
    ("settings", "of_space", "prices", "expected"),
    [
        ({}, None, None, None),
        ({"LifecycleManagement": "DISABLED", "IdleTimeoutInMinutes": 60}, None, None, None),
        ({"IdleTimeoutInMinutes": 60}, 60, None, None),  # nobody switched it on
        (ON, None, None, 60),
        (ON | {"IdleTimeoutInMinutes": 90}, None, None, 90),
        (ON | {"MinIdleTimeoutInMinutes": 120}, None, None, 120),
        (ON | {"IdleTimeoutInMinutes": 90}, 300, None, 300),
        (ON | {"IdleTimeoutInMinutes": 90, "MaxIdleTimeoutInMinutes": 200}, 300, None, 200),
        (ON | {"IdleTimeoutInMinutes": 90, "MinIdleTimeoutInMinutes": 80}, 70, None, 80),
        # By price: the cheapest waits for Max, the dearest for Min.
        (ON | {"IdleTimeoutInMinutes": 90, "MaxIdleTimeoutInMinutes": 600}, None, span(T3), 600),
        (ON | {"IdleTimeoutInMinutes": 90, "MaxIdleTimeoutInMinutes": 600}, None, span(P4), 60),
        (ON | {"IdleTimeoutInMinutes": 90, "MaxIdleTimeoutInMinutes": 600}, None, span(M5), 362),
        (ON | {"IdleTimeoutInMinutes": 240}, None, span(T3), 240),  # without a Max
        (ON | {"IdleTimeoutInMinutes": 240}, None, span(P4), 60),
        (ON | {"IdleTimeoutInMinutes": 240}, 100, span(P4), 100),  # a person's own word
        (ON | {"IdleTimeoutInMinutes": 240}, None, span(Decimal(0)), 240),  # costs nothing
    ],
)
def test_minutes(
    settings: dict[str, Any], of_space: int | None, prices: Span | None, expected: int | None
) -> None:
    assert timeout_minutes(settings, of_space, prices) == expected


def test_settings_are_found_where_aws_has_them() -> None:
    assert settings_of({"AppLifecycleManagement": {"IdleSettings": ON}}) == ON
    assert settings_of({}) == {}


bounds = st.integers(60, 525_600)
prices = st.decimals("0.001", "500", places=3)


@st.composite
def idle_settings(draw: st.DrawFn) -> dict[str, Any]:
    least, asked, most = sorted([draw(bounds), draw(bounds), draw(bounds)])
    found: dict[str, Any] = dict(ON)
    for member, value in (
        ("MinIdleTimeoutInMinutes", least),
        ("IdleTimeoutInMinutes", asked),
        ("MaxIdleTimeoutInMinutes", most),
    ):
        if draw(st.booleans()):
            found[member] = value
    return found


@given(idle_settings(), st.none() | bounds, st.none() | st.tuples(prices, prices, prices))
def test_no_answer_is_outside_what_the_admin_set(
    settings: dict[str, Any], of_space: int | None, found: Any
) -> None:
    minutes = timeout_minutes(settings, of_space, found and Span(*found))
    assert minutes is not None
    assert settings.get("MinIdleTimeoutInMinutes", 60) <= minutes
    assert minutes <= settings.get("MaxIdleTimeoutInMinutes", 525_600)


@given(idle_settings(), prices, prices)
def test_what_is_dearer_never_waits_for_longer(
    settings: dict[str, Any], one: Decimal, other: Decimal
) -> None:
    cheap, dear = sorted((one, other))
    first = timeout_minutes(settings, None, Span(cheap, Decimal("0.001"), Decimal(500)))
    second = timeout_minutes(settings, None, Span(dear, Decimal("0.001"), Decimal(500)))
    assert first is not None
    assert second is not None
    assert second <= first


@given(idle_settings(), bounds, prices)
def test_no_price_changes_what_a_space_says(
    settings: dict[str, Any], of_space: int, own: Decimal
) -> None:
    with_price = timeout_minutes(settings, of_space, span(own))
    assert with_price == timeout_minutes(settings, of_space)


times = st.floats(0, 2e9)


@given(times, st.none() | times, st.integers(60, 600), times)
def test_use_never_brings_the_end_nearer(
    started: float, active: float | None, minutes: int, now: float
) -> None:
    before = is_over(idle_since(started, None, is_busy=False), minutes, now)
    after = is_over(idle_since(started, active, is_busy=False), minutes, now)
    assert before or not after
    assert not is_over(idle_since(started, active, is_busy=True), minutes, now)
    assert not is_over(idle_since(started, active, is_busy=False), None, now)


def test_an_app_is_over_when_its_time_has_passed_and_not_before() -> None:
    since = idle_since(100.0, 400.0, is_busy=False)
    assert since == 400.0
    assert not is_over(since, 60, 400.0 + 3599.9)
    assert is_over(since, 60, 400.0 + 3600.0)
