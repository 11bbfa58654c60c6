"""Security groups: made, described and ended. What they let through stands in ``rules.py``."""

from __future__ import annotations

import re

from freehold.base.errors import InUse, Invalid, LimitExceeded, NotFound
from freehold.kernel.call import Call, Record
from freehold.kernel.declare.operation import Document
from freehold.services.ec2 import defaults, names, usage
from freehold.services.ec2.entities import (
    RULE,
    SECURITY_GROUP,
    TAG_ACTION,
    VPC,
    default_vpc,
    ec2,
    group_by_name,
    group_target,
)
from freehold.services.ec2.filters import Described, describe, every, shown
from freehold.services.ec2.security import permissions
from freehold.services.ec2.vpcs import ground

GROUPS_MAX = 2_500  # of a region (VPC quotas)
_TEXT = re.compile(r"[a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{1,255}")


def permitted(call: Call, group: Record) -> Document:
    """A group as EC2 answers it, with its rules as permissions."""
    kept = [rule.document for rule in every(call, RULE, group.name)]
    return shown(group) | {
        "IpPermissions": permissions.grouped([rule for rule in kept if not rule["IsEgress"]]),
        "IpPermissionsEgress": permissions.grouped([rule for rule in kept if rule["IsEgress"]]),
    }


def _rule_filters() -> dict[str, str]:
    return {
        f"{prefix}ip-permission.{name}": f"{member}.{path}"
        for prefix, member in (("", "IpPermissions"), ("egress.", "IpPermissionsEgress"))
        for name, path in (
            ("cidr", "IpRanges.CidrIp"),
            ("ipv6-cidr", "Ipv6Ranges.CidrIpv6"),
            ("from-port", "FromPort"),
            ("to-port", "ToPort"),
            ("group-id", "UserIdGroupPairs.GroupId"),
            ("user-id", "UserIdGroupPairs.UserId"),
            ("prefix-list-id", "PrefixListIds.PrefixListId"),
            ("protocol", "IpProtocol"),
        )
    }


GROUPS = Described(
    SECURITY_GROUP,
    "SecurityGroups",
    "GroupIds",
    names.GROUP,
    {
        "group-id": "GroupId",
        "group-name": "GroupName",
        "vpc-id": "VpcId",
        "description": "Description",
        "owner-id": "OwnerId",
        **_rule_filters(),
    },
    permitted,
)


@ec2.operation(
    "CreateSecurityGroup",
    on=SECURITY_GROUP,
    mode="write",
    is_create=True,
    tag_action=TAG_ACTION,
    target=lambda call, request: [
        call.arn_of(SECURITY_GROUP, {}),
        *([call.arn_of(VPC, request)] if request.get("VpcId") else ()),
    ],
)
def create_security_group(call: Call, request: Document) -> Document:
    """A group that lets all out and nothing in, in a VPC or in the default one.

    Raises:
        Invalid: A wrong or reserved name, or a wrong description.
        InUse: ``InvalidGroup.Duplicate``.
        NotFound: There is no such VPC.
    """
    names.refuse_dry_run(request)
    name, words = _named(request["GroupName"]), request["Description"]
    if not _TEXT.fullmatch(words):
        raise _wrong_text(words, "GroupDescription")
    vpc = names.load(call, VPC, request["VpcId"]) if request.get("VpcId") else default_vpc(call)
    if vpc is None:
        raise NotFound("No default VPC for this user", code="VPCIdNotSpecified")
    tags = names.made_tags(call, "security-group")
    if group_by_name(call, name, vpc.name) is not None:
        raise InUse(
            f"The security group '{name}' already exists for VPC '{vpc.name}'",
            code="InvalidGroup.Duplicate",
        )
    if call.count(SECURITY_GROUP) >= GROUPS_MAX:
        raise LimitExceeded(
            "The maximum number of security groups has been reached.",
            code="SecurityGroupLimitExceeded",
        )
    document = defaults.group_document(ground(call), vpc.name, name, words)
    group = call.create(SECURITY_GROUP, document, tags=tags)
    everywhere = defaults.all_traffic(
        ground(call), group.name, is_egress=True, CidrIpv4=defaults.EVERYWHERE
    )
    defaults.keep_rule(ground(call), everywhere)
    answer = shown(group)
    return {key: answer[key] for key in ("GroupId", "SecurityGroupArn", "Tags")}


