"""A crowd is told by answers a second, and is remembered while it pauses."""

from __future__ import annotations

import pytest

from freehold.loops.crowd import CALM_SECONDS, CROWD_PER_SECOND, WINDOW_SECONDS, Crowd


class Time:
    now = 0.0
    answered = 0

    def pass_(self, seconds: float, per_second: float) -> None:
        self.now += seconds
        self.answered += round(seconds * per_second)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def crowd(time: Time) -> Crowd:
    return Crowd(lambda: time.answered, lambda: time.now)


def test_nobody_is_no_crowd(crowd: Crowd, time: Time) -> None:
    assert not crowd.is_here()
    time.pass_(10, 0)
    assert not crowd.is_here()


def test_one_client_is_no_crowd(crowd: Crowd, time: Time) -> None:
    time.pass_(1, CROWD_PER_SECOND / 2)
    assert not crowd.is_here()


def test_many_clients_are(crowd: Crowd, time: Time) -> None:
    time.pass_(WINDOW_SECONDS, CROWD_PER_SECOND * 2)
    assert crowd.is_here()


def test_a_look_within_the_window_decides_nothing(crowd: Crowd, time: Time) -> None:
    time.pass_(WINDOW_SECONDS / 2, CROWD_PER_SECOND * 10)
    assert not crowd.is_here()


def test_a_pause_is_not_its_end(crowd: Crowd, time: Time) -> None:
    time.pass_(WINDOW_SECONDS, CROWD_PER_SECOND * 2)
    assert crowd.is_here()
    time.pass_(CALM_SECONDS / 2, 0)
    assert crowd.is_here()
    time.pass_(CALM_SECONDS, 0)
    assert not crowd.is_here()
