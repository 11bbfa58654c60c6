"""Change events folded into usage intervals: when what ran, on how much of what.

Input: the change events of the store, in order of ``seq``, with the state kept so far.
Output: intervals that were opened, cut or closed; the metering loop stores them by ``id``.
An event that was folded before changes nothing, and the intervals of one resource and
dimension never overlap. A tag change cuts an interval but not its run, so that the minimum
charge falls due once. Source: reference costs, section 2, rules 1, 5, 8, 9, 10.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NamedTuple, cast

import msgspec

from freehold.meter.dimensions import component, component_key

NO_TAGS: Mapping[str, str] = MappingProxyType({})

# JupyterServer/default is free on AWS; "system" is the instance type of what is not billed.
FREE_APP_TYPES = frozenset({"JupyterServer"})
FREE_INSTANCE_TYPES = frozenset({"", "system"})


@dataclass(frozen=True, slots=True)
class Change:
    """What a resource became at ``at`` (epoch seconds UTC), as one event of the log tells it.

    ``status`` is None once the resource is gone. ``facts`` hold what is billed:

    - ``runs``: whether it is billed now, where the resource's own declaration says so; else
      the kind's ``Rule`` decides by ``status``.
    - ``component``: key of ``dimensions``; for apps the AppType. Overrides the rule's.
    - ``instance_type`` and ``count`` (default 1), or ``parts``: a list of such mappings where
      one resource runs several kinds of instances (endpoints).
    - ``bytes``: what storage holds.
    - ``started_at``, ``ended_at``: the state machine's own transition times, if it knows them
      better than the event does. They belong to the current run: clear them on a restart.
    """

    seq: int
    at: float
    arn: str
    kind: str
    status: str | None
    facts: Mapping[str, Any]
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Rule:
    """When a kind of resource is billed.

    ``when`` None: as long as it exists. ``needs_start``: only once ``facts`` hold
    ``started_at``, since time before the instances exist is free.
    """

    component: str
    when: frozenset[str] | None = None
    needs_start: bool = False


_JOB = frozenset({"InProgress", "Stopping"})
_SERVING = frozenset({"InService", "Updating", "SystemUpdating", "RollingBack"})

RULES: Mapping[str, Rule] = {
    "App": Rule("", frozenset({"InService"})),
    "TrainingJob": Rule("Train", _JOB, needs_start=True),
    "ProcessingJob": Rule("Processing", _JOB, needs_start=True),
    "TransformJob": Rule("Tsform", _JOB, needs_start=True),
    "Endpoint": Rule("Host", _SERVING),
    "NotebookInstance": Rule("Notebk", frozenset({"InService"})),
    "Space": Rule("VolumeUsage.gp3"),
    "FileSystem": Rule("FileSystem"),
    "Bucket": Rule("ObjectStorage"),
}


class Key(NamedTuple):
    """What may have one open interval at a time."""

    arn: str
    dimension: str
    instance_type: str


@dataclass(frozen=True, slots=True)
class Interval:
    """A span of use with one tag snapshot: ``start`` included, ``stop`` excluded, None if open.

    ``rate`` is instances or bytes. ``run`` is the id of the run's first interval and
    ``run_start`` its start; ``is_cut`` tells that the run went on in another interval.
    """

    id: str
    arn: str
    kind: str
    dimension: str
    instance_type: str
    start: float
    stop: float | None
    rate: Decimal
    tags: Mapping[str, str]
    run: str
    run_start: float
    is_cut: bool = False

    @property
    def key(self) -> Key:
        """Resource, dimension and instance type."""
        return Key(self.arn, self.dimension, self.instance_type)

    def document(self) -> dict[str, Any]:
        """JSON-ready, for the store; decimals are strings."""
        return cast(dict[str, Any], msgspec.to_builtins(self))

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Interval:
        """What ``document`` gave."""
        return msgspec.convert(document, cls)


class Mark(NamedTuple):
    """How far a resource is folded: last ``seq``, and the last instant at which it was cut."""

    seq: int
    at: float


@dataclass(frozen=True, slots=True)
class Usage:
    """The fold's state: open intervals by resource, and a mark per resource.

    ``floor``: every event up to this ``seq`` was folded, whatever its resource.
    """

    open: Mapping[str, tuple[Interval, ...]] = field(default_factory=dict)
    marks: Mapping[str, Mark] = field(default_factory=dict)
    floor: int = -1


def resumed(stored: Iterable[Interval], floor: int) -> Usage:
    """The state as the store has it, so that the loop need keep none in memory.

    Args:
        stored: For every resource of the coming events: its open intervals and its latest
            closed one (more do no harm). Without the closed ones, an event that repeats a
            job's transition times would bill the job again.
        floor: The loop's cursor: the last ``seq`` whose intervals are stored.
    """
    opened: dict[str, tuple[Interval, ...]] = {}
    marks: dict[str, Mark] = {}
    for interval in sorted(stored, key=lambda i: (i.start, i.id)):
        last = interval.start if interval.stop is None else interval.stop
        mark = marks.get(interval.arn, Mark(floor, last))
        marks[interval.arn] = Mark(floor, max(mark.at, last))
        if interval.stop is None:
            opened[interval.arn] = (*opened.get(interval.arn, ()), interval)
    return Usage(opened, marks, floor)


def fold(
    usage: Usage, changes: Iterable[Change], rules: Mapping[str, Rule] = RULES
) -> tuple[Usage, list[Interval]]:
    """Take in ``changes`` in order of ``seq``; what was seen before is skipped.

    Returns:
        The new state (the old one is untouched) and the intervals that were opened or closed,
        each in its last form, to be upserted by ``id``.
    """
    opened, marks = dict(usage.open), dict(usage.marks)
    touched: dict[str, Interval] = {}
    for change in changes:
        mark = marks.get(change.arn, Mark(usage.floor, float("-inf")))
        if change.seq <= max(mark.seq, usage.floor):
            continue
        before = opened.get(change.arn, ())
        after, ended, at = _step(change, before, rules, mark.at)
        marks[change.arn] = Mark(change.seq, at)
        for interval in (*ended, *(i for i in after if i not in before)):
            touched[interval.id] = interval
        if after:
            opened[change.arn] = after
        else:
            opened.pop(change.arn, None)
    return Usage(opened, marks, usage.floor), list(touched.values())


def close_lost(usage: Usage, heartbeats: Mapping[str, float]) -> tuple[Usage, list[Interval]]:
    """Close the open intervals of resources that died unseen, at their last heartbeat.

    Call it after a restart, before anything is priced, with the resources that a look at the
    world found dead. A later event for the resource is folded as usual; a run that turns out
    to be alive after all opens again at that event.

    Args:
        usage: The fold's state.
        heartbeats: ARN to the epoch seconds at which it was last known to run.
    """
    opened, marks, closed = dict(usage.open), dict(usage.marks), []
    for arn, beat in heartbeats.items():
        ended = [replace(i, stop=max(i.start, beat)) for i in opened.pop(arn, ())]
        if ended:
            mark = marks.get(arn, Mark(usage.floor, float("-inf")))
            marks[arn] = Mark(mark.seq, max(mark.at, *(i.stop or i.start for i in ended)))
            closed += ended
    return Usage(opened, marks, usage.floor), closed


def _step(
    change: Change,
    before: tuple[Interval, ...],
    rules: Mapping[str, Rule],
    not_before: float,
) -> tuple[tuple[Interval, ...], list[Interval], float]:
    """One event of one resource: the intervals open after it, those that ended, the cut."""
    uses = _uses(change, rules)
    after: list[Interval] = []
    ended: list[Interval] = []
    boundary = not_before
    for interval in before:
        rate = uses.get((interval.dimension, interval.instance_type))
        if rate == interval.rate and dict(change.tags) == dict(interval.tags):
            after.append(interval)
            continue
        ended_at = change.facts.get("ended_at") if rate is None else None
        told = change.at if ended_at is None else ended_at
        stop = max(not_before, interval.start, float(told))
        ended.append(replace(interval, stop=stop, is_cut=rate is not None))
        boundary = max(boundary, stop)
        if rate is not None:
            after.append(_opened(change, interval.key, stop, rate, interval))
    known = {(i.dimension, i.instance_type) for i in before}
    for (dimension, instance_type), rate in uses.items():
        if (dimension, instance_type) not in known:
            started_at = None if before else change.facts.get("started_at")
            told = change.at if started_at is None else started_at
            start = max(not_before, float(told))
            key = Key(change.arn, dimension, instance_type)
            after.append(_opened(change, key, start, rate, None))
            boundary = max(boundary, start)
    if not before and not uses and (missed := _missed(change, rules, not_before)):
        ended.extend(missed)
        boundary = max(boundary, *(i.stop or i.start for i in missed))
    return tuple(after), ended, boundary


def _missed(change: Change, rules: Mapping[str, Rule], not_before: float) -> list[Interval]:
    """A run told only by its end: both transition times stand in one event."""
    facts, rule = change.facts, rules.get(change.kind)
    started, ended = facts.get("started_at"), facts.get("ended_at")
    if started is None or ended is None:
        return []
    if "runs" not in facts and (rule is None or not rule.needs_start):
        return []
    start, stop = float(started), float(ended)
    if start <= not_before or stop < start:  # folded already, or told wrong
        return []
    return [
        replace(_opened(change, Key(change.arn, *names), start, rate, None), stop=stop)
        for names, rate in _measured(rule, facts).items()
    ]


def _opened(
    change: Change, key: Key, start: float, rate: Decimal, former: Interval | None
) -> Interval:
    text = "\x1f".join((*key, str(change.seq)))
    name = hashlib.sha256(text.encode()).hexdigest()[:24]
    return Interval(
        id=name,
        arn=key.arn,
        kind=change.kind,
        dimension=key.dimension,
        instance_type=key.instance_type,
        start=start,
        stop=None,
        rate=rate,
        tags=dict(change.tags),
        run=former.run if former else name,
        run_start=former.run_start if former else start,
    )


def _uses(change: Change, rules: Mapping[str, Rule]) -> Mapping[tuple[str, str], Decimal]:
    """What is billed from this change on: rate by dimension and instance type."""
    rule = rules.get(change.kind)
    if change.status is None:
        return {}
    if "runs" in change.facts:
        return _measured(rule, change.facts) if change.facts["runs"] else {}
    if rule is None or (rule.when is not None and change.status not in rule.when):
        return {}
    if rule.needs_start and change.facts.get("started_at") is None:
        return {}
    return _measured(rule, change.facts)


def _measured(rule: Rule | None, facts: Mapping[str, Any]) -> dict[tuple[str, str], Decimal]:
    rates: dict[tuple[str, str], Decimal] = {}
    for part in facts.get("parts") or (facts,):
        told = part.get("component") or facts.get("component") or (rule.component if rule else "")
        name = component_key(str(told))
        if not name or name in FREE_APP_TYPES:
            continue
        if component(name).is_storage:
            instance_type, rate = "", Decimal(part.get("bytes") or 0)
        else:
            instance_type = str(part.get("instance_type") or "")
            count = part.get("count")
            rate = Decimal(1 if count is None else count)
            if instance_type in FREE_INSTANCE_TYPES:
                continue
        if rate > 0:
            at = (name, instance_type)
            rates[at] = rates.get(at, Decimal(0)) + rate
    return rates
