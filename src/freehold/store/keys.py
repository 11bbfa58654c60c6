"""Access keys, the install's own secrets, and spent one-time tickets."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple


class AccessKey(NamedTuple):
    """A long-term key. ``status`` is Active or Inactive; ``owner`` an ARN."""

    id: str
    owner: str
    secret: str
    status: str
    created: float
    used: float | None


_COLUMNS = "id, owner, secret, status, created, used"


def find(connection: sqlite3.Connection, key_id: str) -> AccessKey | None:
    """The key of this id, whatever its status."""
    row = connection.execute(
        f"select {_COLUMNS} from access_key where id = ?",  # noqa: S608 - our own columns
        (key_id,),
    ).fetchone()
    return None if row is None else AccessKey(*row)


def of_owner(connection: sqlite3.Connection, owner: str) -> list[AccessKey]:
    """All keys of one user or root, oldest first."""
    rows = connection.execute(
        f"select {_COLUMNS} from access_key where owner = ? order by created, id",  # noqa: S608
        (owner,),
    )
    return [AccessKey(*row) for row in rows]


def put(connection: sqlite3.Connection, key: AccessKey) -> None:
    """Add or replace a key."""
    connection.execute("insert or replace into access_key values (?,?,?,?,?,?)", key)


def used(connection: sqlite3.Connection, at: dict[str, float]) -> None:
    """Remember when keys were used last, by id."""
    connection.executemany(
        "update access_key set used = ? where id = ?", [(when, key) for key, when in at.items()]
    )


def remove(connection: sqlite3.Connection, key_id: str) -> None:
    """Delete a key."""
    connection.execute("delete from access_key where id = ?", (key_id,))


def meta(connection: sqlite3.Connection, name: str) -> bytes | None:
    """A fact about the install."""
    row = connection.execute("select value from meta where key = ?", (name,)).fetchone()
    if row is None:
        return None
    return row[0].encode() if isinstance(row[0], str) else bytes(row[0])


def set_meta(connection: sqlite3.Connection, name: str, value: bytes) -> None:
    """Keep a fact about the install."""
    connection.execute("insert or replace into meta values (?, ?)", (name, value))


def spend(connection: sqlite3.Connection, ticket: str, expires: float, now: float) -> bool:
    """Mark a one-time ticket as used; False if it was used before."""
    connection.execute("delete from spent_ticket where expires < ?", (now,))
    return (
        connection.execute(
            "insert or ignore into spent_ticket values (?, ?)", (ticket, expires)
        ).rowcount
        == 1
    )


def is_spent(connection: sqlite3.Connection, ticket: str) -> bool:
    """Whether a one-time ticket was used, or a console session was signed out."""
    found = connection.execute("select 1 from spent_ticket where id = ?", (ticket,)).fetchone()
    return found is not None
