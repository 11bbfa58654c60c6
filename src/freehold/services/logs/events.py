"""Log events: put by clients, read from one stream by tokens, filtered over many.

Tokens of GetLogEvents are AWS's: ``f/...`` goes on behind a position, ``b/...`` ahead of it, and
where there is nothing new the same token comes back, which ends the loops of clients
(jobs-and-sdk.md fact 9).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import overload

from freehold.base.errors import Invalid, Unsupported
from freehold.kernel import logs as kept
from freehold.kernel.call import Call, Page, Record
from freehold.kernel.declare.operation import Document
from freehold.kernel.declare.verbs import open_token, seal_token
from freehold.services.logs.patterns import compile_pattern
from freehold.services.logs.service import (
    DAY_SECONDS,
    LOG_GROUP,
    LOG_STREAM,
    load_group,
    load_stream,
    logs,
    oldest,
    on_group,
    on_stream,
)
from freehold.services.logs.streams import sequence_token

PAGE_MAX = 10_000  # GetLogEvents, FilterLogEvents: limit
LOOK_AT_MAX = 50_000  # events that one page of FilterLogEvents may look at
BATCH_BYTES_MAX = 1_048_576  # PutLogEvents
FUTURE_MS_MAX = 2 * 3600 * 1000  # PutLogEvents: two hours ahead
PAST_MS_MAX = 14 * DAY_SECONDS * 1000  # PutLogEvents: fourteen days back
SPAN_MS_MAX = DAY_SECONDS * 1000  # PutLogEvents: one batch spans a day
_TOKEN = re.compile(r"([fb])/(\d{20})(\d{36})(?:/s)?")


@logs.operation("PutLogEvents", mode="write", on=LOG_STREAM, target=on_stream)
def put_log_events(call: Call, request: Document) -> Document:
    """Add lines in order of time; those too old or too new are told by index and not kept.

    Raises:
        Invalid: Out of order, longer than a day, or more than a megabyte.
    """
    group = load_group(call, request)
    stream = load_stream(call, group, request["logStreamName"])
    events = [(int(one["timestamp"]), str(one["message"])) for one in request["logEvents"]]
    times = [at for at, _ in events]
    if times != sorted(times):
        raise Invalid("Log events in a single PutLogEvents request must be in chronological order.")
    if times[-1] - times[0] > SPAN_MS_MAX:
        raise Invalid(
            "The batch of log events in a single PutLogEvents request cannot span more than "
            "24 hours."
        )
    volume = sum(kept.size(message) for _, message in events)
    if volume > BATCH_BYTES_MAX:
        raise Invalid(
            f"Upload too large: {volume} bytes exceeds limit of {BATCH_BYTES_MAX}: "
            f"each event counts {kept.EVENT_BYTES} bytes more than its message."
        )
    now = int(call.now * 1000)
    too_old = sum(at < now - PAST_MS_MAX for at in times)
    expired = sum(at < oldest(call, group) for at in times)
    too_new = sum(at > now + FUTURE_MS_MAX for at in times)
    taken = events[max(too_old, expired) : len(events) - too_new]
    kept.add_events(call.unit, group.name, stream.name, taken, call.now)
    rejected = {
        name: index
        for name, index, is_any in (
            ("tooOldLogEventEndIndex", too_old, too_old),
            ("expiredLogEventEndIndex", expired, expired),
            ("tooNewLogEventStartIndex", len(events) - too_new, too_new),
        )
        if is_any
    }
    answer: Document = {"nextSequenceToken": sequence_token(now)}
    return answer | ({"rejectedLogEventsInfo": rejected} if rejected else {})


@logs.operation("GetLogEvents", mode="slow", on=LOG_STREAM, target=on_stream)
def get_log_events(call: Call, request: Document) -> Document:
    """One page of a stream, its last one unless asked otherwise, and tokens in both directions.

    Raises:
        Invalid: The token is none of ours.
    """
    group = load_group(call, request)
    stream = load_stream(call, group, request["logStreamName"])
    start = _bound(max(request.get("startTime") or 0, oldest(call, group)))
    token = request.get("nextToken")
    after = before = None
    if token:
        is_forward, position = _position(token)
    else:
        is_forward = bool(request.get("startFromHead"))
        position = (start, 0) if is_forward else kept.END
    if is_forward:
        after = position
    else:
        before = position
    events = kept.read_events(
        call.unit,
        group.name,
        stream.name,
        after=after,
        before=before,
        start=start,
        end=_bound(request.get("endTime")),
        limit=int(request.get("limit") or PAGE_MAX),
    )
    if events:
        ahead, behind = (events[-1].at, events[-1].seq), (events[0].at, events[0].seq)
    elif token:  # on the way back the event at the position itself is met again
        at, seq = position
        ahead, behind = ((at, seq), (at, seq + 1)) if is_forward else ((at, seq - 1), (at, seq))
    else:
        ahead = behind = (start, 0)
    return {
        "events": [_shown(event) for event in events],
        "nextForwardToken": _token("f", ahead),
        "nextBackwardToken": _token("b", behind),
    }


@logs.operation("FilterLogEvents", mode="slow", on=LOG_GROUP, target=on_group)
def filter_log_events(call: Call, request: Document) -> Document:
    """Events of many streams in order of time that a pattern takes.

    A page may be short or empty and still have a token, as on AWS.

    Raises:
        Invalid: A pattern that is not understood, or streams named in two ways.
        NotFound: A stream that is named is not there.
    """
    group = load_group(call, request)
    if request.get("startFromHead") is False:
        raise Unsupported("startFromHead false is not supported: events come oldest first.")
    names, prefix = request.get("logStreamNames"), request.get("logStreamNamePrefix")
    if names and prefix:
        raise Invalid("Specify either logStreamNames or logStreamNamePrefix, and not both.")
    keep = compile_pattern(request.get("filterPattern") or "")
    asked = ("startTime", "endTime", "filterPattern", "logStreamNames", "logStreamNamePrefix")
    question = Page("events", group.name, name_contains=repr([request.get(m) for m in asked]))
    token, end = request.get("nextToken"), request.get("endTime")
    found, position = kept.filter_events(
        call.unit,
        group.name,
        _streams(call, group, names, prefix),
        keep=keep,
        after=open_token(token, question) if token else None,
        start=_bound(max(request.get("startTime") or 0, oldest(call, group))),
        end=_bound(end if end is None else end + 1),  # FilterLogEvents includes its end
        limit=int(request.get("limit") or PAGE_MAX),
        look_at=LOOK_AT_MAX,
    )
    answer: Document = {
        "events": [
            {"logStreamName": event.stream, "eventId": f"{event.at:020d}{event.seq:036d}"}
            | _shown(event)
            for event in found
        ],
        "searchedLogStreams": [],  # always empty since 2020
    }
    return answer | ({"nextToken": seal_token(position, question)} if position else {})


def _streams(
    call: Call, group: Record, names: list[str] | None, prefix: str | None
) -> Iterable[str]:
    if names:
        return [load_stream(call, group, name).name for name in dict.fromkeys(names)]
    return [stream.name for stream in kept.streams(call.unit, group.name, prefix or "")]


def _shown(event: kept.LogEvent) -> Document:
    return {"timestamp": event.at, "message": event.message, "ingestionTime": event.ingested}


def _position(token: str) -> tuple[bool, kept.Position]:
    found = _TOKEN.fullmatch(token)
    position = (int(found[2]), int(found[3])) if found else kept.END
    if found is None or max(position) > kept.END[0]:
        raise Invalid("The specified nextToken is invalid.")
    return found[1] == "f", position


@overload
def _bound(at: int) -> int: ...
@overload
def _bound(at: None) -> None: ...
def _bound(at: int | None) -> int | None:
    """A time that the store can compare: AWS takes any number."""
    return None if at is None else min(at, kept.END[0])


def _token(direction: str, position: kept.Position) -> str:
    at, seq = position
    return f"{direction}/{at:020d}{max(seq, 0):036d}/s"
