"""What AWS has beside VPCs, subnets, groups and routes: described as it is here, which is little.

Every VPC has its default network ACL, which lets all pass, and the install's DHCP options. NAT
gateways, endpoints, interfaces, prefix lists and peerings there are none.
"""

from __future__ import annotations

from typing import NamedTuple

from freehold.base.errors import NotFound
from freehold.kernel.call import Call, Record
from freehold.kernel.declare.operation import Document
from freehold.services.ec2 import names
from freehold.services.ec2.entities import DHCP_OPTIONS, NETWORK_ACL, SUBNET, ec2
from freehold.services.ec2.filters import Described, describe, every, shown

ALL = "-1"
LAST_RULE = 32_767  # AWS's own: what no rule lets pass is refused


def told_acl(call: Call, acl: Record) -> Document:
    """A VPC's ACL with its entries and the subnets, all of which follow it."""
    entries = [
        {
            "CidrBlock": "0.0.0.0/0",
            "Egress": is_egress,
            "Protocol": ALL,
            "RuleAction": action,
            "RuleNumber": number,
        }
        for is_egress in (True, False)
        for number, action in ((100, "allow"), (LAST_RULE, "deny"))
    ]
    followers = [
        {
            "NetworkAclAssociationId": subnet.document.get(
                "_AclAssociationId", subnet.name.replace("subnet-", "aclassoc-")
            ),
            "NetworkAclId": acl.name,
            "SubnetId": subnet.name,
        }
        for subnet in every(call, SUBNET, acl.document["VpcId"])
    ]
    return shown(acl) | {"Entries": entries, "Associations": followers, "IsDefault": True}


def told_options(call: Call, options: Record) -> Document:
    """The name server of each VPC is AWS's, at its own address."""
    suffix = "ec2.internal" if call.region == "us-east-1" else f"{call.region}.compute.internal"
    return shown(options) | {
        "DhcpConfigurations": [
            {"Key": "domain-name", "Values": [{"Value": suffix}]},
            {"Key": "domain-name-servers", "Values": [{"Value": "AmazonProvidedDNS"}]},
        ]
    }


ACLS = Described(
    NETWORK_ACL,
    "NetworkAcls",
    "NetworkAclIds",
    names.NETWORK_ACL,
    {
        "network-acl-id": "NetworkAclId",
        "vpc-id": "VpcId",
        "owner-id": "OwnerId",
        "default": "IsDefault",
        "association.association-id": "Associations.NetworkAclAssociationId",
        "association.network-acl-id": "Associations.NetworkAclId",
        "association.subnet-id": "Associations.SubnetId",
        "entry.cidr": "Entries.CidrBlock",
        "entry.egress": "Entries.Egress",
        "entry.protocol": "Entries.Protocol",
        "entry.rule-action": "Entries.RuleAction",
        "entry.rule-number": "Entries.RuleNumber",
    },
    told_acl,
)
OPTIONS = Described(
    DHCP_OPTIONS,
    "DhcpOptions",
    "DhcpOptionsIds",
    names.DHCP_OPTIONS,
    {
        "dhcp-options-id": "DhcpOptionsId",
        "owner-id": "OwnerId",
        "key": "DhcpConfigurations.Key",
        "value": "DhcpConfigurations.Values.Value",
    },
    told_options,
)


@ec2.operation("DescribeNetworkAcls")
def describe_network_acls(call: Call, request: Document) -> Document:
    """The VPCs' default ACLs by id or filter; others cannot be made."""
    return describe(call, request, ACLS)


@ec2.operation("DescribeDhcpOptions")
def describe_dhcp_options(call: Call, request: Document) -> Document:
    """The one set of DHCP options that every VPC has."""
    return describe(call, request, OPTIONS)


class Absent(NamedTuple):
    """A kind of thing of which there is none here: what answers hold, and who is missed."""

    operation: str
    answer: str
    ids: str
    code: str
    noun: str


ABSENT = (
    Absent(
        "DescribeNatGateways", "NatGateways", "NatGatewayIds", "NatGatewayNotFound", "natGateway"
    ),
    Absent(
        "DescribeVpcEndpoints",
        "VpcEndpoints",
        "VpcEndpointIds",
        "InvalidVpcEndpointId.NotFound",
        "Vpc Endpoint",
    ),
    Absent(
        "DescribeNetworkInterfaces",
        "NetworkInterfaces",
        "NetworkInterfaceIds",
        "InvalidNetworkInterfaceID.NotFound",
        "networkInterface",
    ),
    Absent(
        "DescribeManagedPrefixLists",
        "PrefixLists",
        "PrefixListIds",
        "InvalidPrefixListID.NotFound",
        "prefix list",
    ),
    Absent(
        "DescribePrefixLists",
        "PrefixLists",
        "PrefixListIds",
        "InvalidPrefixListID.NotFound",
        "prefix list",
    ),
    Absent(
        "DescribeVpcPeeringConnections",
        "VpcPeeringConnections",
        "VpcPeeringConnectionIds",
        "InvalidVpcPeeringConnectionID.NotFound",
        "vpcPeeringConnection",
    ),
)


def _declare(absent: Absent) -> None:
    @ec2.operation(absent.operation)
    def describe_none(_call: Call, request: Document) -> Document:
        names.refuse_dry_run(request)
        for one in request.get(absent.ids) or ():
            raise NotFound(f"The {absent.noun} ID '{one}' does not exist", code=absent.code)
        return {absent.answer: []}


for _absent in ABSENT:
    _declare(_absent)
