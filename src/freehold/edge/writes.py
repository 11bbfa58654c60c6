"""Writes of an event loop: handed to the writer and answered by the handful, not one by one.

Calls that arrive in one turn of the loop (``edge/api.py``) go to ``store/writer.py`` together at
its end, and one wake-up brings all their answers back: thread switches are what a write costs
most, and calls that go together share a COMMIT.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from freehold.base.errors import Fault
from freehold.kernel.call import Call
from freehold.kernel.dispatch import Kernel
from freehold.kernel.operation import Document

Outcome = tuple[Any, BaseException | None]
Waiting = list[tuple[Call, "asyncio.Future[Document]"]]


class Writes:
    """Gathers the writes of each event loop that calls."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._gathered: dict[asyncio.AbstractEventLoop, Waiting] = {}

    async def run(self, call: Call) -> Document:
        """Run a write and wait for its COMMIT.

        Raises:
            Fault: It was refused, or could not be stored.
        """
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Document] = loop.create_future()
        gathered = self._gathered.get(loop)
        if gathered is None:
            gathered = self._gathered[loop] = []
            loop.call_soon(self._hand_over, loop)
        gathered.append((call, answer))
        return await answer

    def _hand_over(self, loop: asyncio.AbstractEventLoop) -> None:
        waiting = self._gathered.pop(loop)

        def done(outcomes: list[Outcome]) -> None:
            with contextlib.suppress(RuntimeError):  # a loop that has closed waits for nothing
                loop.call_soon_threadsafe(settle, waiting, outcomes)

        try:
            self._kernel.write_all([call for call, _ in waiting], done)
        except Fault as fault:
            settle(waiting, [(None, fault)] * len(waiting))


def settle(waiting: Waiting, outcomes: list[Outcome]) -> None:
    """Answer each call that is still awaited."""
    for (_, answer), (value, error) in zip(waiting, outcomes, strict=True):
        if answer.done():
            continue
        if error is None:
            answer.set_result(value)
        else:
            answer.set_exception(error)
