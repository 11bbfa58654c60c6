"""Usage intervals and line items: documents by id, found by what the meter asks."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any

from freehold.store.records import decode, encode

Document = dict[str, Any]


def open_intervals(connection: sqlite3.Connection, arn: str | None = None) -> list[Document]:
    """Intervals that still run, of one resource if ``arn`` is given."""
    if arn is None:
        rows = connection.execute("select document from usage_interval where stop is null")
    else:
        rows = connection.execute(
            "select document from usage_interval where stop is null and arn = ?", (arn,)
        )
    return [decode(row[0]) for row in rows]


def put_interval(
    connection: sqlite3.Connection,
    interval_id: str,
    arn: str,
    stop: float | None,
    document: Document,
) -> None:
    """Add or replace one interval."""
    connection.execute(
        "insert into usage_interval (id, arn, stop, document) values (?,?,?,?) "
        "on conflict (id) do update set stop = excluded.stop, document = excluded.document",
        (interval_id, arn, stop, encode(document)),
    )


def intervals_since(connection: sqlite3.Connection, since: float) -> list[Document]:
    """Intervals that run or that stopped at or after ``since``."""
    rows = connection.execute(
        "select document from usage_interval where stop is null or stop >= ?", (since,)
    )
    return [decode(row[0]) for row in rows]


def put_lines(
    connection: sqlite3.Connection, lines: Iterable[tuple[str, int, str, str | None, Document]]
) -> None:
    """Add or replace line items: (id, hour, arn, domain, document)."""
    connection.executemany(
        "insert into line_item values (?,?,?,?,?) on conflict (id) do update "
        "set document = excluded.document, domain = excluded.domain",
        [(key, hour, arn, domain, encode(document)) for key, hour, arn, domain, document in lines],
    )


def remove_lines(connection: sqlite3.Connection, ids: Iterable[str]) -> None:
    """Take back lines of an hour that is still open."""
    connection.executemany("delete from line_item where id = ?", [(key,) for key in ids])


def lines(connection: sqlite3.Connection, start: float, end: float) -> Iterator[Document]:
    """Line items whose hour lies in [start, end), by hour."""
    for row in connection.execute(
        "select document from line_item where hour >= ? and hour < ? order by hour",
        (int(start), int(end)),
    ):
        yield decode(row[0])


def days(
    connection: sqlite3.Connection, start: float, end: float
) -> Iterator[tuple[int, str, int, int]]:
    """Whole days in [start, end) added up: (day, facts, quantity, cost), amounts of 1E-10.

    ``facts`` are a JSON list in the order of the view ``line_fact``.
    """
    yield from connection.execute(
        "select day, facts, quantity, cost from line_day where day >= ? and day < ? order by day",
        (int(start), int(end)),
    )


def lines_of(connection: sqlite3.Connection, arn: str, since: float) -> list[Document]:
    """Line items of one resource from the hour ``since`` on."""
    rows = connection.execute(
        "select document from line_item where arn = ? and hour >= ? order by hour",
        (arn, int(since)),
    )
    return [decode(row[0]) for row in rows]
