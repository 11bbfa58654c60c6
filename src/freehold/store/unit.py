"""A unit of work: the one door through which a call reads and writes.

A writing unit lives inside one SAVEPOINT of the writer's transaction; every change of a
resource goes through ``create``, ``save``, ``retag`` or ``remove`` here, and so leaves its
change event beside it. A reading unit sees what was last committed.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from freehold.base.errors import InUse
from freehold.store import events, records
from freehold.store.records import Page, Record

Facts = dict[str, Any]


def changed(kind: str) -> str:
    """What ``Unit.touched`` says of a kind of which something was changed, not only made."""
    return f"{kind} changed"


class Unit:
    """Reads, and in a writing call writes, through one connection.

    ``touched``: kinds of which something was written, and ``changed`` of them.
    """

    __slots__ = ("connection", "is_writing", "touched")

    def __init__(self, connection: sqlite3.Connection, *, is_writing: bool) -> None:
        self.connection = connection
        self.is_writing = is_writing
        self.touched: set[str] = set()

    def find(self, arn: str) -> Record | None:
        """The record of exactly this ARN."""
        return records.by_arn(self.connection, arn)

    def named(self, kind: str, name: str, scope: str = "") -> Record | None:
        """The record of this kind and name in ``scope``."""
        return records.by_name(self.connection, kind, scope, name)

    def summaries(self, page: Page) -> list[tuple[Any, int, bytes]]:
        """Ready list items of one page."""
        return records.summaries(self.connection, page)

    def records(self, page: Page) -> list[Record]:
        """Whole records of one page."""
        return records.records(self.connection, page)

    def count(self, kind: str, scope: str | None = None) -> int:
        """How many records of a kind there are."""
        return records.count(self.connection, kind, scope)

    def create(self, record: Record, facts: Facts | None = None) -> None:
        """Insert a record with its tags.

        Raises:
            InUse: The ARN exists.
        """
        assert self.is_writing
        try:
            records.insert(self.connection, record)
        except sqlite3.IntegrityError as error:
            raise InUse(f"Resource {record.arn} already exists.") from error
        self._happened(record.created, "create", record, facts)

    def save(self, record: Record, at: float, facts: Facts | None = None) -> None:
        """Write a changed record; ``at`` becomes its time of modification."""
        assert self.is_writing
        record.modified = at
        records.update(self.connection, record)
        self._happened(at, "update", record, facts)

    def retag(self, record: Record, at: float, facts: Facts | None = None) -> None:
        """Write ``record.tags``."""
        assert self.is_writing
        records.update_tags(self.connection, record)
        self._happened(at, "tag", record, facts)

    def remove(self, record: Record, at: float, facts: Facts | None = None) -> None:
        """Delete a record and its tags."""
        assert self.is_writing
        records.delete(self.connection, record)
        self._happened(at, "delete", record, facts)

    def _happened(self, at: float, verb: str, record: Record, facts: Facts | None) -> None:
        self.touched.add(record.kind)
        if verb != "create":
            self.touched.add(changed(record.kind))
        events.append(self.connection, at, verb, record, facts)
