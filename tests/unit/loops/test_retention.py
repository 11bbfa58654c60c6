"""Lines older than their group keeps them are deleted, and no others."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.inprocess import Aws

from freehold.compose import House
from freehold.loops import retention
from freehold.loops.retention import DAY_SECONDS, Retention


def seen(house: House, group: str) -> list[str]:
    """The rows themselves: readers no longer see what has expired."""
    connection = house.kernel.own_unit().connection
    rows = connection.execute("select message from log_event where grp = ? order by at", (group,))
    return [row[0] for row in rows]


@pytest.fixture
def logs(aws: Aws, house: House) -> Any:
    made = aws.client("logs")
    for group in ("kept", "short"):
        made.create_log_group(logGroupName=group)
        made.create_log_stream(logGroupName=group, logStreamName="s")
        now = int(house.kernel.clock.now() * 1000)
        days = (13, 12, 2, 0)
        for day in days:
            event = {"timestamp": now - day * DAY_SECONDS * 1000, "message": f"{day} days"}
            made.put_log_events(logGroupName=group, logStreamName="s", logEvents=[event])
    made.put_retention_policy(logGroupName="short", retentionInDays=7)
    return made


def test_what_is_too_old_goes_for_good(logs: Any, house: House) -> None:
    assert len(seen(house, "short")) == 4
    assert Retention(house.kernel).turn() == retention.ROUND_SECONDS
    assert seen(house, "short") == ["2 days", "0 days"]
    assert seen(house, "kept") == ["13 days", "12 days", "2 days", "0 days"]


def test_it_goes_batch_by_batch(logs: Any, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 1)
    Retention(house.kernel).turn()
    assert seen(house, "short") == ["2 days", "0 days"]


def test_a_closing_server_waits_for_no_further_batch(logs: Any, house: House) -> None:
    loop = Retention(house.kernel)
    loop.close()
    loop.turn()
    assert len(seen(house, "short")) == 4
