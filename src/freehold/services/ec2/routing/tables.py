"""Route tables, their routes, and which subnets follow which.

A subnet follows the table that it was associated with, else its VPC's main one. The local
routes stand in every table and are told, never kept. Routes lead to internet gateways only;
other ways out are refused by name.
"""

from __future__ import annotations

from freehold.base.errors import InUse, Invalid, LimitExceeded, NotFound
from freehold.kernel.call import Call, Record
from freehold.kernel.declare.operation import Document
from freehold.services.ec2 import cidrs, defaults, names, usage
from freehold.services.ec2.entities import (
    INTERNET_GATEWAY,
    ROUTE_TABLE,
    TAG_ACTION,
    VPC,
    ec2,
)
from freehold.services.ec2.filters import Described, describe, every, shown
from freehold.services.ec2.routing.gateways import attached_to
from freehold.services.ec2.vpcs import blocks, ground

TABLES_MAX = 200  # of a VPC (VPC quotas)
ROUTES_MAX = 500  # of a table (VPC quotas)
DESTINATIONS = ("DestinationCidrBlock", "DestinationIpv6CidrBlock")
UNSERVED = (
    "DestinationPrefixListId",
    "VpcEndpointId",
    "TransitGatewayId",
    "LocalGatewayId",
    "CarrierGatewayId",
    "CoreNetworkArn",
    "OdbNetworkArn",
    "EgressOnlyInternetGatewayId",
    "InstanceId",
    "NetworkInterfaceId",
    "VpcPeeringConnectionId",
    "NatGatewayId",
    "LocalTarget",
)
ASSOCIATED = {"AssociationState": {"State": "associated"}}


def told(call: Call, table: Record) -> Document:
    """A table as EC2 answers it: local routes first, each route with its state."""
    vpc = call.unit.named(VPC.kind, table.document["VpcId"])
    local = [
        {
            "DestinationCidrBlock": block,
            "GatewayId": "local",
            "Origin": "CreateRouteTable",
            "State": "active",
        }
        for block in (blocks(vpc) if vpc is not None else ())
    ]
    routes = [
        route | {"Origin": "CreateRoute", "State": _state(call, table, route)}
        for route in table.document["_Routes"]
    ]
    associations = [
        {"Main": False, "RouteTableId": table.name} | one | ASSOCIATED
        for one in table.document["_Associations"]
    ]
    return shown(table) | {
        "Routes": [*local, *routes],
        "Associations": associations,
        "PropagatingVgws": [],
    }


def _state(call: Call, table: Record, route: Document) -> str:
    gateway = call.unit.named(INTERNET_GATEWAY.kind, route["GatewayId"])
    is_there = gateway is not None and attached_to(gateway) == table.document["VpcId"]
    return "active" if is_there else "blackhole"


TABLES = Described(
    ROUTE_TABLE,
    "RouteTables",
    "RouteTableIds",
    names.ROUTE_TABLE,
    {
        "route-table-id": "RouteTableId",
        "vpc-id": "VpcId",
        "owner-id": "OwnerId",
        "association.main": "Associations.Main",
        "association.subnet-id": "Associations.SubnetId",
        "association.gateway-id": "Associations.GatewayId",
        "association.route-table-id": "Associations.RouteTableId",
        "association.route-table-association-id": "Associations.RouteTableAssociationId",
        "route.destination-cidr-block": "Routes.DestinationCidrBlock",
        "route.destination-ipv6-cidr-block": "Routes.DestinationIpv6CidrBlock",
        "route.gateway-id": "Routes.GatewayId",
        "route.nat-gateway-id": "Routes.NatGatewayId",
        "route.origin": "Routes.Origin",
        "route.state": "Routes.State",
    },
    told,
)


@ec2.operation("DescribeRouteTables")
def describe_route_tables(call: Call, request: Document) -> Document:
    """Route tables by id or filter."""
    return describe(call, request, TABLES)


@ec2.operation(
    "CreateRouteTable",
    on=ROUTE_TABLE,
    mode="write",
    is_create=True,
    tag_action=TAG_ACTION,
    target=lambda call, request: [call.arn_of(ROUTE_TABLE, {}), call.arn_of(VPC, request)],
)
def create_route_table(call: Call, request: Document) -> Document:
    """A table with the local routes; the same ClientToken gives the same table.

    Raises:
        LimitExceeded: The VPC has TABLES_MAX.
    """
    names.refuse_dry_run(request)
    vpc, token = names.load(call, VPC, request["VpcId"]), request.get("ClientToken")
    tags = names.made_tags(call, "route-table")
    others = every(call, ROUTE_TABLE, vpc.name)
    same = [one for one in others if token and one.document.get("_ClientToken") == token]
    if not same and len(others) >= TABLES_MAX:
        raise LimitExceeded(
            "The maximum number of route tables has been reached.",
            code="RouteTableLimitExceeded",
        )
    document = defaults.table_document(ground(call), vpc.name) | {"_ClientToken": token}
    table = same[0] if same else call.create(ROUTE_TABLE, document, tags=tags)
    return {"RouteTable": told(call, table)} | ({"ClientToken": token} if token else {})


