"""Which subnet follows which route table, and which table is a VPC's main one.

An association is kept with its table: the subnet's id, or ``Main``, under an id of its own.
"""

from __future__ import annotations

from freehold.base import ids
from freehold.base.errors import Conflict, Invalid, NotFound
from freehold.kernel.call import Call, Record
from freehold.kernel.declare.operation import Document
from freehold.services.ec2 import names
from freehold.services.ec2.entities import ROUTE_TABLE, SUBNET, ec2, on
from freehold.services.ec2.filters import every
from freehold.services.ec2.routing.tables import ASSOCIATED


@ec2.operation("AssociateRouteTable", mode="write", target=on(ROUTE_TABLE, SUBNET))
def associate_route_table(call: Call, request: Document) -> Document:
    """Let a subnet follow a table instead of the main one.

    Raises:
        Invalid: They are of different VPCs.
        Conflict: ``Resource.AlreadyAssociated``.
    """
    names.refuse_dry_run(request)
    names.refuse_unserved(request, ("GatewayId", "PublicIpv4Pool"))
    table = names.load(call, ROUTE_TABLE, request["RouteTableId"])
    if not request.get("SubnetId"):
        raise Invalid("The request must contain the parameter subnetId", code="MissingParameter")
    subnet = names.load(call, SUBNET, request["SubnetId"])
    if subnet.document["VpcId"] != table.document["VpcId"]:
        raise Invalid(
            f"Route table {table.name} and subnet {subnet.name} belong to different networks",
            code="InvalidParameterValue",
        )
    for other in every(call, ROUTE_TABLE, table.document["VpcId"]):
        for one in other.document["_Associations"]:
            if one.get("SubnetId") == subnet.name and other.name != table.name:
                raise Conflict(
                    f"the specified association for route table {table.name} conflicts with an "
                    "existing association",
                    code="Resource.AlreadyAssociated",
                )
            if one.get("SubnetId") == subnet.name:
                return {"AssociationId": one["RouteTableAssociationId"]} | ASSOCIATED
    made = {"RouteTableAssociationId": ids.hex_id("rtbassoc"), "SubnetId": subnet.name}
    table.document["_Associations"].append(made)
    call.update(table)
    return {"AssociationId": made["RouteTableAssociationId"]} | ASSOCIATED


def _follower(call: Call, request: Document) -> tuple[Record, Document] | None:
    wanted = request.get("AssociationId")
    for table in every(call, ROUTE_TABLE):
        for one in table.document["_Associations"]:
            if one["RouteTableAssociationId"] == wanted:
                return table, one
    return None


def _follower_target(call: Call, request: Document) -> list[str]:
    """The table that is followed, the one that shall be, and the subnet."""
    found = _follower(call, request)
    wanted = [call.arn_of(ROUTE_TABLE, request)] if request.get("RouteTableId") else []
    if found is None:
        return [*wanted, call.arn_of(ROUTE_TABLE, {})]
    table, one = found
    subnet = [call.arn_of(SUBNET, one)] if "SubnetId" in one else []
    return [*wanted, table.arn, *subnet]


def _followed(call: Call, request: Document) -> tuple[Record, Document]:
    found = _follower(call, request)
    if found is None:
        raise NotFound(
            f"The association ID '{request['AssociationId']}' does not exist",
            code="InvalidAssociationID.NotFound",
        )
    return found


@ec2.operation("DisassociateRouteTable", mode="write", target=_follower_target)
def disassociate_route_table(call: Call, request: Document) -> None:
    """Let a subnet follow the main table again.

    Raises:
        Invalid: It is the main association.
    """
    names.refuse_dry_run(request)
    table, one = _followed(call, request)
    if one.get("Main"):
        raise Invalid(
            "cannot disassociate the main route table association "
            f"{one['RouteTableAssociationId']}",
            code="InvalidParameterValue",
        )
    table.document["_Associations"].remove(one)
    call.update(table)


@ec2.operation("ReplaceRouteTableAssociation", mode="write", target=_follower_target)
def replace_route_table_association(call: Call, request: Document) -> Document:
    """Let a subnet follow another table, or make another table the VPC's main one.

    Raises:
        Invalid: The tables are of different VPCs.
    """
    names.refuse_dry_run(request)
    before, one = _followed(call, request)
    table = names.load(call, ROUTE_TABLE, request["RouteTableId"])
    if table.document["VpcId"] != before.document["VpcId"]:
        raise Invalid(
            f"Route tables {table.name} and {before.name} belong to different networks",
            code="InvalidParameterValue",
        )
    if table.name == before.name:
        return {"NewAssociationId": one["RouteTableAssociationId"]} | ASSOCIATED
    before.document["_Associations"].remove(one)
    made = one | {"RouteTableAssociationId": ids.hex_id("rtbassoc")}
    table.document["_Associations"].append(made)
    call.update(before)
    call.update(table)
    return {"NewAssociationId": made["RouteTableAssociationId"]} | ASSOCIATED
