"""Networks that are really cut: jobs in namespaces of their own, an internet of one host."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.agents import Agent, end
from tests.support.internet import PORTS, UDP, Internet, internet
from tests.support.jobs import TRUST, install_runtime
from tests.support.people import allow, policy
from tests.support.server import RunningServer, until
from tests.support.visits import Visit

from freehold.base.settings import runtimes_directory
from freehold.host import runtimes as installed
from freehold.host.networks import probe
from freehold.host.networks.names import Names

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.root,
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root"),
    pytest.mark.skipif(
        probe.examine().mode != "namespaces", reason=f"no networks here: {probe.examine().reason}"
    ),
]
TCP, OTHER = PORTS
ICMP_METADATA = "169.254.169.254"


@pytest.fixture(scope="module")
def outside() -> Iterator[Internet]:
    with internet() as made:
        yield made


@pytest.fixture(scope="module")
def runtimes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("runtimes")
    place.chmod(0o755)
    install_runtime(place)
    (place / "jupyterlab").symlink_to(runtimes_directory() / "jupyterlab")
    return place


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, runtimes: Path, outside: Internet
) -> Iterator[RunningServer]:
    place = tmp_path_factory.mktemp("networks")
    patch = pytest.MonkeyPatch()
    patch.setenv("FREEHOLD_RUNTIMES", str(runtimes))
    made = RunningServer(place / "state", place / "log")
    made.start()
    yield made
    made.end()
    patch.undo()
    assert leftovers(made) == []


@pytest.fixture(scope="module")
def role(server: RunningServer) -> str:
    iam = server.client("iam")
    made = iam.create_role(RoleName="jobs", AssumeRolePolicyDocument=TRUST)
    iam.put_role_policy(RoleName="jobs", PolicyName="p", PolicyDocument=policy(allow("*")))
    return str(made["Role"]["Arn"])


@pytest.fixture
def start(server: RunningServer, role: str) -> Iterator[Callable[..., Agent]]:
    made: list[Agent] = []

    def begin(name: str, vpc: Vpc | None = None, *groups: str) -> Agent:
        network = {} if vpc is None else {"VpcConfig": vpc.config(*groups)}
        made.append(Agent(server, f"{name}-{time.time_ns()}", role, **network))
        return made[-1]

    yield begin
    end(made)


class Vpc:
    """A VPC with a way out, one subnet, and groups that let nothing pass."""

    def __init__(self, server: RunningServer, cidr: str = "10.0.0.0/24") -> None:
        self.ec2 = server.client("ec2")
        self.id = self.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        made = self.ec2.create_subnet(VpcId=self.id, CidrBlock=cidr)
        self.subnet = made["Subnet"]["SubnetId"]
        gateway = self.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        self.ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=self.id)
        tables = self.ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [self.id]}])
        self.ec2.create_route(
            RouteTableId=tables["RouteTables"][0]["RouteTableId"],
            DestinationCidrBlock="0.0.0.0/0",
            GatewayId=gateway,
        )

    def group(self, name: str) -> str:
        made = self.ec2.create_security_group(GroupName=name, Description="d", VpcId=self.id)
        everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
        self.ec2.revoke_security_group_egress(GroupId=made["GroupId"], IpPermissions=everything)
        return str(made["GroupId"])

    def config(self, *groups: str) -> dict[str, list[str]]:
        return {"Subnets": [self.subnet], "SecurityGroupIds": list(groups)}

    def out(self, group: str, *permissions: dict[str, Any]) -> None:
        self.ec2.authorize_security_group_egress(GroupId=group, IpPermissions=list(permissions))

    def no_longer_out(self, group: str, *permissions: dict[str, Any]) -> None:
        self.ec2.revoke_security_group_egress(GroupId=group, IpPermissions=list(permissions))

    def into(self, group: str, *permissions: dict[str, Any]) -> None:
        self.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=list(permissions))


def to(address: str, port: int, protocol: str = "tcp") -> dict[str, Any]:
    return {
        "IpProtocol": protocol,
        "FromPort": port,
        "ToPort": port,
        "IpRanges": [{"CidrIp": f"{address}/32"}],
    }


def members(group: str, port: int) -> dict[str, Any]:
    head = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port}
    return head | {"UserIdGroupPairs": [{"GroupId": group}]}


def leftovers(server: RunningServer) -> list[str]:
    """What of a server's networks is on this machine."""
    names = Names.of(server.state)
    found = [one for one in os.listdir("/run/netns") if names.tag in one]
    found += [one for one in os.listdir("/sys/class/net") if one.startswith(names.uplinks)]
    tables = subprocess.run(["nft", "list", "tables"], capture_output=True, text=True, check=True)
    return found + [line for line in tables.stdout.splitlines() if names.table in line]


