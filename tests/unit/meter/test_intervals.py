from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.meter.intervals import Change, Interval, Usage, close_lost, fold, resumed


def stored(*batches):
    """What a store that upserts by id ends up with."""
    usage, kept = Usage(), {}
    for batch in batches:
        usage, touched = fold(usage, batch)
        kept.update({interval.id: interval for interval in touched})
    return usage, list(kept.values())


def test_an_app_is_billed_from_in_service_until_it_leaves_it(change):
    events = [
        change(1, 100.0, "Pending"),
        change(2, 160.0, "InService"),
        change(3, 400.0, "Deleting"),
        change(4, 420.0, "Deleted"),
        change(5, 421.0, None),
    ]
    _, [interval] = stored(events)
    assert (interval.start, interval.stop, interval.is_cut) == (160.0, 400.0, False)
    assert (interval.dimension, interval.instance_type) == ("JupyterLab", "ml.t3.medium")


def test_a_tag_change_cuts_the_interval_and_not_the_run(change):
    _, intervals = stored(
        [change(1, 0.0), change(2, 10.0, tags={"team": "a"}), change(3, 20.0, None)]
    )
    first, second = sorted(intervals, key=lambda i: i.start)
    assert (first.start, first.stop, first.is_cut, first.tags) == (0.0, 10.0, True, {})
    assert (second.start, second.stop, second.is_cut) == (10.0, 20.0, False)
    assert second.run == first.id
    assert second.run_start == 0.0


def test_the_same_tags_again_cut_nothing(change):
    _, intervals = stored([change(1, 0.0, tags={"a": "b"}), change(2, 10.0, tags={"a": "b"})])
    assert len(intervals) == 1


def test_a_restart_is_another_run(change):
    _, intervals = stored([change(1, 0.0), change(2, 10.0, None), change(3, 30.0)])
    assert len({interval.run for interval in intervals}) == 2


def test_another_instance_type_closes_and_opens(change):
    _, intervals = stored([change(1, 0.0), change(2, 9.0, instance_type="ml.m5.large")])
    assert {(i.instance_type, i.start, i.stop) for i in intervals} == {
        ("ml.t3.medium", 0.0, 9.0),
        ("ml.m5.large", 9.0, None),
    }


def test_a_job_is_free_until_its_instances_exist_and_counts_them(change):
    job = {"kind": "TrainingJob", "arn": "arn:job", "instance_type": "ml.m5.xlarge", "count": 3}
    _, [interval] = stored(
        [
            change(1, 0.0, "InProgress", **job),
            change(2, 51.0, "InProgress", started_at=50.0, **job),
            change(3, 99.0, "Completed", started_at=50.0, ended_at=80.0, **job),
            change(
                4, 120.0, "Completed", tags={"late": "tag"}, started_at=50.0, ended_at=80.0, **job
            ),
        ]
    )
    assert (interval.start, interval.stop, interval.rate) == (50.0, 80.0, 3)


def test_a_job_told_only_by_its_end_is_billed_once(change):
    job = {"kind": "ProcessingJob", "arn": "arn:job", "instance_type": "ml.m5.xlarge"}
    end = {"started_at": 10.0, "ended_at": 30.0}
    _, [interval] = stored(
        [change(1, 0.0, "InProgress", **job), change(2, 31.0, "Failed", **end, **job)],
        [
            change(3, 40.0, "Failed", tags={"a": "b"}, **end, **job),
            change(4, 50.0, None, **end, **job),
        ],
    )
    assert (interval.start, interval.stop) == (10.0, 30.0)


def test_a_volume_is_billed_as_long_as_it_exists_and_cut_when_it_grows(change):
    space = {"kind": "Space", "arn": "arn:space"}
    _, intervals = stored(
        [
            change(1, 0.0, "Pending", bytes=5 * 2**30, **space),
            change(2, 9.0, "InService", bytes=5 * 2**30, **space),
            change(3, 20.0, "InService", bytes=9 * 2**30, **space),
            change(4, 30.0, None, bytes=9 * 2**30, **space),
        ]
    )
    assert [(i.start, i.stop, i.rate / 2**30) for i in intervals] == [(0, 20, 5), (20, 30, 9)]


def test_an_endpoint_may_run_several_instance_types(change):
    parts = [
        {"instance_type": "ml.m5.large", "count": 2},
        {"instance_type": "ml.m5.large", "count": 1},
        {"instance_type": "ml.g5.xlarge"},
    ]
    _, intervals = stored([change(1, 0.0, kind="Endpoint", parts=parts)])
    assert {(i.instance_type, int(i.rate)) for i in intervals} == {
        ("ml.m5.large", 3),
        ("ml.g5.xlarge", 1),
    }


@pytest.mark.parametrize(
    "facts", [{"component": "JupyterServer"}, {"instance_type": "system"}, {"instance_type": None}]
)
def test_what_is_free_gives_no_interval(change, facts):
    assert stored([change(1, 0.0, **facts)])[1] == []


