"""Subnets: made, changed, described and ended."""

from __future__ import annotations

from collections import Counter

from freehold.base.errors import InUse, Invalid, LimitExceeded, NotFound
from freehold.kernel.call import Call, Record
from freehold.kernel.declare.operation import Document, on_everything
from freehold.services.ec2 import cidrs, defaults, names, usage
from freehold.services.ec2.entities import (
    ATTRIBUTE_KEYS,
    ROUTE_TABLE,
    SUBNET,
    TAG_ACTION,
    VPC,
    default_vpc,
    ec2,
    zone_ids,
)
from freehold.services.ec2.filters import Described, describe, every, shown
from freehold.services.ec2.vpcs import blocks, ground

SUBNETS_MAX = 200  # of a VPC (VPC quotas)
DEFAULT_PREFIX = 20  # of default subnets
UNSERVED = (
    "Ipv6CidrBlock",
    "OutpostArn",
    "Ipv6Native",
    "Ipv4IpamPoolId",
    "Ipv4NetmaskLength",
    "Ipv6IpamPoolId",
    "Ipv6NetmaskLength",
)
UNSERVED_ATTRIBUTES = (
    "AssignIpv6AddressOnCreation",
    "MapCustomerOwnedIpOnLaunch",
    "CustomerOwnedIpv4Pool",
    "EnableDns64",
    "EnableLniAtDeviceIndex",
    "DisableLniAtDeviceIndex",
    "EnableResourceNameDnsAAAARecordOnLaunch",
)
NAMES_ON_LAUNCH = ("ip-name", "resource-name")
SUBNETS = Described(
    SUBNET,
    "Subnets",
    "SubnetIds",
    names.SUBNET,
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
        "enable-dns64": "EnableDns64",
        "ipv6-native": "Ipv6Native",
        "map-public-ip-on-launch": "MapPublicIpOnLaunch",
        "owner-id": "OwnerId",
        "private-dns-name-options-on-launch.hostname-type": (
            "PrivateDnsNameOptionsOnLaunch.HostnameType"
        ),
        "state": "State",
    },
)


@ec2.operation(
    "CreateSubnet",
    on=SUBNET,
    mode="write",
    is_create=True,
    tag_action=TAG_ACTION,
    target=lambda call, request: [
        call.arn_of(SUBNET, {}),
        call.arn_of(VPC, request),
    ],
)
def create_subnet(call: Call, request: Document) -> Document:
    """A subnet in a block of its VPC, in the zone asked for or the emptiest one.

    Raises:
        Invalid: The block or the zone is wrong.
        Conflict: Another subnet has addresses of the block.
        LimitExceeded: The VPC has SUBNETS_MAX.
    """
    names.refuse_dry_run(request)
    names.refuse_unserved(request, UNSERVED)
    vpc = names.load(call, VPC, request["VpcId"])
    if not request.get("CidrBlock"):
        raise Invalid("The request must contain the parameter cidrBlock", code="MissingParameter")
    tags = names.made_tags(call, "subnet")
    others = every(call, SUBNET, vpc.name)
    taken = [other.document["CidrBlock"] for other in others]
    block = cidrs.of_subnet(request["CidrBlock"], blocks(vpc), taken)
    _refuse_too_many(others)
    zone = _zone(call, request, others)
    document = defaults.subnet_document(ground(call), vpc.name, str(block), *zone)
    return {"Subnet": shown(call.create(SUBNET, document, tags=tags))}


def _refuse_too_many(others: list[Record]) -> None:
    if len(others) >= SUBNETS_MAX:
        raise LimitExceeded(
            "The maximum number of subnets of the VPC has been reached.",
            code="SubnetLimitExceeded",
        )


def _zone(call: Call, request: Document, others: list[Record]) -> tuple[str, str]:
    """(name, id) of the zone that the request names, else of that with fewest subnets.

    Raises:
        Invalid: It is none of ours.
    """
    zones = zone_ids(call.region)
    for member, at in (("AvailabilityZone", 0), ("AvailabilityZoneId", 1)):
        wanted = request.get(member)
        if wanted:
            for zone in zones:
                if zone[at] == wanted:
                    return zone
            raise Invalid(
                f"Value ({wanted}) for parameter {member[0].lower()}{member[1:]} is invalid. "
                "Subnets can currently only be created in the following availability zones: "
                f"{', '.join(zone[at] for zone in zones)}.",
                code="InvalidParameterValue",
            )
    used = Counter(other.document["AvailabilityZone"] for other in others)
    return min(zones, key=lambda zone: (used[zone[0]], zone))


