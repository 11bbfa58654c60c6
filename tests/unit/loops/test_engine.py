from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

from freehold.compose import House
from freehold.loops.engine import Engine
from freehold.store.records import Record

KIND = "sagemaker:experiment"
SECONDS = 10.0


class Counting:
    """A loop that counts its turns and rests for long."""

    name = "counting"
    kinds = frozenset({KIND})

    def __init__(self, turn: Callable[[int], None] = lambda _n: None) -> None:
        self.turns = 0
        self.is_closed = False
        self._turn = turn
        self._turned = threading.Condition()

    def turn(self) -> float:
        with self._turned:
            self.turns += 1
            self._turned.notify_all()
        self._turn(self.turns)
        return 3600.0

    def close(self) -> None:
        self.is_closed = True

    def wait(self, turns: int) -> None:
        with self._turned:
            assert self._turned.wait_for(lambda: self.turns >= turns, SECONDS), self.turns


def write(house: House, kind: str, name: str) -> None:
    house.kernel.writer.run(lambda unit: unit.create(Record(kind, f"arn:{name}", name, uid="u")))


def running(house: House, *loops: Any, then: Callable[[Engine], Any]) -> None:
    async def main() -> None:
        engine = Engine(house.kernel, loops)
        engine.start()
        try:
            await then(engine)
        finally:
            await engine.stop()

    asyncio.run(main())


def test_a_write_of_its_kind_wakes_a_loop_and_no_other_does(house: House) -> None:
    loop = Counting()

    async def then(_engine: Engine) -> None:
        await asyncio.to_thread(loop.wait, 1)
        await asyncio.to_thread(write, house, "sagemaker:space", "other")
        await asyncio.to_thread(write, house, KIND, "mine")
        await asyncio.to_thread(loop.wait, 2)

    running(house, loop, then=then)
    assert loop.is_closed
    # Before and after the COMMIT: two wakes at most, one where they fall together.
    assert loop.turns in (2, 3)


def test_a_loop_that_fails_goes_on_and_harms_no_other(house: House) -> None:
    def fail(turn: int) -> None:
        if turn == 1:
            raise RuntimeError("first turn")

    bad, good = Counting(fail), Counting()
    good.name = "good"  # type: ignore[misc]

    async def then(_engine: Engine) -> None:
        await asyncio.to_thread(good.wait, 1)
        await asyncio.to_thread(bad.wait, 2)

    running(house, bad, good, then=then)


def test_stop_waits_for_a_turn_that_runs_and_twice_is_once(house: House) -> None:
    begun, ended = threading.Event(), threading.Event()

    def long(_turn: int) -> None:
        begun.set()
        assert begun.wait(SECONDS)
        house.kernel.writer.run(lambda _: None)
        ended.set()

    async def then(engine: Engine) -> None:
        await asyncio.to_thread(begun.wait, SECONDS)
        await engine.stop()
        assert ended.is_set()

    running(house, Counting(long), then=then)


def test_it_begins_anew_with_loops_that_remember_nothing(house: House) -> None:
    old, new = Counting(), Counting()

    async def then(engine: Engine) -> None:
        await asyncio.to_thread(old.wait, 1)
        await engine.stop()
        count = old.turns
        engine.begin_anew((new,))
        await asyncio.to_thread(new.wait, 1)
        await asyncio.to_thread(write, house, KIND, "mine")
        await asyncio.to_thread(new.wait, 2)
        assert old.turns == count

    running(house, old, then=then)
    assert len(house.kernel.watchers) == 0
