"""IAM users: made, shown, listed, deleted."""

from __future__ import annotations

from freehold.base import ids
from freehold.base.errors import InUse, Invalid
from freehold.kernel.call import Call, Record
from freehold.kernel.declare import lists
from freehold.kernel.declare.operation import Document
from freehold.kernel.permission import credentials, identity, passwords
from freehold.services.iam.attachments import refuse_while_held, set_boundary
from freehold.services.iam.entities import (
    BOUND,
    DEVICES,
    USER,
    boundary_of,
    check_path,
    check_tags,
    holder,
    iam,
    limit_of,
    new_arn,
    page,
    refuse_namesake,
    tags_of,
    under,
)

SHOWN = ("Path", "UserName", "UserId", "Arn", "CreateDate", "PasswordLastUsed")


def shown(record: Record) -> Document:
    """A user as lists give it."""
    return {key: record.document[key] for key in SHOWN if key in record.document}


@iam.operation(
    "CreateUser",
    on=USER,
    mode="write",
    target=new_arn(USER),
    is_create=True,
    keys=BOUND,
    tag_action="iam:TagUser",
)
def create_user(call: Call, request: Document) -> Document:
    """A user without permissions and keys.

    Raises:
        InUse: The name is taken, whatever its case and path.
        NotFound: The boundary policy does not exist.
    """
    path = request.get("Path") or "/"
    check_path(path)
    check_tags(call.request_tags)
    refuse_namesake(call, USER, request)
    document: Document = {
        "Path": path,
        "UserName": request["UserName"],
        "UserId": ids.unique_id("AIDA"),
    }
    record = call.create(USER, document, tags=call.request_tags, uid=document["UserId"])
    if boundary := request.get("PermissionsBoundary"):
        set_boundary(call, record, boundary)
    return {"User": shown(record) | boundary_of(record) | tags_of(record)}


@iam.operation("GetUser", on=USER)
def get_user(call: Call, request: Document) -> Document:
    """A user by name; without a name, the caller. Root has only an ARN and an id."""
    if not request.get("UserName") and call.principal.kind == "root":
        root = {"UserId": call.account_id, "Arn": call.principal.arn}
        return {"User": root | {"CreateDate": _first_day(call)}}
    record = holder(call, USER, request)
    return {"User": shown(record) | boundary_of(record) | tags_of(record)}


def _first_day(call: Call) -> float:
    keys = credentials.access_keys(call, call.principal.arn)
    return keys[0].created if keys else call.now


@iam.operation("ListUsers")
def list_users(call: Call, request: Document) -> Document:
    """Users by name, under a path prefix if given; without their tags, as on AWS."""
    found, marker = lists.page_by_name(
        call, USER, limit_of(request), request.get("Marker"), under(request)
    )
    return page("Users", [shown(record) for record in found], marker)


@iam.operation("DeleteUser", on=USER, mode="write")
def delete_user(call: Call, request: Document) -> None:
    """Delete a user who holds nothing any more.

    Raises:
        InUse: ``DeleteConflict``: keys, a password, devices, policies or groups remain.
    """
    if not request.get("UserName"):
        raise Invalid("Must specify userName.", code="ValidationError")
    record = holder(call, USER, request)
    if credentials.access_keys(call, record.arn):
        raise InUse("Cannot delete entity, must delete access keys first.", code="DeleteConflict")
    if record.document.get(passwords.PASSWORD):
        raise InUse("Cannot delete entity, must delete login profile first.", code="DeleteConflict")
    if record.document.get(DEVICES):
        raise InUse("Cannot delete entity, must delete MFA device first.", code="DeleteConflict")
    if record.document.get(identity.GROUPS):
        raise InUse(
            "Cannot delete entity, must remove users from group first.", code="DeleteConflict"
        )
    refuse_while_held(record)
    set_boundary(call, record, None)
    call.remove(record)
