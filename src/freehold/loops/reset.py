"""Begin again: an ephemeral install emptied while it runs, for people who test against us.

Asked by ``edge/reset.py``. Loops stand still meanwhile; what runs is ended first, then files
and records go, in an order in which no record is ever without its files.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from pathlib import Path

from freehold.base.errors import Fault, Internal
from freehold.host import volumes
from freehold.kernel.dispatch import Kernel
from freehold.kernel.permission import identity
from freehold.kernel.permission.binding import WATCHED
from freehold.loops.engine import Engine, Loop
from freehold.runners.runner import Runner
from freehold.store.database import empty
from freehold.store.unit import Unit

END_SECONDS_MAX = 20.0
LOOK_SECONDS = 0.02
KEPT = frozenset({"tls"})  # directories of the state that outlive a reset: our authority's


class Reset:
    """Empties one install.

    ``make`` gives fresh loops, ``clear`` removes the networks of work that has ended, ``seed``
    writes what an account has at birth.
    """

    def __init__(
        self,
        kernel: Kernel,
        engine: Engine,
        runner: Runner,
        *,
        make: Callable[[], tuple[Loop, ...]],
        clear: Callable[[], None],
        seed: Callable[[Unit], None],
    ) -> None:
        self._kernel = kernel
        self._engine = engine
        self._runner = runner
        self._make = make
        self._clear = clear
        self._seed = seed
        self._turn = asyncio.Lock()

    async def __call__(self) -> None:
        """Empty it: back when nothing runs, nothing is kept, and the loops turn again.

        Raises:
            Internal: Something would not end, or the disk refused; ask again.
        """
        async with self._turn:
            await self._engine.stop()
            try:
                await asyncio.to_thread(self._empty)
            finally:
                self._engine.begin_anew(self._make())

    def _empty(self) -> None:
        kernel = self._kernel
        end_all(self._runner)
        self._clear()
        kernel.doors.close_all()
        for directory in kernel.settings.state.iterdir():
            if directory.is_dir() and directory.name not in KEPT:
                _clear(directory)
        kernel.blobs.was_emptied()
        kernel.writer.run(self._forget)
        kernel.waiting.take()

    def _forget(self, unit: Unit) -> None:
        empty(unit.connection, keys_of=identity.root_arn(self._kernel.settings))
        self._seed(unit)
        unit.touched |= {resource.kind for resource in self._kernel.registry.resources()}
        unit.touched |= WATCHED


def end_all(runner: Runner) -> None:
    """End every work of a runner at once, and forget it.

    Raises:
        Internal: One still runs after ``END_SECONDS_MAX``.
    """
    left = runner.ids()
    deadline = time.monotonic() + END_SECONDS_MAX
    while left:
        for work in left:
            with contextlib.suppress(Fault):
                runner.stop(work, 0)
        left = [work for work in left if not _ended(runner, work)]
        if left and time.monotonic() > deadline:
            raise Internal(f"Work does not end: {', '.join(left)}.", retryable=True)
        if left:
            time.sleep(LOOK_SECONDS)


def _ended(runner: Runner, work: str) -> bool:
    try:
        runner.forget(work)
    except Fault:
        return False
    return True


def _clear(directory: Path) -> None:
    """Remove what is in a directory, but not itself."""
    for path in list(directory.iterdir()):
        volumes.remove(path)
