from __future__ import annotations

from contextlib import ExitStack

import pytest

from freehold.base.errors import Throttled
from freehold.kernel.console import tries
from freehold.kernel.console.tries import Tries


def test_five_wrong_tries_of_one_name_make_it_wait_a_minute() -> None:
    seen = Tries()
    for second in range(tries.FOR_NAME_MAX):
        seen.check("10.0.0.1", "ana", second)
        seen.wrong("10.0.0.1", "ana", second)
    with pytest.raises(Throttled, match="wait 55 seconds"):
        seen.check("10.0.0.1", "ana", 5.0)
    seen.check("10.0.0.1", "ben", 5.0)
    seen.check("10.0.0.2", "ana", 5.0)
    seen.check("10.0.0.1", "ana", 61.0)


def test_one_address_cannot_try_every_name() -> None:
    seen = Tries()
    for turn in range(tries.FOR_ADDRESS_MAX):
        seen.wrong("10.0.0.1", f"name-{turn}", 0.0)
    with pytest.raises(Throttled):
        seen.check("10.0.0.1", "another", 1.0)
    seen.check("10.0.0.2", "another", 1.0)


def test_what_is_remembered_is_bounded() -> None:
    seen = Tries()
    for turn in range(tries.REMEMBERED_MAX + 10):
        seen.wrong(f"10.0.{turn // 256}.{turn % 256}", "x", 0.0)
    assert len(seen._wrong) <= tries.REMEMBERED_MAX


def test_tries_that_are_made_at_once_count_while_they_are_made() -> None:
    seen = Tries()
    with ExitStack() as under_way:
        for _ in range(tries.FOR_NAME_MAX):
            under_way.enter_context(seen.one("10.0.0.1", "ana", 0.0))
        with pytest.raises(Throttled, match="wait 1 seconds"):
            seen.check("10.0.0.1", "ana", 0.0)
        seen.check("10.0.0.1", "ben", 0.0)
    with seen.one("10.0.0.1", "ana", 0.0):  # none was wrong
        assert seen._under_way
    assert not seen._under_way


def test_one_more_waits_where_some_were_wrong_and_some_are_under_way() -> None:
    seen = Tries()
    for second in range(3):
        seen.wrong("10.0.0.1", "ana", second)
    with (
        seen.one("10.0.0.1", "ana", 3.0),
        seen.one("10.0.0.1", "ana", 3.0),
        pytest.raises(Throttled, match="wait 57 seconds"),
    ):
        seen.check("10.0.0.1", "ana", 3.0)
