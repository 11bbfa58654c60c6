"""The loop of networks over a host that only remembers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from tests.support import networks
from tests.support.inprocess import Aws
from tests.support.jobs import TRUST, install_runtime, processing_request
from tests.support.networks import FakeHost
from tests.support.nft import Table

from freehold.base.errors import Internal, LimitExceeded
from freehold.base.settings import Settings
from freehold.compose import House
from freehold.host.networks.namespaces import Line
from freehold.host.networks.readings import Refused
from freehold.host.networks.ruleset import Rules, whole
from freehold.kernel.network import flows
from freehold.loops.jobs import book
from freehold.loops.jobs.verdict import COMPLETED
from freehold.loops.networks.loop import ROUTER_REST_SECONDS, Networks
from freehold.store.records import Record


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    install_runtime(tmp_path / "runtimes")
    return Settings(
        state=tmp_path / "state", account_id="111122223333", runtimes=tmp_path / "runtimes"
    )


@pytest.fixture
def host() -> FakeHost:
    return FakeHost()


@pytest.fixture
def pulse() -> Iterator[Any]:
    seconds = count(0, 10)
    return lambda: next(seconds)  # type: ignore[return-value]


@pytest.fixture
def loop(house: House, host: FakeHost, pulse: Any) -> Networks:
    return networks.made(house.kernel, host, pulse)


class Net:
    """A VPC with a small subnet, and jobs in it."""

    def __init__(self, aws: Aws, house: House) -> None:
        self.house, self.ec2 = house, aws.client("ec2")
        self.sagemaker = aws.client("sagemaker")
        made = aws.client("iam").create_role(RoleName="jobs", AssumeRolePolicyDocument=TRUST)
        self.role = made["Role"]["Arn"]
        self.vpc = self.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        self.subnet = self.ec2.create_subnet(VpcId=self.vpc, CidrBlock="10.0.0.0/28")["Subnet"][
            "SubnetId"
        ]
        self.group = self.make_group("work")

    def make_group(self, name: str) -> str:
        made = self.ec2.create_security_group(GroupName=name, Description="d", VpcId=self.vpc)
        every = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
        self.ec2.revoke_security_group_egress(GroupId=made["GroupId"], IpPermissions=every)
        return str(made["GroupId"])

    def job(self, name: str, *groups: str, is_public: bool = False) -> Record:
        """A job that the loop of jobs has taken."""
        config = {"Subnets": [self.subnet], "SecurityGroupIds": list(groups or (self.group,))}
        more = {} if is_public else {"NetworkConfig": {"VpcConfig": config}}
        arn = self.sagemaker.create_processing_job(**processing_request(name, self.role, **more))
        record = self.now(arn["ProcessingJobArn"])
        assert book.take(self.house.kernel, record)
        return self.now(record.arn)

    def now(self, arn: str) -> Record:
        found = self.house.kernel.own_unit().find(arn)
        assert found is not None
        return found

    def end(self, record: Record) -> None:
        book.settle(self.house.kernel, self.now(record.arn), COMPLETED)

    def let_out(self, cidr: str, port: int) -> None:
        self.ec2.authorize_security_group_egress(
            GroupId=self.group,
            IpPermissions=[
                {
                    "IpProtocol": "tcp",
                    "FromPort": port,
                    "ToPort": port,
                    "IpRanges": [{"CidrIp": cidr}],
                }
            ],
        )


@pytest.fixture
def net(aws: Aws, house: House) -> Net:
    return Net(aws, house)


def table(host: FakeHost, router: str) -> Table:
    """What is in force at a router after all that it was told."""
    found = Table().run(whole(Rules()))
    for text in host.rules[router]:
        found.run(text)
    return found


def work(record: Record) -> str:
    return f"processing-job-{record.uid}"


def test_a_workload_is_given_an_address_of_its_subnet(
    loop: Networks, host: FakeHost, net: Net
) -> None:
    one, other = net.job("one"), net.job("other")
    assert loop.join(one).netns == f"/run/netns/{work(one)}"
    loop.join(other)
    assert {line.address for line in host.routers[net.vpc].values()} == {"10.0.0.4", "10.0.0.5"}
    assert host.gateways[work(one)] == "10.0.0.1"
    assert loop.is_direct(work(one))
    assert loop.join(one) == loop.join(one)
    assert len(host.routers[net.vpc]) == 2


def test_a_full_subnet_is_a_clear_reason(loop: Networks, net: Net) -> None:
    for number in range(11):
        loop.join(net.job(f"job{number}"))
    with pytest.raises(LimitExceeded, match=r"no free IP address in the subnets 10\.0\.0\.0/28"):
        loop.join(net.job("late"))


def test_public_workloads_share_a_router_and_no_way_between(
    loop: Networks, host: FakeHost, net: Net
) -> None:
    jobs = [net.job(name, is_public=True) for name in ("one", "other")]
    for job in jobs:
        loop.join(job)
    assert [line.address for line in host.routers["public"].values()] == [
        "100.64.0.4",
        "100.64.0.5",
    ]
    found = table(host, "public")
    assert "100.64.0.0" not in " ".join(found.chains["e_1"])
    assert found.chains["i_2"] == ["goto x_2"]


def test_a_workload_without_network_gets_none(
    loop: Networks, host: FakeHost, net: Net, house: House
) -> None:
    arn = net.sagemaker.create_processing_job(
        **processing_request("alone", net.role, NetworkConfig={"EnableNetworkIsolation": True})
    )["ProcessingJobArn"]
    book.take(house.kernel, net.now(arn))
    assert loop.join(net.now(arn)).netns == ""
    assert loop.interface(net.now(arn)) == "lo"
    assert host.routers == {}


def test_a_rule_reaches_whoever_runs(loop: Networks, host: FakeHost, net: Net) -> None:
    loop.join(net.job("one"))
    assert len(table(host, net.vpc).chains["e_1"]) == 2
    net.let_out("10.0.0.0/16", 443)
    loop.turn()
    rule = "ct original ip daddr { 10.0.0.0/16 } meta l4proto tcp ct original proto-dst 443-443"
    assert table(host, net.vpc).chains["e_1"][1] == f"{rule} goto passed"
    said = len(host.rules[net.vpc])
    loop.turn()
    assert len(host.rules[net.vpc]) == said


def test_a_group_names_those_who_run_now(loop: Networks, host: FakeHost, net: Net) -> None:
    group = net.make_group("peers")
    net.ec2.authorize_security_group_egress(
        GroupId=net.group,
        IpPermissions=[{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": group}]}],
    )
    loop.join(net.job("asks"))
    name = f"g_{group.replace('-', '_')}"
    assert table(host, net.vpc).sets[name] == set()
    peer = net.job("peer", group)
    loop.join(peer)
    assert table(host, net.vpc).sets[name] == {"10.0.0.5"}
    net.end(peer)
    loop.turn()
    assert table(host, net.vpc).sets[name] == set()
    assert len(host.routers[net.vpc]) == 1


def test_what_ended_loses_its_network_and_an_idle_router_goes(
    house: House, host: FakeHost, net: Net
) -> None:
    times = {"now": 0.0}
    loop = networks.made(house.kernel, host, lambda: times["now"])
    job = net.job("one")
    loop.join(job)
    net.end(job)
    loop.turn()
    assert host.routers == {net.vpc: {}}
    assert not loop.is_direct(work(job))
    times["now"] = ROUTER_REST_SECONDS + 1
    loop.turn()
    assert host.routers == {}


def test_what_cannot_be_joined_leaves_nothing_and_may_be_tried_again(
    loop: Networks, host: FakeHost, net: Net
) -> None:
    job = net.job("one")
    for broken in ("open_router", "join", "apply"):
        host.breaks = {broken}
        with pytest.raises(Internal):
            loop.join(job)
        assert not loop.is_direct(work(job))
        assert not host.routers.get(net.vpc)
    host.breaks = set()
    assert loop.join(job).netns


def test_rules_that_were_refused_are_all_told_anew(
    loop: Networks, host: FakeHost, net: Net
) -> None:
    loop.join(net.job("one"))
    net.let_out("10.0.0.0/16", 443)
    host.breaks = {"apply"}
    loop.turn()
    host.breaks = set()
    loop.turn()
    assert host.rules[net.vpc][-1].startswith("add table inet freehold\ndelete table")
    assert len(table(host, net.vpc).chains["e_1"]) == 3


def test_a_new_server_takes_up_what_lives_and_removes_the_rest(
    house: House, host: FakeHost, net: Net, pulse: Any
) -> None:
    job, ended = net.job("one"), net.job("ended")
    networks.made(house.kernel, host, pulse).join(job)
    host.join(net.vpc, Line(work(ended), 8, "10.0.0.8"), "10.0.0.1")
    host.join(net.vpc, Line("app-nobody-1", 9, "10.0.0.9"), "10.0.0.1")
    net.end(ended)
    net.let_out("10.0.0.0/16", 443)  # while no server ran
    later = networks.made(house.kernel, host, pulse)
    later.turn()
    assert list(host.routers[net.vpc]) == [work(job)]
    assert later.is_direct(work(job))
    assert len(table(host, net.vpc).chains["e_1"]) == 3
    later.join(net.job("next"))
    assert host.routers[net.vpc][work(job)].address == "10.0.0.4"
    assert len({line.address for line in host.routers[net.vpc].values()}) == 2


def test_a_workload_that_belongs_elsewhere_now_is_cut_off(
    loop: Networks, host: FakeHost, net: Net, house: House
) -> None:
    net.let_out("10.0.0.0/16", 443)
    job = net.job("one")
    loop.join(job)
    assert len(table(host, net.vpc).chains["e_1"]) == 3

    def isolate(writing: Any) -> None:
        writing.record.document["NetworkConfig"]["EnableNetworkIsolation"] = True
        writing.update()

    book.Writing.run(house.kernel, job, lambda _known: True, isolate)
    loop.turn()
    assert len(table(host, net.vpc).chains["e_1"]) == 2


def test_refusals_become_lines_of_whoever_was_refused(
    loop: Networks, host: FakeHost, net: Net, aws: Aws
) -> None:
    one, other = net.job("one"), net.job("other")
    for job in (one, other):
        loop.join(job)
    host.counted = {1: (3, 180), 2: (1, 60)}
    host.kept = [
        Refused(1, "10.0.0.4", "192.0.2.1", 6, 443, 3, 180),
        Refused(2, "10.0.0.4", "10.0.0.5", 6, 22, 1, 60),  # the other would not let it in
    ]
    loop.turn()
    logs = aws.client("logs")

    def lines(job: Record) -> list[str]:
        found = logs.get_log_events(
            logGroupName=flows.group_of(None), logStreamName=flows.stream_of(job.arn)
        )
        return [" ".join(one["message"].split()[3:10]) for one in found["events"]]

    assert lines(one) == ["10.0.0.4 192.0.2.1 - 443 6 3 180", "10.0.0.4 10.0.0.5 - 22 6 1 60"]
    assert lines(other) == ["10.0.0.4 10.0.0.5 - 22 6 1 60"]


def test_a_scan_is_told_in_few_lines(loop: Networks, host: FakeHost, net: Net, aws: Aws) -> None:
    job = net.job("one")
    loop.join(job)
    loop.turn()
    host.counted = {1: (1000, 60_000)}
    host.kept = [Refused(1, "10.0.0.4", "192.0.2.1", 6, port, 1, 60) for port in range(128)]
    loop.turn()
    found = aws.client("logs").get_log_events(
        logGroupName=flows.group_of(None), logStreamName=flows.stream_of(job.arn)
    )["events"]
    assert len(found) == 33
    assert sum(int(one["message"].split()[8]) for one in found) == 1000


def test_what_the_proxy_refused_stands_beside(
    house: House, host: FakeHost, net: Net, aws: Aws
) -> None:
    loop = networks.none(house.kernel)
    job = net.job("one")
    assert loop.join(job).netns == ""
    assert loop.interface(job) == "lo"
    house.kernel.refusals.refused(None, job.arn, "192.0.2.1", "tcp", 443, at=1000.0, count=2)
    loop.turn()
    found = aws.client("logs").get_log_events(
        logGroupName=flows.group_of(None), logStreamName=flows.stream_of(job.arn)
    )["events"]
    assert " ".join(found[0]["message"].split()[3:10]) == "- 192.0.2.1 - 443 6 2 0"


def test_a_server_that_ends_leaves_nothing_where_nothing_runs(
    loop: Networks, host: FakeHost, net: Net
) -> None:
    job = net.job("one")
    loop.join(job)
    loop.close()
    assert host.cleared == 0
    net.end(job)


def test_nothing_is_touched_where_nothing_ever_ran(loop: Networks, host: FakeHost) -> None:
    loop.turn()
    loop.close()
    assert host.cleared == 0
    assert host.rules == {}
