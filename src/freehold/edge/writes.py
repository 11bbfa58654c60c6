"""Writes of an event loop: handed to the writer and answered by the handful, not one by one.

Calls that ``edge/api.py`` brings while others are being written go to ``store/writer.py``
together, share a COMMIT, and one wake-up brings all their answers back. While the writer runs
them the loop stands still: only one of two threads can run Python, and a loop that goes on
meanwhile makes each step of the writer's wait for its turn (measured: twice the time a call).
During the COMMIT itself, which waits for the disk, the loop goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import Any

from freehold.base.errors import Fault
from freehold.kernel.call import Call
from freehold.kernel.declare.operation import Document
from freehold.kernel.dispatch import Kernel

STILL_SECONDS_MAX = 0.01  # longer work, and work behind a loop's, does not hold up reads

Outcome = tuple[Any, BaseException | None]
Waiting = list[tuple[Call, "asyncio.Future[Document]"]]


class Writes:
    """The writes of all event loops that call; in life there is one, in tests there are more."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._lines: dict[asyncio.AbstractEventLoop, Line] = {}

    async def run(self, call: Call) -> Document:
        """Run a write and wait for its COMMIT.

        Raises:
            Fault: It was refused, or could not be stored.
        """
        loop = asyncio.get_running_loop()
        line = self._lines.get(loop)
        if line is None:
            line = self._lines[loop] = Line(self._kernel, loop)
        return await line.join(call)


class Line:
    """The writes of one event loop: some wait here, some are at the writer."""

    def __init__(self, kernel: Kernel, loop: asyncio.AbstractEventLoop) -> None:
        self._kernel = kernel
        self._loop = loop
        self._waiting: Waiting = []
        self._is_away = False

    def join(self, call: Call) -> asyncio.Future[Document]:
        """Stand at the end of the line; those of the same turn of the loop go together."""
        answer: asyncio.Future[Document] = self._loop.create_future()
        self._waiting.append((call, answer))
        if not self._is_away:
            self._is_away = True
            self._loop.call_soon(self._go)
        return answer

    def _go(self) -> None:
        going, self._waiting = self._waiting, []
        ran = threading.Lock()
        ran.acquire()

        def done(outcomes: list[Outcome]) -> None:
            with contextlib.suppress(RuntimeError):  # a loop that has closed waits for nothing
                self._loop.call_soon_threadsafe(self._come_back, going, outcomes)

        try:
            self._kernel.write_all([call for call, _ in going], done, ran.release)
        except Fault as fault:
            self._come_back(going, [(None, fault)] * len(going))
        else:
            ran.acquire(timeout=STILL_SECONDS_MAX)

    def _come_back(self, going: Waiting, outcomes: list[Outcome]) -> None:
        self._is_away = bool(self._waiting)
        if self._is_away:
            self._loop.call_soon(self._go)
        for (_, answer), (value, error) in zip(going, outcomes, strict=True):
            if answer.done():
                continue
            if error is None:
                answer.set_result(value)
            else:
                answer.set_exception(error)
