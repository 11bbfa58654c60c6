"""EC2's service value, its kinds of records, and how a request names them.

Record kinds, for whoever must know that a network exists: ``ec2:vpc``, ``ec2:subnet``,
``ec2:security-group`` and the rest below; names are their ids. The scope of a rule is its
group's id, of all else that lives in a VPC that VPC's id. ``kernel/network`` reads them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from freehold.kernel.call import Call, Record
from freehold.kernel.declare.operation import Document
from freehold.kernel.declare.resource import Resource
from freehold.kernel.declare.service import Service


def _tags_of(request: Document) -> list[Document]:
    """The tags of a create's specifications, or of CreateTags and DeleteTags."""
    given = request.get("TagSpecifications") or ({"Tags": request.get("Tags")},)
    return [tag for one in given for tag in one.get("Tags") or () if tag.get("Key") is not None]


ec2 = Service("ec2", tags_of=_tags_of)
TAG_ACTION = "ec2:CreateTags"

ZONE_LETTERS = ("a", "b", "c")
_DIRECTIONS = {
    "north": "n",
    "south": "s",
    "east": "e",
    "west": "w",
    "central": "c",
    "northeast": "ne",
    "southeast": "se",
    "northwest": "nw",
    "southwest": "sw",
    "gov": "g",
}


def _vpc_arn(record: Record) -> str:
    return f"{record.arn.rsplit(':', 1)[0]}:vpc/{record.document['VpcId']}"


def _of_vpc(record: Record) -> dict[str, str]:
    tenancy = str(record.document.get("InstanceTenancy", "default"))
    return {"ec2:VpcID": record.name, "ec2:Tenancy": tenancy}


def _of_subnet(record: Record) -> dict[str, str]:
    return {
        "ec2:SubnetID": record.name,
        "ec2:Vpc": _vpc_arn(record),
        "ec2:AvailabilityZone": str(record.document["AvailabilityZone"]),
        "ec2:AvailabilityZoneId": str(record.document["AvailabilityZoneId"]),
    }


def _within(key: str) -> Callable[[Record], dict[str, str]]:
    return lambda record: {key: record.name, "ec2:Vpc": _vpc_arn(record)}


def _declare(name: str, kind: str, member: str, scope: str | None, **more: Any) -> Resource:
    return ec2.resource(
        name,
        arn=f"{kind}/{{{member}}}",
        name_member=member,
        arn_member="_Arn",
        created="_CreationTime",
        modified=None,
        scope=scope,
        **more,
    )


VPC = _declare("Vpc", "vpc", "VpcId", None, own_keys=_of_vpc)
SUBNET = _declare("Subnet", "subnet", "SubnetId", "VpcId", own_keys=_of_subnet)
SECURITY_GROUP = _declare(
    "SecurityGroup",
    "security-group",
    "GroupId",
    "VpcId",
    own_keys=_within("ec2:SecurityGroupID"),
)
RULE = _declare("SecurityGroupRule", "security-group-rule", "SecurityGroupRuleId", "GroupId")
ROUTE_TABLE = _declare(
    "RouteTable", "route-table", "RouteTableId", "VpcId", own_keys=_within("ec2:RouteTableID")
)
INTERNET_GATEWAY = _declare(
    "InternetGateway",
    "internet-gateway",
    "InternetGatewayId",
    None,
    own_keys=lambda record: {"ec2:InternetGatewayID": record.name},
)
NETWORK_ACL = _declare(
    "NetworkAcl", "network-acl", "NetworkAclId", "VpcId", own_keys=_within("ec2:NetworkAclID")
)
DHCP_OPTIONS = _declare(
    "DhcpOptions",
    "dhcp-options",
    "DhcpOptionsId",
    None,
    own_keys=lambda record: {"ec2:DhcpOptionsID": record.name},
)


def zone_ids(region: str) -> list[tuple[str, str]]:
    """(name, id) of the zones of a region: ``("us-east-1a", "use1-az1")`` and two more."""
    area, *middle, number = region.split("-") if region.count("-") > 1 else (region, "")
    short = area + "".join(_DIRECTIONS.get(word, word) for word in middle) + number
    return [(f"{region}{letter}", f"{short}-az{n}") for n, letter in enumerate(ZONE_LETTERS, 1)]


def on(*resources: Resource) -> Callable[[Call, Document], list[str]]:
    """The target of an operation that policy is asked about on several things."""
    return lambda call, request: [call.arn_of(resource, request) for resource in resources]


def default_vpc(call: Call) -> Record | None:
    """The account's default VPC, or None where it was deleted."""
    return next((vpc for vpc in call.all(VPC) if vpc.document.get("IsDefault")), None)


def group_target(call: Call, request: Document) -> str:
    """The security group that a request names by id, or by its name in the default VPC."""
    if request.get("GroupId") or not request.get("GroupName"):
        return call.arn_of(SECURITY_GROUP, request)
    found = group_by_name(call, str(request["GroupName"]))
    return call.arn_of(SECURITY_GROUP, {}) if found is None else found.arn


def group_by_name(call: Call, name: str, vpc_id: str | None = None) -> Record | None:
    """The security group of that name in a VPC, by default in the default one."""
    if vpc_id is None:
        vpc = default_vpc(call)
        if vpc is None:
            return None
        vpc_id = vpc.name
    groups = call.all(SECURITY_GROUP, vpc_id)
    return next((group for group in groups if group.document["GroupName"] == name), None)


def attributes_changed(request: Document) -> dict[str, str]:
    """What ``ec2:Attribute/<name>`` holds for a Modify call: each attribute and its new value."""
    found: dict[str, str] = {}
    for name, value in request.items():
        plain = value.get("Value") if isinstance(value, dict) else value
        if isinstance(plain, bool):
            found[name] = str(plain).lower()
        elif isinstance(plain, (str, int)) and name not in ("VpcId", "SubnetId"):
            found[name] = str(plain)
    return found


ATTRIBUTE_KEYS = {
    "ec2:Attribute": lambda _call, request: next(iter(attributes_changed(request)), None),
    "ec2:Attribute/": lambda _call, request: attributes_changed(request),
}
