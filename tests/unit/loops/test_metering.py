"""The metering loop: runs become intervals, intervals become rows, each once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tests.support.metering import APP, APP_ARN, HOUR, JOB, JOB_ARN, TEN, A, Stage

from freehold.kernel import ledger
from freehold.store import events, usage


def notebook_of_ninety_minutes(stage: Stage, *, every: float = 600.0, dies: bool = False) -> None:
    """From 10:15 to 11:45, retagged at 11:10, with a pass now and then."""
    tags = A | {"sagemaker:user-profile-arn": "arn:ann"}
    at = {
        15 * 60: lambda: stage.tell(APP_ARN, "InService", {"runs": True, **APP}, tags),
        70 * 60: lambda: stage.tell(
            APP_ARN, "InService", {"runs": True, **APP}, tags | {"team": "red"}, verb="tag"
        ),
        105 * 60: lambda: stage.tell(APP_ARN, "Deleting", {"runs": False}),
    }
    stage.tell(APP_ARN, "Pending", {"runs": False}, tags, verb="create")
    for minute in range(0, 121, 5):
        stage.clock.at = TEN + minute * 60
        if minute * 60 in at:
            at[minute * 60]()
        if minute * 60 % every == 0:
            stage.turn()
            if dies:
                stage.restart()
    stage.clock.at = TEN + 3 * HOUR
    stage.turn()


def test_a_notebook_over_an_hour_boundary_is_cut_at_the_hour_and_at_its_tags(stage: Stage) -> None:
    notebook_of_ninety_minutes(stage)
    found = [(row.hour - TEN, row.tags.get("team"), row.quantity) for row in stage.rows()]
    assert sorted(found, key=str) == sorted(
        [
            (0, None, Decimal("0.75")),
            (HOUR, None, Decimal("0.1666666667")),
            (HOUR, "red", Decimal("0.5833333333")),
        ],
        key=str,
    )
    assert {row.usage_type for row in stage.rows()} == {"USE1-Studio:JupyterLab-ml.t3.medium"}
    assert stage.spent() == Decimal("1.5") * Decimal("0.05")
    assert not usage.open_intervals(stage.unit.connection)


@pytest.mark.parametrize("every", [300.0, 1800.0, 3600.0, 7200.0])
def test_when_the_passes_are_made_changes_nothing(stage: Stage, every: float) -> None:
    notebook_of_ninety_minutes(stage, every=every)
    assert stage.spent() == Decimal("0.075")
    assert sum(row.quantity for row in stage.rows()) == Decimal("1.5")


def test_dying_after_every_pass_changes_nothing(stage: Stage) -> None:
    notebook_of_ninety_minutes(stage, dies=True)
    assert stage.spent() == Decimal("0.075")


def test_the_open_hour_shows_while_the_notebook_runs(stage: Stage) -> None:
    stage.tell(APP_ARN, "InService", {"runs": True, **APP}, A)
    stage.clock.advance(36)
    assert stage.turn() <= 5
    assert [row.quantity for row in stage.rows()] == [Decimal("0.01")]
    stage.clock.advance(36)
    stage.turn()
    assert [row.quantity for row in stage.rows()] == [Decimal("0.02")]


def test_folding_the_whole_log_again_changes_nothing(stage: Stage) -> None:
    notebook_of_ninety_minutes(stage)
    job(stage, seconds=100)
    lines, intervals = stage.dump(), stage.intervals()
    for _ in range(2):
        stage.restart()
        stage.house.kernel.writer.run(
            lambda unit: events.move_cursor(unit.connection, "metering", 0)
        )
        stage.turn()
    assert stage.dump() == lines
    assert stage.intervals() == intervals


def job(stage: Stage, seconds: float, *, passes_between: bool = True) -> None:
    """A training job that waits 30 s for its instance, runs, and takes 5 s to be told."""

    def tell(status: str, **facts: Any) -> None:
        stage.tell(JOB_ARN, status, facts, A, kind="sagemaker:training-job")
        if passes_between:
            stage.turn()

    tell("InProgress", runs=False)
    stage.clock.advance(30)
    started = stage.clock.now()
    tell("InProgress", runs=True, started_at=started, **JOB)
    stage.clock.advance(seconds + 5)
    if passes_between:
        stage.turn()
    ended = started + seconds
    tell("Completed", runs=False, started_at=started, ended_at=ended, **JOB)
    stage.turn()


@pytest.mark.parametrize("passes_between", [True, False])
@pytest.mark.parametrize(("seconds", "billed"), [(100, 100), (10, 60), (60, 60)])
def test_a_job_bills_what_ran_and_the_minimum_once(
    stage: Stage, seconds: float, billed: int, passes_between: bool
) -> None:
    job(stage, seconds, passes_between=passes_between)
    (row,) = [row for row in stage.rows() if row.quantity]
    assert row.usage_type == "USE1-Train:ml.m5.xlarge"
    assert abs(row.quantity - Decimal(billed) / 3600) < Decimal("1e-9")


def test_a_tag_set_after_a_job_has_ended_does_not_bill_it_again(stage: Stage) -> None:
    job(stage, 100)
    lines = stage.dump()
    facts = {"runs": False, "started_at": TEN + 30, "ended_at": TEN + 130, **JOB}
    stage.restart()
    stage.clock.advance(3 * HOUR)
    stage.tell(JOB_ARN, "Completed", facts, A | {"late": "yes"}, verb="tag")
    stage.turn()
    stage.restart()
    stage.tell(JOB_ARN, "Completed", facts, A | {"late": "again"}, verb="tag")
    stage.turn()
    assert stage.dump() == lines


def test_a_job_that_ran_and_ended_while_nobody_looked_has_all_its_hours(stage: Stage) -> None:
    started = TEN + 30
    stage.clock.at = TEN + 5 * HOUR
    stage.tell(
        JOB_ARN,
        "Completed",
        {"runs": False, "started_at": started, "ended_at": started + 4 * HOUR, **JOB},
        A,
        kind="sagemaker:training-job",
    )
    stage.turn()
    assert sum(row.quantity for row in stage.rows()) == Decimal(4)
    assert len(stage.rows()) == 5


def test_a_stop_that_is_told_late_is_corrected_and_closed_hours_stay(stage: Stage) -> None:
    stage.tell(APP_ARN, "InService", {"runs": True, **APP}, A)
    for _ in range(8):
        stage.clock.advance(HOUR / 2)
        stage.turn()
    before = {row[0]: row for row in stage.dump()}
    stage.tell(APP_ARN, "Failed", {"runs": False, "ended_at": TEN + HOUR, **APP})
    stage.turn()
    after = {row[0]: row for row in stage.dump()}
    assert stage.spent() == Decimal("0.05")
    final = {key for key, row in before.items() if row[1] < TEN + 3 * HOUR}
    assert final
    assert all(after[key] == before[key] for key in final)


def test_an_idle_server_writes_nothing(stage: Stage) -> None:
    stage.tell(APP_ARN, "Deleted", {"runs": False}, A)
    stage.turn()
    connection = stage.unit.connection
    version = connection.execute("pragma data_version").fetchone()
    for _ in range(5):
        stage.clock.advance(4)
        stage.turn()
    assert connection.execute("pragma data_version").fetchone() == version


def test_a_free_app_has_no_row(stage: Stage) -> None:
    facts = {"component": "Studio:JupyterServer", "instance_type": "system", "count": 1}
    stage.tell(APP_ARN, "InService", {"runs": True, **facts}, A)
    stage.clock.advance(100)
    stage.turn()
    assert stage.rows() == []


def test_after_a_long_silence_what_runs_is_looked_at_before_it_is_priced(stage: Stage) -> None:
    stage.tell(APP_ARN, "InService", {"runs": True, **APP}, A)
    stage.clock.advance(36)
    stage.turn()
    stage.restart()
    stage.clock.advance(10 * HOUR)
    assert 0 < stage.turn() < 5
    stage.tell(APP_ARN, "Failed", {"runs": False, "ended_at": TEN + 36, **APP})
    stage.turn()
    assert [row.hour for row in stage.rows()] == [TEN, TEN]  # what was written, and a correction
    assert sum(row.quantity for row in stage.rows()) == Decimal("0.0166666667")  # the minimum


def test_keys_are_known_as_soon_as_a_row_carries_them(stage: Stage) -> None:
    stage.tell(APP_ARN, "InService", {"runs": True, **APP}, A | {"team": "red"})
    stage.clock.advance(10)
    stage.turn()
    keys = ledger.allocation_keys(stage.unit)
    assert not keys["team"].is_active
    assert keys["sagemaker:domain-arn"].is_active
    assert keys["sagemaker:domain-arn"].last_used_at == stage.clock.now()
    assert keys["sagemaker:space-arn"].last_used_at is None


# -- prices -----------------------------------------------------------------------------------


def test_the_operators_prices_are_taken_and_a_bad_file_leaves_them(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    place = stage.house.settings.state / "prices.json"
    place.write_text(
        '{"currency": "EUR", "lists": [{"version": "mine", "effective_from": "2020-01-01", '
        '"instance_hours": {"ml.t3.medium": "2"}}]}'
    )
    stage.tell(APP_ARN, "InService", {"runs": True, **APP}, A)
    stage.clock.advance(360)
    stage.turn()
    assert stage.spent() == Decimal("0.2")
    assert ledger.currency(stage.unit) == "EUR"
    for text in ('{"lists": ', "[]", '{"lists": [3]}', '{"lists": []}'):
        caplog.clear()
        place.write_text(text)
        stage.clock.advance(360)
        stage.turn()
        assert [record.levelname for record in caplog.records] == ["ERROR"], text
    assert stage.spent() == Decimal("1.0")


def test_what_has_no_price_is_kept_at_zero_with_one_warning(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    facts = {"runs": True, **APP, "instance_type": "ml.unheard.of"}
    stage.tell(APP_ARN, "InService", facts, A)
    for _ in range(3):
        stage.clock.advance(36)
        stage.turn()
    assert [row.quantity for row in stage.rows()] == [Decimal("0.03")]
    assert stage.spent() == 0
    assert sum("no-price" in record.getMessage() for record in caplog.records) == 1
