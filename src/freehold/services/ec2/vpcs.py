"""VPCs: made, changed, described and ended. Subnets, groups and routes have files of their own."""

from __future__ import annotations

from freehold.base.errors import Conflict, InUse, Invalid, LimitExceeded, NotFound
from freehold.kernel.call import Call, Record
from freehold.kernel.declare.operation import Document, dig, on_everything
from freehold.services.ec2 import cidrs, defaults, names, usage
from freehold.services.ec2.entities import (
    ATTRIBUTE_KEYS,
    DHCP_OPTIONS,
    INTERNET_GATEWAY,
    NETWORK_ACL,
    ROUTE_TABLE,
    RULE,
    SECURITY_GROUP,
    SUBNET,
    TAG_ACTION,
    VPC,
    default_vpc,
    ec2,
)
from freehold.services.ec2.filters import Described, describe, every, shown

VPCS_MAX = 1_000  # AWS gives 5 and raises it on request
BLOCKS_MAX = 5  # IPv4 blocks of a VPC (VPC quotas)
UNSERVED = (
    "Ipv6Pool",
    "Ipv6CidrBlock",
    "Ipv4IpamPoolId",
    "Ipv4NetmaskLength",
    "Ipv6IpamPoolId",
    "Ipv6NetmaskLength",
    "Ipv6CidrBlockNetworkBorderGroup",
    "VpcEncryptionControl",
    "AmazonProvidedIpv6CidrBlock",
)
VPCS = Described(
    VPC,
    "Vpcs",
    "VpcIds",
    names.VPC,
    {
        "vpc-id": "VpcId",
        "cidr": "CidrBlock",
        "cidr-block": "CidrBlock",
        "cidrBlock": "CidrBlock",
        "cidr-block-association.association-id": "CidrBlockAssociationSet.AssociationId",
        "cidr-block-association.cidr-block": "CidrBlockAssociationSet.CidrBlock",
        "cidr-block-association.state": "CidrBlockAssociationSet.CidrBlockState.State",
        "dhcp-options-id": "DhcpOptionsId",
        "dhcpOptionsId": "DhcpOptionsId",
        "is-default": "IsDefault",
        "isDefault": "IsDefault",
        "owner-id": "OwnerId",
        "state": "State",
    },
)
# Name in DescribeVpcAttribute -> member of answers and of ModifyVpcAttribute. Kept behind a "_".
ATTRIBUTES = {
    "enableDnsSupport": "EnableDnsSupport",
    "enableDnsHostnames": "EnableDnsHostnames",
    "enableNetworkAddressUsageMetrics": "EnableNetworkAddressUsageMetrics",
}


def ground(call: Call) -> defaults.Ground:
    """Where a call makes things; what it makes besides bears the automatic tags."""
    return defaults.Ground(
        call.kernel.settings.partition,
        call.region,
        call.account_id,
        lambda resource, document: call.create(resource, document, tags=call.automatic_tags),
    )


@ec2.operation("CreateVpc", on=VPC, mode="write", is_create=True, tag_action=TAG_ACTION)
def create_vpc(call: Call, request: Document) -> Document:
    """A VPC with its main route table, default ACL and default security group.

    Raises:
        Invalid: The block is none that a VPC may have.
        LimitExceeded: There are VPCS_MAX.
    """
    names.refuse_dry_run(request)
    names.refuse_unserved(request, UNSERVED)
    if not request.get("CidrBlock"):
        raise Invalid("The request must contain the parameter cidrBlock", code="MissingParameter")
    if request.get("InstanceTenancy", "default") != "default":
        raise Invalid("There are no dedicated hosts: InstanceTenancy must be default.")
    tags = names.made_tags(call, "vpc")
    block = cidrs.of_vpc(request["CidrBlock"])
    _refuse_too_many(call)
    document = defaults.vpc_document(ground(call), str(block), _dhcp_options(call))
    record = call.create(VPC, document, tags=tags)
    defaults.companions(ground(call), record.name)
    return {"Vpc": shown(record)}


