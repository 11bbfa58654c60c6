"""Log groups: made, described, tagged, kept for some days, deleted with all their streams.

A group made from inside a domain carries the domain's tags; the groups of ``/aws/sagemaker/``,
which hold what many domains said, are made by loops and carry none.
"""

from __future__ import annotations

from freehold.base.errors import Denied, InUse, Invalid, NotFound, Unsupported
from freehold.kernel import logs as kept
from freehold.kernel import tagging
from freehold.kernel.call import Call, Record
from freehold.kernel.declare import lists
from freehold.kernel.declare.operation import Document
from freehold.services.logs.service import (
    LOG_GROUP,
    RETENTION,
    group_named,
    load_group,
    logs,
    on_all_groups,
    on_group,
    on_tags,
)

PAGE_DEFAULT = 50  # DescribeLogGroups, limit
RETENTION_DAYS = frozenset(
    {1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922}
    | {3288, 3653}
)  # PutRetentionPolicy, retentionInDays
PROTECTED = "deletionProtectionEnabled"


@logs.operation("CreateLogGroup", mode="write", on=LOG_GROUP, target=on_group)
def create_log_group(call: Call, request: Document) -> None:
    """A group, with the request's tags and those of the caller's domain.

    Tags of the request need ``logs:TagResource`` besides; those of the domain do not, since
    the documented roles of notebooks lack it.
    """
    name = request["logGroupName"]
    if request.get("kmsKeyId"):
        raise Unsupported("kmsKeyId is not supported: this server has no key service.")
    if request.get("logGroupClass", "STANDARD") != "STANDARD":
        raise Unsupported(
            f"logGroupClass {request['logGroupClass']} is not supported: STANDARD is."
        )
    asked = tagging.as_map(request.get("tags"))
    arn = kept.group_arn(call.kernel.settings, name)
    if asked and call.refusal("logs:TagResource", arn, tags=asked) is not None:
        raise Denied(
            f"User with accountId: {call.account_id} is not authorized to perform CreateLogGroup "
            'with Tags. An additional permission "logs:TagResource" is required.'
        )
    if call.unit.find(arn) is not None:
        raise InUse(LOG_GROUP.exists)
    tags = tagging.propagated(call) | asked | tagging.of_origin(call)
    tagging.check_count(tags)
    group = kept.create_group(call.unit, call.kernel.settings, name, call.now, tags)
    if request.get(PROTECTED):
        group.document[PROTECTED] = True
        call.update(group)


@logs.operation("DeleteLogGroup", mode="write", on=LOG_GROUP, target=on_group)
def delete_log_group(call: Call, request: Document) -> None:
    """The group, its streams and all that they hold: gone at once."""
    group = load_group(call, request)
    if group.document.get(PROTECTED):
        raise Invalid(
            f"The log group {group.name} is protected from deletion: switch its deletion "
            "protection off by PutLogGroupDeletionProtection first.",
            code="ValidationException",
        )
    for stream in list(kept.streams(call.unit, group.name)):
        call.remove(stream)
    kept.remove_events(call.unit, group.name)
    call.remove(group)


@logs.operation("PutLogGroupDeletionProtection", mode="write", on=LOG_GROUP, target=on_group)
def put_log_group_deletion_protection(call: Call, request: Document) -> None:
    """Whether DeleteLogGroup refuses."""
    group = load_group(call, request)
    group.document[PROTECTED] = request[PROTECTED]
    call.update(group)


@logs.operation("DescribeLogGroups", on=LOG_GROUP, target=on_all_groups)
def describe_log_groups(call: Call, request: Document) -> Document:
    """Groups in order of name, by the beginning or any part of it, or by their names.

    ``storedBytes`` is not told: nothing here counts it.
    """
    prefix, part = request.get("logGroupNamePrefix"), request.get("logGroupNamePattern")
    if prefix and part:
        raise Invalid("Specify either logGroupNamePrefix or logGroupNamePattern, and not both.")
    named = {group_named({"logGroupIdentifier": i}) for i in request.get("logGroupIdentifiers", ())}
    if set(request.get("accountIdentifiers") or [call.account_id]) != {call.account_id}:
        raise Invalid(f"accountIdentifiers: this server holds the account {call.account_id} only.")
    if request.get("logGroupClass", "STANDARD") != "STANDARD":
        return {"logGroups": []}

    def keep(group: Record) -> bool:
        return (
            group.name.startswith(prefix or "")
            and (part or "") in group.name
            and (not named or group.name in named)
        )

    limit = int(request.get("limit") or PAGE_DEFAULT)
    groups, token = lists.page_by_name(call, LOG_GROUP, limit, request.get("nextToken"), keep)
    answer: Document = {"logGroups": [group.document for group in groups]}
    return answer | ({"nextToken": token} if token else {})


@logs.operation("PutRetentionPolicy", mode="write", on=LOG_GROUP, target=on_group)
def put_retention_policy(call: Call, request: Document) -> None:
    """After so many days events are no longer given to anybody."""
    group = load_group(call, request)
    days = request[RETENTION]
    if days not in RETENTION_DAYS:
        allowed = ", ".join(str(one) for one in sorted(RETENTION_DAYS))
        raise Invalid(f"{RETENTION} {days} is not allowed: it must be one of {allowed}.")
    group.document[RETENTION] = days
    call.update(group)


@logs.operation("DeleteRetentionPolicy", mode="write", on=LOG_GROUP, target=on_group)
def delete_retention_policy(call: Call, request: Document) -> None:
    """Events are kept for ever."""
    group = load_group(call, request)
    group.document.pop(RETENTION, None)
    call.update(group)


# -- tags -----------------------------------------------------------------------------------------


def _tagged(call: Call) -> Record:
    record = call.record
    if record is None or record.kind != kept.GROUP:
        raise NotFound(LOG_GROUP.not_found)
    return record


@logs.operation("TagResource", mode="write", on=LOG_GROUP, target=on_tags)
def tag_resource(call: Call, request: Document) -> None:
    """Add or overwrite by key."""
    group = _tagged(call)
    tags = group.tags | tagging.as_map(request["tags"])
    if len(tags) > tagging.TAGS_MAX:
        raise Invalid(
            f"The log group would carry {len(tags)} tags; the limit is {tagging.TAGS_MAX}.",
            code="TooManyTagsException",
        )
    call.retag(group, tags)


@logs.operation(
    "UntagResource", mode="write", on=LOG_GROUP, target=on_tags, keys={"aws:TagKeys": "tagKeys"}
)
def untag_resource(call: Call, request: Document) -> None:
    """Remove by key; keys that are not there are no error."""
    group, gone = _tagged(call), set(request["tagKeys"])
    call.retag(group, {key: value for key, value in group.tags.items() if key not in gone})


@logs.operation("ListTagsForResource", on=LOG_GROUP, target=on_tags)
def list_tags_for_resource(call: Call, _request: Document) -> Document:
    """All tags, as a map."""
    return {"tags": _tagged(call).tags}
