"""Finds entries of the audit log by what they hold, newest first, a page at a time.

What the index (``store/index/trail.py``) holds is found by it; what is younger is read as it
stands, so that an answer never waits for the loop that indexes. A page that would read too much
ends early, with the place where the next one goes on.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from freehold.base import ids
from freehold.kernel.trail.terms import has, instant
from freehold.store import audit
from freehold.store.audit import DISORDER_SECONDS, Entry
from freehold.store.index import trail as index
from freehold.store.unit import Unit

READ_MAX = 20_000  # entries that one page reads: below half a second
STEP = 200
Found = tuple[int, Entry]
Candidate = tuple[int, Entry | None]
Keep = Callable[[Entry], bool]


class Wanted(NamedTuple):
    """A question.

    Attributes:
        groups: Terms as ``terms.terms`` gives them, of one letter in a group; an entry holds one
            of each.
        start: Epoch seconds, included; None: from the first entry on.
        end: Epoch seconds, included; None: up to now.
        event_id: Only this one.
    """

    groups: tuple[tuple[str, ...], ...]
    start: float | None = None
    end: float | None = None
    event_id: str | None = None

    def holds(self, entry: Entry) -> bool:
        """Whether an entry lies in the time asked for."""
        start, end = self.start, self.end
        at = instant(entry)
        return (start is None or at >= start) and (end is None or at <= end)

    def fits(self, entry: Entry) -> bool:
        """Whether an entry holds the terms."""
        return all(has(entry, group) for group in self.groups)


class Trail:
    """The log and its index, for every thread that asks."""

    def __init__(self, state: Path) -> None:
        self.path = state / "trail.db"
        self._local = threading.local()

    def page(
        self, unit: Unit, wanted: Wanted, keep: Keep, before: int | None, limit: int
    ) -> tuple[list[Entry], int | None]:
        """Entries that fit and that ``keep`` lets through, newest first.

        Args:
            unit: Reads the log.
            wanted: The question.
            keep: Asked of each entry that fits.
            before: Where the page before ended; None for the first page.
            limit: How many at most.

        Returns:
            The entries, and where the next page goes on: None after the last. A page may be short,
            and even empty, and have a next one.
        """
        found: list[Found] = []
        for read, (seq, entry) in enumerate(self._candidates(unit, wanted, before), start=1):
            if entry is not None and wanted.holds(entry) and keep(entry):
                if len(found) == limit:
                    return _in_order(found), found[-1][0]
                found.append((seq, entry))
            if read == READ_MAX:
                return _in_order(found), seq
        return _in_order(found), None

    def _candidates(self, unit: Unit, wanted: Wanted, before: int | None) -> Iterator[Candidate]:
        connection = unit.connection
        if wanted.event_id is not None:
            yield from _by_id(connection, wanted, before)
            return
        above, below = 0, audit.newest(connection) + 1
        if wanted.start is not None:
            above = audit.seq_of(connection, wanted.start - DISORDER_SECONDS) - 1
        if wanted.end is not None:
            below = audit.seq_of(connection, wanted.end + DISORDER_SECONDS) + 1
        if before is not None:
            below = min(below, before)
        asked = self._index()
        reach = 0 if asked is None else _reach(connection, asked)
        yield from _unindexed(connection, wanted, max(above, reach), below)
        if asked is not None and reach > above:
            yield from _indexed(connection, asked, wanted, above, min(below, reach + 1))

    def _index(self) -> sqlite3.Connection | None:
        """The calling thread's connection; None while there is no index."""
        known: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if known is None:
            known = self._local.connection = index.opened(self.path)
        return known


def _by_id(
    connection: sqlite3.Connection, wanted: Wanted, before: int | None
) -> Iterator[Candidate]:
    """An event's id is that of its request, and tells its time: see ``base/ids.py``."""
    assert wanted.event_id is not None
    at = ids.requested_at(wanted.event_id)
    found = None if at is None else audit.near(connection, wanted.event_id, at)
    if found is not None and wanted.fits(found[1]) and (before is None or found[0] < before):
        yield found


def _reach(connection: sqlite3.Connection, asked: sqlite3.Connection) -> int:
    """How far the index reaches; 0 if it is of another log than this one."""
    try:
        mark = index.mark(asked)
    except sqlite3.Error:
        return 0
    return mark.seq if is_of(connection, mark) else 0


def is_of(connection: sqlite3.Connection, mark: index.Mark) -> bool:
    """Whether an index was made from this log: its last entry stands there, under its number."""
    found = audit.of(connection, [mark.seq])
    return bool(found) and found[0][1].request_id == mark.request_id


def _unindexed(
    connection: sqlite3.Connection, wanted: Wanted, above: int, below: int
) -> Iterator[Candidate]:
    while True:
        batch = audit.back(connection, above, below, STEP)
        for seq, entry in batch:
            yield seq, entry if wanted.fits(entry) else None
        if len(batch) < STEP:
            return
        below = batch[-1][0]


def _indexed(
    connection: sqlite3.Connection,
    asked: sqlite3.Connection,
    wanted: Wanted,
    above: int,
    below: int,
) -> Iterator[Candidate]:
    while True:
        numbers = index.find(asked, wanted.groups, above, below, STEP)
        yield from audit.of(connection, numbers) if numbers else ()
        if len(numbers) < STEP:
            return
        below = numbers[-1]


def _in_order(found: list[Found]) -> list[Entry]:
    """By time: reads and refusals are written up to a second after what happened meanwhile."""
    return [entry for _, entry in sorted(found, key=lambda one: (-one[1].at, -one[0]))]
