from __future__ import annotations

import sqlite3

from freehold.store import keys
from freehold.store.keys import AccessKey


def test_keys_are_found_by_id_and_by_owner(connection: sqlite3.Connection) -> None:
    one = AccessKey("AKIA1", "arn:ana", "s1", "Active", 1.0, None)
    two = AccessKey("AKIA2", "arn:ana", "s2", "Inactive", 2.0, 3.0)
    keys.put(connection, two)
    keys.put(connection, one)
    assert keys.find(connection, "AKIA2") == two
    assert keys.find(connection, "AKIA3") is None
    assert keys.of_owner(connection, "arn:ana") == [one, two]
    keys.put(connection, one._replace(status="Inactive"))
    found = keys.find(connection, "AKIA1")
    assert found is not None
    assert found.status == "Inactive"
    keys.remove(connection, "AKIA1")
    assert keys.of_owner(connection, "arn:ana") == [two]


def test_meta_keeps_bytes(connection: sqlite3.Connection) -> None:
    assert keys.meta(connection, "x") is None
    keys.set_meta(connection, "x", b"\x00\xff")
    keys.set_meta(connection, "x", b"\x01")
    assert keys.meta(connection, "x") == b"\x01"


def test_a_ticket_is_spent_once_and_forgotten_when_it_would_be_refused_anyway(
    connection: sqlite3.Connection,
) -> None:
    assert keys.spend(connection, "t", 10.0, 1.0)
    assert not keys.spend(connection, "t", 10.0, 5.0)
    assert keys.spend(connection, "other", 100.0, 11.0)
    left = [row[0] for row in connection.execute("select id from spent_ticket")]
    assert left == ["other"]
