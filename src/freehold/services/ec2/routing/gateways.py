"""Internet gateways: made, attached to a VPC, detached and ended."""

from __future__ import annotations

from freehold.base.errors import Conflict, InUse, Invalid, LimitExceeded
from freehold.kernel.call import Call, Record
from freehold.kernel.declare.operation import Document, dig
from freehold.services.ec2 import defaults, names, usage
from freehold.services.ec2.entities import INTERNET_GATEWAY, TAG_ACTION, VPC, ec2, on
from freehold.services.ec2.filters import Described, describe, every, shown
from freehold.services.ec2.vpcs import VPCS_MAX, ground

GATEWAYS = Described(
    INTERNET_GATEWAY,
    "InternetGateways",
    "InternetGatewayIds",
    names.GATEWAY,
    {
        "internet-gateway-id": "InternetGatewayId",
        "attachment.state": "Attachments.State",
        "attachment.vpc-id": "Attachments.VpcId",
        "owner-id": "OwnerId",
    },
)


@ec2.operation(
    "CreateInternetGateway",
    on=INTERNET_GATEWAY,
    mode="write",
    is_create=True,
    tag_action=TAG_ACTION,
)
def create_internet_gateway(call: Call, request: Document) -> Document:
    """A gateway that no VPC has yet.

    Raises:
        LimitExceeded: There are as many as there may be VPCs.
    """
    names.refuse_dry_run(request)
    tags = names.made_tags(call, "internet-gateway")
    if call.count(INTERNET_GATEWAY) >= VPCS_MAX:
        raise LimitExceeded(
            "The maximum number of internet gateways has been reached.",
            code="InternetGatewayLimitExceeded",
        )
    document = defaults.gateway_document(ground(call))
    return {"InternetGateway": shown(call.create(INTERNET_GATEWAY, document, tags=tags))}


@ec2.operation("DescribeInternetGateways")
def describe_internet_gateways(call: Call, request: Document) -> Document:
    """Internet gateways by id or filter."""
    return describe(call, request, GATEWAYS)


def attached_to(gateway: Record) -> str | None:
    """The VPC of a gateway, if it has one."""
    found = dig(gateway.document, "Attachments.VpcId")
    return found[0] if found else None


@ec2.operation("AttachInternetGateway", mode="write", target=on(INTERNET_GATEWAY, VPC))
def attach_internet_gateway(call: Call, request: Document) -> None:
    """Give a VPC its gateway.

    Raises:
        InUse: The gateway has a VPC already.
        Invalid: The VPC has a gateway already.
    """
    names.refuse_dry_run(request)
    gateway = names.load(call, INTERNET_GATEWAY, request["InternetGatewayId"])
    vpc = names.load(call, VPC, request["VpcId"])
    has = attached_to(gateway)
    if has is not None:
        raise InUse(
            f"resource {gateway.name} is already attached to network {has}",
            code="Resource.AlreadyAssociated",
        )
    if any(attached_to(other) == vpc.name for other in every(call, INTERNET_GATEWAY)):
        raise Invalid(
            f"Network {vpc.name} already has an internet gateway attached",
            code="InvalidParameterValue",
        )
    gateway.document["Attachments"] = [{"State": "available", "VpcId": vpc.name}]
    call.update(gateway)


@ec2.operation("DetachInternetGateway", mode="write", target=on(INTERNET_GATEWAY, VPC))
def detach_internet_gateway(call: Call, request: Document) -> None:
    """Take a VPC's gateway away; routes to it lead nowhere from then on.

    Raises:
        Conflict: ``Gateway.NotAttached``.
    """
    names.refuse_dry_run(request)
    gateway = names.load(call, INTERNET_GATEWAY, request["InternetGatewayId"])
    vpc = names.load(call, VPC, request["VpcId"])
    if attached_to(gateway) != vpc.name:
        raise Conflict(
            f"resource {gateway.name} is not attached to network {vpc.name}",
            code="Gateway.NotAttached",
        )
    gateway.document["Attachments"] = []
    call.update(gateway)


@ec2.operation("DeleteInternetGateway", on=INTERNET_GATEWAY, mode="write")
def delete_internet_gateway(call: Call, request: Document) -> None:
    """End a gateway that is detached.

    Raises:
        InUse: ``DependencyViolation``.
    """
    names.refuse_dry_run(request)
    gateway = names.load(call, INTERNET_GATEWAY, request["InternetGatewayId"])
    if attached_to(gateway) is not None:
        raise usage.violation("internetGateway", gateway.name)
    call.remove(gateway)
