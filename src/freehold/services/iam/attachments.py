"""Managed policies on users, roles and groups, and permissions boundaries on users and roles.

A holder keeps the ARNs; a policy counts who uses it. Both are written in one transaction.
"""

from __future__ import annotations

from typing import Any

from freehold.base.errors import InUse, Invalid, NotFound
from freehold.kernel.call import Call, Record
from freehold.kernel.declare import lists
from freehold.kernel.declare.operation import Document, Run
from freehold.kernel.declare.resource import Resource
from freehold.kernel.permission import identity
from freehold.services.iam.entities import (
    BOUND,
    HOLDERS,
    ROLE,
    USER,
    holder,
    iam,
    limit_of,
    over,
    page,
    path_of,
    refuse_protected,
)

ATTACHED_MAX = 10  # IAM quotas: managed policies a user, role or group
USES = "AttachmentCount"
BOUNDARY_USES = "PermissionsBoundaryUsageCount"


def held_boundary(call: Call, _request: Document) -> str | None:
    """``iam:PermissionsBoundary`` of attaching and putting: that of whom the call changes."""
    return None if call.record is None else call.record.document.get(identity.BOUNDARY)


ABOUT_HOLDER: dict[str, Any] = {"iam:PermissionsBoundary": held_boundary}
ABOUT_BOTH: dict[str, Any] = ABOUT_HOLDER | {"iam:PolicyARN": "PolicyArn"}


def attachable(call: Call, arn: str, *, called: str = "Policy") -> Record:
    """The managed policy of this ARN, ours or AWS's; ``called``: how a refusal begins.

    Raises:
        Invalid: ``InvalidInput``: it is no ARN of a policy.
        NotFound: ``NoSuchEntity``.
    """
    if not arn.startswith("arn:") or ":policy/" not in arn:
        raise Invalid(f"ARN {arn} is not valid.", code="InvalidInput")
    policy = call.unit.find(arn)
    if policy is None or policy.kind != identity.POLICY:
        raise NotFound(f"{called} {arn} does not exist or is not attachable.", code="NoSuchEntity")
    return policy


def _count(call: Call, policy: Record | None, member: str, change: int) -> None:
    if policy is not None:
        policy.document[member] = max(0, policy.document.get(member, 0) + change)
        call.update(policy)


def refuse_while_held(record: Record) -> None:
    """Refuse to delete who still has policies.

    Raises:
        InUse: ``DeleteConflict`` in IAM's words.
    """
    if record.document.get(identity.ATTACHED):
        raise InUse("Cannot delete entity, must detach all policies first.", code="DeleteConflict")
    if record.document.get(identity.INLINE):
        raise InUse("Cannot delete entity, must delete policies first.", code="DeleteConflict")


# -- managed policies -----------------------------------------------------------------------------


def _attach(resource: Resource) -> Run:
    def attach(call: Call, request: Document) -> None:
        record = holder(call, resource, request)
        refuse_protected(record)
        policy = attachable(call, request["PolicyArn"])
        attached = record.document.setdefault(identity.ATTACHED, [])
        if policy.arn in attached:
            return
        if len(attached) >= ATTACHED_MAX:
            raise over(f"PoliciesPer{resource.name}", ATTACHED_MAX)
        attached.append(policy.arn)
        call.update(record)
        _count(call, policy, USES, 1)

    return attach


def _detach(resource: Resource) -> Run:
    def detach(call: Call, request: Document) -> None:
        record = holder(call, resource, request)
        refuse_protected(record)
        arn = request["PolicyArn"]
        attached = record.document.get(identity.ATTACHED, [])
        if arn not in attached:
            raise NotFound(f"Policy {arn} was not found.", code="NoSuchEntity")
        attached.remove(arn)
        call.update(record)
        _count(call, call.unit.find(arn), USES, -1)

    return detach


def _list(resource: Resource) -> Run:
    def list_attached(call: Call, request: Document) -> Document:
        record = holder(call, resource, request)
        prefix = request.get("PathPrefix") or "/"
        policies = [
            {"PolicyName": policy.name, "PolicyArn": policy.arn}
            for policy in map(call.unit.find, record.document.get(identity.ATTACHED, ()))
            if policy is not None and path_of(policy).startswith(prefix)
        ]
        found, marker = lists.page_of(policies, limit_of(request), request.get("Marker"))
        return page("AttachedPolicies", list(found), marker)

    return list_attached


for noun, declared in HOLDERS.items():
    iam.add(
        f"Attach{noun}Policy",
        _attach(declared),
        mode="write",
        resource=declared,
        target=declared.target,
        keys=ABOUT_BOTH,
    )
    iam.add(
        f"Detach{noun}Policy",
        _detach(declared),
        mode="write",
        resource=declared,
        target=declared.target,
        keys=ABOUT_BOTH,
    )
    iam.add(
        f"ListAttached{noun}Policies",
        _list(declared),
        mode="read",
        resource=declared,
        target=declared.target,
    )


# -- boundaries -----------------------------------------------------------------------------------


def set_boundary(call: Call, record: Record, arn: str | None) -> None:
    """Bound a user or role by a managed policy, or by none.

    Raises:
        NotFound: The policy does not exist.
    """
    known = record.document.get(identity.BOUNDARY)
    if known == arn:
        return
    refuse_protected(record)
    policy = None if arn is None else attachable(call, arn, called="Scope ARN:")
    if known is not None:
        del record.document[identity.BOUNDARY]
        _count(call, call.unit.find(known), BOUNDARY_USES, -1)
    if policy is not None:
        record.document[identity.BOUNDARY] = policy.arn
        _count(call, policy, BOUNDARY_USES, 1)
    call.update(record)


@iam.operation("PutUserPermissionsBoundary", on=USER, mode="write", keys=BOUND)
def put_user_permissions_boundary(call: Call, request: Document) -> None:
    """Bound a user; an earlier boundary is replaced."""
    set_boundary(call, holder(call, USER, request), request["PermissionsBoundary"])


@iam.operation("DeleteUserPermissionsBoundary", on=USER, mode="write", keys=ABOUT_HOLDER)
def delete_user_permissions_boundary(call: Call, request: Document) -> None:
    """Free a user of the boundary."""
    set_boundary(call, holder(call, USER, request), None)


@iam.operation("PutRolePermissionsBoundary", on=ROLE, mode="write", keys=BOUND)
def put_role_permissions_boundary(call: Call, request: Document) -> None:
    """Bound a role; an earlier boundary is replaced."""
    set_boundary(call, holder(call, ROLE, request), request["PermissionsBoundary"])


@iam.operation("DeleteRolePermissionsBoundary", on=ROLE, mode="write", keys=ABOUT_HOLDER)
def delete_role_permissions_boundary(call: Call, request: Document) -> None:
    """Free a role of the boundary."""
    set_boundary(call, holder(call, ROLE, request), None)
