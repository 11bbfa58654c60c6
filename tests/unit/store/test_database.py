from __future__ import annotations

import os
import sqlite3
import stat
from pathlib import Path

import pytest

from freehold.base.errors import Conflict, Invalid
from freehold.store import database, keys


def test_prepare_makes_a_private_file_and_accepts_it_again(tmp_path: Path) -> None:
    place = tmp_path / "freehold.db"
    database.prepare(place)
    database.prepare(place)
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    connection = database.connect(place, read_only=True)
    assert keys.meta(connection, "schema_version") == str(database.SCHEMA_VERSION).encode()
    connection.close()


def test_prepare_finishes_a_file_that_a_crash_left_empty(tmp_path: Path) -> None:
    place = tmp_path / "freehold.db"
    place.touch()
    database.prepare(place)
    database.prepare(place)


@pytest.mark.parametrize(
    "version", ["0", str(database.SCHEMA_VERSION + 1), "1000", "next", "", "01"]
)
def test_prepare_refuses_another_version_and_changes_nothing(tmp_path: Path, version: str) -> None:
    place = tmp_path / "freehold.db"
    other = sqlite3.connect(place)
    other.execute("create table meta (key text primary key, value blob)")
    other.execute("insert into meta values ('schema_version', ?)", (version,))
    other.commit()
    other.close()
    before = place.read_bytes()
    with pytest.raises(Invalid, match="schema version") as caught:
        database.prepare(place)
    assert str(place) in caught.value.message
    assert "another --state" in caught.value.message
    assert place.read_bytes() == before


def test_prepare_refuses_somebody_elses_database_and_changes_nothing(tmp_path: Path) -> None:
    place = tmp_path / "freehold.db"
    other = sqlite3.connect(place)
    other.execute("create table photos (name text)")
    other.commit()
    other.close()
    before = place.read_bytes()
    with pytest.raises(Invalid, match="not a Freehold database"):
        database.prepare(place)
    assert place.read_bytes() == before


def test_prepare_refuses_a_file_that_is_no_database(tmp_path: Path) -> None:
    place = tmp_path / "freehold.db"
    place.write_bytes(b"this is a letter, not a database\n" * 100)
    before = place.read_bytes()
    with pytest.raises(Invalid, match="not a Freehold database"):
        database.prepare(place)
    assert place.read_bytes() == before


def test_prepare_refuses_a_directory_in_place_of_the_file(tmp_path: Path) -> None:
    place = tmp_path / "freehold.db"
    place.mkdir()
    with pytest.raises(Invalid):
        database.prepare(place)


def test_a_second_server_is_told_who_holds_the_state(tmp_path: Path) -> None:
    first, second = database.StateLock(tmp_path), database.StateLock(tmp_path)
    first.take()
    with pytest.raises(Conflict, match=f"process {os.getpid()}"):
        second.take()
    first.release()
    second.take()
    second.release()


def test_writes_are_synced_before_they_count(tmp_path: Path) -> None:
    place = tmp_path / "freehold.db"
    database.prepare(place)
    connection = database.connect(place)
    assert connection.execute("pragma journal_mode").fetchone()[0] == "wal"
    assert connection.execute("pragma synchronous").fetchone()[0] == 2  # FULL
    connection.close()


def test_a_reading_connection_cannot_write(tmp_path: Path) -> None:
    place = tmp_path / "freehold.db"
    database.prepare(place)
    connection = database.connect(place, read_only=True)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        connection.execute("delete from resource")
    connection.close()


def test_empty_spares_the_install_and_the_owners_keys_only(tmp_path: Path) -> None:
    place = tmp_path / "freehold.db"
    database.prepare(place)
    connection = database.connect(place)
    keys.put(connection, keys.AccessKey("A1", "arn:root", "s", "Active", 0.0, None))
    keys.put(connection, keys.AccessKey("A2", "arn:user", "s", "Active", 0.0, None))
    keys.set_meta(connection, "account_id", b"1")
    keys.spend(connection, "ticket", 5.0, 1.0)
    database.empty(connection, keys_of="arn:root")
    assert keys.find(connection, "A1") is not None
    assert keys.find(connection, "A2") is None
    assert keys.meta(connection, "account_id") == b"1"
    assert keys.spend(connection, "ticket", 5.0, 1.0)
    connection.close()
