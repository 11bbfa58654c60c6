"""CloudWatch Logs' events. Groups and streams are records; their lines are rows here."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import NamedTuple


class LogEvent(NamedTuple):
    """One line of a stream. Times are epoch milliseconds."""

    seq: int
    stream: str
    at: int
    ingested: int
    message: str


def append(
    connection: sqlite3.Connection,
    group: str,
    stream: str,
    events: Iterable[tuple[int, str]],
    ingested: int,
) -> None:
    """Add (epoch milliseconds, line) pairs to one stream."""
    connection.executemany(
        "insert into log_event (grp, stream, at, ingested, message) values (?,?,?,?,?)",
        [(group, stream, at, ingested, message) for at, message in events],
    )


def read(
    connection: sqlite3.Connection,
    group: str,
    stream: str,
    *,
    after: tuple[int, int] | None = None,
    before: tuple[int, int] | None = None,
    start: int | None = None,
    end: int | None = None,
    limit: int,
) -> list[LogEvent]:
    """Events of one stream in order. ``after``/``before`` are (at, seq) positions, excluded.

    With ``before`` the last ``limit`` events ahead of it are given, still in order.
    ``start`` is included, ``end`` excluded, as in GetLogEvents.
    """
    clauses, values = ["grp = ?", "stream = ?"], [group, stream]  # type: list[str], list[object]
    if after is not None:
        clauses.append("(at, seq) > (?, ?)")
        values.extend(after)
    if before is not None:
        clauses.append("(at, seq) < (?, ?)")
        values.extend(before)
    if start is not None:
        clauses.append("at >= ?")
        values.append(start)
    if end is not None:
        clauses.append("at < ?")
        values.append(end)
    order = "desc" if before is not None else "asc"
    sql = (
        "select seq, stream, at, ingested, message from log_event "  # noqa: S608 - closed set
        f"where {' and '.join(clauses)} order by at {order}, seq {order} limit ?"
    )
    events = [LogEvent(*row) for row in connection.execute(sql, (*values, limit))]
    return events[::-1] if before is not None else events


def filter_group(
    connection: sqlite3.Connection,
    group: str,
    *,
    after_seq: int,
    start: int | None,
    end: int | None,
    limit: int,
) -> list[LogEvent]:
    """Events of all streams of a group behind ``after_seq``, in the order they came in."""
    return [
        LogEvent(*row)
        for row in connection.execute(
            "select seq, stream, at, ingested, message from log_event where grp = ? and seq > ? "
            "and at >= ? and at < ? order by seq limit ?",
            (group, after_seq, start or 0, end if end is not None else 1 << 62, limit),
        )
    ]


def bounds(
    connection: sqlite3.Connection, group: str, stream: str
) -> tuple[int, int, int, int] | None:
    """(first event, last event, last ingestion, bytes) of a stream, or None if it is empty."""
    row = connection.execute(
        "select min(at), max(at), max(ingested), coalesce(sum(length(message)), 0) from log_event "
        "where grp = ? and stream = ?",
        (group, stream),
    ).fetchone()
    return None if row is None or row[0] is None else (row[0], row[1], row[2], row[3])


def remove(connection: sqlite3.Connection, group: str, stream: str | None = None) -> None:
    """Delete a stream's events, or a whole group's."""
    if stream is None:
        connection.execute("delete from log_event where grp = ?", (group,))
    else:
        connection.execute("delete from log_event where grp = ? and stream = ?", (group, stream))


def expire(connection: sqlite3.Connection, group: str, before: int, limit: int) -> int:
    """Delete at most ``limit`` events of a group older than ``before``; how many went."""
    cursor = connection.execute(
        "delete from log_event where seq in "
        "(select seq from log_event where grp = ? and at < ? limit ?)",
        (group, before, limit),
    )
    return cursor.rowcount
