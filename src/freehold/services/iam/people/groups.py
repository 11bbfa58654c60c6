"""IAM groups: users who share policies. Membership is kept on the user, in order of joining."""

from __future__ import annotations

from freehold.base import ids
from freehold.base.errors import InUse
from freehold.kernel.call import Call, Record
from freehold.kernel.declare import lists
from freehold.kernel.declare.operation import Document
from freehold.kernel.permission import identity
from freehold.services.iam.attachments import refuse_while_held
from freehold.services.iam.entities import (
    GROUP,
    USER,
    check_path,
    holder,
    iam,
    limit_of,
    new_arn,
    over,
    page,
    refuse_namesake,
    under,
)
from freehold.services.iam.people import users

GROUPS_PER_USER_MAX = 10  # IAM quotas


def _members(call: Call, group: Record) -> list[Record]:
    return [user for user in call.all(USER) if group.arn in user.document.get(identity.GROUPS, ())]


@iam.operation("CreateGroup", on=GROUP, mode="write", target=new_arn(GROUP), is_create=True)
def create_group(call: Call, request: Document) -> Document:
    """A group of nobody.

    Raises:
        InUse: The name is taken.
    """
    path = request.get("Path") or "/"
    check_path(path)
    refuse_namesake(call, GROUP, request)
    document: Document = {
        "Path": path,
        "GroupName": request["GroupName"],
        "GroupId": ids.unique_id("AGPA"),
    }
    record = call.create(GROUP, document, uid=document["GroupId"])
    return {"Group": shown(record)}


def shown(record: Record) -> Document:
    """A group as answers give it."""
    members = ("Path", "GroupName", "GroupId", "Arn", "CreateDate")
    return {key: record.document[key] for key in members}


@iam.operation("GetGroup", on=GROUP, mode="slow")
def get_group(call: Call, request: Document) -> Document:
    """A group and a page of its users."""
    record = holder(call, GROUP, request)
    found, marker = lists.page_of(_members(call, record), limit_of(request), request.get("Marker"))
    answer = page("Users", [users.shown(user) for user in found], marker)
    return answer | {"Group": shown(record)}


@iam.operation("ListGroups")
def list_groups(call: Call, request: Document) -> Document:
    """Groups by name, under a path prefix if given."""
    found, marker = lists.page_by_name(
        call, GROUP, limit_of(request), request.get("Marker"), under(request)
    )
    return page("Groups", [shown(record) for record in found], marker)


@iam.operation("ListGroupsForUser", on=USER)
def list_groups_for_user(call: Call, request: Document) -> Document:
    """The groups of a user."""
    arns = holder(call, USER, request).document.get(identity.GROUPS, ())
    groups = [group for group in map(call.unit.find, arns) if group is not None]
    found, marker = lists.page_of(groups, limit_of(request), request.get("Marker"))
    return page("Groups", [shown(record) for record in found], marker)


@iam.operation("AddUserToGroup", on=GROUP, mode="write")
def add_user_to_group(call: Call, request: Document) -> None:
    """Put a user into a group; once is enough."""
    group = holder(call, GROUP, request)
    user = call.load_arn(USER, USER.target(call, request), request)
    joined = user.document.setdefault(identity.GROUPS, [])
    if group.arn in joined:
        return
    if len(joined) >= GROUPS_PER_USER_MAX:
        raise over("GroupsPerUser", GROUPS_PER_USER_MAX)
    joined.append(group.arn)
    call.update(user)


@iam.operation("RemoveUserFromGroup", on=GROUP, mode="write")
def remove_user_from_group(call: Call, request: Document) -> None:
    """Take a user out of a group; who is not in it is no error, as on AWS."""
    group = holder(call, GROUP, request)
    user = call.load_arn(USER, USER.target(call, request), request)
    joined = user.document.get(identity.GROUPS, [])
    if group.arn in joined:
        joined.remove(group.arn)
        call.update(user)


@iam.operation("DeleteGroup", on=GROUP, mode="write")
def delete_group(call: Call, request: Document) -> None:
    """Delete an empty group without policies.

    Raises:
        InUse: ``DeleteConflict``: users or policies remain.
    """
    record = holder(call, GROUP, request)
    if _members(call, record):
        raise InUse(
            "Cannot delete entity, must remove users from group first.", code="DeleteConflict"
        )
    refuse_while_held(record)
    call.remove(record)
