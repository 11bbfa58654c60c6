"""EC2's service value, its kinds of records, and the default network of every install.

Record kinds, for whoever must know that a network exists: ``ec2:vpc``, ``ec2:subnet`` and
``ec2:security-group``; names are their ids, the scope of the latter two is their VPC's id.
Facts: EC2 User Guide, "Default VPCs".
"""

from __future__ import annotations

from typing import Any

from freehold.base import ids
from freehold.base.settings import Settings
from freehold.kernel.call import Record
from freehold.kernel.declare.operation import Document
from freehold.kernel.declare.resource import Resource
from freehold.kernel.declare.service import Service

ec2 = Service("ec2")

VPC_CIDR = "172.31.0.0/16"
SUBNET_CIDRS = ("172.31.0.0/20", "172.31.16.0/20", "172.31.32.0/20")
ADDRESSES_FREE = 4091  # of a /20: AWS keeps five
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


def _declare(name: str, arn: str, member: str, scope: str | None) -> Resource:
    return ec2.resource(
        name,
        arn=arn,
        name_member=member,
        arn_member="_Arn",
        created="_CreationTime",
        modified=None,
        scope=scope,
    )


VPC = _declare("Vpc", "vpc/{VpcId}", "VpcId", None)
SUBNET = _declare("Subnet", "subnet/{SubnetId}", "SubnetId", "VpcId")
SECURITY_GROUP = _declare("SecurityGroup", "security-group/{GroupId}", "GroupId", "VpcId")


def zone_ids(region: str) -> list[tuple[str, str]]:
    """(name, id) of the zones of a region: ``("us-east-1a", "use1-az1")`` and two more."""
    area, *middle, number = region.split("-") if region.count("-") > 1 else (region, "")
    short = area + "".join(_DIRECTIONS.get(word, word) for word in middle) + number
    return [(f"{region}{letter}", f"{short}-az{n}") for n, letter in enumerate(ZONE_LETTERS, 1)]


def seed(unit: Any, settings: Settings, now: float) -> None:
    """Make the default VPC with a subnet a zone and its default security group, once."""
    if unit.count(VPC.kind):
        return
    vpc_id = ids.hex_id("vpc")
    _keep(unit, settings, now, VPC, _vpc(settings, vpc_id))
    for (zone, zone_id), cidr in zip(zone_ids(settings.region), SUBNET_CIDRS, strict=True):
        subnet = _subnet(settings, vpc_id, cidr) | {
            "AvailabilityZone": zone,
            "AvailabilityZoneId": zone_id,
        }
        _keep(unit, settings, now, SUBNET, subnet)
    _keep(unit, settings, now, SECURITY_GROUP, _security_group(settings, vpc_id))


def _keep(
    unit: Any, settings: Settings, now: float, resource: Resource, document: Document
) -> None:
    arn = (
        f"arn:{settings.partition}:ec2:{settings.region}:{settings.account_id}:"
        f"{resource.tail(document)}"
    )
    record = Record(
        resource.kind,
        arn,
        document[resource.name_member],
        scope=resource.scope(document),
        uid=ids.suffix(16),
        at=now,
    )
    record.document = document | {"_Arn": arn, "_CreationTime": now}
    unit.create(record)


def _vpc(settings: Settings, vpc_id: str) -> Document:
    return {
        "VpcId": vpc_id,
        "OwnerId": settings.account_id,
        "CidrBlock": VPC_CIDR,
        "CidrBlockAssociationSet": [
            {
                "AssociationId": ids.hex_id("vpc-cidr-assoc"),
                "CidrBlock": VPC_CIDR,
                "CidrBlockState": {"State": "associated"},
            }
        ],
        "DhcpOptionsId": ids.hex_id("dopt"),
        "InstanceTenancy": "default",
        "IsDefault": True,
        "State": "available",
    }


def _subnet(settings: Settings, vpc_id: str, cidr: str) -> Document:
    subnet_id = ids.hex_id("subnet")
    return {
        "SubnetId": subnet_id,
        "SubnetArn": (
            f"arn:{settings.partition}:ec2:{settings.region}:{settings.account_id}:"
            f"subnet/{subnet_id}"
        ),
        "VpcId": vpc_id,
        "OwnerId": settings.account_id,
        "CidrBlock": cidr,
        "AvailableIpAddressCount": ADDRESSES_FREE,
        "DefaultForAz": True,
        "MapPublicIpOnLaunch": True,
        "MapCustomerOwnedIpOnLaunch": False,
        "AssignIpv6AddressOnCreation": False,
        "Ipv6CidrBlockAssociationSet": [],
        "EnableDns64": False,
        "Ipv6Native": False,
        "PrivateDnsNameOptionsOnLaunch": {
            "HostnameType": "ip-name",
            "EnableResourceNameDnsARecord": False,
            "EnableResourceNameDnsAAAARecord": False,
        },
        "State": "available",
    }


def _security_group(settings: Settings, vpc_id: str) -> Document:
    """All traffic in from its own members, all traffic out, as AWS's default group."""
    group_id, account = ids.hex_id("sg"), settings.account_id
    every: Document = {
        "IpProtocol": "-1",
        "UserIdGroupPairs": [],
        "IpRanges": [],
        "Ipv6Ranges": [],
        "PrefixListIds": [],
    }
    members = {"GroupId": group_id, "UserId": account}
    rule: Document = {
        "GroupId": group_id,
        "GroupOwnerId": account,
        "IpProtocol": "-1",
        "FromPort": -1,
        "ToPort": -1,
    }
    return {
        "GroupId": group_id,
        "GroupName": "default",
        "Description": "default VPC security group",
        "OwnerId": account,
        "VpcId": vpc_id,
        "SecurityGroupArn": (
            f"arn:{settings.partition}:ec2:{settings.region}:{account}:security-group/{group_id}"
        ),
        "IpPermissions": [every | {"UserIdGroupPairs": [members]}],
        "IpPermissionsEgress": [every | {"IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
        "_Rules": [
            rule
            | {
                "SecurityGroupRuleId": ids.hex_id("sgr"),
                "IsEgress": False,
                "ReferencedGroupInfo": members,
            },
            rule
            | {
                "SecurityGroupRuleId": ids.hex_id("sgr"),
                "IsEgress": True,
                "CidrIpv4": "0.0.0.0/0",
            },
        ],
    }
