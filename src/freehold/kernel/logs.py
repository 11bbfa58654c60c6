"""CloudWatch Logs' groups, streams and lines, for the service that shows them and the loops.

Groups and streams are records, their lines are rows of ``store/logs.py``. ``write_log`` is how
a loop keeps what an app or a job said; the other functions take a call's unit. Positions in a
stream are ``(epoch milliseconds, sequence number)``.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from freehold.base import ids
from freehold.base.settings import Settings
from freehold.kernel.tagging import AUTOMATIC
from freehold.store import logs as rows
from freehold.store.logs import LogEvent as LogEvent
from freehold.store.records import Page, Record
from freehold.store.unit import Unit

if TYPE_CHECKING:
    from freehold.kernel.dispatch import Kernel

GROUP = "logs:log-group"
STREAM = "logs:log-stream"
PAGE_BYTES_MAX = 1_048_576  # GetLogEvents, FilterLogEvents: 1 MB of events a page
EVENT_BYTES = 26  # what CloudWatch Logs counts for each event beside its message
STEP = 500  # rows read at a time, so that a page of long lines is never held whole
END = (1 << 62, 0)  # behind every event

Position = tuple[int, int]
Event = tuple[int, str]


class Bounds(NamedTuple):
    """Of a stream that has events: epoch milliseconds."""

    first: int
    last: int
    ingested: int


# -- groups and streams -------------------------------------------------------------------------


def group_arn(settings: Settings, group: str) -> str:
    """A group's ARN without the ``:*`` that most answers and policies carry."""
    place = f"arn:{settings.partition}:logs:{settings.region}:{settings.account_id}"
    return f"{place}:log-group:{group}"


def stream_arn(settings: Settings, group: str, stream: str) -> str:
    """A stream's ARN; with an empty name what AWS asks permission on for the whole group."""
    return f"{group_arn(settings, group)}:log-stream:{stream}"


def tags_of_stream(
    group: Mapping[str, str], stream: Record, writer: Record | None
) -> dict[str, str]:
    """What conditions see of a stream: its group's tags, and whose its writer is.

    Args:
        group: The group's tags.
        stream: The stream.
        writer: The job or app of its name; one that came after it did not write it.
    """
    if writer is None or writer.created > stream.created:
        return dict(group)
    return {**group, **{key: writer.tags[key] for key in AUTOMATIC if key in writer.tags}}


def create_group(
    unit: Unit, settings: Settings, group: str, now: float, tags: dict[str, str] | None = None
) -> Record:
    """Keep a new group. The caller knows that there is none of this name."""
    arn = group_arn(settings, group)
    record = Record(GROUP, arn, group, uid=ids.suffix(16), at=now)
    record.document = {
        "logGroupName": group,
        "creationTime": int(now * 1000),
        "metricFilterCount": 0,
        "arn": f"{arn}:*",
        "logGroupArn": arn,
        "logGroupClass": "STANDARD",
    }
    record.tags = dict(tags or {})
    unit.create(record)
    return record


def create_stream(unit: Unit, settings: Settings, group: str, stream: str, now: float) -> Record:
    """Keep a new stream of a group. The caller knows that there is none of this name."""
    arn = stream_arn(settings, group, stream)
    record = Record(STREAM, arn, stream, scope=group, uid=ids.suffix(16), at=now)
    record.document = {
        "logStreamName": stream,
        "creationTime": int(now * 1000),
        "arn": arn,
        # AWS reports zero for every stream since 2019.
        "storedBytes": 0,
    }
    unit.create(record)
    return record


def write_log(kernel: Kernel, group: str, stream: str, events: Iterable[Event]) -> None:
    """Keep lines, with their group and stream where they are not there yet.

    Waits for the COMMIT. Never called on the event loop.

    Args:
        kernel: Whose store it is.
        group: Its name; made if need be.
        stream: Its name; made if need be, also where there are no events.
        events: (epoch milliseconds, line) in order of time. Empty lines are kept as a blank,
            since CloudWatch Logs has no empty messages.
    """
    lines = [(at, line or " ") for at, line in events]
    settings = kernel.settings

    def work(unit: Unit) -> None:
        now = kernel.clock.now()
        if unit.find(group_arn(settings, group)) is None:
            create_group(unit, settings, group, now)
        if unit.find(stream_arn(settings, group, stream)) is None:
            create_stream(unit, settings, group, stream, now)
        add_events(unit, group, stream, lines, now)

    kernel.writer.run(work)


