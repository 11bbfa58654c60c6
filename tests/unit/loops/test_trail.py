"""The audit log is indexed as it grows, and anew where it is another log than before."""

from __future__ import annotations

import sqlite3

import pytest
from tests.support.inprocess import Aws

from freehold.compose import House
from freehold.kernel.trail import Wanted
from freehold.loops import trail as loop
from freehold.loops.trail import REST_SECONDS, TrailIndex
from freehold.store import audit
from freehold.store.index import trail as index

CREATED = Wanted((("n:CreateExperiment",),))


def make(aws: Aws, *names: str) -> None:
    for name in names:
        aws.client("sagemaker").create_experiment(ExperimentName=name)


def found(house: House) -> list[str | None]:
    """What a look-up finds."""
    unit = house.kernel.own_unit()
    entries, _ = house.kernel.trail.page(unit, CREATED, lambda _entry: True, None, 50)
    return [entry.resource and entry.resource.rpartition("/")[2] for entry in entries]


def indexed(house: House) -> int:
    """How many the index itself knows."""
    with sqlite3.connect(house.kernel.trail.path) as opened:
        return len(index.find(opened, CREATED.groups, 0, 1 << 40, 100))


def test_goes_on_where_it_was_and_finds_what_it_has_not_reached(aws: Aws, house: House) -> None:
    made = TrailIndex(house.kernel)
    make(aws, "a", "b")
    assert found(house) == ["b", "a"]
    assert made.turn() == REST_SECONDS
    make(aws, "c")
    assert indexed(house) == 2
    assert found(house) == ["c", "b", "a"]
    made.close()
    made.turn()  # as after a restart
    assert indexed(house) == 3
    made.close()


def test_a_full_batch_is_followed_by_a_rest_in_proportion(
    aws: Aws, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(aws, "a", "b", "c")
    monkeypatch.setattr(loop, "BATCH", 2)
    made = TrailIndex(house.kernel)
    assert 0 < made.turn() < REST_SECONDS
    assert indexed(house) == 2
    assert made.turn() == REST_SECONDS
    assert indexed(house) == 3
    made.close()


def test_an_index_of_another_log_is_not_believed_and_made_anew(aws: Aws, house: House) -> None:
    make(aws, "a", "b", "c")
    made = TrailIndex(house.kernel)
    made.turn()
    house.kernel.writer.run(lambda unit: unit.connection.execute("delete from audit"))
    house.kernel.writer.run(
        lambda unit: unit.connection.execute("update sqlite_sequence set seq = 0")
    )
    make(aws, "d")
    assert found(house) == ["d"]
    made.turn()
    assert indexed(house) == 1
    assert found(house) == ["d"]
    made.close()


def test_a_lost_index_costs_nothing_but_time(aws: Aws, house: House) -> None:
    make(aws, "a")
    made = TrailIndex(house.kernel)
    made.turn()
    made.close()
    house.kernel.trail.path.unlink()
    assert found(house) == ["a"]
    made.turn()
    assert indexed(house) == 1
    made.close()


def test_the_log_itself_is_left_as_it_is(aws: Aws, house: House) -> None:
    make(aws, "a")
    connection = house.kernel.own_unit().connection
    before = audit.read(connection, 0, 100)
    made = TrailIndex(house.kernel)
    made.turn()
    made.close()
    assert audit.read(connection, 0, 100) == before