@ec2.operation("CreateDefaultSubnet", on=SUBNET, mode="write", is_create=True, target=on_everything)
def create_default_subnet(call: Call, request: Document) -> Document:
    """A default subnet for a zone whose own was deleted, in the first free block.

    Raises:
        NotFound: There is no default VPC.
        InUse: The zone has one.
    """
    names.refuse_dry_run(request)
    names.refuse_unserved(request, UNSERVED)
    vpc = default_vpc(call)
    if vpc is None:
        raise NotFound("There is no default VPC: create one first.", code="DefaultVpcDoesNotExist")
    others = every(call, SUBNET, vpc.name)
    _refuse_too_many(others)
    zone = _zone(call, request, others)
    for other in others:
        if other.document["DefaultForAz"] and other.document["AvailabilityZone"] == zone[0]:
            raise InUse(
                f"'{other.name}' is already the default subnet in {zone[0]}.",
                code="DefaultSubnetAlreadyExistsInAvailabilityZone",
            )
    taken = [cidrs.V4(other.document["CidrBlock"]) for other in others]
    for block in cidrs.V4(vpc.document["CidrBlock"]).subnets(new_prefix=DEFAULT_PREFIX):
        if not cidrs.overlapping(block, taken):
            document = defaults.subnet_document(
                ground(call), vpc.name, str(block), *zone, is_default=True
            )
            return {"Subnet": shown(call.create(SUBNET, document, tags=call.automatic_tags))}
    raise Invalid("The default VPC has no free block.", code="InsufficientFreeAddressesInSubnet")


@ec2.operation("DescribeSubnets")
def describe_subnets(call: Call, request: Document) -> Document:
    """Subnets by id or filter."""
    return describe(call, request, SUBNETS)


@ec2.operation("DeleteSubnet", on=SUBNET, mode="write")
def delete_subnet(call: Call, request: Document) -> None:
    """End a subnet that nothing stands in; its route table forgets it.

    Raises:
        InUse: ``DependencyViolation``.
    """
    names.refuse_dry_run(request)
    subnet = names.load(call, SUBNET, request["SubnetId"])
    usage.refuse_used_subnet(call, subnet)
    for table in every(call, ROUTE_TABLE, subnet.document["VpcId"]):
        has = table.document["_Associations"]
        kept = [one for one in has if one.get("SubnetId") != subnet.name]
        if len(kept) < len(has):
            table.document["_Associations"] = kept
            call.update(table)
    call.remove(subnet)


@ec2.operation("ModifySubnetAttribute", on=SUBNET, mode="write", keys=ATTRIBUTE_KEYS)
def modify_subnet_attribute(call: Call, request: Document) -> None:
    """Change one attribute.

    Raises:
        Invalid: None or several at once, or a value that AWS does not know.
        Unsupported: An attribute that this network does not have.
    """
    subnet = names.load(call, SUBNET, request["SubnetId"])
    given = [member for member in request if member != "SubnetId"]
    if len(given) != 1:
        raise Invalid(
            "Request must contain exactly one attribute to modify",
            code="InvalidParameterCombination" if given else "MissingParameter",
        )
    names.refuse_unserved(request, UNSERVED_ATTRIBUTES)
    options = subnet.document["PrivateDnsNameOptionsOnLaunch"]
    match given[0]:
        case "MapPublicIpOnLaunch":
            subnet.document["MapPublicIpOnLaunch"] = _is_on(request, given[0])
        case "EnableResourceNameDnsARecordOnLaunch":
            options["EnableResourceNameDnsARecord"] = _is_on(request, given[0])
        case "PrivateDnsHostnameTypeOnLaunch":
            if request[given[0]] not in NAMES_ON_LAUNCH:
                raise Invalid(f"Invalid value '{request[given[0]]}' for hostname type.")
            options["HostnameType"] = request[given[0]]
    call.update(subnet)


def _is_on(request: Document, member: str) -> bool:
    return bool(request[member].get("Value"))
