from __future__ import annotations

import sqlite3

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from freehold.base import ids
from freehold.store import audit
from freehold.store.audit import Entry


def entry(request_id: str, at: float, decision: bytes | None = None) -> Entry:
    return Entry(
        *(at, request_id, "sagemaker", "ListModels", "arn:p", "AKIA"),
        *(None, None, None, None, None, None, None, decision),
    )


def test_an_entry_is_found_by_its_request(connection: sqlite3.Connection) -> None:
    audit.append(connection, [entry(f"r-{n}", 100.0 + n, b"[]") for n in range(120)])
    for at in (None, 150.0, 100.0, 219.0, 0.0, 1e9):
        found = audit.find(connection, "r-50", at)
        assert found == entry("r-50", 150.0, b"[]")
        assert audit.find(connection, "none", at) is None


def test_an_empty_log_holds_nothing(connection: sqlite3.Connection) -> None:
    assert audit.find(connection, "r", 1.0) is None
    assert audit.find(connection, "r", None) is None


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=80), st.data())
def test_whatever_the_order_and_the_guess_an_entry_is_found(
    connection: sqlite3.Connection, times: list[float], data: st.DataObject
) -> None:
    connection.execute("delete from audit")
    audit.append(connection, [entry(str(n), at) for n, at in enumerate(times)])
    gone = data.draw(st.sets(st.integers(0, len(times) - 1), max_size=len(times) - 1))
    connection.executemany("delete from audit where request_id = ?", [(str(n),) for n in gone])
    wanted = data.draw(st.sampled_from([n for n in range(len(times)) if n not in gone]))
    guess = data.draw(st.one_of(st.none(), st.floats(-1e7, 1e7)))
    found = audit.find(connection, str(wanted), guess)
    assert found is not None
    assert found.at == times[wanted]


def test_what_is_near_its_time_is_found_without_reading_all(connection: sqlite3.Connection) -> None:
    audit.append(connection, [entry(f"r-{n}", float(n)) for n in range(5000)])
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    connection.set_progress_handler(count, 100)
    assert audit.find(connection, "r-4900", 4900.0) is not None
    near, steps = steps, 0
    assert audit.find(connection, "r-4900", None) is not None
    connection.set_progress_handler(None, 0)
    assert near * 10 < steps


def test_request_ids_tell_their_time(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = ids.request_id(), ids.request_id()
    assert first != second
    at = ids.requested_at(first)
    later = ids.requested_at(second)
    assert at is not None
    assert later is not None
    assert 0 <= later - at < 60
    for other in ("", "x", first[:-1], "0b6ddc5c-7ac2-4e55-8cd5-6d2c8c9a7a11", first.upper() + "0"):
        assert ids.requested_at(other) is None