def own_addresses() -> list[str]:
    said = subprocess.run(
        ["hostname", "-I"], capture_output=True, text=True, check=True
    ).stdout.split()
    return [one for one in said if ":" not in one]


def test_a_public_job_reaches_the_internet_and_nothing_else(
    start: Callable[..., Agent], outside: Internet, server: RunningServer
) -> None:
    one, other = start("public"), start("other")
    assert one.reaches(outside.address, TCP)
    assert one.ask("echo")["ok"]
    assert one.ask("datagram", outside.address, UDP)["ok"]
    facts = one.ask("own")
    assert facts["facts"]["network_interface_name"] == "eth0"
    assert set(facts["interfaces"]) == {"lo", "eth0"}
    other.ask("listen", 7000)
    port = server.facts()["port"]
    assert not one.reaches(other.address, 7000)
    assert not one.reaches(ICMP_METADATA, 80)
    assert not one.reaches("127.0.0.1", port)
    for address in {outside.own, *own_addresses()}:
        assert not one.reaches(address, port)
        assert not one.reaches(address, 22)
    gateway = "100.64.0.1"
    assert not one.reaches(gateway, port)
    assert one.ask("dial", outside.address, OTHER)["ok"]


def test_a_rule_opens_and_its_end_cuts_what_is_open(
    start: Callable[..., Agent], server: RunningServer, outside: Internet
) -> None:
    vpc = Vpc(server)
    group = vpc.group("work")
    job = start("vpc", vpc, group)
    assert not job.reaches(outside.address, TCP)
    vpc.out(group, to(outside.address, TCP), to(outside.address, UDP, "udp"))
    assert job.ask("wait", outside.address, TCP, True, 1.0)["ok"]
    assert not job.reaches(outside.address, OTHER)
    assert not job.ask("ping", outside.address)["ok"]
    echo = to(outside.address, 8, "icmp") | {"ToPort": -1}
    vpc.out(group, echo)
    until(lambda: job.ask("ping", outside.address, 0.2)["ok"], 1.0)
    assert job.ask("datagram", outside.address, UDP)["ok"]
    assert job.reaches(outside.address, TCP)
    assert job.ask("echo")["ok"]
    vpc.no_longer_out(group, to(outside.address, TCP), to(outside.address, UDP, "udp"))
    until(lambda: not job.ask("echo", 0.3)["ok"], 1.0)
    assert not job.reaches(outside.address, TCP)
    assert not job.ask("datagram", outside.address, UDP)["ok"]


def test_members_of_a_group_meet_as_they_come_and_go(
    start: Callable[..., Agent], server: RunningServer
) -> None:
    vpc = Vpc(server)
    clients, servers = vpc.group("clients"), vpc.group("servers")
    serving = start("serving", vpc, servers)
    serving.ask("listen", 7000)
    serving.ask("listen", 7001)
    vpc.out(clients, members(servers, 7000), members(servers, 7001))
    vpc.into(servers, members(clients, 7000))
    client, stranger = start("client", vpc, clients), start("stranger", vpc, vpc.group("none"))
    assert serving.address.startswith("10.0.0.")
    assert client.reaches(serving.address, 7000)
    assert client.ask("echo")["ok"]
    assert not client.reaches(serving.address, 7001)  # let out, and not let in
    assert not stranger.reaches(serving.address, 7000)
    assert not serving.reaches(client.address, 9000)
    vpc.out(servers, members(clients, 7000))
    assert not serving.reaches(client.address, 7000)  # and the way back is no way


def test_two_vpcs_of_one_block_never_meet(
    start: Callable[..., Agent], server: RunningServer, outside: Internet
) -> None:
    open_to_all = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    jobs = []
    for name in ("left", "right"):
        vpc = Vpc(server)
        group = vpc.group(name)
        vpc.out(group, open_to_all)
        vpc.into(group, open_to_all)
        jobs.append(start(name, vpc, group))
    left, right = jobs
    assert left.address == right.address  # each the first of its subnet
    assert left.reaches(outside.address, TCP)
    assert right.reaches(outside.address, TCP)
    right.ask("listen", 7000)
    assert not left.reaches(right.address, 7000)
    third = start("third", vpc, group)
    assert third.reaches(right.address, 7000)


def test_what_was_refused_stands_in_a_flow_log(
    start: Callable[..., Agent], server: RunningServer
) -> None:
    vpc = Vpc(server)
    job = start("logged", vpc, vpc.group("none"))
    address = job.address
    for _ in range(3):
        assert not job.reaches("198.51.100.7", 443)
    logs = server.client("logs")

    def lines() -> list[str]:
        if not logs.describe_log_groups(logGroupNamePrefix="/freehold/flow-logs/")["logGroups"]:
            return []
        found = logs.filter_log_events(logGroupName="/freehold/flow-logs/no-domain")["events"]
        return [one["message"] for one in found if job.name in one["logStreamName"]]

    until(lines, 10.0)
    words = lines()[0].split()
    assert len(words) == 14
    assert words[2].startswith("eni-")
    assert words[3:5] == [address, "198.51.100.7"]
    assert words[6:9] == ["443", "6", "3"]
    assert words[12:] == ["REJECT", "OK"]


