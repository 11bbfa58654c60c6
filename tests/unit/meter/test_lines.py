from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.meter.intervals import Usage, fold
from freehold.meter.lines import (
    LineItem,
    Place,
    as_row,
    first_open_hour,
    is_final,
    line_items,
    reconcile,
)

PLACE = Place("000000000001", "us-east-1")
MONDAY = 1_795_392_000.0  # 2026-11-23 00:00 UTC
HOUR = 3600.0


def interval(*changes):
    _, touched = fold(Usage(), changes)
    return touched[-1]


def test_a_run_over_midnight_is_split_there(book, change):
    run = interval(change(1, MONDAY - 900), change(2, MONDAY + 1800, None))
    before, after = line_items(run, book, PLACE, MONDAY + HOUR * 9)
    assert (before.usage_end, after.usage_start) == (MONDAY, MONDAY)
    assert (before.quantity, after.quantity) == (Decimal("0.25"), Decimal("0.5"))
    assert after.cost == Decimal("0.025")
    assert (after.usage_type, after.unit) == ("USE1-Studio:JupyterLab-ml.t3.medium", "Hrs")
    assert before.line_item_id != after.line_item_id


def test_the_open_hour_is_visible_up_to_now_or_the_heartbeat(book, change):
    run = interval(change(1, MONDAY))
    [line] = line_items(run, book, PLACE, MONDAY + 360)
    assert line.quantity == Decimal("0.1")
    [line] = line_items(run, book, PLACE, MONDAY + 360, heartbeat=MONDAY + 36)
    assert line.quantity == Decimal("0.01")
    assert line_items(run, book, PLACE, MONDAY) == []


@pytest.mark.parametrize(
    ("cut", "stop", "seconds"),
    [(None, 6, 60), (None, 60, 60), (None, 61, 61), (3, 6, 60), (3, 600, 600), (0, 0, 60)],
)
def test_the_minimum_is_charged_once_per_run(book, change, cut, stop, seconds):
    changes = [change(1, MONDAY)]
    if cut is not None:
        changes.append(change(2, MONDAY + cut, tags={"a": "b"}))
    changes.append(change(3, MONDAY + stop, None))
    _, intervals = fold(Usage(), changes)
    lines = [line for i in intervals for line in line_items(i, book, PLACE, MONDAY + HOUR)]
    assert abs(sum(line.quantity for line in lines) - Decimal(seconds) / 3600) < Decimal("1e-9")


def test_the_minimum_is_not_charged_per_hour_slice(book, change):
    run = interval(change(1, MONDAY - 10), change(2, MONDAY + 20, None))
    lines = line_items(run, book, PLACE, MONDAY + HOUR)
    assert sum(line.quantity for line in lines) == Decimal("0.0166666667")


def test_storage_accrues_by_the_hours_of_the_month(book, change):
    volume = interval(change(1, MONDAY, kind="Space", bytes=720 * 2**30))
    lines = line_items(volume, book, PLACE, MONDAY + 2 * HOUR)
    assert [line.quantity for line in lines] == [Decimal(1), Decimal(1)]
    assert lines[0].unit == "GB-Mo"
    assert lines[0].cost == Decimal("0.112")


def test_a_missing_price_costs_nothing_and_keeps_the_row(book, change):
    run = interval(change(1, MONDAY, instance_type="ml.mine.huge"))
    [line] = line_items(run, book, PLACE, MONDAY + 1800)
    assert (line.cost, line.price_is_missing, line.quantity) == (0, True, Decimal("0.5"))


def test_since_leaves_out_older_hours_and_changes_no_other(book, change):
    run = interval(change(1, MONDAY), change(2, MONDAY + 10 * HOUR + 5, None))
    every = line_items(run, book, PLACE, MONDAY + 20 * HOUR)
    assert line_items(run, book, PLACE, MONDAY + 20 * HOUR, since=MONDAY + 8.5 * HOUR) == every[8:]


