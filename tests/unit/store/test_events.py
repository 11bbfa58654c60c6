from __future__ import annotations

from freehold.store import events
from freehold.store.records import Record
from freehold.store.unit import Unit


def test_every_change_leaves_its_event_with_status_tags_and_facts(unit: Unit) -> None:
    record = Record("k", "arn:k", "name", uid="u", at=1.0)
    record.status, record.tags = "Pending", {"a": "1"}
    unit.create(record, {"runs": False})
    record.status = "InService"
    unit.save(record, 2.0, {"runs": True})
    record.tags = {"a": "2"}
    unit.retag(record, 3.0)
    unit.remove(record, 4.0)
    found = events.read(unit.connection, 0, 10)
    assert [(one.at, one.verb, one.status, one.facts, one.tags) for one in found] == [
        (1.0, "create", "Pending", {"runs": False}, {"a": "1"}),
        (2.0, "update", "InService", {"runs": True}, {"a": "1"}),
        (3.0, "tag", "InService", {}, {"a": "2"}),
        (4.0, "delete", None, {}, {"a": "2"}),
    ]
    assert unit.touched == {"k", "k changed"}


def test_a_reader_goes_on_where_it_stopped(unit: Unit) -> None:
    for n in range(7):
        unit.create(Record("k", f"arn:{n}", str(n), uid="u", at=float(n)))
    connection = unit.connection
    assert events.cursor(connection, "meter") == 0
    seen: list[str] = []
    while batch := events.read(connection, events.cursor(connection, "meter"), 3):
        seen += [one.arn for one in batch]
        events.move_cursor(connection, "meter", batch[-1].seq)
    assert seen == [f"arn:{n}" for n in range(7)]
    assert events.cursor(connection, "budgets") == 0


def test_a_change_that_is_taken_back_leaves_no_event(unit: Unit) -> None:
    connection = unit.connection
    connection.execute("begin")
    connection.execute("savepoint call")
    unit.create(Record("k", "arn:k", "name", uid="u", at=1.0))
    connection.execute("rollback to call")
    connection.execute("commit")
    assert events.read(connection, 0, 10) == []
