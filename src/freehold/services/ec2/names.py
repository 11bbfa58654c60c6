"""Ids of EC2: what a wrong one and a missing one are answered with, and finding a record.

The codes are AWS's own and follow no rule (``InvalidVpcID.Malformed`` beside
``InvalidGroupId.Malformed``): EC2 API Reference, "Error codes". Sentences as seen on AWS
(terraform-provider-aws#6104).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from freehold.base.errors import Invalid, LimitExceeded, NotFound, Unsupported
from freehold.kernel import tagging
from freehold.kernel.call import Call, Record
from freehold.kernel.declare.operation import Document
from freehold.kernel.declare.resource import Resource
from freehold.services.ec2 import entities

TAG_KEY_CHARS_MAX = 128
TAG_VALUE_CHARS_MAX = 256
_HEX = re.compile(r"[0-9a-f]{8}|[0-9a-f]{17}")


class Named(NamedTuple):
    """How ids of one kind look and what is said of wrong ones."""

    prefix: str
    malformed: str | None
    missing: str
    sentence: str


VPC = Named(
    "vpc", "InvalidVpcID.Malformed", "InvalidVpcID.NotFound", "The vpc ID '{}' does not exist"
)
SUBNET = Named(
    "subnet",
    "InvalidSubnetID.Malformed",
    "InvalidSubnetID.NotFound",
    "The subnet ID '{}' does not exist",
)
GROUP = Named(
    "sg",
    "InvalidGroupId.Malformed",
    "InvalidGroup.NotFound",
    "The security group '{}' does not exist",
)
RULE = Named(
    "sgr",
    "InvalidSecurityGroupRuleId.Malformed",
    "InvalidSecurityGroupRuleId.NotFound",
    "The security group rule ID '{}' does not exist",
)
ROUTE_TABLE = Named(
    "rtb",
    "InvalidRouteTableId.Malformed",
    "InvalidRouteTableID.NotFound",
    "The routeTable ID '{}' does not exist",
)
GATEWAY = Named(
    "igw",
    "InvalidInternetGatewayId.Malformed",
    "InvalidInternetGatewayID.NotFound",
    "The internetGateway ID '{}' does not exist",
)
NETWORK_ACL = Named(
    "acl",
    "InvalidNetworkAclID.Malformed",
    "InvalidNetworkAclID.NotFound",
    "The networkAcl ID '{}' does not exist",
)
DHCP_OPTIONS = Named(
    "dopt",
    "InvalidDhcpOptionsId.Malformed",
    "InvalidDhcpOptionID.NotFound",
    "The dhcpOption ID '{}' does not exist",
)
KINDS: dict[str, tuple[Resource, Named]] = {
    named.prefix: (resource, named)
    for resource, named in (
        (entities.VPC, VPC),
        (entities.SUBNET, SUBNET),
        (entities.SECURITY_GROUP, GROUP),
        (entities.RULE, RULE),
        (entities.ROUTE_TABLE, ROUTE_TABLE),
        (entities.INTERNET_GATEWAY, GATEWAY),
        (entities.NETWORK_ACL, NETWORK_ACL),
        (entities.DHCP_OPTIONS, DHCP_OPTIONS),
    )
}
_OF_RESOURCE = {resource.kind: named for resource, named in KINDS.values()}


def check_ids(named: Named, ids: Iterable[str]) -> None:
    """Refuse the first id that could not be one of this kind.

    Raises:
        Invalid: AWS's ``Malformed``.
    """
    for one in ids:
        prefix, _, number = one.partition("-")
        if named.malformed and (prefix != named.prefix or not _HEX.fullmatch(number)):
            raise Invalid(
                f'Invalid id: "{one}" (expecting "{named.prefix}-...")', code=named.malformed
            )


def missing(named: Named, one: str) -> NotFound:
    """AWS's error for an id that nothing has."""
    return NotFound(named.sentence.format(one), code=named.missing)


def load(call: Call, resource: Resource, one: str) -> Record:
    """The record of an id.

    Raises:
        Invalid: The id is malformed.
        NotFound: Nothing has it.
    """
    named = _OF_RESOURCE[resource.kind]
    check_ids(named, (one,))
    record = call.find(resource, {resource.name_member: one})
    if record is None:
        raise missing(named, one)
    return record


def refuse_dry_run(request: Document) -> None:
    """``DryRun`` of a caller who may: AWS's error that says so.

    Raises:
        Invalid: ``DryRunOperation``.
    """
    if request.get("DryRun"):
        raise Invalid(
            "Request would have succeeded, but DryRun flag is set.", code="DryRunOperation"
        )


def refuse_unserved(request: Document, members: Iterable[str]) -> None:
    """Refuse by name what AWS has and this network has not.

    Raises:
        Unsupported: One of the members is given and asks for something.
    """
    for member in members:
        value = request.get(member)
        if value and value != {"Value": False}:
            raise Unsupported(f"The parameter {member} is not supported by this server.")


def made_tags(call: Call, kind: str) -> dict[str, str]:
    """The tags of what a create makes; its specifications must be of that kind.

    Raises:
        Invalid: They are of another kind, or a key or value is too long.
    """
    for one in call.request.get("TagSpecifications") or ():
        given = one.get("ResourceType", "")
        if given != kind:
            raise Invalid(
                f"'{given}' is not a valid taggable resource type for this operation.",
                code="InvalidParameterValue",
            )
    tags = call.request_tags or {}
    check_tags(tags)
    return tags


def check_tags(tags: dict[str, str]) -> None:
    """Refuse tags that EC2 does not take.

    Raises:
        Invalid: A key or a value is too long, or a key is empty.
        LimitExceeded: ``TagLimitExceeded``.
    """
    for key, value in tags.items():
        if not 0 < len(key) <= TAG_KEY_CHARS_MAX:
            raise Invalid(
                f"Tag key exceeds the maximum length of {TAG_KEY_CHARS_MAX} characters, or is "
                "empty.",
                code="InvalidParameterValue",
            )
        if len(value) > TAG_VALUE_CHARS_MAX:
            raise Invalid(
                f"Tag value exceeds the maximum length of {TAG_VALUE_CHARS_MAX} characters",
                code="InvalidParameterValue",
            )
    if len(tags) > tagging.TAGS_MAX:
        raise LimitExceeded(
            f"More than {tagging.TAGS_MAX} tags per resource are not allowed.",
            code="TagLimitExceeded",
        )
