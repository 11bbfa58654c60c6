"""What every network has from birth: a VPC's companions, and the default VPC of an install.

``seed`` runs at every start, ``companions`` with every new VPC. A VPC is born with its main
route table, its default network ACL and its default security group; the default one besides
with an internet gateway and a subnet a zone. Facts: VPC User Guide, "Default VPCs".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from freehold.base import ids
from freehold.base.settings import Settings
from freehold.kernel.call import Page, Record
from freehold.kernel.declare.operation import Document
from freehold.kernel.declare.resource import Resource
from freehold.services.ec2 import cidrs, entities
from freehold.services.ec2.entities import (
    DHCP_OPTIONS,
    INTERNET_GATEWAY,
    NETWORK_ACL,
    ROUTE_TABLE,
    RULE,
    SECURITY_GROUP,
    SUBNET,
    VPC,
)

VPC_CIDR = "172.31.0.0/16"
SUBNET_CIDRS = ("172.31.0.0/20", "172.31.16.0/20", "172.31.32.0/20")
EVERYWHERE = "0.0.0.0/0"
DEFAULT_GROUP = "default"


class Ground(NamedTuple):
    """Where things are made: ``keep`` stores a document as a record of a kind."""

    partition: str
    region: str
    account: str
    keep: Callable[[Resource, Document], Record]

    def arn(self, resource: Resource, document: Document) -> str:
        """The ARN of what the document names."""
        head = f"arn:{self.partition}:ec2:{self.region}:{self.account}"
        return f"{head}:{resource.tail(document)}"


def seed(unit: Any, settings: Settings, now: float) -> None:
    """Make the default network at the first start; later starts leave alone what was deleted.

    The DHCP options are never deleted: they tell that this was done. A network of before they
    were kept gets its companions.
    """
    if unit.count(DHCP_OPTIONS.kind):
        return
    ground = _ground(unit, settings, now)
    options = _dhcp_options(ground)
    vpcs = unit.records(Page(VPC.kind, limit=1000))
    if not vpcs:
        default_network(ground, options)
    for vpc in vpcs:
        gateway = _gateway(ground, vpc.name)
        _main_table(ground, vpc.name, gateway)
        _network_acl(ground, vpc.name)
        for group in unit.records(Page(SECURITY_GROUP.kind, scope=vpc.name, limit=1000)):
            for rule in group.document.pop("_Rules", ()):
                keep_rule(ground, rule)
            for member in ("IpPermissions", "IpPermissionsEgress"):
                group.document.pop(member, None)
            unit.save(group, now)


def _ground(unit: Any, settings: Settings, now: float) -> Ground:
    def keep(resource: Resource, document: Document) -> Record:
        arn = ground.arn(resource, document)
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
        return record

    ground = Ground(settings.partition, settings.region, settings.account_id, keep)
    return ground


def default_network(ground: Ground, dhcp_options: str) -> Record:
    """The default VPC, its gateway to the internet and its subnets."""
    vpc = ground.keep(VPC, vpc_document(ground, VPC_CIDR, dhcp_options, is_default=True))
    companions(ground, vpc.name, _gateway(ground, vpc.name))
    zones = entities.zone_ids(ground.region)
    for (zone, zone_id), cidr in zip(zones, SUBNET_CIDRS, strict=True):
        ground.keep(SUBNET, subnet_document(ground, vpc.name, cidr, zone, zone_id, is_default=True))
    return vpc


def companions(ground: Ground, vpc_id: str, gateway: str | None = None) -> None:
    """Main route table, default network ACL and default security group of a new VPC."""
    _main_table(ground, vpc_id, gateway)
    _network_acl(ground, vpc_id)
    group = ground.keep(
        SECURITY_GROUP,
        group_document(ground, vpc_id, DEFAULT_GROUP, "default VPC security group"),
    )
    members = {"GroupId": group.name, "UserId": ground.account}
    keep_rule(ground, all_traffic(ground, group.name, ReferencedGroupInfo=members))
    keep_rule(ground, all_traffic(ground, group.name, is_egress=True, CidrIpv4=EVERYWHERE))


def vpc_document(
    ground: Ground, cidr: str, dhcp_options: str, *, is_default: bool = False
) -> Document:
    """A VPC of one block. Names are given to what runs in the default one only."""
    return {
        "VpcId": ids.hex_id("vpc"),
        "OwnerId": ground.account,
        "CidrBlock": cidr,
        "CidrBlockAssociationSet": [cidr_association(cidr)],
        "DhcpOptionsId": dhcp_options,
        "InstanceTenancy": "default",
        "IsDefault": is_default,
        "State": "available",
        "_EnableDnsSupport": True,
        "_EnableDnsHostnames": is_default,
        "_EnableNetworkAddressUsageMetrics": False,
    }


def cidr_association(cidr: str) -> Document:
    """A block of a VPC, as AWS tells of it."""
    return {
        "AssociationId": ids.hex_id("vpc-cidr-assoc"),
        "CidrBlock": cidr,
        "CidrBlockState": {"State": "associated"},
    }


def subnet_document(
    ground: Ground, vpc_id: str, cidr: str, zone: str, zone_id: str, *, is_default: bool = False
) -> Document:
    """A subnet. Those of the default VPC give public addresses."""
    named = {"SubnetId": ids.hex_id("subnet")}
    return {
        **named,
        "SubnetArn": ground.arn(SUBNET, named),
        "VpcId": vpc_id,
        "OwnerId": ground.account,
        "AvailabilityZone": zone,
        "AvailabilityZoneId": zone_id,
        "CidrBlock": cidr,
        "AvailableIpAddressCount": cidrs.addresses_free(cidrs.ipv4(cidr, "cidrBlock")),
        "DefaultForAz": is_default,
        "MapPublicIpOnLaunch": is_default,
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
        "_AclAssociationId": ids.hex_id("aclassoc"),
    }


def group_document(ground: Ground, vpc_id: str, name: str, description: str) -> Document:
    """A security group without rules."""
    named = {"GroupId": ids.hex_id("sg")}
    return {
        **named,
        "GroupName": name,
        "Description": description,
        "OwnerId": ground.account,
        "VpcId": vpc_id,
        "SecurityGroupArn": ground.arn(SECURITY_GROUP, named),
    }


def all_traffic(ground: Ground, group_id: str, *, is_egress: bool = False, **peer: Any) -> Document:
    """A rule for every protocol and port, from or to ``peer``."""
    return {
        "SecurityGroupRuleId": ids.hex_id("sgr"),
        "GroupId": group_id,
        "GroupOwnerId": ground.account,
        "IsEgress": is_egress,
        "IpProtocol": "-1",
        "FromPort": -1,
        "ToPort": -1,
        **peer,
    }


def keep_rule(ground: Ground, rule: Document) -> Record:
    """Store a rule, which then knows its own ARN."""
    return ground.keep(RULE, rule | {"SecurityGroupRuleArn": ground.arn(RULE, rule)})


def table_document(ground: Ground, vpc_id: str) -> Document:
    """A route table without routes of its own; the local ones are told with every answer."""
    return {
        "RouteTableId": ids.hex_id("rtb"),
        "VpcId": vpc_id,
        "OwnerId": ground.account,
        "_Associations": [],
        "_Routes": [],
    }


def _main_table(ground: Ground, vpc_id: str, gateway: str | None) -> None:
    table = table_document(ground, vpc_id)
    table["_Associations"] = [{"RouteTableAssociationId": ids.hex_id("rtbassoc"), "Main": True}]
    if gateway is not None:
        table["_Routes"] = [{"DestinationCidrBlock": EVERYWHERE, "GatewayId": gateway}]
    ground.keep(ROUTE_TABLE, table)


def _gateway(ground: Ground, vpc_id: str) -> str:
    gateway = ground.keep(INTERNET_GATEWAY, gateway_document(ground, vpc_id))
    return gateway.name


def gateway_document(ground: Ground, vpc_id: str | None = None) -> Document:
    """An internet gateway, attached to a VPC or to none."""
    attached = [] if vpc_id is None else [{"State": "available", "VpcId": vpc_id}]
    return {
        "InternetGatewayId": ids.hex_id("igw"),
        "OwnerId": ground.account,
        "Attachments": attached,
    }


def _network_acl(ground: Ground, vpc_id: str) -> None:
    ground.keep(
        NETWORK_ACL,
        {"NetworkAclId": ids.hex_id("acl"), "VpcId": vpc_id, "OwnerId": ground.account},
    )


def _dhcp_options(ground: Ground) -> str:
    options = ground.keep(
        DHCP_OPTIONS, {"DhcpOptionsId": ids.hex_id("dopt"), "OwnerId": ground.account}
    )
    return options.name
