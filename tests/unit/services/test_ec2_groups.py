"""EC2: security groups and their rules, by permissions and by ids, kept and refused as on AWS."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.inprocess import Aws
from tests.support.people import refused

from freehold.base.errors import Fault
from freehold.compose import House
from freehold.kernel.call import Record
from freehold.services.ec2.security import permissions
from freehold.store.unit import Unit

SSH = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}


def make_group(ec2: Any, name: str = "web", **more: Any) -> str:
    made = ec2.create_security_group(GroupName=name, Description=f"of {name}", **more)
    return str(made["GroupId"])


def told(ec2: Any, group: str) -> dict[str, Any]:
    return dict(ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0])


def rules(ec2: Any, group: str) -> list[dict[str, Any]]:
    filters = [{"Name": "group-id", "Values": [group]}]
    return list(ec2.describe_security_group_rules(Filters=filters)["SecurityGroupRules"])


def test_a_new_group_lets_all_out_and_nothing_in(aws: Aws) -> None:
    ec2 = aws.client("ec2")
    tags = [{"Key": "Name", "Value": "web"}]
    made = ec2.create_security_group(
        GroupName="web",
        Description="of web",
        TagSpecifications=[{"ResourceType": "security-group", "Tags": tags}],
    )
    assert made["SecurityGroupArn"].endswith(f":security-group/{made['GroupId']}")
    group = told(ec2, made["GroupId"])
    assert (group["IpPermissions"], group["Tags"]) == ([], tags)
    (out,) = group["IpPermissionsEgress"]
    assert (out["IpProtocol"], out["IpRanges"]) == ("-1", [{"CidrIp": "0.0.0.0/0"}])
    ec2.revoke_security_group_egress(GroupId=made["GroupId"], IpPermissions=[out])
    assert told(ec2, made["GroupId"])["IpPermissionsEgress"] == []
    assert ec2.delete_security_group(GroupId=made["GroupId"])["GroupId"] == made["GroupId"]
    with refused("InvalidGroup.NotFound"):
        ec2.describe_security_groups(GroupIds=[made["GroupId"]])
    assert rules(ec2, made["GroupId"]) == []


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({"GroupName": "default"}, "InvalidParameterValue"),
        ({"GroupName": "sg-web"}, "InvalidParameterValue"),
        ({"GroupName": "wéb"}, "InvalidParameterValue"),
        ({"GroupName": "x" * 256}, "InvalidParameterValue"),
        ({"Description": "ü"}, "InvalidParameterValue"),
        ({"Description": ""}, "InvalidParameterValue"),
        ({"VpcId": "vpc-00000000"}, "InvalidVpcID.NotFound"),
        ({"VpcId": "finance"}, "InvalidVpcID.Malformed"),
        (
            {"TagSpecifications": [{"ResourceType": "vpc", "Tags": [{"Key": "a", "Value": "b"}]}]},
            "InvalidParameterValue",
        ),
    ],
)
def test_a_group_has_a_name_and_a_description_of_aws_s(
    aws: Aws, request_: dict[str, Any], code: str
) -> None:
    with refused(code):
        aws.client("ec2").create_security_group(
            **{"GroupName": "web", "Description": "of web"} | request_
        )


def test_names_are_unique_in_a_vpc_only(aws: Aws) -> None:
    ec2 = aws.client("ec2")
    make_group(ec2)
    with refused("InvalidGroup.Duplicate", "'web' already exists for VPC"):
        make_group(ec2)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    other = make_group(ec2, VpcId=vpc)
    assert told(ec2, other)["VpcId"] == vpc
    with refused("DependencyViolation"):
        ec2.delete_vpc(VpcId=vpc)
    ec2.delete_security_group(GroupName="web")  # by name: that of the default VPC
    assert told(ec2, other)["GroupName"] == "web"


def test_the_default_group_stays(aws: Aws) -> None:
    ec2 = aws.client("ec2")
    (group,) = ec2.describe_security_groups()["SecurityGroups"]
    with refused("CannotDelete"):
        ec2.delete_security_group(GroupId=group["GroupId"])


def test_each_peer_of_a_permission_is_a_rule_of_its_own(aws: Aws) -> None:
    ec2 = aws.client("ec2")
    group, peer = make_group(ec2), make_group(ec2, "peer")
    tags = [{"Key": "why", "Value": "ssh"}]
    made = ec2.authorize_security_group_ingress(
        GroupId=group,
        IpPermissions=[
            SSH
            | {
                "IpProtocol": "6",
                "IpRanges": [{"CidrIp": "10.9.9.9/8", "Description": "us"}],
                "Ipv6Ranges": [{"CidrIpv6": "2001:DB8::1/32"}],
                "UserIdGroupPairs": [{"GroupId": peer}],
            }
        ],
        TagSpecifications=[{"ResourceType": "security-group-rule", "Tags": tags}],
    )["SecurityGroupRules"]
    assert [rule["IpProtocol"] for rule in made] == ["tcp"] * 3
    assert [rule["Tags"] for rule in made] == [tags] * 3
    assert made[0]["SecurityGroupRuleArn"].endswith(
        f":security-group-rule/{made[0]['SecurityGroupRuleId']}"
    )
    (permission,) = told(ec2, group)["IpPermissions"]
    assert permission["IpRanges"] == [{"CidrIp": "10.0.0.0/8", "Description": "us"}]
    assert permission["Ipv6Ranges"] == [{"CidrIpv6": "2001:db8::/32"}]
    assert permission["UserIdGroupPairs"] == [{"GroupId": peer, "UserId": "111122223333"}]
    found = ec2.describe_security_group_rules(Filters=[{"Name": "tag:why", "Values": ["s?h"]}])
    assert len(found["SecurityGroupRules"]) == 3
    by_filter = ec2.describe_security_groups(
        Filters=[{"Name": "ip-permission.group-id", "Values": [peer]}]
    )["SecurityGroups"]
    assert [one["GroupId"] for one in by_filter] == [group]


def test_a_rule_stands_once_and_goes_once(aws: Aws) -> None:
    ec2 = aws.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    group = make_group(ec2, VpcId=vpc)
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[SSH])
    with refused(
        "InvalidPermission.Duplicate",
        '"peer: 10.0.0.0/8, TCP, from port: 22, to port: 22, ALLOW" already exists',
    ):
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[SSH])
    with refused("InvalidParameterValue", "must not appear multiple times"):
        ec2.authorize_security_group_ingress(
            GroupId=group, IpPermissions=[SSH | {"ToPort": 23}, SSH | {"ToPort": 23}]
        )
    gone = ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=[SSH])
    assert [rule["CidrIpv4"] for rule in gone["RevokedSecurityGroupRules"]] == ["10.0.0.0/8"]
    with refused("InvalidPermission.NotFound"):
        ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=[SSH])


def test_in_the_default_vpc_revoking_the_unknown_is_told_and_no_error(aws: Aws) -> None:
    ec2 = aws.client("ec2")
    answer = ec2.revoke_security_group_ingress(GroupId=make_group(ec2), IpPermissions=[SSH])
    assert answer["UnknownIpPermissions"][0]["IpRanges"] == [{"CidrIp": "10.0.0.0/8"}]


def test_rules_go_and_change_by_id(aws: Aws) -> None:
    ec2 = aws.client("ec2")
    group = make_group(ec2)
    made = ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[SSH])
    rule = made["SecurityGroupRules"][0]["SecurityGroupRuleId"]
    change = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIpv4": "10.1.0.0/16"}
    ec2.modify_security_group_rules(
        GroupId=group,
        SecurityGroupRules=[
            {"SecurityGroupRuleId": rule, "SecurityGroupRule": change | {"Description": "web"}}
        ],
    )
    (now,) = [one for one in rules(ec2, group) if not one["IsEgress"]]
    assert (now["FromPort"], now["CidrIpv4"], now["Description"]) == (443, "10.1.0.0/16", "web")
    ec2.update_security_group_rule_descriptions_ingress(
        GroupId=group,
        SecurityGroupRuleDescriptions=[{"SecurityGroupRuleId": rule, "Description": "tls"}],
    )
    assert told(ec2, group)["IpPermissions"][0]["IpRanges"][0]["Description"] == "tls"
    with refused("InvalidParameterValue", "cannot be changed"):
        ec2.modify_security_group_rules(
            GroupId=group,
            SecurityGroupRules=[
                {
                    "SecurityGroupRuleId": rule,
                    "SecurityGroupRule": {"IpProtocol": "-1", "CidrIpv6": "::/0"},
                }
            ],
        )
    with refused("InvalidSecurityGroupRuleId.NotFound"):  # an ingress rule is no egress rule
        ec2.revoke_security_group_egress(GroupId=group, SecurityGroupRuleIds=[rule])
    ec2.revoke_security_group_ingress(GroupId=group, SecurityGroupRuleIds=[rule])
    with refused("InvalidSecurityGroupRuleId.NotFound"):
        ec2.describe_security_group_rules(SecurityGroupRuleIds=[rule])


def test_a_group_that_another_names_stays(aws: Aws) -> None:
    ec2 = aws.client("ec2")
    group, peer = make_group(ec2), make_group(ec2, "peer")
    pair = [{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": peer}]}]
    ec2.authorize_security_group_egress(GroupId=group, IpPermissions=pair)
    own = [{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": peer}]}]
    ec2.authorize_security_group_ingress(GroupId=peer, IpPermissions=own)  # itself is no bar
    with refused("DependencyViolation", f"resource {peer} has a dependent object"):
        ec2.delete_security_group(GroupId=peer)
    ec2.delete_security_group(GroupId=group)
    ec2.delete_security_group(GroupId=peer)


def test_groups_of_another_vpc_or_account_are_no_peers(aws: Aws) -> None:
    ec2 = aws.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    group, far = make_group(ec2), make_group(ec2, VpcId=vpc)

    def pair(**who: str) -> list[dict[str, Any]]:
        return [{"IpProtocol": "-1", "UserIdGroupPairs": [who]}]

    with refused("InvalidGroup.NotFound", "different networks"):
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=pair(GroupId=far))
    with refused("InvalidGroup.NotFound"):
        ec2.authorize_security_group_ingress(
            GroupId=group, IpPermissions=pair(GroupId=group, UserId="999999999999")
        )
    with refused("InvalidGroup.NotFound"):
        ec2.authorize_security_group_ingress(
            GroupId=group, IpPermissions=pair(GroupId="sg-00000000")
        )
    with refused("InvalidPrefixListID.NotFound"):
        ec2.authorize_security_group_egress(
            GroupId=group,
            IpPermissions=[{"IpProtocol": "-1", "PrefixListIds": [{"PrefixListId": "pl-1"}]}],
        )


def test_domains_and_profiles_keep_the_groups_that_they_name(aws: Aws, house: House) -> None:
    ec2, sagemaker = aws.client("ec2"), aws.client("sagemaker")
    of_domain, of_profile = make_group(ec2), make_group(ec2, "ana")
    domain = sagemaker.create_domain(
        DomainName="finance", AuthMode="IAM", DefaultUserSettings={"SecurityGroups": [of_domain]}
    )["DomainArn"].rpartition("/")[2]
    with refused("DependencyViolation"):
        ec2.delete_security_group(GroupId=of_domain)
    house.kernel.writer.run(lambda unit: keep_profile(unit, domain, of_profile))
    with refused("DependencyViolation"):
        ec2.delete_security_group(GroupId=of_profile)
    free = make_group(ec2, "free")
    assert ec2.delete_security_group(GroupId=free)["Return"]


def keep_profile(unit: Unit, domain: str, group: str) -> None:
    """A profile's record, whatever state its domain is in."""
    arn = f"arn:aws:sagemaker:us-east-1:111122223333:user-profile/{domain}/ana"
    record = Record("sagemaker:user-profile", arn, "ana", scope=domain)
    record.document = {"UserSettings": {"SecurityGroups": [group]}}
    unit.create(record)


