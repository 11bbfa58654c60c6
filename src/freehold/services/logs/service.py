"""What all operations of Logs share: the service, its two resources, and what a call is about.

Input: requests that name a group by ``logGroupName``, ``logGroupIdentifier`` or ``resourceArn``.
Output: names, records, and the ARNs that permission is asked on. AWS asks for a group's
operations on ``log-group:NAME:log-stream:`` (elastic/apm-aws-lambda#526 shows the sentence), for
its tags on ``log-group:NAME``: so a policy on ``log-group:NAME:*`` holds for the former only.
"""

from __future__ import annotations

import copy

from freehold.base import arn as arns
from freehold.base.errors import Invalid
from freehold.kernel import logs as kept
from freehold.kernel.call import Call, Record
from freehold.kernel.declare.operation import Document
from freehold.kernel.declare.service import Service
from freehold.kernel.permission.guards.describing import thing_of_stream

logs = Service("logs", prefix="logs", tag_member="tags")

DAY_SECONDS = 86_400
RETENTION = "retentionInDays"

LOG_GROUP = logs.resource(
    "LogGroup",
    arn="log-group:{logGroupName}",
    name_member="logGroupName",
    arn_member="logGroupArn",
    created="creationTime",
    modified=None,
    exists="The specified log group already exists",
    not_found="The specified log group does not exist.",
)
LOG_STREAM = logs.resource(
    "LogStream",
    arn="log-group:{logGroupName}:log-stream:{logStreamName}",
    name_member="logStreamName",
    arn_member="arn",
    created="creationTime",
    modified=None,
    scope="logGroupName",
    exists="The specified log stream already exists",
    not_found="The specified log stream does not exist.",
    tagged=False,
)


def group_named(request: Document) -> str:
    """The name of the group that a request is about; empty if it names none."""
    return request.get("logGroupName") or _name(request.get("logGroupIdentifier") or "")


def _name(identifier: str) -> str:
    arn = arns.parse(identifier)
    if arn is None:
        return identifier
    return arn.resource.removeprefix("log-group:").removesuffix(":*")


def on_group(call: Call, request: Document) -> list[str]:
    """Permission on a whole group; conditions see the group's tags."""
    return _on(call, group_named(request), "")


def on_stream(call: Call, request: Document) -> list[str]:
    """Permission on one stream of a group.

    Conditions see the group's tags and whose the job or app is that writes it: all domains share
    the groups that job logs go to, and AWS offers nothing there but names.
    """
    group, name = group_named(request), request["logStreamName"]
    asked = _on(call, group, name)
    thing = thing_of_stream(asked[0])
    writer = call.unit.find(thing[1]) if thing is not None else None
    stream = call.unit.named(kept.STREAM, name, scope=group) if writer is not None else None
    if call.record is not None and writer is not None and stream is not None:
        call.record = copy.copy(call.record)
        call.record.tags = kept.tags_of_stream(call.record.tags, stream, writer)
    return asked


def on_all_groups(call: Call, _request: Document) -> list[str]:
    """Permission to list: AWS asks it on a group and a stream without names."""
    return _on(call, "", "")


def _on(call: Call, group: str, stream: str) -> list[str]:
    settings = call.kernel.settings
    call.record = call.unit.find(kept.group_arn(settings, group)) if group else None
    return [kept.stream_arn(settings, group, stream)]


def on_tags(_call: Call, request: Document) -> str:
    """Permission on a group's tags: its ARN without ``:*``."""
    return str(request["resourceArn"]).removesuffix(":*")


def load_group(call: Call, request: Document) -> Record:
    """The group that a request names.

    Raises:
        Invalid: It names none, or names one twice.
        NotFound: There is no such group.
    """
    if bool(request.get("logGroupName")) == bool(request.get("logGroupIdentifier")):
        raise Invalid("Specify either logGroupName or logGroupIdentifier, and not both.")
    return call.load(LOG_GROUP, {"logGroupName": group_named(request)})


def load_stream(call: Call, group: Record, name: str) -> Record:
    """A stream of a group.

    Raises:
        NotFound: The group has no such stream.
    """
    return call.load(LOG_STREAM, {"logGroupName": group.name, "logStreamName": name})


def oldest(call: Call, group: Record) -> int:
    """Epoch milliseconds ahead of which a group's events are expired; 0 if none ever is."""
    days = group.document.get(RETENTION)
    return int((call.now - days * DAY_SECONDS) * 1000) if days else 0