def test_open_rows_are_rewritten_under_the_same_id(book, change):
    run = interval(change(1, MONDAY))
    first = line_items(run, book, PLACE, MONDAY + 100)
    second = line_items(run, book, PLACE, MONDAY + 200)
    assert reconcile(first, [], MONDAY + 100) == first
    assert reconcile(first, first, MONDAY + 100) == []
    assert reconcile(second, first, MONDAY + 200) == second
    assert second[0].line_item_id == first[0].line_item_id


def test_a_late_stop_of_a_final_hour_gives_a_correction_and_only_one(book, change):
    start = change(1, MONDAY)
    now = MONDAY + 5 * HOUR
    written = line_items(interval(start), book, PLACE, now)
    late = interval(start, change(2, MONDAY + 1.5 * HOUR, None))
    rows = reconcile(line_items(late, book, PLACE, now), written, now)
    ledger = {line.line_item_id: line for line in [*written, *rows]}
    assert all(row.correction_of for row in rows if is_final(row, now))
    assert all(ledger[line.line_item_id] == line for line in written if is_final(line, now))
    assert sum(line.quantity for line in ledger.values()) == Decimal("1.5")
    assert sum(line.cost for line in ledger.values()) == Decimal("0.075")
    assert reconcile(line_items(late, book, PLACE, now), list(ledger.values()), now) == []


def test_hours_that_nobody_wrote_in_time_are_written_late(book, change):
    run = interval(change(1, MONDAY))
    lines = line_items(run, book, PLACE, MONDAY + 9 * HOUR)
    assert reconcile(lines, lines[:3], MONDAY + 9 * HOUR) == lines[3:]


def test_a_row_is_open_until_its_hour_and_the_grace_have_passed(book, change):
    assert first_open_hour(MONDAY + HOUR + 599) == MONDAY
    assert first_open_hour(MONDAY + HOUR + 601) == MONDAY + HOUR
    assert (
        as_row(line_items(interval(change(1, MONDAY)), book, PLACE, MONDAY + 1)[0]).hour == MONDAY
    )


@given(st.floats(0, 1e5), st.floats(60, 3e5), st.integers(1, 4))
def test_hours_add_up_to_the_run(book, change, offset, seconds, count):
    start = MONDAY + offset
    run = interval(change(1, start, count=count), change(2, start + seconds, None))
    lines = line_items(run, book, PLACE, MONDAY + 1e7)
    total = (
        Decimal(round((start + seconds) * 1e6) - round(start * 1e6))
        * count
        / Decimal(3_600_000_000)
    )
    assert abs(sum(line.quantity for line in lines) - total) <= Decimal("1e-10") * len(lines)
    assert len({line.usage_start for line in lines}) == len(lines)
    assert all(line.quantity <= count for line in lines)


@given(st.lists(st.floats(0, 4 * HOUR), min_size=1, max_size=6), st.floats(0, 4 * HOUR))
def test_any_order_of_passes_ends_in_the_same_total(book, change, passes, stop):
    start, end = change(1, MONDAY), change(2, MONDAY + stop, None)
    ledger = {}
    for now in [*sorted(MONDAY + p for p in passes), MONDAY + 9 * HOUR]:
        run = interval(start) if now < MONDAY + 9 * HOUR else interval(start, end)
        written = list(ledger.values())
        rows = reconcile(line_items(run, book, PLACE, now), written, now)
        assert not any(
            r.line_item_id in ledger and is_final(ledger[r.line_item_id], now) for r in rows
        )
        ledger.update({r.line_item_id: r for r in rows})
    direct = line_items(interval(start, end), book, PLACE, MONDAY + 9 * HOUR)
    assert sum(r.quantity for r in ledger.values()) == sum(r.quantity for r in direct)
    assert sum(r.cost for r in ledger.values()) == sum(r.cost for r in direct)


def test_lines_come_back_from_their_documents(book, change):
    [line] = line_items(interval(change(1, MONDAY, tags={"a": "b"})), book, PLACE, MONDAY + 7)
    assert LineItem.from_document(json.loads(json.dumps(line.document()))) == line