def test_sixty_rules_a_direction_and_family(aws: Aws) -> None:
    ec2 = aws.client("ec2")
    group = make_group(ec2)
    ranges = [{"CidrIp": f"10.0.{number}.0/24"} for number in range(60)]
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[SSH | {"IpRanges": ranges}])
    with refused("RulesPerSecurityGroupLimitExceeded"):
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[SSH])
    six = [SSH | {"IpRanges": [], "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}]
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=six)
    assert len(rules(ec2, group)) == 62


def test_older_clients_spell_a_rule_out(aws: Aws) -> None:
    ec2 = aws.client("ec2")
    ec2.create_security_group(GroupName="web", Description="of web")
    spelled = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "CidrIp": "0.0.0.0/0"}
    made = ec2.authorize_security_group_ingress(GroupName="web", **spelled)
    assert made["SecurityGroupRules"][0]["CidrIpv4"] == "0.0.0.0/0"
    ec2.revoke_security_group_ingress(GroupName="web", **spelled)
    with refused("MissingParameter"):
        ec2.authorize_security_group_ingress(GroupName="web")


@pytest.mark.parametrize(
    "permission",
    [
        {"IpProtocol": "tpc"},
        {"IpProtocol": "256"},
        {"IpProtocol": "tcp"},
        {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 80},
        {"IpProtocol": "udp", "FromPort": 0, "ToPort": 65536},
        {"IpProtocol": "icmp", "FromPort": -1, "ToPort": 3},
        {"IpProtocol": "icmp", "FromPort": 256, "ToPort": 0},
        {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "10.0.0.0/33"}]},
        {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "10.0.0.0"}]},
        {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "::/0"}]},
        {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": "ü"}]},
        {"IpProtocol": "-1", "IpRanges": []},
    ],
)
def test_a_wrong_permission_is_refused(permission: dict[str, Any]) -> None:
    whole = {"IpRanges": [{"CidrIp": "10.0.0.0/8"}]} | permission
    with pytest.raises(Fault):
        permissions.rules([whole], lambda pair: str(pair["GroupId"]))


PORTS = st.tuples(st.integers(0, 65535), st.integers(0, 65535)).map(sorted)


@given(
    name=st.sampled_from(["tcp", "udp", "6", "17", "TCP"]),
    ports=PORTS,
    blocks=st.sets(st.integers(0, 255), min_size=1, max_size=5),
)
def test_permissions_made_of_rules_make_the_same_rules(
    name: str, ports: list[int], blocks: set[int]
) -> None:
    asked = [
        {
            "IpProtocol": name,
            "FromPort": ports[0],
            "ToPort": ports[1],
            "IpRanges": [{"CidrIp": f"10.{block}.0.0/16"} for block in blocks],
            "UserIdGroupPairs": [{"GroupId": "sg-1"}],
        }
    ]

    def resolve(pair: dict[str, Any]) -> str:
        return str(pair["GroupId"])

    made = permissions.rules(asked, resolve)
    kept = [permissions.document(rule, "111122223333") for rule, _ in made]
    assert permissions.rules(permissions.grouped(kept), resolve) == made
    assert [permissions.of_document(one) for one in kept] == [rule for rule, _ in made]
