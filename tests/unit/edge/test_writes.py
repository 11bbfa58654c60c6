from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, cast

import pytest

from freehold.base.errors import Internal, Throttled
from freehold.edge.writes import Writes
from freehold.kernel.call import Call
from freehold.kernel.dispatch import Kernel

Outcome = tuple[Any, BaseException | None]


class FakeKernel:
    """A writer that answers when told; calls are plain words here."""

    def __init__(self) -> None:
        self.orders: list[tuple[list[str], Callable[[list[Outcome]], None]]] = []
        self.is_full = False

    def write_all(
        self,
        calls: Sequence[str],
        done: Callable[[list[Outcome]], None],
        ran: Callable[[], None],
    ) -> None:
        if self.is_full:
            raise Throttled("The server has too much to write; try again.")
        self.orders.append((list(calls), done))
        ran()

    def answer(self, **failures: BaseException) -> None:
        words, done = self.orders[-1]
        done([(None if word in failures else word.upper(), failures.get(word)) for word in words])


@pytest.fixture
def kernel() -> FakeKernel:
    return FakeKernel()


@pytest.fixture
def writes(kernel: FakeKernel) -> Writes:
    return Writes(cast("Kernel", kernel))


def ask(writes: Writes, *words: str) -> list[asyncio.Task[Any]]:
    return [asyncio.ensure_future(writes.run(cast("Call", word))) for word in words]


async def turns() -> None:
    for _ in range(4):
        await asyncio.sleep(0)


def test_calls_of_one_turn_go_together_and_each_gets_its_own_answer(
    kernel: FakeKernel, writes: Writes
) -> None:
    async def go() -> None:
        asked = ask(writes, "a", "b", "c")
        await turns()
        assert [words for words, _ in kernel.orders] == [["a", "b", "c"]]
        kernel.answer(b=Internal("no"))
        answers = await asyncio.gather(*asked, return_exceptions=True)
        assert (answers[0], answers[2]) == ("A", "C")
        assert isinstance(answers[1], Internal)

    asyncio.run(go())


def test_calls_that_come_meanwhile_wait_and_go_together(kernel: FakeKernel, writes: Writes) -> None:
    async def go() -> None:
        first = ask(writes, "a")
        await turns()
        later = ask(writes, "b")
        await turns()
        later += ask(writes, "c")
        await turns()
        assert [words for words, _ in kernel.orders] == [["a"]]
        kernel.answer()
        assert await first[0] == "A"
        await turns()
        assert kernel.orders[-1][0] == ["b", "c"]
        kernel.answer()
        assert await asyncio.gather(*later) == ["B", "C"]

    asyncio.run(go())


def test_a_full_queue_refuses_all_that_went_together_and_the_next_may_try(
    kernel: FakeKernel, writes: Writes
) -> None:
    async def go() -> None:
        kernel.is_full = True
        answers = await asyncio.gather(*ask(writes, "a", "b"), return_exceptions=True)
        assert all(isinstance(answer, Throttled) for answer in answers)
        kernel.is_full = False
        again = ask(writes, "c")
        await turns()
        kernel.answer()
        assert await again[0] == "C"

    asyncio.run(go())


def test_a_client_that_went_away_is_no_harm_to_the_others(
    kernel: FakeKernel, writes: Writes
) -> None:
    async def go() -> None:
        gone, stays = ask(writes, "a", "b")
        await turns()
        gone.cancel()
        await turns()
        kernel.answer()
        assert await stays == "B"
        assert gone.cancelled()

    asyncio.run(go())


def test_each_loop_has_its_own_line(kernel: FakeKernel, writes: Writes) -> None:
    async def go() -> Any:
        asked = ask(writes, "a")
        await turns()
        kernel.answer()
        return await asked[0]

    assert asyncio.run(go()) == "A"
    assert asyncio.run(go()) == "A"
