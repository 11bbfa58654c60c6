"""Who may reach what, worked out from the records that EC2's calls made."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.inprocess import Aws

from freehold.base.errors import Invalid, NotFound
from freehold.compose import House
from freehold.kernel.network import rules
from freehold.kernel.network.reach import Reach, may_reach, reach
from freehold.kernel.network.rules import Packet, Route

SSH, DNS, PING = Packet("tcp", 22), Packet("udp", 53), Packet("icmp", 8, 0)


def at(text: str) -> rules.Address:
    return ipaddress.ip_address(text)


class Net:
    """A VPC of two subnets, made by calls."""

    def __init__(self, aws: Aws, house: House) -> None:
        self.house, self.ec2 = house, aws.client("ec2")
        self.vpc = self.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        self.subnets = [
            self.ec2.create_subnet(VpcId=self.vpc, CidrBlock=f"10.0.{n}.0/24")["Subnet"]["SubnetId"]
            for n in range(2)
        ]

    def group(self, name: str) -> str:
        """A group without any rule."""
        made = self.ec2.create_security_group(GroupName=name, Description="x", VpcId=self.vpc)
        every = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
        self.ec2.revoke_security_group_egress(GroupId=made["GroupId"], IpPermissions=every)
        return str(made["GroupId"])

    def let(
        self, direction: str, owner: str, protocol: str, ports: tuple[int, int], **peer: str
    ) -> None:
        pair = {"UserIdGroupPairs": [{"GroupId": peer["group"]}]} if "group" in peer else {}
        cidr = {"IpRanges": [{"CidrIp": peer["cidr"]}]} if "cidr" in peer else {}
        permission = {"IpProtocol": protocol, "FromPort": ports[0], "ToPort": ports[1]}
        getattr(self.ec2, f"authorize_security_group_{direction}")(
            GroupId=owner, IpPermissions=[permission | pair | cidr]
        )

    def reach(self, *groups: str, subnets: list[str] | None = None) -> Reach:
        return reach(self.house.kernel.own_unit(), subnets or self.subnets, groups)

    def open(self, **more: str) -> str:
        """A gateway, and a way to it from the main route table."""
        gateway = self.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        self.ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=self.vpc)
        table = self.ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [self.vpc]}])[
            "RouteTables"
        ][0]["RouteTableId"]
        self.ec2.create_route(
            RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway, **more
        )
        return str(gateway)


@pytest.fixture
def net(aws: Aws, house: House) -> Net:
    return Net(aws, house)


def test_a_group_without_rules_lets_nothing_pass(net: Net) -> None:
    net.open()
    found = net.reach(net.group("shut"))
    assert not found.may_send(SSH, at("10.0.0.9"))
    assert not found.may_receive(SSH, at("10.0.0.9"))
    assert found.openings() == []


def test_what_goes_out_must_be_let_in(net: Net) -> None:
    app, database = net.group("app"), net.group("database")
    net.let("egress", app, "tcp", (5432, 5432), group=database)
    sender, receiver = net.reach(app), net.reach(database)
    packet = Packet("tcp", 5432)
    here, there = at("10.0.0.4"), at("10.0.1.4")
    assert not may_reach(sender, here, receiver, there, packet)
    net.let("ingress", database, "tcp", (5000, 6000), group=app)
    receiver = net.reach(database)
    assert may_reach(sender, here, receiver, there, packet)
    assert not may_reach(sender, here, receiver, there, Packet("tcp", 5433))
    assert not may_reach(sender, here, receiver, there, Packet("udp", 5432))
    assert not may_reach(receiver, there, sender, here, packet)
    assert not may_reach(sender, here, sender, there, packet)  # its own members are not meant


def test_members_of_a_group_meet_only_where_it_names_itself(net: Net) -> None:
    group = net.group("studio")
    one, other = at("10.0.0.4"), at("10.0.0.5")
    assert not may_reach(net.reach(group), one, net.reach(group), other, SSH)
    net.let("egress", group, "-1", (-1, -1), group=group)
    net.let("ingress", group, "-1", (-1, -1), group=group)
    assert may_reach(net.reach(group), one, net.reach(group), other, SSH)
    assert may_reach(net.reach(group), one, net.reach(group), other, PING)


def test_two_vpcs_never_meet(aws: Aws, house: House, net: Net) -> None:
    far = Net(aws, house)  # of the very same addresses
    groups = []
    for each in (net, far):
        group = each.group("open")
        each.open()
        each.let("egress", group, "-1", (-1, -1), cidr="0.0.0.0/0")
        each.let("ingress", group, "-1", (-1, -1), cidr="0.0.0.0/0")
        groups.append(each.reach(group))
    assert not may_reach(groups[0], at("10.0.0.4"), groups[1], at("10.0.1.4"), SSH)
    assert not groups[0].may_send(SSH, at("10.1.0.4"))  # nor is there a way to private addresses


def test_the_internet_is_there_as_long_as_the_gateway_is(net: Net) -> None:
    group = net.group("out")
    net.let("egress", group, "tcp", (443, 443), cidr="0.0.0.0/0")
    web = Packet("tcp", 443)
    assert not net.reach(group).may_send(web, at("8.8.8.8"))
    assert not net.reach(group).reaches_internet()
    gateway = net.open()
    assert net.reach(group).may_send(web, at("8.8.8.8"))
    assert net.reach(group).reaches_internet()
    assert not net.reach(group).may_send(DNS, at("8.8.8.8"))
    net.ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=net.vpc)
    assert not net.reach(group).may_send(web, at("8.8.8.8"))
    assert net.reach(group).may_send(web, at("10.0.1.7"))


def test_outside_counts_what_every_subnet_has_a_way_to(net: Net) -> None:
    group = net.group("out")
    net.let("egress", group, "-1", (-1, -1), cidr="0.0.0.0/0")
    net.open()
    table = net.ec2.create_route_table(VpcId=net.vpc)["RouteTable"]["RouteTableId"]
    net.ec2.associate_route_table(RouteTableId=table, SubnetId=net.subnets[1])
    assert net.reach(group, subnets=net.subnets[:1]).may_send(SSH, at("8.8.8.8"))
    assert not net.reach(group, subnets=net.subnets[1:]).may_send(SSH, at("8.8.8.8"))
    assert not net.reach(group).may_send(SSH, at("8.8.8.8"))


@pytest.mark.parametrize(
    "taboo", ["127.0.0.1", "169.254.169.254", "0.0.0.0", "224.0.0.1", "255.255.255.255"]
)
def test_this_host_and_its_metadata_are_never_reached(net: Net, taboo: str) -> None:
    group = net.group("out")
    net.let("egress", group, "-1", (-1, -1), cidr="0.0.0.0/0")
    net.open()
    found = net.reach(group)
    assert not found.may_send(SSH, at(taboo))
    assert not any(
        opening.network is not None and at(taboo) in opening.network for opening in found.openings()
    )


def test_what_is_missing_or_mixed_is_refused(aws: Aws, house: House, net: Net) -> None:
    group, far = net.group("one"), Net(aws, house)
    with pytest.raises(NotFound):
        net.reach("sg-00000000")
    with pytest.raises(NotFound):
        net.reach(group, subnets=["subnet-00000000"])
    with pytest.raises(Invalid):
        net.reach(group, subnets=far.subnets)
    with pytest.raises(Invalid):
        net.reach()


def test_an_unchanged_network_is_equal_and_a_changed_one_is_not(net: Net) -> None:
    group = net.group("one")
    before = net.reach(group)
    assert net.reach(group) == before
    net.let("egress", group, "icmp", (8, -1), cidr="10.0.0.0/8")
    after = net.reach(group)
    assert after != before
    assert after.may_send(PING, at("10.0.0.4"))
    assert not after.may_send(Packet("icmp", 3, 1), at("10.0.0.4"))


def test_the_most_specific_route_wins() -> None:
    routes = (
        Route(ipaddress.ip_network("0.0.0.0/0"), is_open=True),
        Route(ipaddress.ip_network("8.8.0.0/16"), is_open=False),
        Route(ipaddress.ip_network("8.8.8.0/24"), is_open=True),
    )
    assert rules.leads_out(routes, at("8.8.8.8"))
    assert not rules.leads_out(routes, at("8.8.4.4"))
    assert rules.leads_out(routes, at("9.9.9.9"))
    assert not rules.leads_out(routes, at("2001:4860::1"))


NETWORKS = st.builds(
    lambda number, bits: ipaddress.IPv4Network((number, bits), strict=False),
    st.integers(0, 2**32 - 1),
    st.integers(0, 32),
)
ROUTES = st.lists(st.builds(Route, NETWORKS, st.booleans()), max_size=5, unique_by=lambda r: r[0])


@given(ROUTES, st.integers(0, 2**32 - 1).map(ipaddress.IPv4Address))
def test_outside_is_exactly_where_routes_lead(
    routes: list[Route], address: ipaddress.IPv4Address
) -> None:
    is_outside = any(address in network for network in rules.outside(tuple(routes)))
    assert is_outside == rules.leads_out(routes, address)


RULES = st.lists(
    st.builds(
        rules.Rule,
        st.sampled_from(["-1", "tcp", "udp"]),
        st.integers(0, 100),
        st.integers(100, 65535),
        NETWORKS,
    ),
    max_size=4,
)


@given(RULES, ROUTES, st.integers(0, 2**32 - 1).map(ipaddress.IPv4Address), st.integers(0, 65535))
def test_openings_let_pass_exactly_what_may_be_sent(
    egress: list[rules.Rule], routes: list[Route], address: ipaddress.IPv4Address, port: int
) -> None:
    found = Reach(
        vpc="vpc-1",
        local=(ipaddress.ip_network("10.0.0.0/16"),),
        subnets=(),
        groups=(),
        egress=tuple(egress),
        ingress=(),
        routes=(tuple(routes),),
    )
    packet = Packet("tcp", port)
    is_open = any(
        rules.Rule(one.protocol, one.first, one.last, one.network).passes(packet, address, ())
        for one in found.openings()
    )
    assert is_open == found.may_send(packet, address)
