"""Tags on users, roles, managed policies, instance profiles and MFA devices: set, taken, listed."""

from __future__ import annotations

from typing import Any

from freehold.base.errors import Denied
from freehold.kernel import tagging
from freehold.kernel.call import Call, Record
from freehold.kernel.declare import lists
from freehold.kernel.declare.operation import Document, Run
from freehold.kernel.declare.resource import Resource
from freehold.services.iam.entities import (
    INSTANCE_PROFILE,
    MFA_DEVICE,
    POLICY,
    ROLE,
    USER,
    check_tags,
    holder,
    iam,
    limit_of,
    page,
)
from freehold.services.iam.policies import is_of_aws


def _load(call: Call, resource: Resource, request: Document) -> Record:
    record = holder(call, resource, request)
    if resource is POLICY and is_of_aws(record):
        raise Denied(f"Policy {record.arn} is AWS-managed: it is not yours to change.")
    return record


def _tag(resource: Resource) -> Run:
    def tag(call: Call, request: Document) -> None:
        record = _load(call, resource, request)
        tags = record.tags | tagging.as_map(request["Tags"])
        check_tags(tags)
        call.retag(record, tags)

    return tag


def _untag(resource: Resource) -> Run:
    def untag(call: Call, request: Document) -> None:
        record = _load(call, resource, request)
        gone = set(request["TagKeys"])
        call.retag(record, {key: value for key, value in record.tags.items() if key not in gone})

    return untag


def _list(resource: Resource) -> Run:
    def list_tags(call: Call, request: Document) -> Document:
        tags = tagging.as_list(holder(call, resource, request).tags)
        found, marker = lists.page_of(tags, limit_of(request), request.get("Marker"))
        return page("Tags", list(found), marker)

    return list_tags


NOUNS = {
    "User": USER,
    "Role": ROLE,
    "Policy": POLICY,
    "InstanceProfile": INSTANCE_PROFILE,
    "MFADevice": MFA_DEVICE,
}

for noun, declared in NOUNS.items():
    about: dict[str, Any] = {"resource": declared, "target": declared.target}
    iam.add(f"Tag{noun}", _tag(declared), mode="write", **about)
    iam.add(f"Untag{noun}", _untag(declared), mode="write", **about)
    iam.add(f"List{noun}Tags", _list(declared), mode="read", **about)
