from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from freehold.store.index import trail
from freehold.store.index.trail import NOTHING, Builder, Mark

WORDS = ("a", "b", "c", "d")
ENTRY = st.sets(st.sampled_from(WORDS))
GROUP = st.lists(st.sampled_from((*WORDS, "none")), min_size=1, max_size=3)


@pytest.fixture
def builder(tmp_path: Path) -> Iterator[Builder]:
    made = Builder(tmp_path / "trail.db")
    yield made
    made.close()


def asked(builder: Builder, tmp_path: Path) -> sqlite3.Connection:
    found = trail.opened(tmp_path / "trail.db")
    assert found is not None
    return found


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(ENTRY, max_size=30),
    st.lists(GROUP, min_size=1, max_size=3),
    st.integers(0, 30),
    st.integers(0, 32),
    st.integers(1, 10),
)
def test_finds_what_a_look_at_every_entry_finds(
    builder: Builder,
    entries: list[set[str]],
    groups: list[list[str]],
    above: int,
    below: int,
    limit: int,
) -> None:
    builder.clear()
    builder.add(enumerate(entries, start=1), Mark(len(entries), "r"))
    wanted = [
        seq
        for seq, words in enumerate(entries, start=1)
        if above < seq < below and all(words.intersection(group) for group in groups)
    ]
    found = trail.find(builder.connection, groups, above, below, limit)
    assert found == sorted(wanted, reverse=True)[:limit]


def test_adding_twice_changes_nothing(builder: Builder, tmp_path: Path) -> None:
    for _ in range(2):
        builder.add([(1, ["a", "a"]), (2, ["a"])], Mark(2, "r-2"))
    reader = asked(builder, tmp_path)
    assert trail.find(reader, [["a"]], 0, 9, 9) == [2, 1]
    assert trail.mark(reader) == Mark(2, "r-2")


def test_a_batch_that_fails_is_not_half_there(builder: Builder) -> None:
    builder.add([(1, ["a"])], Mark(1, "r-1"))
    with pytest.raises(TypeError):
        builder.add([(2, ["b"]), (3, [None])], Mark(3, "r-3"))  # type: ignore[list-item]
    assert trail.mark(builder.connection) == Mark(1, "r-1")
    assert trail.find(builder.connection, [["b"]], 0, 9, 9) == []
    builder.add([(2, ["b"])], Mark(2, "r-2"))
    assert trail.find(builder.connection, [["b"]], 0, 9, 9) == [2]


def test_a_file_that_is_none_of_ours_is_made_anew(tmp_path: Path) -> None:
    place = tmp_path / "trail.db"
    place.write_bytes(b"no database at all, and long enough to be looked at" * 100)
    made = Builder(place)
    assert trail.mark(made.connection) == NOTHING
    made.close()
    with sqlite3.connect(place) as older:
        older.execute("update fact set value = '0' where key = 'version'")
        older.execute("insert into posting values (1, 1)")
    made = Builder(place)
    assert made.connection.execute("select count(*) from posting").fetchone() == (0,)
    made.close()
    assert place.stat().st_mode & 0o777 == 0o600


def test_there_may_be_no_index_yet(tmp_path: Path) -> None:
    assert trail.opened(tmp_path / "trail.db") is None
