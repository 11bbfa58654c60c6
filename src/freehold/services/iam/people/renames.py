"""UpdateUser and UpdateGroup: another name or path, and with it another ARN.

Whoever is renamed stays who they are: the unique id, keys, policies, memberships and devices go
along, and every policy that named the old ARN names the new one, as on AWS, where they hold the id.
Sessions were begun under the old name and end.
"""

from __future__ import annotations

import json
from typing import Any

from freehold.base.errors import InUse
from freehold.kernel.call import Call, Record
from freehold.kernel.declare.operation import Document
from freehold.kernel.declare.resource import Resource
from freehold.kernel.permission import credentials, identity, things, trust
from freehold.services.iam.entities import (
    DEVICES,
    GROUP,
    ROLE,
    USER,
    check_path,
    holder,
    iam,
    namesake,
)

# Kinds whose documents may hold a policy that names users by ARN, besides roles.
GUARDED = ("s3:bucket", "sagemaker:model-package-group")


def _renamed(call: Call, resource: Resource, request: Document) -> tuple[str, Document]:
    """The ARN that it will have, and what changes in its document."""
    old = resource.target(call, request)
    tail = old.split(":", 5)[5]
    path = request.get("NewPath") or tail[tail.index("/") : tail.rindex("/") + 1]
    member = resource.name_member
    name = request.get(f"New{member}") or tail.rsplit("/", 1)[-1]
    changes: Document = {"Path": path, member: name}
    return call.arn_of(resource, changes), changes


def _both(resource: Resource) -> Any:
    def targets(call: Call, request: Document) -> list[str]:
        """Permission is needed on what is and on what will be (IAM user guide)."""
        old, new = resource.target(call, request), _renamed(call, resource, request)[0]
        return [old] if old == new else [old, new]

    return targets


def _rename(call: Call, resource: Resource, request: Document) -> tuple[Record, Record]:
    """The record as it was and as it is kept now."""
    record = holder(call, resource, request)
    arn, changes = _renamed(call, resource, request)
    check_path(changes["Path"])
    name = changes[resource.name_member]
    taken = namesake(call, resource, name)
    if taken is not None and taken.arn != record.arn:
        raise InUse(resource.exists.format_map(changes), code=resource.exists_code)
    if arn == record.arn:
        return record, record
    kept = Record(record.kind, arn, name, scope=record.scope, uid=record.uid, at=record.created)
    kept.document = record.document | changes | {resource.arn_member: arn}
    kept.tags = dict(record.tags)
    call.remove(record)
    call.keep(kept)
    return record, kept


@iam.operation("UpdateUser", on=USER, mode="write", target=_both(USER))
def update_user(call: Call, request: Document) -> None:
    """Give a user another name, path, or both.

    Raises:
        InUse: The name is taken.
    """
    was, now = _rename(call, USER, request)
    if was is now:
        return
    for key in credentials.access_keys(call, was.arn):
        credentials.put_access_key(call, key._replace(owner=now.arn))
    for serial in now.document.get(DEVICES, ()):
        device = call.unit.find(serial)
        if device is not None:
            device.document["_User"] = now.arn
            call.update(device)
    for role in call.all(ROLE):
        _follow(call, role, identity.TRUST, was.arn, now.arn)
    for kind in GUARDED:
        for record in call.kind(kind):
            _follow(call, record, things.TEXT, was.arn, now.arn)


def _follow(call: Call, record: Record, member: str, was: str, now: str) -> None:
    """Let a policy that meant a user by its old ARN mean it by the new one."""
    bound = record.document.get(trust.BOUND, {})
    if was not in bound or member not in record.document:
        return
    bound[now] = bound.pop(was)
    document = json.loads(record.document[member])
    statements = document["Statement"]
    for statement in statements if isinstance(statements, list) else [statements]:
        for element in ("Principal", "NotPrincipal"):
            named = statement.get(element)
            if isinstance(named, dict) and "AWS" in named:
                listed = named["AWS"] if isinstance(named["AWS"], list) else [named["AWS"]]
                followed = [now if one == was else one for one in listed]
                named["AWS"] = followed if isinstance(named["AWS"], list) else followed[0]
    record.document[member] = json.dumps(document)
    call.save(record)


@iam.operation("UpdateGroup", on=GROUP, mode="write", target=_both(GROUP))
def update_group(call: Call, request: Document) -> None:
    """Give a group another name, path, or both; its users stay in it.

    Raises:
        InUse: The name is taken.
    """
    was, now = _rename(call, GROUP, request)
    if was is now:
        return
    for user in call.all(USER):
        joined = user.document.get(identity.GROUPS, [])
        if was.arn in joined:
            joined[joined.index(was.arn)] = now.arn
            call.update(user)
