from __future__ import annotations

import sqlite3
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from freehold.base.errors import InUse
from freehold.store import leases, records
from freehold.store.records import DOMAIN_TAG, Page, Record
from freehold.store.unit import Unit

LAWS = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def kept(unit: Unit, name: str, *, kind: str = "k", scope: str = "", at: float = 1.0) -> Record:
    record = Record(kind, f"arn:{kind}:{scope}/{name}", name, scope=scope, uid=name, at=at)
    record.summary = b"{}"
    unit.create(record)
    return record


def test_a_record_comes_back_as_it_was_kept(unit: Unit) -> None:
    record = Record("k", "arn:k", "name", scope="d-1", uid="u", at=12.5)
    record.status, record.mover, record.due = "InService", "apps", 3.25
    record.document = {"A": [1, {"B": "ß"}], "N": None}
    record.tags = {"k": "v", DOMAIN_TAG: "arn:domain"}
    record.summary = b'{"A":1}'
    unit.create(record)
    found = unit.find("arn:k")
    assert found is not None
    for member in Record.__slots__:
        if not member.startswith("_"):
            assert getattr(found, member) == getattr(record, member), member
    assert found.document == record.document
    assert found.tags == record.tags
    assert found.domain == "arn:domain"


def test_an_arn_is_taken_once(unit: Unit) -> None:
    kept(unit, "one")
    with pytest.raises(InUse):
        kept(unit, "one")


def test_a_name_belongs_to_its_scope(unit: Unit) -> None:
    kept(unit, "ana", scope="d-1")
    kept(unit, "ana", scope="d-2")
    assert unit.named("k", "ana", "d-1") is not None
    assert unit.named("k", "ana", "d-2") is not None
    assert unit.named("k", "ana") is None
    assert unit.count("k") == 2
    assert unit.count("k", "d-1") == 1


def tag_rows(connection: sqlite3.Connection) -> set[tuple[str, str, int]]:
    return set(connection.execute("select k, v, rid from tag"))


def tag_column(connection: sqlite3.Connection) -> set[tuple[str, str, int]]:
    rows = connection.execute("select id, tags, domain from resource").fetchall()
    found = set()
    for row_id, raw, domain in rows:
        tags = records.decode(raw)
        assert domain == tags.get(DOMAIN_TAG)
        found |= {(key, value, row_id) for key, value in tags.items()}
    return found


Tags = st.dictionaries(st.sampled_from(["a", "b", "c", DOMAIN_TAG]), st.text(max_size=3))
Steps = st.lists(
    st.tuples(st.sampled_from(["create", "retag", "save", "remove"]), st.integers(0, 4), Tags),
    max_size=25,
)


@given(Steps)
@LAWS
def test_tag_table_and_tag_column_always_tell_the_same(
    connection: sqlite3.Connection, steps: list[tuple[str, int, dict[str, str]]]
) -> None:
    connection.execute("begin")
    unit = Unit(connection, is_writing=True)
    for verb, number, tags in steps:
        arn = f"arn:{number}"
        record = unit.find(arn)
        if verb == "create" and record is None:
            record = Record("k", arn, str(number), uid="u", at=1.0)
            record.tags = tags
            unit.create(record)
        elif record is not None and verb == "retag":
            record.tags = tags
            unit.retag(record, 2.0)
        elif record is not None and verb == "save":
            record.document["X"] = 1
            unit.save(record, 2.0)
        elif record is not None and verb == "remove":
            unit.remove(record, 3.0)
        assert tag_rows(connection) == tag_column(connection)
    connection.execute("rollback")


@given(
    names=st.lists(st.text("abAB", min_size=1, max_size=3), max_size=25, unique=True),
    times=st.lists(st.integers(1, 4), min_size=25, max_size=25),
    size=st.integers(1, 7),
    column=st.sampled_from(["created", "modified", "name"]),
    descending=st.booleans(),
    contains=st.sampled_from([None, "a", "B"]),
    low=st.sampled_from([None, 1.0, 2.0]),
)
@LAWS
def test_pages_put_together_are_the_whole_list(
    connection: sqlite3.Connection,
    names: list[str],
    times: list[int],
    size: int,
    column: str,
    descending: bool,
    contains: str | None,
    low: float | None,
) -> None:
    connection.execute("begin")
    unit = Unit(connection, is_writing=True)
    for name, at in zip(names, times, strict=False):
        kept(unit, name, at=float(at))
    page = Page(
        "k",
        column=column,
        descending=descending,
        name_contains=contains,
        created=(low, None),
        limit=size,
    )
    found: list[Any] = []
    while rows := unit.summaries(page):
        found += rows
        page = page._replace(after=(rows[-1][0], rows[-1][1]))
    expected = [
        name
        for name, at in zip(names, times, strict=False)
        if (contains is None or contains.lower() in name.lower()) and (low is None or at > low)
    ]
    by_id = {row[0]: row[1] for row in connection.execute("select id, name from resource")}
    assert sorted(by_id[row[1]] for row in found) == sorted(expected)
    keys = [(row[0], row[1]) for row in found]
    assert keys == sorted(keys, reverse=descending)
    connection.execute("rollback")


def test_what_is_due_comes_in_order_and_not_while_it_is_leased(unit: Unit) -> None:
    for name, due in (("late", 30.0), ("first", 10.0), ("second", 20.0), ("leased", 5.0)):
        record = kept(unit, name)
        record.mover, record.due = "apps", due
        unit.save(record, 2.0)
    leases.take(unit.connection, "arn:k:/leased", "other", 20.0, 100.0)
    found = records.due(unit.connection, "apps", 25.0, 10)
    assert [record.name for record in found] == ["first", "second"]
    assert records.next_due(unit.connection, "apps") == 5.0
    assert records.next_due(unit.connection, "nobody") is None
    later = records.due(unit.connection, "apps", 101.0, 10)
    assert [record.name for record in later] == ["leased", "first", "second", "late"]


def test_scan_passes_every_record_once(unit: Unit) -> None:
    made = {kept(unit, f"n{n}", kind=f"k{n % 3}").arn for n in range(25)}
    seen: list[str] = []
    after = 0
    while batch := list(records.scan(unit.connection, after, 4)):
        seen += [record.arn for record in batch]
        after = batch[-1].id
    assert len(seen) == len(made)
    assert set(seen) == made


def test_scan_by_arn_goes_on_from_any_arn(unit: Unit) -> None:
    made = sorted(kept(unit, f"n{n}", kind=f"k{n % 3}").arn for n in range(25))
    seen: list[str] = []
    after = ""
    while batch := [record.arn for record in records.scan_by_arn(unit.connection, after, 4)]:
        seen += batch
        after = batch[-1]
    assert seen == made


@pytest.mark.parametrize("after", [None, (1.0, 1)])
def test_a_page_of_one_scope_looks_at_nothing_of_another(unit: Unit, after: Any) -> None:
    asked: list[str] = []
    unit.connection.set_trace_callback(asked.append)
    page = Page("k", scope="d", after=after)
    unit.records(page)
    unit.summaries(page)
    unit.count("k", "d")
    unit.connection.set_trace_callback(None)
    for sql in asked:
        plan = unit.connection.execute(f"explain query plan {sql}").fetchall()
        assert "kind=? AND scope=?" in plan[0][3], (sql, plan)
        assert not any("TEMP" in line[3] for line in plan), plan
