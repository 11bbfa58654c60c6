from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from freehold.base.errors import Internal, Invalid, Throttled
from freehold.store import database
from freehold.store.records import Record
from freehold.store.unit import Unit
from freehold.store.writer import BATCH_MAX, Writer

KIND = "sagemaker:experiment"


def make(name: str) -> Callable[[Unit], str]:
    def work(unit: Unit) -> str:
        record = Record(KIND, f"arn:x:{name}", name, uid=name, at=1.0)
        unit.create(record)
        return name

    return work


def make_then_fail(name: str) -> Callable[[Unit], str]:
    def work(unit: Unit) -> str:
        make(name)(unit)
        raise Invalid(f"{name} is not wanted")

    return work


class Held:
    """A writer whose thread is kept busy, so that what is queued becomes one batch."""

    def __init__(self, path: Path) -> None:
        self.touched: list[set[str]] = []
        self.writer = Writer(path, lambda kinds: self.touched.append(set(kinds)))
        self._go = threading.Event()
        self._begun = threading.Event()

    def __enter__(self) -> Writer:
        def wait(_unit: Unit) -> None:
            self._begun.set()
            self._go.wait(10)

        self.writer.submit(wait)
        assert self._begun.wait(10)
        return self.writer

    def __exit__(self, *_: object) -> None:
        self._go.set()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    place = tmp_path / "freehold.db"
    database.prepare(place)
    return place


@pytest.fixture
def held(path: Path) -> Iterator[Held]:
    made = Held(path)
    yield made
    made.writer.stop()


def names(path: Path) -> set[str]:
    connection = database.connect(path, read_only=True)
    try:
        return {row[0] for row in connection.execute("select name from resource")}
    finally:
        connection.close()


def test_one_failing_call_of_a_batch_loses_nothing_of_the_others(held: Held, path: Path) -> None:
    with held as writer:
        futures: list[Future[Any]] = [
            writer.submit(make_then_fail(f"n{n}") if n % 3 == 1 else make(f"n{n}"))
            for n in range(30)
        ]
    for n, future in enumerate(futures):
        if n % 3 == 1:
            assert isinstance(future.exception(10), Invalid)
        else:
            assert future.result(10) == f"n{n}"
    assert names(path) == {f"n{n}" for n in range(30) if n % 3 != 1}


def test_a_call_sees_what_the_call_before_it_in_the_same_batch_wrote(held: Held) -> None:
    def look(unit: Unit) -> bool:
        return unit.find("arn:x:one") is not None

    with held as writer:
        writer.submit(make("one"))
        seen = writer.submit(look)
    assert seen.result(10)


def test_a_violated_constraint_is_that_calls_own_failure(held: Held, path: Path) -> None:
    def broken(unit: Unit) -> None:
        unit.connection.execute("insert into meta values (null, null)")

    with held as writer:
        before, bad, after = (
            writer.submit(work) for work in (make("before"), broken, make("after"))
        )
    assert before.result(10) == "before"
    assert isinstance(bad.exception(10), sqlite3.IntegrityError)
    assert after.result(10) == "after"
    assert names(path) == {"before", "after"}


def test_a_failed_commit_fails_every_call_of_its_batch_retryably(held: Held, path: Path) -> None:
    def fail_at_commit(unit: Unit) -> None:
        # A deferred foreign key is looked at by COMMIT only.
        unit.connection.execute("pragma defer_foreign_keys = on")
        unit.connection.execute("insert into child values (1)")

    connection = held.writer._connection
    connection.execute("create table parent (id integer primary key)")
    connection.execute("create table child (id integer references parent (id))")
    connection.execute("pragma foreign_keys = on")
    with held as writer:
        futures: list[Future[Any]] = [
            writer.submit(make("one")),
            writer.submit(fail_at_commit),
            writer.submit(make("two")),
        ]
    for future in futures:
        fault = future.exception(10)
        assert isinstance(fault, Internal)
        assert fault.retryable
    assert names(path) == set()
    assert writer.run(make("three")) == "three"
    assert names(path) == {"three"}


