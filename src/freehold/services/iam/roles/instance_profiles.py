"""Instance profiles: names under which a role is handed to a machine; each holds one at most.

The profile keeps the ARN of its role, the role those of its profiles; both are written together.
"""

from __future__ import annotations

from freehold.base import ids
from freehold.base.errors import Denied, InUse, NotFound
from freehold.kernel.call import Call, Record
from freehold.kernel.declare import lists
from freehold.kernel.declare.operation import Document
from freehold.services.iam.entities import (
    INSTANCE_PROFILE,
    PROFILES,
    ROLE,
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
from freehold.services.iam.roles import roles

ROLES_MAX = 1  # IAM quotas: an instance profile
HELD = "_Roles"  # of an instance profile: ARNs of roles
SHOWN = ("Path", "InstanceProfileName", "InstanceProfileId", "Arn", "CreateDate")
PASSED_TO = {"iam:PassedToService": "ec2.amazonaws.com"}


def shown(call: Call, record: Record) -> Document:
    """An instance profile as lists give it, with its role."""
    held = (call.unit.find(arn) for arn in record.document.get(HELD, ()))
    document = {key: record.document[key] for key in SHOWN}
    return document | {"Roles": [roles.shown(call, role) for role in held if role is not None]}


def of_role(call: Call, role: Record) -> list[Record]:
    """The instance profiles that hold a role."""
    found = (call.unit.find(arn) for arn in role.document.get(PROFILES, ()))
    return [record for record in found if record is not None]


@iam.operation(
    "CreateInstanceProfile",
    on=INSTANCE_PROFILE,
    mode="write",
    target=new_arn(INSTANCE_PROFILE),
    is_create=True,
    tag_action="iam:TagInstanceProfile",
)
def create_instance_profile(call: Call, request: Document) -> Document:
    """An instance profile without a role.

    Raises:
        InUse: The name is taken.
    """
    path = request.get("Path") or "/"
    check_path(path)
    check_tags(call.request_tags)
    refuse_namesake(call, INSTANCE_PROFILE, request)
    document: Document = {
        "Path": path,
        "InstanceProfileName": request["InstanceProfileName"],
        "InstanceProfileId": ids.unique_id("AIPA"),
    }
    record = call.create(
        INSTANCE_PROFILE, document, tags=call.request_tags, uid=document["InstanceProfileId"]
    )
    return {"InstanceProfile": shown(call, record) | tags_of(record)}


@iam.operation("GetInstanceProfile", on=INSTANCE_PROFILE)
def get_instance_profile(call: Call, request: Document) -> Document:
    """An instance profile by name."""
    record = holder(call, INSTANCE_PROFILE, request)
    return {"InstanceProfile": shown(call, record) | tags_of(record)}


@iam.operation("ListInstanceProfiles")
def list_instance_profiles(call: Call, request: Document) -> Document:
    """Instance profiles by name, under a path prefix if given; without their tags, as on AWS."""
    found, marker = lists.page_by_name(
        call, INSTANCE_PROFILE, limit_of(request), request.get("Marker"), under(request)
    )
    return page("InstanceProfiles", [shown(call, record) for record in found], marker)


@iam.operation("ListInstanceProfilesForRole", on=ROLE)
def list_instance_profiles_for_role(call: Call, request: Document) -> Document:
    """The instance profiles that hold a role."""
    profiles = of_role(call, holder(call, ROLE, request))
    found, marker = lists.page_of(profiles, limit_of(request), request.get("Marker"))
    return page("InstanceProfiles", [shown(call, record) for record in found], marker)


@iam.operation("AddRoleToInstanceProfile", on=INSTANCE_PROFILE, mode="write")
def add_role_to_instance_profile(call: Call, request: Document) -> None:
    """Put a role into a profile; who does it must be allowed to pass the role to EC2.

    Raises:
        Denied: The caller may not pass the role.
        LimitExceeded: The profile has one.
        Invalid: ``UnmodifiableEntity``: the role is linked to a service.
    """
    arn = ROLE.target(call, request)
    if sentence := call.refusal("iam:PassRole", arn, more=PASSED_TO):
        raise Denied(sentence)
    record = holder(call, INSTANCE_PROFILE, request)
    role = call.load_arn(ROLE, arn, request)
    refuse_protected(role)
    held = record.document.setdefault(HELD, [])
    if len(held) >= ROLES_MAX:
        raise over("InstanceSessionsPerInstanceProfile", ROLES_MAX)
    held.append(role.arn)
    role.document.setdefault(PROFILES, []).append(record.arn)
    call.update(record)
    call.update(role)


@iam.operation("RemoveRoleFromInstanceProfile", on=INSTANCE_PROFILE, mode="write")
def remove_role_from_instance_profile(call: Call, request: Document) -> None:
    """Take a role out of a profile.

    Raises:
        NotFound: It is not in there.
    """
    record = holder(call, INSTANCE_PROFILE, request)
    role = call.load_arn(ROLE, ROLE.target(call, request), request)
    if role.arn not in record.document.get(HELD, ()):
        raise NotFound(
            f"Role {role.name} in Instance Profile {record.name} cannot be found.",
            code="NoSuchEntity",
        )
    record.document[HELD].remove(role.arn)
    role.document[PROFILES].remove(record.arn)
    call.update(record)
    call.update(role)


@iam.operation("DeleteInstanceProfile", on=INSTANCE_PROFILE, mode="write")
def delete_instance_profile(call: Call, request: Document) -> None:
    """Delete an instance profile that holds no role.

    Raises:
        InUse: ``DeleteConflict``.
    """
    record = holder(call, INSTANCE_PROFILE, request)
    if record.document.get(HELD):
        raise InUse(
            "Cannot delete entity, must remove roles from instance profile first.",
            code="DeleteConflict",
        )
    call.remove(record)