def _named(name: str) -> str:
    if name.lower() == defaults.DEFAULT_GROUP:
        raise Invalid(
            f"Cannot use reserved security group name: {name}", code="InvalidParameterValue"
        )
    if name.startswith("sg-"):
        raise Invalid(
            f"Invalid group name '{name}'. Group names cannot begin with sg-.",
            code="InvalidParameterValue",
        )
    name = name.rstrip()
    if not _TEXT.fullmatch(name):
        raise _wrong_text(name, "GroupName")
    return name


def _wrong_text(text: str, parameter: str) -> Invalid:
    return Invalid(
        f"Value ({text}) for parameter {parameter} is invalid. It has 1 to 255 of the "
        "characters a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*",
        code="InvalidParameterValue",
    )


@ec2.operation("DescribeSecurityGroups")
def describe_security_groups(call: Call, request: Document) -> Document:
    """Security groups by id, name (in the default VPC) or filter.

    Raises:
        NotFound: An id or name that nothing has.
    """
    wanted = request.get("GroupNames") or []
    if not wanted:
        return describe(call, request, GROUPS)
    groups = [_by_name(call, name) for name in wanted]
    ids = [group.name for group in groups] + (request.get("GroupIds") or [])
    return describe(call, request | {"GroupIds": ids}, GROUPS)


def _by_name(call: Call, name: str) -> Record:
    group = group_by_name(call, name)
    if group is None:
        vpc = default_vpc(call)
        where = "" if vpc is None else f" in default VPC '{vpc.name}'"
        raise NotFound(
            f"The security group '{name}' does not exist{where}", code="InvalidGroup.NotFound"
        )
    return group


def load(call: Call, request: Document) -> Record:
    """The group that a request names by id, or by name in the default VPC.

    Raises:
        Invalid: It names none, or with a malformed id.
        NotFound: There is none.
    """
    if request.get("GroupId"):
        return names.load(call, SECURITY_GROUP, request["GroupId"])
    if request.get("GroupName"):
        return _by_name(call, request["GroupName"])
    raise Invalid(
        "The request must contain the parameter groupName or groupId", code="MissingParameter"
    )


@ec2.operation("DeleteSecurityGroup", on=SECURITY_GROUP, mode="write", target=group_target)
def delete_security_group(call: Call, request: Document) -> Document:
    """End a group that nothing names.

    Raises:
        Invalid: It is a VPC's default group.
        InUse: ``DependencyViolation``: another group's rule, a domain, a profile or a running
            job names it.
    """
    names.refuse_dry_run(request)
    group = load(call, request)
    if group.document["GroupName"] == defaults.DEFAULT_GROUP:
        raise Invalid(
            f'the specified group: "{group.name}" name: "{defaults.DEFAULT_GROUP}" cannot be '
            "deleted by a user",
            code="CannotDelete",
        )
    if referring(call, group):
        raise usage.group_violation(group.name)
    usage.refuse_used_group(call, group)
    for rule in every(call, RULE, group.name):
        call.remove(rule)
    call.remove(group)
    return {"Return": True, "GroupId": group.name}


def referring(call: Call, group: Record) -> list[Record]:
    """The rules of other groups that name this one; they are of its own VPC."""
    others = every(call, SECURITY_GROUP, group.document["VpcId"])
    return [
        rule
        for other in others
        if other.name != group.name
        for rule in every(call, RULE, other.name)
        if rule.document.get("ReferencedGroupInfo", {}).get("GroupId") == group.name
    ]


@ec2.operation(
    "DescribeSecurityGroupReferences",
    target=lambda call, request: [
        call.arn_of(SECURITY_GROUP, {"GroupId": one}) for one in request.get("GroupId") or ("",)
    ],
)
def describe_security_group_references(call: Call, request: Document) -> Document:
    """Which VPCs refer to groups over a peering connection: none, since none has one."""
    names.refuse_dry_run(request)
    for one in request["GroupId"]:
        names.load(call, SECURITY_GROUP, one)
    return {"SecurityGroupReferenceSet": []}