@ec2.operation("CreateDefaultVpc", on=VPC, mode="write", is_create=True, target=on_everything)
def create_default_vpc(call: Call, request: Document) -> Document:
    """The default VPC again, after it was deleted.

    Raises:
        InUse: ``DefaultVpcAlreadyExists``.
    """
    names.refuse_dry_run(request)
    if default_vpc(call) is not None:
        raise InUse(
            "A Default VPC already exists for this account in this region.",
            code="DefaultVpcAlreadyExists",
        )
    _refuse_too_many(call)
    return {"Vpc": shown(defaults.default_network(ground(call), _dhcp_options(call)))}


def _refuse_too_many(call: Call) -> None:
    if call.count(VPC) >= VPCS_MAX:
        raise LimitExceeded("The maximum number of VPCs has been reached.", code="VpcLimitExceeded")


def _dhcp_options(call: Call) -> str:
    return call.all(DHCP_OPTIONS, limit=1)[0].name


@ec2.operation("DescribeVpcs")
def describe_vpcs(call: Call, request: Document) -> Document:
    """VPCs by id or filter."""
    return describe(call, request, VPCS)


@ec2.operation("DeleteVpc", on=VPC, mode="write")
def delete_vpc(call: Call, request: Document) -> None:
    """End a VPC in which nothing is left but what it was born with.

    Raises:
        InUse: ``DependencyViolation``.
    """
    names.refuse_dry_run(request)
    vpc = names.load(call, VPC, request["VpcId"])
    groups, tables = every(call, SECURITY_GROUP, vpc.name), every(call, ROUTE_TABLE, vpc.name)
    is_attached = any(
        vpc.name in dig(gateway.document, "Attachments.VpcId")
        for gateway in every(call, INTERNET_GATEWAY)
    )
    if is_attached or call.count(SUBNET, vpc.name) or len(groups) > 1 or len(tables) > 1:
        raise usage.violation("vpc", vpc.name)
    usage.refuse_used_vpc(call, vpc)
    rules = [rule for group in groups for rule in every(call, RULE, group.name)]
    for record in (*rules, *groups, *tables, *every(call, NETWORK_ACL, vpc.name), vpc):
        call.remove(record)


@ec2.operation("DescribeVpcAttribute", on=VPC)
def describe_vpc_attribute(call: Call, request: Document) -> Document:
    """One attribute of a VPC.

    Raises:
        NotFound: There is no such VPC.
        Invalid: An attribute that AWS does not know.
    """
    names.refuse_dry_run(request)
    vpc = names.load(call, VPC, request["VpcId"])
    if request["Attribute"] not in ATTRIBUTES:
        raise Invalid(
            f"Value ({request['Attribute']}) for parameter attribute is invalid.",
            code="InvalidParameterValue",
        )
    member = ATTRIBUTES[request["Attribute"]]
    return {"VpcId": vpc.name, member: {"Value": attribute(vpc, member)}}


def attribute(vpc: Record, member: str) -> bool:
    """Whether an attribute of a VPC is on."""
    return bool(vpc.document.get(f"_{member}", member != "EnableNetworkAddressUsageMetrics"))


@ec2.operation("ModifyVpcAttribute", on=VPC, mode="write", keys=ATTRIBUTE_KEYS)
def modify_vpc_attribute(call: Call, request: Document) -> None:
    """Switch one attribute.

    Raises:
        Invalid: None or several at once, or host names without name service.
    """
    vpc = names.load(call, VPC, request["VpcId"])
    given = {member: request[member] for member in ATTRIBUTES.values() if member in request}
    if len(given) != 1:
        raise Invalid(
            "Fields for multiple attribute types specified"
            if given
            else "The request must contain exactly one attribute",
            code="InvalidParameterCombination" if given else "MissingParameter",
        )
    ((member, value),) = given.items()
    is_on = bool(value.get("Value"))
    if member == "EnableDnsHostnames" and is_on and not attribute(vpc, "EnableDnsSupport"):
        raise Invalid("DNS hostnames need DNS support: switch EnableDnsSupport on first.")
    vpc.document[f"_{member}"] = is_on
    call.update(vpc)


