"""The ledger by day says what the ledger by hour says, whatever is written and taken back."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from freehold.store import usage

DAY = 86_400
ARNS = ("arn:aws:sagemaker:us-east-1:111122223333:app/a", "arn:aws:s3:::it's")
FACTS = ("service", "usage_type", "operation", "instance_type", "region", "record_type")

# Ten decimals, as the ledger has them: also 0E-10, 1E-10 and what is negative.
amounts = st.integers(-(10**14), 10**14).map(lambda n: Decimal(n).scaleb(-10))
lines = st.tuples(
    st.integers(0, 9),  # id
    st.integers(0, 71),  # hour
    st.sampled_from(ARNS),
    st.sampled_from(({}, {"team": "a"}, {"quote": "\"$\\'é"})),
    amounts,
    amounts,
)


def kept(line: Any) -> tuple[str, int, str, str | None, dict[str, Any]]:
    number, hour, arn, tags, quantity, cost = line
    hour *= 3600
    document = {name: name for name in FACTS} | {
        "account_id": "111122223333",
        "tags": tags,
        "unit": "Hrs",
        "az": "",
        "quantity": str(quantity),
        "cost": str(cost),
        "usage_start": float(hour),
    }
    return f"{number}-{hour}-{arn[-1]}", hour, arn, None, document


def by_day_from_hours(connection: sqlite3.Connection) -> dict[Any, tuple[Decimal, Decimal]]:
    sums: dict[Any, tuple[Decimal, Decimal]] = defaultdict(lambda: (Decimal(0), Decimal(0)))
    for line in usage.lines(connection, 0, 1e11):
        key = int(line["usage_start"]) // DAY * DAY, json.dumps(line["tags"], sort_keys=True)
        quantity, cost = sums[key]
        sums[key] = quantity + Decimal(line["quantity"]), cost + Decimal(line["cost"])
    return dict(sums)


def by_day(connection: sqlite3.Connection) -> dict[Any, tuple[Decimal, Decimal]]:
    sums: dict[Any, tuple[Decimal, Decimal]] = defaultdict(lambda: (Decimal(0), Decimal(0)))
    for day, facts, quantity, cost in usage.days(connection, 0, 1e11):
        told = json.loads(facts)
        assert told[:6] == list(FACTS)
        assert told[9] in ARNS
        key = day, json.dumps(told[7], sort_keys=True)
        before = sums[key]
        sums[key] = (
            before[0] + Decimal(quantity).scaleb(-10),
            before[1] + Decimal(cost).scaleb(-10),
        )
    return dict(sums)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(batches=st.lists(st.lists(lines, max_size=8), max_size=4), gone=st.sets(st.integers(0, 9)))
def test_days_are_the_sums_of_their_hours(
    connection: sqlite3.Connection, batches: list[list[Any]], gone: set[int]
) -> None:
    connection.execute("begin")
    try:
        for batch in batches:
            usage.put_lines(connection, map(kept, batch))
            assert by_day(connection) == by_day_from_hours(connection)
        every = [row[0] for row in connection.execute("select id from line_item")]
        usage.remove_lines(connection, [key for key in every if int(key[0]) in gone])
        assert by_day(connection) == by_day_from_hours(connection)
        usage.remove_lines(connection, every)
        assert list(usage.days(connection, 0, 1e11)) == []
    finally:
        connection.execute("rollback")
