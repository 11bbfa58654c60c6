"""The audit log's rows. A write's entry stands in its own transaction; others come in batches."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple


class Entry(NamedTuple):
    """Who did what, to which resource, from where, and how it ended."""

    at: float
    request_id: str
    service: str
    operation: str
    principal: str
    access_key: str
    origin: str | None
    source_ip: str | None
    user_agent: str | None
    resource: str | None
    error_code: str | None
    error: str | None
    request: bytes | None
    decision: bytes | None = None


_COLUMNS = ", ".join(Entry._fields)
_INSERT = f"insert into audit ({_COLUMNS}) values "  # noqa: S608 - our own columns
_ROW = f"({','.join('?' * len(Entry._fields))})"
DISORDER_SECONDS = 10.0  # batches of reads come a second late, a write's time is that of its turn
LONG_SECONDS = 86_400.0  # from a request to its entry: a long body comes first
TOGETHER = 50  # rows in one statement: a third less time for each


def append(connection: sqlite3.Connection, entries: Sequence[Entry]) -> None:
    """Write entries in the order given."""
    whole = len(entries) - len(entries) % TOGETHER
    for start in range(0, whole, TOGETHER):
        values = chain.from_iterable(entries[start : start + TOGETHER])
        connection.execute(_INSERT + ",".join([_ROW] * TOGETHER), tuple(values))
    connection.executemany(_INSERT + _ROW, entries[whole:])


def read(connection: sqlite3.Connection, after: int, limit: int) -> list[tuple[int, Entry]]:
    """Entries behind ``after``, oldest first, with their sequence numbers."""
    return _read(connection, "seq > ?", after, limit=limit)


def find(connection: sqlite3.Connection, request_id: str, at: float | None) -> Entry | None:
    """The entry of a request, None if there is none.

    Entries stand nearly in the order of time, so the search begins near ``at`` by halving, and
    reads on from there; without ``at``, and of what is not there, every entry is read.

    Args:
        connection: Of a reader.
        request_id: As the client was told it.
        at: When the request came, in epoch seconds; None if that is not known.
    """
    near = 0 if at is None else seq_of(connection, at - DISORDER_SECONDS)
    found = _read(connection, "seq >= ? and request_id = ?", near, request_id)
    if not found and near:
        found = _read(connection, "seq < ? and request_id = ?", near, request_id)
    return found[0][1] if found else None


def near(connection: sqlite3.Connection, request_id: str, at: float) -> tuple[int, Entry] | None:
    """The entry of a request that came at ``at``, with its number; it ended within LONG_SECONDS.

    Unlike ``find`` this never reads the whole log for what is not there.
    """
    low = seq_of(connection, at - DISORDER_SECONDS)
    high = seq_of(connection, at + LONG_SECONDS)
    found = _read(connection, "seq between ? and ? and request_id = ?", low, high, request_id)
    return found[0] if found else None


def newest(connection: sqlite3.Connection) -> int:
    """The number of the newest entry; 0 if there is none."""
    return int(connection.execute("select coalesce(max(seq), 0) from audit").fetchone()[0])


def back(
    connection: sqlite3.Connection, above: int, below: int, limit: int
) -> list[tuple[int, Entry]]:
    """Entries between two numbers, both left out, newest first."""
    return _read(connection, "seq > ? and seq < ?", above, below, limit=limit, order="desc")


def of(connection: sqlite3.Connection, numbers: Sequence[int]) -> list[tuple[int, Entry]]:
    """The entries of these numbers that are still there, newest first."""
    marks = ",".join("?" * len(numbers))
    return _read(connection, f"seq in ({marks})", *numbers, limit=len(numbers), order="desc")


def seq_of(connection: sqlite3.Connection, at: float) -> int:
    """Where entries as old as ``at`` begin, to within the disorder of their times."""
    low, high = connection.execute(
        "select (select min(seq) from audit), (select max(seq) from audit)"  # each by the key
    ).fetchone()
    if low is None:
        return 0
    while low < high:
        middle = (low + high) // 2
        seq, when = connection.execute(
            "select seq, at from audit where seq >= ? order by seq limit 1", (middle,)
        ).fetchone()
        low, high = (seq + 1, high) if when < at else (low, middle)
    return int(low)


def _read(
    connection: sqlite3.Connection, where: str, *values: object, limit: int = 1, order: str = "asc"
) -> list[tuple[int, Entry]]:
    rows = connection.execute(
        f"select seq, {_COLUMNS} from audit where {where} order by seq {order} limit ?",  # noqa: S608
        (*values, limit),
    )
    return [(row[0], Entry(*row[1:])) for row in rows]