@ec2.operation("AssociateVpcCidrBlock", on=VPC, mode="write")
def associate_vpc_cidr_block(call: Call, request: Document) -> Document:
    """Give a VPC a further block.

    Raises:
        Invalid: The block is none that a VPC may have, or overlaps one that it has.
        LimitExceeded: It has BLOCKS_MAX.
    """
    names.refuse_unserved(request, UNSERVED)
    vpc = names.load(call, VPC, request["VpcId"])
    if not request.get("CidrBlock"):
        raise Invalid("The request must contain the parameter cidrBlock", code="MissingParameter")
    block, has = cidrs.of_vpc(request["CidrBlock"]), blocks(vpc)
    if cidrs.overlapping(block, map(cidrs.V4, has)):
        raise Invalid(
            f"The CIDR '{block}' overlaps a CIDR block of the VPC.", code="InvalidVpc.Range"
        )
    if len(has) >= BLOCKS_MAX:
        raise LimitExceeded(
            f"A VPC has at most {BLOCKS_MAX} IPv4 CIDR blocks.", code="CidrLimitExceeded"
        )
    made = defaults.cidr_association(str(block))
    vpc.document["CidrBlockAssociationSet"].append(made)
    call.update(vpc)
    return {"VpcId": vpc.name, "CidrBlockAssociation": made}


def blocks(vpc: Record) -> list[str]:
    """The IPv4 blocks of a VPC."""
    return [str(one["CidrBlock"]) for one in vpc.document["CidrBlockAssociationSet"]]


def _vpc_of_association(call: Call, request: Document) -> Record | None:
    wanted = request.get("AssociationId")
    for vpc in every(call, VPC):
        if wanted in dig(vpc.document, "CidrBlockAssociationSet.AssociationId"):
            return vpc
    return None


def _association_target(call: Call, request: Document) -> str:
    vpc = _vpc_of_association(call, request)
    return call.arn_of(VPC, {}) if vpc is None else vpc.arn


@ec2.operation("DisassociateVpcCidrBlock", mode="write", target=_association_target)
def disassociate_vpc_cidr_block(call: Call, request: Document) -> Document:
    """Take a further block away in which no subnet is.

    Raises:
        NotFound: No VPC has this association.
        Invalid: It is the VPC's first block.
        Conflict: A subnet lies in it.
    """
    vpc, wanted = _vpc_of_association(call, request), request["AssociationId"]
    if vpc is None:
        raise NotFound(
            f"The vpc CIDR block association ID '{wanted}' does not exist",
            code="InvalidVpcCidrBlockAssociationID.NotFound",
        )
    has = vpc.document["CidrBlockAssociationSet"]
    gone = next(one for one in has if one["AssociationId"] == wanted)
    if gone["CidrBlock"] == vpc.document["CidrBlock"]:
        raise Invalid(
            f"The vpc CIDR block with association ID {wanted} may not be disassociated. It is "
            "the primary IPv4 CIDR block of the VPC",
            code="OperationNotPermitted",
        )
    block = cidrs.V4(gone["CidrBlock"])
    for subnet in every(call, SUBNET, vpc.name):
        if block.overlaps(cidrs.V4(subnet.document["CidrBlock"])):
            raise Conflict(
                f"The CIDR block {block} has subnets in it and cannot be disassociated.",
                code="DependencyViolation",
            )
    has.remove(gone)
    call.update(vpc)
    state = {"CidrBlockState": {"State": "disassociated"}}
    return {"VpcId": vpc.name, "CidrBlockAssociation": gone | state}