def test_networks_outlive_the_server_and_end_with_their_jobs(
    start: Callable[..., Agent], server: RunningServer, outside: Internet
) -> None:
    vpc = Vpc(server)
    group = vpc.group("lives")
    vpc.out(group, to(outside.address, TCP))
    job, short = start("lives", vpc, group), start("short")
    assert job.reaches(outside.address, TCP)
    assert short.reaches(outside.address, TCP)
    assert job.ask("dial", outside.address, TCP)["ok"]
    server.kill()
    assert job.ask("echo")["ok"]  # held by the kernel, not by the server
    short.begin("end")
    server.start()
    assert job.ask("echo")["ok"]
    vpc.ec2 = server.client("ec2")
    vpc.no_longer_out(group, to(outside.address, TCP))
    until(lambda: not job.ask("echo", 0.3)["ok"], 2.0)
    until(lambda: short.status()["ProcessingJobStatus"] != "InProgress")
    names = Names.of(server.state)
    stands = lambda: [one for one in os.listdir("/run/netns") if one.startswith(names.stands)]  # noqa: E731
    until(lambda: len(stands()) == 1, 5.0)


DIAL = """
import socket, time
def dial(host, port):
    started = time.time()
    try:
        with socket.create_connection((host, port), timeout=3):
            return "open"
    except OSError:
        return "refused" if time.time() - started < 1 else "silent"
"""
LISTEN = """
import socket, threading
held = socket.create_server(("0.0.0.0", 7000))
lines = [line.split()[-1] for line in open("/proc/net/fib_trie") if "|-- 10." in line]
print([one for one in lines if one.endswith((".4", ".5"))][0])
"""


@pytest.mark.runtime
@pytest.mark.skipif(
    installed.find("jupyterlab") is None,
    reason="needs a runtime: freehold runtime install jupyterlab",
)
def test_apps_of_a_vpc_only_domain_reach_what_their_groups_allow(
    server: RunningServer, outside: Internet, role: str
) -> None:
    vpc, sm = Vpc(server), server.client("sagemaker")
    ana, bob = vpc.group("ana"), vpc.group("bob")
    made = sm.create_domain(
        DomainName="finance",
        AuthMode="IAM",
        AppNetworkAccessType="VpcOnly",
        VpcId=vpc.id,
        SubnetIds=[vpc.subnet],
        DefaultUserSettings={"ExecutionRole": role, "SecurityGroups": [ana]},
    )
    domain = made["DomainId"]
    for name, group in (("ana", ana), ("bob", bob)):
        sm.create_user_profile(
            DomainId=domain, UserProfileName=name, UserSettings={"SecurityGroups": [group]}
        )

    def visit(name: str) -> Visit:
        return Visit(
            sm.create_presigned_domain_url(DomainId=domain, UserProfileName=name)["AuthorizedUrl"]
        )

    async def go() -> None:
        async with visit("ana") as mine, visit("bob") as yours:
            await asyncio.gather(mine.open(), yours.open())
            kernel, other = await mine.kernel(), await yours.kernel()
            address = (await yours.run(LISTEN, other)).strip()
            await mine.run(DIAL, kernel)

            async def dials(host: str, port: int) -> str:
                return (await mine.run(f"print(dial({host!r}, {port}))", kernel)).strip()

            for host in (outside.address, address, "127.0.0.1", "169.254.169.254"):
                assert await dials(host, 7000) == "refused", host
            assert await dials(outside.address, TCP) == "refused"
            vpc.out(ana, to(outside.address, TCP), members(bob, 7000))
            vpc.into(bob, members(ana, 7000))
            told = time.monotonic()
            while await dials(outside.address, TCP) != "open":
                assert time.monotonic() < told + 1.0
            assert await dials(address, 7000) == "open"
            assert await dials(outside.address, OTHER) == "refused"

    asyncio.run(go())
    logs, group = server.client("logs"), f"/freehold/flow-logs/{domain}"
    until(lambda: logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"], 10.0)
    streams = logs.describe_log_streams(logGroupName=group)["logStreams"]
    assert streams[0]["logStreamName"].startswith(f"app/{domain}/ana/jupyterserver/default/eni-")
    tags = logs.list_tags_for_resource(
        resourceArn=logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"][0][
            "logGroupArn"
        ]
    )["tags"]
    assert json.loads(json.dumps(tags)) == {"sagemaker:domain-arn": made["DomainArn"]}
