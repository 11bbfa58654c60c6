"""``freehold domain show``: one screen of one domain, and security groups in words."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.support.inprocess import Aws
from tests.support.studio import make_domain, make_profile, make_space, work_role

from freehold.base.settings import Settings
from freehold.cli.domains import details, rules, show
from freehold.compose import House
from freehold.host import volumes


def screen(aws: Aws, state: Path, named: str, width: int | None = None) -> str:
    now = datetime.now(UTC)
    return "\n".join(show.text(details.ask(aws.client, state, named, now), now, width))


def test_people_homes_network_and_tags_are_on_one_screen(
    aws: Aws, house: House, settings: Settings
) -> None:
    ec2 = aws.client("ec2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    group = ec2.create_security_group(GroupName="studio", Description="notebooks", VpcId=vpc)
    role = work_role(aws, "work")
    domain = make_domain(
        aws,
        "finance",
        role,
        DefaultUserSettings={"ExecutionRole": role, "SecurityGroups": [group["GroupId"]]},
        Tags=[{"Key": "cost-center", "Value": "42"}],
    )
    make_profile(aws, domain.id, "ana")
    make_space(aws, domain.id, "team")
    described = aws.client("sagemaker").describe_user_profile(
        DomainId=domain.id, UserProfileName="ana"
    )
    number = int(described["HomeEfsFileSystemUid"])
    fs = aws.client("sagemaker").describe_domain(DomainId=domain.id)["HomeEfsFileSystemId"]
    home = volumes.make_home(settings.state, fs, number, house.kernel.uids.owner(number))
    (home / "notes").write_bytes(b"x" * (1 << 20))
    told = screen(aws, settings.state, domain.id)
    assert f"finance  {domain.id}  InService" in told
    ana = next(line for line in told.splitlines() if line.startswith("  ana "))
    assert str(number) in ana
    assert "1.0 MiB" in ana
    assert f"{group['GroupId']}  studio: notebooks" in told
    assert "out: everything to anywhere (0.0.0.0/0)" in told
    assert "cost-center = 42" in told
    assert "Apps (0)\n  none" in told
    assert "refused in the last 24 hours: 0 packets" in told
    narrow = screen(aws, settings.state, "finance", 40)
    assert "user   ana" in narrow


@pytest.mark.parametrize(
    ("permission", "said"),
    [
        (
            {
                "IpProtocol": "tcp",
                "FromPort": 2049,
                "ToPort": 2049,
                "UserIdGroupPairs": [{"GroupId": "sg-1", "Description": "their own files"}],
            },
            "in : tcp 2049 (nfs) from members of sg-1 (studio), their own files",
        ),
        (
            {
                "IpProtocol": "tcp",
                "FromPort": 8192,
                "ToPort": 65535,
                "IpRanges": [{"CidrIp": "10.0.0.0/8"}],
            },
            "in : tcp 8192-65535 from 10.0.0.0/8",
        ),
        (
            {"IpProtocol": "-1", "Ipv6Ranges": [{"CidrIpv6": "::/0"}]},
            "in : everything from anywhere (::/0)",
        ),
        (
            {
                "IpProtocol": "icmp",
                "FromPort": 8,
                "ToPort": -1,
                "IpRanges": [{"CidrIp": "10.1.1.1/32"}],
            },
            "in : icmp type 8 from 10.1.1.1/32",
        ),
        (
            {
                "IpProtocol": "udp",
                "FromPort": 0,
                "ToPort": 65535,
                "PrefixListIds": [{"PrefixListId": "pl-1"}],
            },
            "in : all udp from prefix list pl-1",
        ),
    ],
)
def test_a_rule_is_said_in_words(permission: dict[str, Any], said: str) -> None:
    assert rules.in_words({"IpPermissions": [permission]}, {"sg-1": "studio"}) == [said]


def test_a_group_without_rules_lets_nothing_through() -> None:
    assert rules.in_words({}, {}) == ["nothing in, nothing out"]
