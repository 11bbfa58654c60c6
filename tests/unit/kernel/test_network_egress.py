"""Where the server may connect to for a sandbox: the rule, and when it is asked anew."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.support.inprocess import Aws
from tests.support.studio import make_domain, make_profile, work_role

from freehold.compose import House
from freehold.kernel.doors import Door
from freehold.kernel.network.egress import Egress, Way

OUTSIDE = ipaddress.IPv4Address("203.0.113.10")
EVERYWHERE = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
HTTPS = [
    {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": f"{OUTSIDE}/32"}]}
]


def at(text: str) -> ipaddress.IPv4Address:
    return ipaddress.IPv4Address(text)


@dataclass
class Sealed:
    """A VpcOnly domain whose profile ana has one group, at first without any rule."""

    house: House
    aws: Aws
    egress: Egress
    group: str = ""
    domain: str = ""
    app: str = ""
    table: str = ""
    told: list[None] = field(default_factory=list)

    def way(self) -> Way:
        return self.egress.way("one")

    def open_door(self, source: str, door_id: str = "one", **more: Any) -> None:
        door = Door(door_id, Path("/nowhere"), "t", source, "role", None, **more)
        self.house.kernel.doors.open(door)


@pytest.fixture
def sealed(house: House, aws: Aws) -> Sealed:
    ec2, sagemaker = aws.client("ec2"), aws.client("sagemaker")
    made = Sealed(house, aws, Egress(house.kernel, lambda address: address != at("203.0.113.1")))
    made.egress.changed = lambda: made.told.append(None)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    found = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])
    made.table = found["RouteTables"][0]["RouteTableId"]
    ec2.create_route(RouteTableId=made.table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    made.group = ec2.create_security_group(GroupName="g", Description="x", VpcId=vpc)["GroupId"]
    ec2.revoke_security_group_egress(GroupId=made.group, IpPermissions=EVERYWHERE)
    domain = make_domain(
        aws,
        "sealed",
        work_role(aws, "work"),
        AppNetworkAccessType="VpcOnly",
        VpcId=vpc,
        SubnetIds=[subnet],
    )
    made.domain = domain.id
    make_profile(aws, domain.id, "ana", UserSettings={"SecurityGroups": [made.group]})
    made.app = sagemaker.create_app(
        DomainId=domain.id, UserProfileName="ana", AppType="JupyterLab", AppName="default"
    )["AppArn"]
    made.open_door(made.app)
    return made


NEVER = [
    "127.0.0.1",
    "127.255.0.9",
    "0.0.0.0",
    "169.254.169.254",
    "169.254.170.2",
    "224.0.0.1",
    "255.255.255.255",
    "168.63.129.16",
    "192.0.0.192",
]
INNER = ["10.1.2.3", "172.16.0.1", "192.168.1.1", "100.100.100.200"]


@pytest.mark.parametrize("address", NEVER + INNER)
def test_the_internet_has_neither_this_machine_nor_private_networks(address: str) -> None:
    assert Way("d-1", "app").refusal(at(address), 443)
    assert Way("d-1", "app").hides(at(address))


def test_the_internet_is_everything_else_at_every_port() -> None:
    for port in (1, 25, 443, 65535):
        assert Way("d-1", "app").refusal(OUTSIDE, port) == ""
    assert Way("d-1", "app").hides(OUTSIDE) == ""


def test_what_has_no_network_reaches_nothing() -> None:
    shut = Way("d-1", "app", why="it was given no network")
    assert shut.refusal(OUTSIDE, 443) == "it was given no network"
    assert shut.hides(OUTSIDE)


def test_this_machines_own_addresses_are_refused_whatever_they_are(sealed: Sealed) -> None:
    way = Way("d-1", "app")
    assert sealed.egress.refusal(way, OUTSIDE, 443) == ""
    assert "this machine" in sealed.egress.refusal(way, at("203.0.113.1"), 443)
    assert sealed.egress.hides(way, at("203.0.113.1"))


def test_a_vpc_without_rules_leads_nowhere_and_looks_nothing_up(sealed: Sealed) -> None:
    assert "neither its security groups" in sealed.way().why
    assert sealed.way().domain_id == sealed.domain
    assert sealed.way().source == sealed.app


def test_a_rule_opens_its_address_and_port_at_once_and_its_end_closes_them(sealed: Sealed) -> None:
    ec2 = sealed.aws.client("ec2")
    before = sealed.way()
    ec2.authorize_security_group_egress(GroupId=sealed.group, IpPermissions=HTTPS)
    assert sealed.told
    way = sealed.way()
    assert way != before
    assert way.refusal(OUTSIDE, 443) == ""
    assert way.refusal(OUTSIDE, 80) == f"no outbound rule of {sealed.group} allows tcp 80 to it"
    assert way.refusal(at("203.0.113.11"), 443)
    assert (way.hides(OUTSIDE), bool(way.hides(at("203.0.113.11")))) == ("", True)
    ec2.revoke_security_group_egress(GroupId=sealed.group, IpPermissions=HTTPS)
    assert sealed.way().why


def test_no_rule_opens_what_is_never_reached_nor_what_lies_inside(sealed: Sealed) -> None:
    sealed.aws.client("ec2").authorize_security_group_egress(
        GroupId=sealed.group, IpPermissions=EVERYWHERE
    )
    way = sealed.way()
    assert way.refusal(OUTSIDE, 443) == ""
    for address in (*NEVER, *INNER):
        assert way.refusal(at(address), 443), address
    assert "inside the VPC" in way.refusal(at("10.0.0.9"), 443)


def test_without_a_route_there_is_no_way_out(sealed: Sealed) -> None:
    ec2 = sealed.aws.client("ec2")
    ec2.authorize_security_group_egress(GroupId=sealed.group, IpPermissions=EVERYWHERE)
    assert sealed.way().why == ""
    ec2.delete_route(RouteTableId=sealed.table, DestinationCidrBlock="0.0.0.0/0")
    assert "nor its routes" in sealed.way().why


def test_an_unchanged_rule_is_not_read_again(sealed: Sealed) -> None:
    way = sealed.way()
    told = len(sealed.told)
    sealed.aws.client("sagemaker").create_experiment(ExperimentName="other")
    assert sealed.way() is way
    assert len(sealed.told) == told


def test_a_closed_door_and_a_lost_app_lead_nowhere(sealed: Sealed) -> None:
    sealed.house.kernel.doors.close("one")
    assert "ended" in sealed.way().why
    sealed.open_door(sealed.app.replace("/ana/", "/bob/"), "two")
    assert "gone" in sealed.egress.way("two").why


def test_a_broken_network_is_shut_and_says_why(sealed: Sealed) -> None:
    sealed.aws.client("sagemaker").update_user_profile(
        DomainId=sealed.domain, UserProfileName="ana", UserSettings={"SecurityGroups": []}
    )
    assert "one security group" in sealed.way().why


def test_a_refusal_is_counted_for_the_domain_and_the_app(sealed: Sealed) -> None:
    sealed.egress.refused(sealed.way(), OUTSIDE, 80)
    sealed.egress.refused(sealed.way(), None, 443)
    first, second = sealed.house.kernel.refusals.drain()
    assert (first.domain_id, first.source_arn) == (sealed.domain, sealed.app)
    assert (first.address, first.protocol, first.port) == (str(OUTSIDE), "tcp", 80)
    assert (second.address, second.port) == ("-", 443)
