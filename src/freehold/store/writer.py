"""The one writer: a thread that runs calls in batches, one SAVEPOINT each, one COMMIT for all.

Nobody is answered before the COMMIT that holds their call; a COMMIT that fails fails every
call of its batch with a retryable fault (design decision 8). What is handed over together is
answered together, so that an event loop is woken once for many calls.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from freehold.base import log
from freehold.base.errors import Fault, Internal, Throttled
from freehold.store.database import connect
from freehold.store.reserve import Reserve, is_full
from freehold.store.unit import Unit

BATCH_MAX = 256
COMPANY_SECONDS = 0.005  # after an answer, the same clients' next calls are here
LOGGED_MIN = 200  # calls since the log was last moved into the file
QUIET_SECONDS = 0.5
QUEUE_MAX = 20_000
Told = Callable[[set[str]], None]

T = TypeVar("T")
Work = Callable[[Unit], T]
Outcome = tuple[Any, BaseException | None]
Done = Callable[[list[Outcome]], None]


class Order(NamedTuple):
    """Work handed over together.

    Both are called on the writer's thread and may not raise: ``ran`` when the work was run and the
    COMMIT is about to begin, ``done`` after it with how each ended. ``ran`` is None for work that
    may wait a moment for the company of calls: see ``_await_company``.
    """

    works: Sequence[Work[Any]]
    done: Done
    ran: Callable[[], None] | None


class Writer:
    """Runs work on the writer connection. ``submit`` may be called from any thread."""

    def __init__(
        self,
        path: Path,
        touched: Told,
        committed: Told = lambda _kinds: None,
        reserve: Reserve | None = None,
    ) -> None:
        """Open the file and start the thread, on which both callbacks are called.

        Args:
            path: The prepared database.
            touched: Hears of kinds as soon as a call has written them, and again after the
                COMMIT or its failure: what is cached over them is stale.
            committed: Hears of them once a batch, after the COMMIT.
            reserve: Given up when the disk is full: the next write finds room.
        """
        self._connection = connect(path)
        self._touched = touched
        self._committed = committed
        self._reserve = reserve
        self._queue: deque[Order] = deque()
        self._queued = 0
        self._logged = 0
        self._expects_until = 0.0
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

        def done(outcomes: list[Outcome]) -> None:
            value, error = outcomes[0]
            if not future.set_running_or_notify_cancel():
                return
            if error is None:
                future.set_result(value)
            else:
                future.set_exception(error)

        self.submit_all((work,), done)
        return future

    def submit_all(
        self, works: Sequence[Work[Any]], done: Done, ran: Callable[[], None] | None = None
    ) -> None:
        """Queue work that is answered together; it stands in one COMMIT. See ``Order``.

        Raises:
            Throttled: The queue is full, or the server is stopping.
        """
        with self._wake:
            if self._is_stopping or self._queued + len(works) > QUEUE_MAX:
                raise Throttled("The server has too much to write; try again.")
            self._queue.append(Order(works, done, ran))
            self._queued += len(works)
            if len(self._queue) == 1 or ran is not None:
                self._wake.notify()

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
                rest = QUIET_SECONDS if self._logged >= LOGGED_MIN else None
                while not self._queue and not self._is_stopping and self._wake.wait(rest):
                    pass
                if not self._queue and self._is_stopping:
                    return
                self._await_company()
                batch = self._take() if self._queue else []
            if not batch:
                self._fold_log()
                continue
            for order, outcomes in zip(batch, self._write(batch), strict=True):
                _safely(order.done, outcomes)
            if any(order.ran for order in batch):
                self._expects_until = time.monotonic() + COMPANY_SECONDS

    def _await_company(self) -> None:
        """While clients write, let what loops write ride with them: a COMMIT waits for the disk."""
        while not self._is_stopping and not any(order.ran for order in self._queue):
            left = self._expects_until - time.monotonic()
            if left <= 0 or not self._queue:
                return
            self._wake.wait(left)

    def _fold_log(self) -> None:
        """Move SQLite's log into the file while nobody waits, so that no COMMIT has to."""
        self._logged = 0
        with contextlib.suppress(sqlite3.Error):
            self._connection.execute("pragma wal_checkpoint(passive)")

    def _take(self) -> list[Order]:
        """What goes into the next COMMIT: whole orders, in order, at least one."""
        batch = [self._queue.popleft()]
        size = len(batch[0].works)
        while self._queue and size + len(self._queue[0].works) <= BATCH_MAX:
            batch.append(self._queue.popleft())
            size += len(batch[-1].works)
        self._queued -= size
        self._logged += size
        return batch

    def _write(self, batch: list[Order]) -> list[list[Outcome]]:
        results: list[list[Outcome]] = []
        touched: set[str] = set()
        execute = self._connection.execute
        try:
            execute("begin immediate")
            for order in batch:
                results.append([self._one(work, touched) for work in order.works])
            for order in batch:
                if order.ran is not None:
                    _safely(order.ran)
            execute("commit")
        except (sqlite3.Error, OSError) as error:
            calls = sum(len(order.works) for order in batch)
            log.event("commit-failed", level=40, error=error, calls=calls)
            if self._connection.in_transaction:
                execute("rollback")
            if is_full(error) and self._reserve is not None:
                self._reserve.give_up()
            fault = Internal("The write could not be stored; nothing was done.", retryable=True)
            results = [[(None, fault)] * len(order.works) for order in batch]
        if touched:
            self._touched(touched)
            _safely(self._committed, touched)
        return results

    def _one(self, work: Work[Any], touched: set[str]) -> Outcome:
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


def _safely(tell: Callable[..., None], *given: Any) -> None:
    """Tell somebody; what goes wrong on their side must not end the one thread that writes."""
    try:
        tell(*given)
    except Exception:
        log.logger.exception("a listener of the writer failed")


def _is_fatal(error: sqlite3.Error) -> bool:
    """Whether the whole batch cannot be stored: disk full, I/O error, corruption, read-only."""
    name = getattr(error, "sqlite_errorname", "")
    return name.startswith(("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CORRUPT", "SQLITE_READONLY"))
