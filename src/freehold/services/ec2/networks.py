"""VPCs and subnets, described."""

from __future__ import annotations

from freehold.base.errors import Invalid, NotFound
from freehold.kernel.call import Call
from freehold.kernel.declare.operation import Document
from freehold.services.ec2.entities import SUBNET, VPC, ec2
from freehold.services.ec2.filters import Described, describe, refuse_dry_run

MISSING_VPC = ("InvalidVpcID.NotFound", "The vpc ID '{}' does not exist")
VPCS = Described(
    VPC,
    "Vpcs",
    "VpcIds",
    MISSING_VPC,
    {
        "vpc-id": "VpcId",
        "cidr": "CidrBlock",
        "cidr-block": "CidrBlock",
        "cidr-block-association.association-id": "CidrBlockAssociationSet.AssociationId",
        "cidr-block-association.cidr-block": "CidrBlockAssociationSet.CidrBlock",
        "cidr-block-association.state": "CidrBlockAssociationSet.CidrBlockState.State",
        "dhcp-options-id": "DhcpOptionsId",
        "is-default": "IsDefault",
        "isDefault": "IsDefault",
        "owner-id": "OwnerId",
        "state": "State",
    },
)
SUBNETS = Described(
    SUBNET,
    "Subnets",
    "SubnetIds",
    ("InvalidSubnetID.NotFound", "The subnet ID '{}' does not exist"),
    {
        "subnet-id": "SubnetId",
        "subnet-arn": "SubnetArn",
        "vpc-id": "VpcId",
        "availability-zone": "AvailabilityZone",
        "availabilityZone": "AvailabilityZone",
        "availability-zone-id": "AvailabilityZoneId",
        "availabilityZoneId": "AvailabilityZoneId",
        "available-ip-address-count": "AvailableIpAddressCount",
        "cidr": "CidrBlock",
        "cidrBlock": "CidrBlock",
        "cidr-block": "CidrBlock",
        "default-for-az": "DefaultForAz",
        "defaultForAz": "DefaultForAz",
        "map-public-ip-on-launch": "MapPublicIpOnLaunch",
        "owner-id": "OwnerId",
        "state": "State",
    },
)
# Of every VPC here: names resolve inside and are given to what runs there.
ATTRIBUTES = {
    "enableDnsSupport": ("EnableDnsSupport", True),
    "enableDnsHostnames": ("EnableDnsHostnames", True),
    "enableNetworkAddressUsageMetrics": ("EnableNetworkAddressUsageMetrics", False),
}


@ec2.operation("DescribeVpcs")
def describe_vpcs(call: Call, request: Document) -> Document:
    """VPCs by id or filter: the default one, until more can be made."""
    return describe(call, request, VPCS)


@ec2.operation("DescribeSubnets")
def describe_subnets(call: Call, request: Document) -> Document:
    """Subnets by id or filter."""
    return describe(call, request, SUBNETS)


@ec2.operation("DescribeVpcAttribute")
def describe_vpc_attribute(call: Call, request: Document) -> Document:
    """One attribute of a VPC.

    Raises:
        NotFound: There is no such VPC.
        Invalid: An attribute that AWS does not know.
    """
    refuse_dry_run(request)
    if call.find(VPC, request) is None:
        code, sentence = MISSING_VPC
        raise NotFound(sentence.format(request["VpcId"]), code=code)
    if request["Attribute"] not in ATTRIBUTES:
        raise Invalid(
            f"Value ({request['Attribute']}) for parameter attribute is invalid.",
            code="InvalidParameterValue",
        )
    member, value = ATTRIBUTES[request["Attribute"]]
    return {"VpcId": request["VpcId"], member: {"Value": value}}
