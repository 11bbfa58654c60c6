"""What a workload in given subnets and security groups may reach: records in, a value out.

Input: the network's records, which services keep, through a ``Unit``. Output: a ``Reach`` for
loops that start workloads and for whatever enforces it. A change of any record of ``KINDS`` may
change a ``Reach``: watch them, read again, compare.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from freehold.base.errors import Invalid, NotFound
from freehold.kernel.network.rules import (
    NEVER,
    Address,
    Network,
    Opening,
    Packet,
    Route,
    Rule,
    collapsed,
    common,
    leads_out,
    outside,
    without,
)
from freehold.store.records import Page, Record
from freehold.store.unit import Unit

VPC = "ec2:vpc"
SUBNET = "ec2:subnet"
GROUP = "ec2:security-group"
RULE = "ec2:security-group-rule"
TABLE = "ec2:route-table"
GATEWAY = "ec2:internet-gateway"
KINDS = frozenset({VPC, SUBNET, GROUP, RULE, TABLE, GATEWAY})
STEP = 500


class Reach(NamedTuple):
    """What may pass, for one workload.

    ``local`` are the blocks of its VPC, ``subnets`` those that it may stand in, by id.
    ``egress`` and ``ingress`` are the rules of all its groups together. ``routes``: for each
    subnet, where its route table leads beside the local routes. Two are equal if and only if
    the same traffic is enforced for both.
    """

    vpc: str
    local: tuple[Network, ...]
    subnets: tuple[tuple[str, Network], ...]
    groups: tuple[str, ...]
    egress: tuple[Rule, ...]
    ingress: tuple[Rule, ...]
    routes: tuple[tuple[Route, ...], ...]

    def is_local(self, address: Address) -> bool:
        """Whether an address lies in the VPC."""
        return any(address in block for block in self.local)

    def is_routed(self, address: Address) -> bool:
        """Whether there is a way to an address, from every one of the subnets."""
        if any(address in network for network in NEVER):
            return False
        return self.is_local(address) or (
            bool(self.routes) and all(leads_out(routes, address) for routes in self.routes)
        )

    def may_send(self, packet: Packet, to: Address, groups: Iterable[str] = ()) -> bool:
        """Whether a flow may begin to an address whose owner is a member of ``groups``."""
        among = frozenset(groups)
        return self.is_routed(to) and any(rule.passes(packet, to, among) for rule in self.egress)

    def may_receive(self, packet: Packet, by: Address, groups: Iterable[str] = ()) -> bool:
        """Whether a flow may come in from an address whose owner is a member of ``groups``."""
        among = frozenset(groups)
        return self.is_routed(by) and any(rule.passes(packet, by, among) for rule in self.ingress)

    def reaches_internet(self) -> bool:
        """Whether any address outside of the VPC may be reached at all."""
        return any(
            opening.network is not None and not common([opening.network], self.local)
            for opening in self.openings()
        )

    def openings(self) -> list[Opening]:
        """All outgoing traffic that passes, as holes: rules, routes and taboos worked in."""
        ways = self._ways()
        found: list[Opening] = []
        for rule in self.egress:
            head = (rule.protocol, rule.first, rule.last)
            if rule.network is None:
                found.append(Opening(*head, None, rule.group))
                continue
            found += [Opening(*head, one, None) for one in common([rule.network], ways)]
        return list(dict.fromkeys(found))

    def _ways(self) -> list[Network]:
        """Every network that all of the subnets have a way to."""
        first, *others = dict.fromkeys(self.routes) or ((),)
        out = list(outside(first))
        for routes in others:
            out = common(out, outside(routes))
        return collapsed([*without(self.local, NEVER), *without(out, self.local)])


def may_reach(
    sender: Reach, source: Address, receiver: Reach, target: Address, packet: Packet
) -> bool:
    """Whether one workload may begin a flow to another: both of one VPC, both sides willing.

    Workloads of two VPCs never reach one another: there are no peerings, and no gateway leads
    to private addresses.
    """
    return (
        sender.vpc == receiver.vpc
        and sender.is_local(source)
        and receiver.is_local(target)
        and sender.may_send(packet, target, receiver.groups)
        and receiver.may_receive(packet, source, sender.groups)
    )


def reach(unit: Unit, subnets: Sequence[str], groups: Sequence[str]) -> Reach:
    """What a workload in these subnets and security groups may reach and be reached by.

    It is told for any of the subnets: outside of the VPC only what all of them have a way to.

    Raises:
        Invalid: No subnet or no group, or they are of several VPCs.
        NotFound: One of them does not exist.
    """
    if not subnets or not groups:
        raise Invalid("A workload in a VPC needs at least one subnet and one security group.")
    found = [_named(unit, SUBNET, one) for one in dict.fromkeys(subnets)]
    guards = [_named(unit, GROUP, one) for one in sorted(set(groups))]
    vpcs = {record.scope for record in (*found, *guards)}
    if len(vpcs) > 1:
        raise Invalid(
            "Subnets and security groups of a workload must be of one VPC, not of "
            f"{', '.join(sorted(vpcs))}."
        )
    vpc = _named(unit, VPC, vpcs.pop())
    rules = [rule.document for group in guards for rule in _all(unit, RULE, group.name)]
    tables = _all(unit, TABLE, vpc.name)
    return Reach(
        vpc=vpc.name,
        local=tuple(
            ipaddress.ip_network(one["CidrBlock"])
            for one in vpc.document["CidrBlockAssociationSet"]
        ),
        subnets=tuple((one.name, ipaddress.ip_network(one.document["CidrBlock"])) for one in found),
        groups=tuple(guard.name for guard in guards),
        egress=_rules(rule for rule in rules if rule["IsEgress"]),
        ingress=_rules(rule for rule in rules if not rule["IsEgress"]),
        routes=tuple(_routes(unit, vpc.name, tables, one.name) for one in found),
    )


def _rules(documents: Iterable[dict[str, object]]) -> tuple[Rule, ...]:
    found = {rule for rule in map(Rule.of, documents) if rule is not None}
    return tuple(sorted(found, key=repr))


def _routes(unit: Unit, vpc: str, tables: list[Record], subnet: str) -> tuple[Route, ...]:
    """The routes of the table that a subnet follows, its own or else the main one."""
    main: tuple[Route, ...] = ()
    for table in tables:
        for one in table.document["_Associations"]:
            if one.get("SubnetId") == subnet:
                return _led(unit, vpc, table)
            if one.get("Main"):
                main = _led(unit, vpc, table)
    return main


def _led(unit: Unit, vpc: str, table: Record) -> tuple[Route, ...]:
    found = []
    for route in table.document["_Routes"]:
        cidr = route.get("DestinationCidrBlock") or route["DestinationIpv6CidrBlock"]
        gateway = unit.named(GATEWAY, route["GatewayId"])
        attached = [] if gateway is None else gateway.document["Attachments"]
        is_open = any(one["VpcId"] == vpc for one in attached)
        found.append(Route(ipaddress.ip_network(cidr), is_open))
    return tuple(sorted(found, key=repr))


def _named(unit: Unit, kind: str, name: str) -> Record:
    """The record of an id, whatever it lives in: ids are unique."""
    page = Page(kind, column="name", after=(name, 0), limit=1)
    records = unit.records(page)
    if not records or records[0].name != name:
        noun = kind.partition(":")[2].replace("-", " ")
        raise NotFound(f"The {noun} {name} does not exist.")
    return records[0]


def _all(unit: Unit, kind: str, scope: str) -> list[Record]:
    page, found = Page(kind, scope=scope, column="name", limit=STEP), list[Record]()
    while True:
        records = unit.records(page)
        found += records
        if len(records) < STEP:
            return found
        page = page._replace(after=(records[-1].name, records[-1].id))