def test_a_lost_stop_is_closed_at_the_last_heartbeat(change):
    usage, _ = fold(Usage(), [change(1, 0.0), change(2, 0.0, arn="arn:other")])
    usage, [closed] = close_lost(usage, {"arn:app": 42.0, "arn:unknown": 5.0})
    assert (closed.arn, closed.stop) == ("arn:app", 42.0)
    assert set(usage.open) == {"arn:other"}
    assert close_lost(usage, {"arn:app": 99.0})[1] == []
    _, [again] = fold(usage, [change(3, 50.0)])
    assert again.start == 50.0
    assert again.id != closed.id


def test_a_clock_that_steps_back_never_makes_time_run_backwards(change):
    _, intervals = stored([change(1, 100.0), change(2, 90.0, None), change(3, 80.0)])
    assert [(i.start, i.stop) for i in intervals] == [(100.0, 100.0), (100.0, None)]


CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["arn:a", "arn:b"]),
        st.floats(0, 1e4),
        st.sampled_from(["InService", "Pending", "Deleted", None]),
        st.sampled_from(["ml.t3.medium", "ml.m5.large"]),
        st.integers(0, 3),
        st.sampled_from([{}, {"k": "v"}, {"k": "w"}]),
        st.none() | st.floats(0, 1e4),
        st.none() | st.floats(0, 1e4),
    ),
    max_size=25,
).map(
    lambda told: [
        Change(
            seq,
            when,
            arn,
            "App",
            status,
            {
                "component": "JupyterLab",
                "instance_type": size,
                "count": count,
                "started_at": started,
                "ended_at": ended,
            },
            tags,
        )
        for seq, (arn, when, status, size, count, tags, started, ended) in enumerate(told)
    ]
)


@given(CHANGES)
def test_intervals_of_one_resource_and_dimension_never_overlap(changes):
    _, intervals = stored(changes)
    by_key = {}
    for interval in intervals:
        by_key.setdefault(interval.key, []).append(interval)
    for found in by_key.values():
        found.sort(key=lambda i: (i.start, float("inf") if i.stop is None else i.stop))
        for earlier, later in pairwise(found):
            assert earlier.stop is not None
            assert earlier.stop <= later.start
    assert all(i.stop is None or i.start <= i.stop for i in intervals)


@given(CHANGES, st.data())
def test_folding_twice_and_in_other_batches_changes_nothing(changes, data):
    cut = data.draw(st.integers(0, len(changes)))
    once = stored(changes)
    assert stored(changes, changes) == once
    assert stored(changes[:cut], changes[max(0, cut - 3) :]) == once


@given(CHANGES)
def test_the_fold_leaves_the_old_state_alone(changes):
    usage, _ = fold(Usage(), changes[:5])
    before = (dict(usage.open), dict(usage.marks))
    fold(usage, changes)
    assert (dict(usage.open), dict(usage.marks)) == before


@given(CHANGES)
def test_a_state_read_back_from_the_store_folds_like_the_one_in_memory(changes):
    kept = {}
    for change in changes:
        _, touched = fold(resumed(kept.values(), change.seq - 1), [change])
        kept.update({interval.id: interval for interval in touched})
    _, expected = stored(changes)
    assert sorted(kept) == sorted(i.id for i in expected)
    assert all(kept[i.id] == i for i in expected)


def test_a_finished_job_is_not_billed_again_by_a_later_event(change):
    job = {"kind": "TrainingJob", "arn": "arn:job", "instance_type": "ml.m5.xlarge"}
    end = {"started_at": 10.0, "ended_at": 30.0}
    _, intervals = stored([change(1, 31.0, "Completed", **end, **job)])
    later = change(9, 99.0, "Completed", tags={"backfilled": "later"}, **end, **job)
    assert fold(resumed(intervals, 8), [later])[1] == []


def test_a_declaration_may_say_itself_whether_it_runs(change):
    job = {"kind": "SomethingNew", "component": "Train", "instance_type": "ml.m5.xlarge"}
    _, [interval] = stored(
        [
            change(1, 0.0, "Anything", kind="SomethingNew", runs=False),
            change(2, 11.0, "Anything", runs=True, started_at=10.0, **job),
            change(3, 33.0, "Anything", runs=False, started_at=10.0, ended_at=30.0, **job),
        ]
    )
    assert (interval.start, interval.stop) == (10.0, 30.0)
    _, [missed] = stored([change(3, 33.0, runs=False, started_at=10.0, ended_at=30.0, **job)])
    assert (missed.start, missed.stop) == (10.0, 30.0)


def test_components_may_be_spelled_as_on_the_bill(change):
    _, [interval] = stored([change(1, 0.0, component="Studio:JupyterLab", runs=True)])
    assert interval.dimension == "JupyterLab"
    free = {"component": "Studio:JupyterServer", "instance_type": "ml.t3.medium"}
    assert stored([change(1, 0.0, runs=True, **free)])[1] == []


@given(CHANGES)
def test_intervals_come_back_from_their_documents(changes):
    for interval in stored(changes)[1]:
        assert Interval.from_document(json.loads(json.dumps(interval.document()))) == interval
