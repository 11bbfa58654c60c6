"""The engine: runs every loop, wakes one when a record of its kind was written.

A loop is a plain object with ``name``, ``kinds`` it wants to be woken for, and ``turn()``,
which does what is due and answers when it wants to be called next. Turns run on threads of
their own; only the engine is asynchronous.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from freehold.base import log
from freehold.kernel.dispatch import Kernel

AUDIT_SECONDS = 0.5
REST_SECONDS_MAX = 30.0
FAILED_SECONDS = 1.0


class Loop(Protocol):
    """One loop."""

    name: str
    kinds: frozenset[str]

    def turn(self) -> float:
        """Do what is due; seconds until the next turn if nobody wakes it before."""
        ...

    def close(self) -> None:
        """End what the loop itself holds (threads); the work it started lives on."""
        ...


class Audit:
    """Writes waiting audit entries, at most a second old."""

    name = "audit"
    kinds: frozenset[str] = frozenset()

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel

    def turn(self) -> float:
        """Flush."""
        self._kernel.flush_audit()
        return AUDIT_SECONDS

    def close(self) -> None:
        """Nothing is held."""


class Engine:
    """Runs loops until told to stop."""

    def __init__(self, kernel: Kernel, loops: tuple[Loop, ...] = ()) -> None:
        self._kernel = kernel
        self._watcher: Callable[[set[str]], None] = lambda _kinds: None
        self._hold(loops)

    def _hold(self, loops: tuple[Loop, ...]) -> None:
        self._loops: tuple[Loop, ...] = (Audit(self._kernel), *loops)
        self._wakes: dict[str, asyncio.Event] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._pool = ThreadPoolExecutor(max(2, len(self._loops)), thread_name_prefix="loop")

    def start(self) -> None:
        """Begin to turn. Called on the event loop."""
        loop = asyncio.get_running_loop()
        interests: list[tuple[frozenset[str], asyncio.Event]] = []
        for one in self._loops:
            wake = self._wakes[one.name] = asyncio.Event()
            interests.append((one.kinds, wake))
            self._tasks.append(loop.create_task(self._turn(one, wake), name=one.name))

        def written(kinds: set[str]) -> None:
            for wanted, wake in interests:
                if wanted & kinds:
                    loop.call_soon_threadsafe(wake.set)

        self._watcher = written
        self._kernel.watchers.append(written)

    async def stop(self) -> None:
        """Let turns that run come to their end, then rest. Twice is once."""
        if self._watcher in self._kernel.watchers:
            self._kernel.watchers.remove(self._watcher)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        for one in self._loops:
            one.close()
        await asyncio.to_thread(self._pool.shutdown)

    def begin_anew(self, loops: tuple[Loop, ...]) -> None:
        """After ``stop``: turn again, with loops that remember nothing."""
        self._hold(loops)
        self.start()

    async def _turn(self, one: Loop, wake: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        while True:
            wake.clear()
            try:
                rest = await loop.run_in_executor(self._pool, one.turn)
            except Exception:
                log.logger.exception("loop %s failed; it goes on", one.name)
                rest = FAILED_SECONDS
            try:
                await asyncio.wait_for(wake.wait(), min(rest, REST_SECONDS_MAX))
            except TimeoutError:
                continue
