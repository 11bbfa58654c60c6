"""The index of the audit log: which entries hold which terms, newest first.

A file of its own beside the database, made from the log by a loop (``loops/trail.py``) and asked
by ``kernel/trail``. It holds nothing that the log does not: whoever loses it makes it anew, so
no call waits for it and no transaction holds it. A term is a word such as ``n:CreateApp``.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from freehold.store.database import connect

VERSION = "1"
TERMS_KNOWN_MAX = 50_000  # ids of terms that a builder remembers
DRIVER_ROWS_MAX = 10_000  # up to here it is counted which group of terms is the rarest
_SCHEMA = """
create table if not exists fact (key text primary key, value text not null) without rowid;
create table if not exists term (id integer primary key, text text not null unique);
create table if not exists posting (
    term integer not null, seq integer not null, primary key (term, seq)
) without rowid;
"""


class Mark(NamedTuple):
    """The last entry of the log that is indexed; ``seq`` is 0 where there is none."""

    seq: int
    request_id: str


NOTHING = Mark(0, "")


class Builder:
    """Writes the index. One at a time: the loop's."""

    def __init__(self, path: Path) -> None:
        """Open it, or begin anew where the file is none of ours or of another version."""
        self._known: dict[str, int] = {}
        try:
            self.connection = _prepared(path)
        except sqlite3.DatabaseError:
            for suffix in ("", "-wal", "-shm"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)
            self.connection = _prepared(path)

    def add(self, entries: Iterable[tuple[int, Iterable[str]]], mark: Mark) -> None:
        """Index entries (number, terms), all or none; adding one twice changes nothing."""
        self.connection.execute("begin immediate")
        try:
            rows = [(self._id(term), seq) for seq, terms in entries for term in terms]
            self.connection.executemany("insert or ignore into posting values (?, ?)", sorted(rows))
            self._mark(mark)
            self.connection.execute("commit")
        except BaseException:
            self._known.clear()
            self.connection.execute("rollback")
            raise

    def clear(self) -> None:
        """Forget everything."""
        self._known.clear()
        self.connection.execute("begin immediate")
        self.connection.execute("delete from posting")
        self.connection.execute("delete from term")
        self._mark(NOTHING)
        self.connection.execute("commit")

    def close(self) -> None:
        """Let go of the file."""
        self.connection.close()

    def _mark(self, mark: Mark) -> None:
        put = "insert or replace into fact values (?, ?)"
        self.connection.execute(put, ("seq", str(mark.seq)))
        self.connection.execute(put, ("request_id", mark.request_id))

    def _id(self, term: str) -> int:
        found = self._known.get(term)
        if found is None:
            if len(self._known) >= TERMS_KNOWN_MAX:
                self._known.clear()
            self.connection.execute("insert or ignore into term (text) values (?)", (term,))
            row = self.connection.execute("select id from term where text = ?", (term,)).fetchone()
            found = self._known[term] = int(row[0])
        return found


def _prepared(path: Path) -> sqlite3.Connection:
    path.touch(mode=0o600)
    connection = connect(path)
    try:
        connection.execute("pragma synchronous = normal")  # what is lost is made anew
        connection.executescript(_SCHEMA)
        row = connection.execute("select value from fact where key = 'version'").fetchone()
        if row is None:
            connection.execute("insert into fact values ('version', ?)", (VERSION,))
        elif row[0] != VERSION:
            raise sqlite3.DatabaseError(f"version {row[0]}")
    except BaseException:
        connection.close()
        raise
    return connection


def opened(path: Path) -> sqlite3.Connection | None:
    """A connection to ask by; None where there is no index."""
    try:
        return connect(path, read_only=True) if path.exists() else None
    except sqlite3.Error:
        return None


def mark(connection: sqlite3.Connection) -> Mark:
    """How far the index reaches."""
    facts = dict(connection.execute("select key, value from fact").fetchall())
    return Mark(int(facts.get("seq", 0)), facts.get("request_id", ""))


def find(
    connection: sqlite3.Connection,
    groups: Sequence[Sequence[str]],
    above: int,
    below: int,
    limit: int,
) -> list[int]:
    """Numbers of entries that hold at least one term of each group, newest first.

    Args:
        connection: From ``opened``.
        groups: At least one; each of one or more terms.
        above: Entries up to this number are left out.
        below: And from this one on.
        limit: How many at most.
    """
    ids = [_ids(connection, group) for group in groups]
    if not all(ids):
        return []
    ids.sort(key=lambda group: _size(connection, group))
    sql, values = [], []
    for term in ids[0]:
        part = "select p.seq from posting p where p.term = ? and p.seq > ? and p.seq < ?"
        values += [term, above, below]
        for others in ids[1:]:
            marks = ",".join("?" * len(others))
            part += f" and exists (select 1 from posting where term in ({marks}) and seq = p.seq)"  # noqa: S608
            values += others
        sql.append(part)
    # "union" leaves out an entry that holds two terms of a group; each part comes in order.
    whole = " union ".join(sql) + " order by 1 desc limit ?"
    return [row[0] for row in connection.execute(whole, (*values, limit))]


def _ids(connection: sqlite3.Connection, group: Sequence[str]) -> list[int]:
    marks = ",".join("?" * len(group))
    rows = connection.execute(f"select id from term where text in ({marks})", tuple(group))  # noqa: S608
    return [row[0] for row in rows]


def _size(connection: sqlite3.Connection, ids: Sequence[int]) -> int:
    marks = ",".join("?" * len(ids))
    counted = connection.execute(
        f"select count(*) from (select 1 from posting where term in ({marks}) limit ?)",  # noqa: S608
        (*ids, DRIVER_ROWS_MAX),
    )
    return int(counted.fetchone()[0])
