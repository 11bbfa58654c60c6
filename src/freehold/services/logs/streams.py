"""Log streams: one sequence of lines each, named within their group."""

from __future__ import annotations

from itertools import takewhile

from freehold.base.errors import InUse, Invalid
from freehold.kernel import logs as kept
from freehold.kernel.call import Call, Page, Record
from freehold.kernel.declare import lists
from freehold.kernel.declare.operation import Document
from freehold.kernel.declare.verbs import open_token, seal_token
from freehold.services.logs.service import (
    LOG_GROUP,
    LOG_STREAM,
    load_group,
    load_stream,
    logs,
    on_group,
    on_stream,
)

PAGE_DEFAULT = 50  # DescribeLogStreams, limit
BEHIND_ALL = "\U0010ffff"


@logs.operation("CreateLogStream", mode="write", on=LOG_STREAM, target=on_stream)
def create_log_stream(call: Call, request: Document) -> None:
    """An empty stream of a group that is there."""
    group, name = load_group(call, request), request["logStreamName"]
    settings = call.kernel.settings
    if call.unit.find(kept.stream_arn(settings, group.name, name)) is not None:
        raise InUse(LOG_STREAM.exists)
    kept.create_stream(call.unit, settings, group.name, name, call.now)


@logs.operation("DeleteLogStream", mode="write", on=LOG_STREAM, target=on_stream)
def delete_log_stream(call: Call, request: Document) -> None:
    """The stream and its lines: gone at once."""
    group = load_group(call, request)
    stream = load_stream(call, group, request["logStreamName"])
    kept.remove_events(call.unit, group.name, stream.name)
    call.remove(stream)


@logs.operation("DescribeLogStreams", mode="slow", on=LOG_GROUP, target=on_group)
def describe_log_streams(call: Call, request: Document) -> Document:
    """A group's streams by name, or by the time of their last event.

    Raises:
        Invalid: A prefix together with the order by time, as AWS has it.
    """
    group = load_group(call, request)
    limit = int(request.get("limit") or PAGE_DEFAULT)
    if request.get("orderBy", "LogStreamName") == "LogStreamName":
        streams, token = _by_name(call, group, request, limit)
        shown = [_shown(call, group, stream)[1] for stream in streams]
    else:
        if request.get("logStreamNamePrefix"):
            raise Invalid("Cannot order by LastEventTime with a logStreamNamePrefix.")
        every = [_shown(call, group, stream) for stream in kept.streams(call.unit, group.name)]
        every.sort(key=lambda pair: pair[0], reverse=bool(request.get("descending")))
        page, token = lists.page_of(every, limit, request.get("nextToken"))
        shown = [stream for _, stream in page]
    return {"logStreams": shown} | ({"nextToken": token} if token else {})


def _by_name(
    call: Call, group: Record, request: Document, limit: int
) -> tuple[list[Record], str | None]:
    prefix, descending = request.get("logStreamNamePrefix", ""), bool(request.get("descending"))
    page = Page(
        kept.STREAM, scope=group.name, column="name", descending=descending, name_contains=prefix
    )
    after = (prefix + BEHIND_ALL, 1) if descending else (prefix, -1)
    if request.get("nextToken"):
        after = open_token(request["nextToken"], page)
    asked = page._replace(after=after, limit=limit + 1)
    found = list(takewhile(lambda stream: stream.name.startswith(prefix), call.unit.records(asked)))
    if len(found) <= limit:
        return found, None
    last = found[limit - 1]
    return found[:limit], seal_token((last.name, last.id), page)


def _shown(call: Call, group: Record, stream: Record) -> tuple[tuple[int, str], Document]:
    """What orders a stream by time, and the stream with the times of its events."""
    bounds = kept.stream_bounds(call.unit, group.name, stream.name)
    if bounds is None:
        return (0, stream.name), stream.document
    times = {
        "firstEventTimestamp": bounds.first,
        "lastEventTimestamp": bounds.last,
        "lastIngestionTime": bounds.ingested,
        "uploadSequenceToken": sequence_token(bounds.ingested),
    }
    return (bounds.last, stream.name), stream.document | times


def sequence_token(ingested: int) -> str:
    """A token of AWS's form. AWS ignores them since 2023; old clients still want one."""
    return f"{ingested:056d}"
