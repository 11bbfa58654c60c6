from __future__ import annotations

import sqlite3

from freehold.store import leases


def test_a_lease_has_one_holder_until_it_ends(connection: sqlite3.Connection) -> None:
    assert leases.take(connection, "arn", "one", 0.0, 10.0)
    assert not leases.take(connection, "arn", "two", 5.0, 15.0)
    assert leases.holds(connection, "arn", "one", 9.9)
    assert not leases.holds(connection, "arn", "two", 9.9)
    assert not leases.holds(connection, "arn", "one", 10.0)
    assert leases.take(connection, "arn", "two", 10.0, 20.0)
    assert not leases.holds(connection, "arn", "one", 10.0)


def test_a_holder_renews_and_gives_back(connection: sqlite3.Connection) -> None:
    assert leases.take(connection, "arn", "one", 0.0, 10.0)
    assert leases.take(connection, "arn", "one", 5.0, 15.0)
    assert leases.holds(connection, "arn", "one", 12.0)
    leases.give_back(connection, "arn", "two")  # not theirs: nothing happens
    assert leases.holds(connection, "arn", "one", 12.0)
    leases.give_back(connection, "arn", "one")
    assert leases.take(connection, "arn", "two", 6.0, 16.0)


def test_clear_forgets_all(connection: sqlite3.Connection) -> None:
    assert leases.take(connection, "arn", "one", 0.0, 10.0)
    leases.clear(connection)
    assert leases.take(connection, "arn", "two", 0.0, 10.0)
