from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from freehold.base.errors import Invalid
from freehold.store import audit, database, keys, migrations, usage

SCHEMA_1 = Path(__file__).parent / "data" / "schema_v1.sql"
ENTRY_1 = (7.0, "r-1", "sagemaker", "CreateModel", "arn:p", "AKIA", None, None, None, None)


def old_file(place: Path, version: str = "1") -> Path:
    """A file as version 1 made it, with something in it."""
    with closing(sqlite3.connect(place)) as made:
        made.execute("pragma journal_mode = wal")
        made.executescript(SCHEMA_1.read_text())
        made.execute("insert into meta values ('schema_version', ?)", (version,))
        made.execute("insert into meta values ('account_id', '111122223333')")
        made.execute("insert into access_key values ('AKIA', 'arn:o', 's', 'Active', 1.0, null)")
        made.execute(
            "insert into audit (at, request_id, service, operation, principal, access_key, origin,"
            " source_ip, user_agent, resource) values (?,?,?,?,?,?,?,?,?,?)",
            ENTRY_1,
        )
        made.commit()
    return place


def shape(place: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every table and index with its columns."""
    with closing(sqlite3.connect(place)) as opened:
        named = opened.execute("select type, name from sqlite_master where name not like 'sqlite%'")
        return {
            f"{kind} {name}": opened.execute(
                f"pragma {'table_xinfo' if kind == 'table' else 'index_xinfo'}({name})"
            ).fetchall()
            for kind, name in named.fetchall()
        }


def test_a_file_of_version_1_opens_with_all_that_it_held(tmp_path: Path) -> None:
    place = old_file(tmp_path / "freehold.db")
    database.prepare(place)
    database.prepare(place)
    with closing(database.connect(place)) as opened:
        assert keys.meta(opened, "schema_version") == str(database.SCHEMA_VERSION).encode()
        assert keys.meta(opened, "account_id") == b"111122223333"
        assert keys.find(opened, "AKIA") is not None
        [(seq, entry)] = audit.read(opened, 0, 10)
        assert entry[: len(ENTRY_1)] == ENTRY_1
        assert entry.decision is None
        audit.append(opened, [entry._replace(decision=b"[]")])
        assert audit.read(opened, seq, 10)[0][1].decision == b"[]"


def test_an_upgraded_file_has_the_shape_of_a_new_one(tmp_path: Path) -> None:
    old = old_file(tmp_path / "old.db")
    new = tmp_path / "new.db"
    database.prepare(old)
    database.prepare(new)
    assert shape(old) == shape(new)


def test_the_old_file_is_kept_whole_beside_it(tmp_path: Path) -> None:
    place = old_file(tmp_path / "freehold.db")
    database.prepare(place)
    kept = tmp_path / "freehold.db.v1.bak"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert shape(kept) == shape(old_file(tmp_path / "another.db"))
    with closing(sqlite3.connect(kept)) as opened:
        assert opened.execute("select count(*) from audit").fetchone() == (1,)
        assert opened.execute("pragma integrity_check").fetchone() == ("ok",)
    assert sorted(path.name for path in tmp_path.glob("freehold.db*")) == [
        "freehold.db",
        "freehold.db.v1.bak",
    ]


def test_a_step_that_fails_half_way_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = old_file(tmp_path / "freehold.db")
    before = place.read_bytes()
    half = "alter table audit add column decision blob;\nalter table nowhere add column x blob;\n"
    monkeypatch.setattr(migrations, "step", lambda _version: half)
    with pytest.raises(Invalid, match=f"schema version 1 to {database.SCHEMA_VERSION}") as caught:
        database.prepare(place)
    assert "nothing was changed" in caught.value.message
    assert "\n" not in caught.value.message
    assert place.read_bytes() == before
    monkeypatch.undo()
    database.prepare(place)  # and the next start can go on


def test_no_copy_no_upgrade(tmp_path: Path) -> None:
    place = old_file(tmp_path / "freehold.db")
    before = place.read_bytes()
    (tmp_path / "freehold.db.v1.bak").mkdir()
    with pytest.raises(Invalid, match="could not be copied"):
        database.prepare(place)
    assert place.read_bytes() == before
    assert not (tmp_path / "freehold.db.v1.bak.new").exists()


def test_every_step_up_to_our_version_is_there() -> None:
    for version in range(migrations.FIRST + 1, database.SCHEMA_VERSION + 1):
        assert list(migrations._statements(migrations.step(version)))


@pytest.mark.parametrize("version", [str(database.SCHEMA_VERSION + 1), "0"])
def test_a_newer_or_unknown_version_is_refused_and_left_alone(tmp_path: Path, version: str) -> None:
    place = old_file(tmp_path / "freehold.db", version)
    before = place.read_bytes()
    words = f"schema version {version}, this Freehold needs {database.SCHEMA_VERSION}"
    with pytest.raises(Invalid, match=words) as caught:
        database.prepare(place)
    assert "\n" not in caught.value.message
    assert place.read_bytes() == before
    assert not list(tmp_path.glob("*.bak"))


def test_the_ledger_of_an_old_file_is_added_up_by_day(tmp_path: Path) -> None:
    place = old_file(tmp_path / "freehold.db")
    line = '{"quantity": "1.2E-9", "cost": "0.0500000000", "tags": {"a": "b"}, "unit": "Hrs"}'
    with closing(sqlite3.connect(place)) as made:
        for hour in (90_000, 93_600):
            row = (str(hour), hour, "arn:x", None, line.encode())
            made.execute("insert into line_item values (?,?,?,?,?)", row)
        made.commit()
    database.prepare(place)
    with closing(database.connect(place)) as opened:
        [(day, facts, quantity, cost)] = usage.days(opened, 0, 1e11)
        assert (day, quantity, cost) == (86_400, 24, 1_000_000_000)
        usage.remove_lines(opened, ["90000", "93600"])
        assert list(usage.days(opened, 0, 1e11)) == [], facts
