"""IAM roles and their trust policies: made, shown, listed, changed, deleted.

A trust policy is kept as it was sent, next to the unique ids of the users and roles that it
names: who is deleted and made anew under the same name is somebody else.
"""

from __future__ import annotations

from urllib.parse import quote

from freehold.base import ids
from freehold.base.errors import InUse
from freehold.kernel.call import Call, Record
from freehold.kernel.declare import lists
from freehold.kernel.declare.operation import Document
from freehold.kernel.permission import identity, trust
from freehold.services.iam.attachments import refuse_while_held, set_boundary
from freehold.services.iam.entities import (
    BOUND,
    PROFILES,
    ROLE,
    boundary_of,
    check_document,
    check_path,
    check_tags,
    holder,
    iam,
    limit_of,
    new_arn,
    over,
    page,
    refuse_namesake,
    refuse_protected,
    tags_of,
    under,
)

SHOWN = ("Path", "RoleName", "RoleId", "Arn", "CreateDate", "Description", "MaxSessionDuration")
SESSION_SECONDS_DEFAULT = 3600  # CreateRole, MaxSessionDuration
TRUST_CHARACTERS_MAX = 2048  # IAM quotas; AWS raises it up to 8,192 on request


def shown(call: Call, record: Record) -> Document:
    """A role as lists give it; the trust policy names vanished principals by their id."""
    document = {key: record.document[key] for key in SHOWN if key in record.document}
    document[identity.TRUST] = quote(trust.text(call.unit, record), safe="")
    return document


def _whole(call: Call, record: Record) -> Document:
    return {"Role": shown(call, record) | boundary_of(record) | tags_of(record)}


def set_trust(call: Call, document: Document, text: str) -> None:
    """Put a trust policy into a role's document, bound to whom it names now.

    Raises:
        Invalid: ``MalformedPolicyDocument``.
        LimitExceeded: It is too long.
    """
    if check_document(text, "trust") > TRUST_CHARACTERS_MAX:
        raise over("ACLSizePerRole", TRUST_CHARACTERS_MAX)
    document[identity.TRUST] = text
    document[trust.BOUND] = trust.bind(call, text)


@iam.operation(
    "CreateRole",
    on=ROLE,
    mode="write",
    target=new_arn(ROLE),
    is_create=True,
    keys=BOUND,
    tag_action="iam:TagRole",
)
def create_role(call: Call, request: Document) -> Document:
    """A role that those in its trust policy may assume, without permissions of its own.

    Raises:
        InUse: The name is taken, whatever its case and path.
        Invalid: The trust policy is malformed or names nobody we know.
        LimitExceeded: The trust policy is too long.
    """
    path = request.get("Path") or "/"
    check_path(path)
    check_tags(call.request_tags)
    refuse_namesake(call, ROLE, request)
    document: Document = {
        "Path": path,
        "RoleName": request["RoleName"],
        "RoleId": ids.unique_id("AROA"),
        "MaxSessionDuration": request.get("MaxSessionDuration") or SESSION_SECONDS_DEFAULT,
    }
    if "Description" in request:
        document["Description"] = request["Description"]
    set_trust(call, document, request[identity.TRUST])
    record = call.create(ROLE, document, tags=call.request_tags, uid=document["RoleId"])
    if boundary := request.get("PermissionsBoundary"):
        set_boundary(call, record, boundary)
    return _whole(call, record)


@iam.operation("GetRole", on=ROLE)
def get_role(call: Call, request: Document) -> Document:
    """A role by name."""
    return _whole(call, holder(call, ROLE, request))


@iam.operation("ListRoles")
def list_roles(call: Call, request: Document) -> Document:
    """Roles by name, under a path prefix if given; without their tags, as on AWS."""
    found, marker = lists.page_by_name(
        call, ROLE, limit_of(request), request.get("Marker"), under(request)
    )
    return page("Roles", [shown(call, record) for record in found], marker)


@iam.operation("UpdateRole", on=ROLE, mode="write")
def update_role(call: Call, request: Document) -> Document:
    """Change description or longest session; what is absent stays, live sessions too.

    Of a service-linked role only the description is anybody's.
    """
    record = holder(call, ROLE, request)
    if "MaxSessionDuration" in request:
        refuse_protected(record)
    for member in ("Description", "MaxSessionDuration"):
        if member in request:
            record.document[member] = request[member]
    call.update(record)
    return {}


@iam.operation("UpdateRoleDescription", on=ROLE, mode="write")
def update_role_description(call: Call, request: Document) -> Document:
    """The older way to change a description."""
    update_role(call, request)
    return _whole(call, holder(call, ROLE, request))


@iam.operation("UpdateAssumeRolePolicy", on=ROLE, mode="write")
def update_assume_role_policy(call: Call, request: Document) -> None:
    """Replace the trust policy; sessions that were begun go on."""
    record = holder(call, ROLE, request)
    refuse_protected(record)
    set_trust(call, record.document, request["PolicyDocument"])
    call.update(record)


@iam.operation("DeleteRole", on=ROLE, mode="write")
def delete_role(call: Call, request: Document) -> None:
    """Delete a role that holds nothing any more; its sessions end with it.

    Raises:
        InUse: ``DeleteConflict``: policies or instance profiles remain.
    """
    record = holder(call, ROLE, request)
    refuse_protected(record)
    if record.document.get(PROFILES):
        raise InUse(
            "Cannot delete entity, must remove roles from instance profile first.",
            code="DeleteConflict",
        )
    refuse_while_held(record)
    set_boundary(call, record, None)
    call.remove(record)
