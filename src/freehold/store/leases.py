"""Leases: who may act on a thing, and until when. Taken and checked inside a write."""

from __future__ import annotations

import sqlite3


def take(connection: sqlite3.Connection, name: str, holder: str, now: float, until: float) -> bool:
    """Take or renew ``name`` for ``holder``; False if somebody else holds it still."""
    changed = connection.execute(
        "insert into lease values (?, ?, ?) on conflict (name) do update "
        "set holder = excluded.holder, until = excluded.until "
        "where lease.holder = excluded.holder or lease.until <= ?",
        (name, holder, until, now),
    ).rowcount
    return changed == 1


def holds(connection: sqlite3.Connection, name: str, holder: str, now: float) -> bool:
    """Whether ``holder`` still has ``name``."""
    row = connection.execute(
        "select 1 from lease where name = ? and holder = ? and until > ?", (name, holder, now)
    ).fetchone()
    return row is not None


def give_back(connection: sqlite3.Connection, name: str, holder: str) -> None:
    """End a lease early."""
    connection.execute("delete from lease where name = ? and holder = ?", (name, holder))


def clear(connection: sqlite3.Connection) -> None:
    """Forget all leases: at start, when the state lock proves that nobody else is alive."""
    connection.execute("delete from lease")
