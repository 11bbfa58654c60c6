"""Change events as the meter wants them: what may bill, and what happened to storage.

Input: events of the store behind the cursor. Output: changes to be folded. Most events are of
no interest here, and are passed over before anything is made of them.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from freehold.kernel import ledger
from freehold.kernel.studio.storage import PROFILE
from freehold.loops.metering import storage
from freehold.meter.intervals import Change, Mark
from freehold.store.events import Change as Event
from freehold.store.unit import Unit

TIMES = ("started_at", "ended_at")


@dataclass(slots=True)
class Batch:
    """``gone``: when storage was deleted, by ARN. ``marks``: how far runs were billed already."""

    changes: list[Change] = field(default_factory=list)
    marks: dict[str, Mark] = field(default_factory=dict)
    gone: dict[str, float] = field(default_factory=dict)
    is_about_storage: bool = False


def sort(
    unit: Unit, found: Iterable[Event], is_open: Container[str], seq: int, now: float
) -> Batch:
    """What of ``found`` concerns the bill.

    Args:
        unit: Reads lines already written.
        found: Events in order.
        is_open: ARNs with open intervals.
        seq: The cursor: everything up to it was folded.
        now: Epoch seconds UTC; no event is taken to lie later.
    """
    batch = Batch()
    met: set[str] = set()
    for event in found:
        if event.kind in storage.KINDS:
            # A new profile has no files: it is met when its home is counted.
            if event.kind != PROFILE or event.verb in ("tag", "delete"):
                batch.is_about_storage = True
            if event.status is None:
                batch.gone[event.arn] = event.at
            continue
        facts = event.facts
        if "runs" not in facts:
            if event.verb != "delete" or (event.arn not in is_open and event.arn not in met):
                continue  # says nothing of what runs
        elif not facts["runs"] and event.arn not in is_open and event.arn not in met:
            if "ended_at" not in facts or "started_at" not in facts:
                continue
            _mark(unit, batch, event.arn, facts, seq)
        met.add(event.arn)
        batch.changes.append(
            Change(
                event.seq,
                min(event.at, now),
                event.arn,
                event.kind,
                event.status,
                _bounded(facts, now),
                event.tags,
            )
        )
    return batch


def _mark(unit: Unit, batch: Batch, arn: str, facts: Mapping[str, Any], seq: int) -> None:
    """Find out whether a run that is told by its end was billed before.

    A tag that is set after a job has ended tells the job's times once more.
    """
    until = ledger.used_until(unit, arn, float(facts["started_at"]))
    if until is not None:
        batch.marks[arn] = Mark(seq, until)


def _bounded(facts: Mapping[str, Any], now: float) -> dict[str, Any]:
    """Facts whose times lie in the past."""
    bounded = dict(facts)
    for name in TIMES:
        if bounded.get(name) is not None:
            bounded[name] = min(float(bounded[name]), now)
    return bounded