@ec2.operation("DeleteRouteTable", on=ROUTE_TABLE, mode="write")
def delete_route_table(call: Call, request: Document) -> None:
    """End a table that nothing follows.

    Raises:
        InUse: ``DependencyViolation``: it is the main one, or a subnet follows it.
    """
    names.refuse_dry_run(request)
    table = names.load(call, ROUTE_TABLE, request["RouteTableId"])
    if table.document["_Associations"]:
        raise usage.violation("routeTable", table.name)
    call.remove(table)


# -- routes -------------------------------------------------------------------------------------


def _destination(request: Document) -> tuple[str, str]:
    """(member, block) of where a route leads.

    Raises:
        Invalid: None or several, or not a block.
    """
    given = [member for member in DESTINATIONS if request.get(member)]
    if len(given) != 1:
        raise Invalid(
            "The request must contain exactly one of destinationCidrBlock, "
            "destinationIpv6CidrBlock or destinationPrefixListId",
            code="InvalidParameterCombination" if given else "MissingParameter",
        )
    member = given[0]
    if member == DESTINATIONS[0]:
        return member, str(cidrs.ipv4(request[member], "destinationCidrBlock"))
    return member, str(cidrs.ipv6(request[member], "destinationIpv6CidrBlock"))


def _route(call: Call, request: Document, table: Record) -> Document:
    """The route that a request asks for.

    Raises:
        Invalid: No gateway, one of another VPC, or a destination inside the VPC.
    """
    names.refuse_unserved(request, UNSERVED)
    member, block = _destination(request)
    if not request.get("GatewayId"):
        raise Invalid(
            "The request must contain exactly one of gatewayId, natGatewayId, networkInterfaceId, "
            "vpcPeeringConnectionId, transitGatewayId or another target",
            code="MissingParameter",
        )
    gateway = names.load(call, INTERNET_GATEWAY, request["GatewayId"])
    if attached_to(gateway) != table.document["VpcId"]:
        raise Invalid(
            f"route table {table.name} and network gateway {gateway.name} belong to different "
            "networks",
            code="InvalidParameterValue",
        )
    vpc = names.load(call, VPC, table.document["VpcId"])
    if member == DESTINATIONS[0]:
        wanted = cidrs.V4(block)
        if any(wanted.subnet_of(cidrs.V4(local)) for local in blocks(vpc)):
            raise Invalid(
                f"The destination CIDR block {block} is equal to or more specific than one of "
                "this VPC's CIDR blocks. This route can target only an interface or an instance.",
                code="InvalidParameterValue",
            )
    return {member: block, "GatewayId": gateway.name}


def _place(table: Record, member: str, block: str) -> int | None:
    routes = table.document["_Routes"]
    return next((n for n, route in enumerate(routes) if route.get(member) == block), None)


@ec2.operation("CreateRoute", on=ROUTE_TABLE, mode="write")
def create_route(call: Call, request: Document) -> Document:
    """Lead a block to an internet gateway of the VPC.

    Raises:
        InUse: ``RouteAlreadyExists``.
        LimitExceeded: The table has ROUTES_MAX.
    """
    names.refuse_dry_run(request)
    table = names.load(call, ROUTE_TABLE, request["RouteTableId"])
    route = _route(call, request, table)
    routes, (member, block) = table.document["_Routes"], _destination(request)
    at = _place(table, member, block)
    if at is not None and routes[at] != route:
        raise InUse(f"The route identified by {block} already exists.", code="RouteAlreadyExists")
    if at is None:
        if len(routes) >= ROUTES_MAX:
            raise LimitExceeded(
                "The maximum number of routes per route table has been reached.",
                code="RouteLimitExceeded",
            )
        routes.append(route)
        call.update(table)
    return {"Return": True}


@ec2.operation("ReplaceRoute", on=ROUTE_TABLE, mode="write")
def replace_route(call: Call, request: Document) -> None:
    """Lead a block elsewhere.

    Raises:
        NotFound: The table has no such route.
    """
    names.refuse_dry_run(request)
    table = names.load(call, ROUTE_TABLE, request["RouteTableId"])
    route = _route(call, request, table)
    table.document["_Routes"][_known(table, request)] = route
    call.update(table)


@ec2.operation("DeleteRoute", on=ROUTE_TABLE, mode="write")
def delete_route(call: Call, request: Document) -> None:
    """Lead a block nowhere.

    Raises:
        NotFound: The table has no such route.
        Invalid: It is a local one.
    """
    names.refuse_dry_run(request)
    names.refuse_unserved(request, ("DestinationPrefixListId",))
    table = names.load(call, ROUTE_TABLE, request["RouteTableId"])
    vpc = names.load(call, VPC, table.document["VpcId"])
    if _destination(request)[1] in blocks(vpc):
        raise Invalid(
            f"cannot remove local route {_destination(request)[1]} in route table {table.name}",
            code="InvalidParameterValue",
        )
    del table.document["_Routes"][_known(table, request)]
    call.update(table)


def _known(table: Record, request: Document) -> int:
    member, block = _destination(request)
    at = _place(table, member, block)
    if at is None:
        raise NotFound(
            f"no route with destination-cidr-block {block} in route table {table.name}",
            code="InvalidRoute.NotFound",
        )
    return at
