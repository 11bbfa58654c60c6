"""What stands of a job in its record, and the only places where the loop writes it.

``_Phase`` tells how far a job is: absent while it waits, then PREPARING, RUNNING, FINISHING,
DONE. Each write is made once, from the phase before: a second one finds another phase.
Source: jobs-and-sdk.md 3.3.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from freehold.base import ids
from freehold.kernel import transitions
from freehold.kernel.dispatch import Kernel
from freehold.kernel.records import Writing
from freehold.loops.jobs.task import HOST, TRAINING, model_artifacts
from freehold.loops.jobs.verdict import Verdict, stopped_meanwhile
from freehold.runners.runner import Status
from freehold.store.records import Record

PREPARING = "preparing"
RUNNING = "running"
FINISHING = "finishing"
DONE = "done"
FAR = 4_102_444_800.0  # the year 2100: in hand, to be asked for by nobody but a stop
KEPT_SECONDS = 3600.0  # how long an ended job's directory stays
MESSAGE_CHARACTERS_MAX = 1024

Change = Callable[[Writing], None]


def phase(record: Record) -> str | None:
    """How far the job is; None while it waits."""
    found: str | None = record.document.get("_Phase")
    return found


def _members(record: Record) -> tuple[str, str]:
    kind = "Training" if record.kind == TRAINING else "Processing"
    return f"{kind}StartTime", f"{kind}EndTime"


def _write(kernel: Kernel, record: Record, expected: str | None, change: Change) -> bool:
    return Writing.run(kernel, record, lambda known: phase(known) == expected, change)


def wait(kernel: Kernel, record: Record) -> None:
    """Say that there is no room yet."""

    def change(writing: Writing) -> None:
        transitions.advance(writing.record.document, "Pending", writing.now)
        writing.update()

    _write(kernel, record, None, change)


def take(kernel: Kernel, record: Record) -> bool:
    """Take a waiting job in hand; False if it is no longer one that waits."""

    def change(writing: Writing) -> None:
        document = writing.record.document
        document["_Phase"] = PREPARING
        document["_Token"] = ids.token(32)
        document["_Stream"] = f"{writing.record.name}/{HOST}-{int(writing.now)}"
        transitions.advance(document, "Downloading", writing.now)
        writing.rest_until(FAR)
        writing.update()

    return Writing.run(
        kernel,
        record,
        lambda known: phase(known) is None and known.status == "InProgress",
        change,
    )


def heard(kernel: Kernel, record: Record) -> None:
    """A stop was seen: not to be asked for again."""

    def change(writing: Writing) -> None:
        writing.rest_until(FAR)
        writing.update()

    Writing.run(kernel, record, lambda known: known.due != FAR and phase(known) != DONE, change)


def started(kernel: Kernel, record: Record, status: Status) -> None:
    """The process runs: from here on it is billed."""

    def change(writing: Writing) -> None:
        document = writing.record.document
        document["_Phase"] = RUNNING
        document[_members(record)[0]] = status.started_at
        if writing.record.status == "InProgress":
            transitions.advance(document, "Training", status.started_at or writing.now)
        writing.update()

    _write(kernel, record, PREPARING, change)


def ended(kernel: Kernel, record: Record, status: Status) -> None:
    """The process is no more: billing ends, what it made is brought away."""

    def change(writing: Writing) -> None:
        document = writing.record.document
        was_seen = document["_Phase"] == RUNNING
        document["_Phase"] = FINISHING
        _bound(document, _members(record), status)
        is_going = writing.record.status == "InProgress"
        if is_going and not was_seen and status.started_at is not None:
            transitions.advance(document, "Training", status.started_at)  # too short to be seen
        if is_going and status.exit_code == 0:
            transitions.advance(document, "Uploading", status.ended_at or writing.now)
        writing.update()

    Writing.run(kernel, record, lambda known: phase(known) in (PREPARING, RUNNING), change)


def _bound(document: dict[str, Any], members: tuple[str, str], status: Status) -> None:
    start, end = members
    if status.started_at is not None:
        document[start] = status.started_at
    if document.get(start) is not None and status.ended_at is not None:
        document[end] = max(status.ended_at, document[start])


def settle(
    kernel: Kernel,
    record: Record,
    verdict: Verdict,
    *,
    metrics: list[dict[str, Any]] | None = None,
    message: str | None = None,
) -> None:
    """The end, written once."""

    def change(writing: Writing) -> None:
        known = writing.record
        end = stopped_meanwhile(verdict) if known.status == "Stopping" else verdict
        document = known.document
        document["_Phase"] = DONE
        document.pop("_Token", None)
        if end.reason:
            document["FailureReason"] = end.reason
        if known.kind == TRAINING:
            _training(known, end, metrics or [])
        elif message:
            document["ExitMessage"] = message[:MESSAGE_CHARACTERS_MAX]
        transitions.close(document, end.step, writing.now)
        document.setdefault(_members(known)[1], writing.now)
        writing.rest_until(writing.now + KEPT_SECONDS)
        writing.update(end.status)

    Writing.run(kernel, record, lambda known: phase(known) != DONE, change)


def _training(record: Record, end: Verdict, metrics: list[dict[str, Any]]) -> None:
    document = record.document
    start, stop = document.get("TrainingStartTime"), document.get("TrainingEndTime")
    if start is not None and stop is not None:
        seconds = max(1, math.ceil(stop - start))
        document["TrainingTimeInSeconds"] = document["BillableTimeInSeconds"] = seconds
    if metrics:
        document["FinalMetricDataList"] = metrics
    if end.keeps_results and start is not None:
        document["ModelArtifacts"] = {"S3ModelArtifacts": model_artifacts(record)}


def clear(kernel: Kernel, record: Record) -> None:
    """Nothing is kept of the job but its record."""

    def change(writing: Writing) -> None:
        writing.rest()
        writing.update()

    _write(kernel, record, DONE, change)