# -- events ---------------------------------------------------------------------------------------


def add_events(unit: Unit, group: str, stream: str, events: Iterable[Event], now: float) -> None:
    """Add (epoch milliseconds, line) pairs to a stream that is there."""
    assert unit.is_writing
    rows.append(unit.connection, group, stream, events, int(now * 1000))


def read_events(
    unit: Unit,
    group: str,
    stream: str,
    *,
    after: Position | None = None,
    before: Position | None = None,
    start: int | None = None,
    end: int | None = None,
    limit: int,
) -> list[LogEvent]:
    """One page of a stream in order of time: at most ``limit`` events and a megabyte.

    With ``after`` the page begins behind that position, with ``before`` it ends ahead of it.
    ``start`` is included and ``end`` is not.
    """
    found: list[LogEvent] = []
    room = PAGE_BYTES_MAX
    while len(found) < limit:
        step = min(STEP, limit - len(found))
        batch = rows.read(
            unit.connection,
            group,
            stream,
            after=after,
            before=before,
            start=start,
            end=end,
            limit=step,
        )
        for event in batch if before is None else batch[::-1]:
            room -= size(event.message)
            if room < 0 and found:
                return found if before is None else found[::-1]
            found.append(event)
        if len(batch) < step:
            break
        last = found[-1]
        if before is None:
            after = (last.at, last.seq)
        else:
            before = (last.at, last.seq)
    return found if before is None else found[::-1]


def filter_events(
    unit: Unit,
    group: str,
    streams: Iterable[str],
    *,
    keep: Callable[[str], bool],
    after: Position | None = None,
    start: int | None = None,
    end: int | None = None,
    limit: int,
    look_at: int,
) -> tuple[list[LogEvent], Position | None]:
    """Events of several streams in order of time whose messages ``keep`` takes.

    Stops after ``limit`` events, a megabyte, or ``look_at`` events that were looked at; then
    the second value is the position to go on behind, else None.
    """
    heads = [_stream(unit, group, stream, after, start, end) for stream in streams]
    found: list[LogEvent] = []
    room, last = PAGE_BYTES_MAX, after
    merged = heapq.merge(*heads, key=lambda event: (event.at, event.seq))
    for looked, event in enumerate(merged):
        is_kept = keep(event.message)
        if is_kept:
            room -= size(event.message)
        if looked == look_at or len(found) == limit or (room < 0 and found):
            return found, last
        if is_kept:
            found.append(event)
        last = (event.at, event.seq)
    return found, None


def _stream(
    unit: Unit, group: str, stream: str, after: Position | None, start: int | None, end: int | None
) -> Iterator[LogEvent]:
    step = 4  # grows: a group may have thousands of streams of which few have something to say
    while True:
        batch = rows.read(
            unit.connection, group, stream, after=after, start=start, end=end, limit=step
        )
        yield from batch
        if len(batch) < step:
            return
        after = (batch[-1].at, batch[-1].seq)
        step = min(step * 4, STEP)


def stream_bounds(unit: Unit, group: str, stream: str) -> Bounds | None:
    """The first and the last event of a stream, or None if it is empty. Two index look-ups."""
    first = rows.read(unit.connection, group, stream, limit=1)
    if not first:
        return None
    last = rows.read(unit.connection, group, stream, before=END, limit=1)[0]
    return Bounds(first[0].at, last.at, last.ingested)


def remove_events(unit: Unit, group: str, stream: str | None = None) -> None:
    """Delete the events of a stream, or of a whole group."""
    assert unit.is_writing
    rows.remove(unit.connection, group, stream)


def streams(unit: Unit, group: str, prefix: str = "") -> Iterator[Record]:
    """A group's streams whose names begin with ``prefix``, in order of name."""
    page = Page(STREAM, scope=group, column="name", after=(prefix, -1), limit=STEP)
    while True:
        batch = unit.records(page)
        for record in batch:
            if not record.name.startswith(prefix):
                return
            yield record
        if len(batch) < STEP:
            return
        page = page._replace(after=(batch[-1].name, batch[-1].id))


def size(message: str) -> int:
    """What CloudWatch Logs counts for one event, in bytes."""
    return EVENT_BYTES + (len(message) if message.isascii() else len(message.encode()))
