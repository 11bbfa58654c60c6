"""Inline policies of users, roles and groups: texts kept on their holder, as they were sent."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from freehold.base.errors import LimitExceeded, NotFound
from freehold.kernel.call import Call
from freehold.kernel.declare import lists
from freehold.kernel.declare.operation import Document, Run
from freehold.kernel.declare.resource import Resource
from freehold.kernel.permission import identity
from freehold.policy.document import size
from freehold.services.iam.attachments import ABOUT_HOLDER
from freehold.services.iam.entities import (
    HOLDERS,
    check_document,
    holder,
    iam,
    limit_of,
    page,
    refuse_protected,
)

# IAM quotas: characters of all inline policies together, white space not counted.
CHARACTERS_MAX = {"User": 2048, "Role": 10_240, "Group": 5120}


def _put(resource: Resource) -> Run:
    most = CHARACTERS_MAX[resource.name]

    def put(call: Call, request: Document) -> None:
        record = holder(call, resource, request)
        refuse_protected(record)
        name, text = request["PolicyName"], request["PolicyDocument"]
        check_document(text, "identity")
        texts = record.document.setdefault(identity.INLINE, {})
        texts[name] = text
        if sum(map(size, texts.values())) > most:
            raise LimitExceeded(
                f"Maximum policy size of {most} bytes exceeded for {resource.name.lower()} "
                f"{record.name}",
                code="LimitExceeded",
            )
        call.update(record)

    return put


def _missing(resource: Resource, name: str) -> NotFound:
    return NotFound(
        f"The {resource.name.lower()} policy with name {name} cannot be found.",
        code="NoSuchEntity",
    )


def _get(resource: Resource) -> Run:
    def get(call: Call, request: Document) -> Document:
        record = holder(call, resource, request)
        name = request["PolicyName"]
        text = record.document.get(identity.INLINE, {}).get(name)
        if text is None:
            raise _missing(resource, name)
        return {
            resource.name_member: record.name,
            "PolicyName": name,
            "PolicyDocument": quote(text, safe=""),
        }

    return get


def _delete(resource: Resource) -> Run:
    def delete(call: Call, request: Document) -> None:
        record = holder(call, resource, request)
        refuse_protected(record)
        texts = record.document.get(identity.INLINE, {})
        if texts.pop(request["PolicyName"], None) is None:
            raise _missing(resource, request["PolicyName"])
        call.update(record)

    return delete


def _list(resource: Resource) -> Run:
    def list_names(call: Call, request: Document) -> Document:
        names = sorted(holder(call, resource, request).document.get(identity.INLINE, {}))
        found, marker = lists.page_of(names, limit_of(request), request.get("Marker"))
        return page("PolicyNames", list(found), marker)

    return list_names


for noun, declared in HOLDERS.items():
    about: dict[str, Any] = {"resource": declared, "target": declared.target}
    iam.add(f"Put{noun}Policy", _put(declared), mode="write", keys=ABOUT_HOLDER, **about)
    iam.add(f"Get{noun}Policy", _get(declared), mode="read", **about)
    iam.add(f"Delete{noun}Policy", _delete(declared), mode="write", keys=ABOUT_HOLDER, **about)
    iam.add(f"List{noun}Policies", _list(declared), mode="read", **about)