def test_nobody_is_answered_before_the_commit(held: Held, path: Path) -> None:
    seen: list[bool] = []
    with held as writer:
        future = writer.submit(make("one"))
        future.add_done_callback(lambda _: seen.append("one" in names(path)))
        writer.submit(make("two"))
    future.result(10)
    writer.run(lambda _: None)
    assert seen == [True]


def test_stop_writes_what_is_queued_and_then_refuses(path: Path) -> None:
    held = Held(path)
    with held as writer:
        futures = [writer.submit(make(f"n{n}")) for n in range(3 * BATCH_MAX)]
        stopping = threading.Thread(target=writer.stop)
        stopping.start()
    stopping.join(20)
    assert all(future.result(0) for future in futures)
    assert len(names(path)) == 3 * BATCH_MAX
    with pytest.raises(Throttled):
        writer.submit(make("late"))


def test_what_a_call_touched_is_told_before_and_after_the_commit(held: Held) -> None:
    held.writer.run(make("one"))
    assert held.touched == [{KIND}, {KIND}]
    held.touched.clear()
    with pytest.raises(Invalid):
        held.writer.run(make_then_fail("two"))
    assert held.touched == [{KIND}, {KIND}]  # taken back: what was cached over it is stale


def test_a_cancelled_call_is_no_harm_to_the_next(held: Held, path: Path) -> None:
    with held as writer:
        first = writer.submit(make("one"))
        assert first.cancel()
        second = writer.submit(make("two"))
    assert second.result(10) == "two"
    assert "two" in names(path)


def test_a_full_disk_fails_retryably_loses_nothing_and_heals(held: Held, path: Path) -> None:
    writer = held.writer
    writer.run(make("kept"))
    pages = writer._connection.execute("pragma page_count").fetchone()[0]
    writer._connection.execute(f"pragma max_page_count = {pages}")

    def big(unit: Unit) -> None:
        record = Record(KIND, "arn:x:big", "big", uid="big", at=1.0)
        record.document = {"Text": "x" * 200_000}
        unit.create(record)

    with held:
        futures: list[Future[Any]] = [
            writer.submit(make("small")),
            writer.submit(big),
            writer.submit(make("after")),
        ]
    for future in futures:
        fault = future.exception(10)
        assert isinstance(fault, Internal)
        assert fault.retryable
    assert names(path) == {"kept"}
    writer._connection.execute("pragma max_page_count = 1000000")
    writer.run(big)
    assert names(path) == {"kept", "big"}


@given(st.lists(st.booleans(), min_size=1, max_size=40))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_exactly_the_calls_that_succeed_are_kept(tmp_path: Path, succeeds: list[bool]) -> None:
    place = tmp_path / f"{abs(hash(tuple(succeeds)))}-{len(succeeds)}.db"
    place.unlink(missing_ok=True)
    database.prepare(place)
    held = Held(place)
    with held as writer:
        for n, is_good in enumerate(succeeds):
            writer.submit(make(f"n{n}") if is_good else make_then_fail(f"n{n}"))
    writer.stop()
    assert names(place) == {f"n{n}" for n, is_good in enumerate(succeeds) if is_good}


def test_a_listener_that_fails_does_not_end_the_writing(path: Path) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the event loop is closed")

    writer = Writer(path, lambda _kinds: None, fail)
    writer.submit_all((make("one"),), fail, fail)
    assert writer.run(make("two")) == "two"
    writer.stop()
    assert names(path) == {"one", "two"}


def test_work_that_is_answered_together_stands_in_one_commit(held: Held, path: Path) -> None:
    told: list[Any] = []
    works = [make("a"), make_then_fail("b"), make("c")]
    with held as writer:
        writer.submit_all(works, told.append, lambda: told.append("about to commit"))
    writer.run(lambda _: None)
    assert told[0] == "about to commit"
    assert [value for value, _ in told[1]] == ["a", None, "c"]
    assert isinstance(told[1][1][1], Invalid)
    assert names(path) == {"a", "c"}
