"""Change events: written with the write itself, read by cursor by those that fold them."""

from __future__ import annotations

import sqlite3
from typing import Any, NamedTuple

from freehold.store.records import Record, decode, encode


class Change(NamedTuple):
    """One thing that happened to one resource. ``status`` is None once it is gone."""

    seq: int
    at: float
    arn: str
    kind: str
    verb: str
    status: str | None
    facts: dict[str, Any]
    tags: dict[str, str]


def append(
    connection: sqlite3.Connection,
    at: float,
    verb: str,
    record: Record,
    facts: dict[str, Any] | None,
) -> None:
    """Write one event about ``record`` as it now stands."""
    connection.execute(
        "insert into change (at, arn, kind, verb, status, facts, tags) values (?,?,?,?,?,?,?)",
        (
            at,
            record.arn,
            record.kind,
            verb,
            None if verb == "delete" else record.status,
            None if facts is None else encode(facts),
            encode(record.tags),
        ),
    )


def read(connection: sqlite3.Connection, after: int, limit: int) -> list[Change]:
    """Events behind ``after``, oldest first."""
    rows = connection.execute(
        "select seq, at, arn, kind, verb, status, facts, tags from change "
        "where seq > ? order by seq limit ?",
        (after, limit),
    )
    return [
        Change(
            row[0],
            row[1],
            row[2],
            row[3],
            row[4],
            row[5],
            {} if row[6] is None else decode(row[6]),
            decode(row[7]),
        )
        for row in rows
    ]


def cursor(connection: sqlite3.Connection, reader: str) -> int:
    """How far ``reader`` has come; 0 at first."""
    row = connection.execute("select seq from cursor where reader = ?", (reader,)).fetchone()
    return 0 if row is None else int(row[0])


def move_cursor(connection: sqlite3.Connection, reader: str, seq: int) -> None:
    """Remember that ``reader`` has folded everything up to ``seq``."""
    connection.execute(
        "insert into cursor values (?, ?) on conflict (reader) do update set seq = excluded.seq",
        (reader, seq),
    )
