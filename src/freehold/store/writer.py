"""The one writer: a thread that runs calls in batches, one SAVEPOINT each, one COMMIT for all.

Nobody is answered before the COMMIT that holds their call; a COMMIT that fails fails every
call of its batch with a retryable fault (design decision 8).
"""

from __future__ import annotations

import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

from freehold.base import log
from freehold.base.errors import Fault, Internal, Throttled
from freehold.store.database import connect
from freehold.store.unit import Unit

BATCH_MAX = 256
QUEUE_MAX = 20_000
KINDS_COMMITTED = Callable[[set[str]], None]

T = TypeVar("T")
Work = Callable[[Unit], T]
Done = Callable[[list[tuple["Future[Any]", Any, BaseException | None]]], None]


def settle(results: list[tuple[Future[Any], Any, BaseException | None]]) -> None:
    """Resolve futures; what an event loop replaces by one wake-up for the whole batch."""
    for future, value, error in results:
        if not future.set_running_or_notify_cancel():
            continue
        if error is None:
            future.set_result(value)
        else:
            future.set_exception(error)


class Writer:
    """Runs work on the writer connection. ``submit`` may be called from any thread."""

    def __init__(self, path: Path, touched: KINDS_COMMITTED, *, settled: Done = settle) -> None:
        self._connection = connect(path)
        self._touched = touched
        self.settled = settled
        self._queue: deque[tuple[Work[Any], Future[Any]]] = deque()
        self._wake = threading.Condition()
        self._is_stopping = False
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    def submit(self, work: Work[T]) -> Future[T]:
        """Queue ``work``; the future resolves after the COMMIT that holds it.

        Raises:
            Throttled: The queue is full, or the server is stopping.
        """
        future: Future[T] = Future()
        with self._wake:
            if self._is_stopping or len(self._queue) >= QUEUE_MAX:
                raise Throttled("The server has too much to write; try again.")
            self._queue.append((work, future))
            if len(self._queue) == 1:
                self._wake.notify()
        return future

    def run(self, work: Work[T]) -> T:
        """Submit and wait. Never called on the event loop."""
        return self.submit(work).result()

    def stop(self) -> None:
        """Write what is queued, then end."""
        with self._wake:
            self._is_stopping = True
            self._wake.notify()
        self._thread.join()
        self._connection.close()

    def _run(self) -> None:
        while True:
            with self._wake:
                while not self._queue and not self._is_stopping:
                    self._wake.wait()
                if not self._queue:
                    return
                take = min(len(self._queue), BATCH_MAX)
                batch = [self._queue.popleft() for _ in range(take)]
            self.settled(self._write(batch))

    def _write(
        self, batch: list[tuple[Work[Any], Future[Any]]]
    ) -> list[tuple[Future[Any], Any, BaseException | None]]:
        results: list[tuple[Future[Any], Any, BaseException | None]] = []
        touched: set[str] = set()
        execute = self._connection.execute
        try:
            execute("begin immediate")
            for work, future in batch:
                results.append((future, *self._one(work, touched)))
            execute("commit")
        except (sqlite3.Error, OSError) as error:
            log.event("commit-failed", level=40, error=error, calls=len(batch))
            if self._connection.in_transaction:
                execute("rollback")
            fault = Internal("The write could not be stored; nothing was done.", retryable=True)
            results = [(future, None, fault) for _, future in batch]
        if touched:
            self._touched(touched)
        return results

    def _one(self, work: Work[Any], touched: set[str]) -> tuple[Any, BaseException | None]:
        execute = self._connection.execute
        unit = Unit(self._connection, is_writing=True)
        execute("savepoint call")
        try:
            value = work(unit)
        except sqlite3.Error as error:
            if not self._connection.in_transaction or _is_fatal(error):
                raise
            execute("rollback to call")
            execute("release call")
            self._note(unit, touched)
            return None, error
        except Exception as error:
            execute("rollback to call")
            execute("release call")
            self._note(unit, touched)
            if not isinstance(error, Fault):
                log.logger.exception("call failed")
            return None, error
        execute("release call")
        self._note(unit, touched)
        return value, None

    def _note(self, unit: Unit, touched: set[str]) -> None:
        """Caches over what this call wrote (or took back) are stale for the next call too."""
        if unit.touched:
            touched |= unit.touched
            self._touched(unit.touched)


def _is_fatal(error: sqlite3.Error) -> bool:
    """Whether the whole batch cannot be stored: disk full, I/O error, corruption, read-only."""
    name = getattr(error, "sqlite_errorname", "")
    return name.startswith(("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CORRUPT", "SQLITE_READONLY"))
