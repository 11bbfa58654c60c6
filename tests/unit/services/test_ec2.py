"""EC2: the default network is there from the first start and is described as AWS describes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.support.inprocess import Aws
from tests.support.people import allow, make_user, refused

from freehold.services.ec2.entities import zone_ids
from freehold.services.ec2.filters import matches

ACCOUNT = "111122223333"


def test_there_is_a_default_vpc_with_a_subnet_a_zone_and_a_security_group(aws: Aws) -> None:
    ec2 = aws.client("ec2")
    (vpc,) = ec2.describe_vpcs()["Vpcs"]
    assert (vpc["IsDefault"], vpc["CidrBlock"], vpc["State"]) == (
        True,
        "172.31.0.0/16",
        "available",
    )
    assert vpc["OwnerId"] == ACCOUNT
    subnets = ec2.describe_subnets()["Subnets"]
    assert {subnet["VpcId"] for subnet in subnets} == {vpc["VpcId"]}
    assert sorted(subnet["AvailabilityZone"] for subnet in subnets) == [
        "us-east-1a",
        "us-east-1b",
        "us-east-1c",
    ]
    assert all(subnet["DefaultForAz"] for subnet in subnets)
    (group,) = ec2.describe_security_groups()["SecurityGroups"]
    assert (group["GroupName"], group["VpcId"]) == ("default", vpc["VpcId"])
    assert group["IpPermissionsEgress"][0]["IpRanges"] == [{"CidrIp": "0.0.0.0/0"}]
    rules = ec2.describe_security_group_rules(
        Filters=[{"Name": "group-id", "Values": [group["GroupId"]]}]
    )["SecurityGroupRules"]
    assert sorted(rule["IsEgress"] for rule in rules) == [False, True]


def test_filters_narrow_and_all_must_hold(aws: Aws) -> None:
    ec2 = aws.client("ec2")
    vpc_id = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]

    def subnets(**filters: str) -> list[Any]:
        given = [
            {"Name": name.replace("_", "-"), "Values": [value]} for name, value in filters.items()
        ]
        return list(ec2.describe_subnets(Filters=given)["Subnets"])

    assert len(subnets(vpc_id=vpc_id)) == 3
    assert len(subnets(vpc_id=vpc_id, availability_zone="us-east-1b")) == 1
    assert len(subnets(cidr_block="172.31.*", default_for_az="true")) == 3
    assert subnets(vpc_id="vpc-none") == []
    assert subnets(default_for_az="false") == []
    with refused("InvalidParameterValue", "The filter 'colour' is invalid"):
        subnets(colour="red")
    found = ec2.describe_vpcs(Filters=[{"Name": "isDefault", "Values": ["true"]}])["Vpcs"]
    assert [vpc["VpcId"] for vpc in found] == [vpc_id]
    tagged = ec2.describe_vpcs(Filters=[{"Name": "tag:team", "Values": ["*"]}])["Vpcs"]
    assert tagged == []


@pytest.mark.parametrize(
    ("ask", "code", "words"),
    [
        (
            lambda ec2: ec2.describe_vpcs(VpcIds=["vpc-00000000"]),
            "InvalidVpcID.NotFound",
            "The vpc ID 'vpc-00000000' does not exist",
        ),
        (
            lambda ec2: ec2.describe_vpcs(VpcIds=["vpc-00000000", "vpc-x"]),
            "InvalidVpcID.Malformed",
            'Invalid id: "vpc-x" (expecting "vpc-...")',
        ),
        (
            lambda ec2: ec2.describe_subnets(SubnetIds=["vpc-00000000"]),
            "InvalidSubnetID.Malformed",
            'Invalid id: "vpc-00000000" (expecting "subnet-...")',
        ),
        (
            lambda ec2: ec2.describe_security_groups(GroupIds=["sg-0"]),
            "InvalidGroupId.Malformed",
            'Invalid id: "sg-0" (expecting "sg-...")',
        ),
        (
            lambda ec2: ec2.describe_subnets(SubnetIds=["subnet-00000000"]),
            "InvalidSubnetID.NotFound",
            "The subnet ID 'subnet-00000000' does not exist",
        ),
        (
            lambda ec2: ec2.describe_security_groups(GroupIds=["sg-00000000"]),
            "InvalidGroup.NotFound",
            "The security group 'sg-00000000' does not exist",
        ),
        (
            lambda ec2: ec2.describe_vpcs(VpcIds=["vpc-00000000"], MaxResults=5),
            "InvalidParameterCombination",
            "MaxResults",
        ),
        (lambda ec2: ec2.describe_vpcs(DryRun=True), "DryRunOperation", "would have succeeded"),
        (lambda ec2: ec2.describe_regions(RegionNames=["mars-1"]), "InvalidParameterValue", "mars"),
    ],
)
def test_wrong_calls_get_aws_s_code(
    aws: Aws, ask: Callable[[Any], Any], code: str, words: str
) -> None:
    with refused(code, words):
        ask(aws.client("ec2"))


def test_by_id_comes_what_was_asked_for(aws: Aws) -> None:
    ec2 = aws.client("ec2")
    wanted = ec2.describe_subnets()["Subnets"][1]
    assert ec2.describe_subnets(SubnetIds=[wanted["SubnetId"]])["Subnets"] == [wanted]
    group = ec2.describe_security_groups(GroupNames=["default"])["SecurityGroups"][0]
    assert ec2.describe_security_groups(GroupIds=[group["GroupId"]])["SecurityGroups"] == [group]
    with refused("InvalidGroup.NotFound"):
        ec2.describe_security_groups(GroupNames=["none"])


def test_the_install_is_one_region_with_three_zones(aws: Aws) -> None:
    ec2 = aws.client("ec2")
    assert [region["RegionName"] for region in ec2.describe_regions()["Regions"]] == ["us-east-1"]
    zones = ec2.describe_availability_zones()["AvailabilityZones"]
    assert [zone["ZoneId"] for zone in zones] == ["use1-az1", "use1-az2", "use1-az3"]
    attributes = {
        one["AttributeName"]: one["AttributeValues"][0]["AttributeValue"]
        for one in ec2.describe_account_attributes()["AccountAttributes"]
    }
    assert attributes["default-vpc"] == ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    support = ec2.describe_vpc_attribute(
        VpcId=attributes["default-vpc"], Attribute="enableDnsSupport"
    )
    assert support["EnableDnsSupport"] == {"Value": True}


def test_describing_needs_permission_on_everything(aws: Aws) -> None:
    one = aws.client("ec2", make_user(aws, "ann", allow("ec2:DescribeVpcs", "arn:aws:ec2:*:*:*")))
    with refused("UnauthorizedOperation"):
        one.describe_vpcs()
    other = aws.client("ec2", make_user(aws, "bob", allow("ec2:DescribeVpcs")))
    assert other.describe_vpcs()["Vpcs"]


@pytest.mark.parametrize(
    ("region", "short"),
    [
        ("us-east-1", "use1"),
        ("eu-central-2", "euc2"),
        ("ap-southeast-3", "apse3"),
        ("us-gov-west-1", "usgw1"),
        ("home", "home"),
    ],
)
def test_zone_ids_are_short_forms_of_the_region(region: str, short: str) -> None:
    assert zone_ids(region)[0] == (f"{region}a", f"{short}-az1")


@pytest.mark.parametrize(
    ("pattern", "text", "is_match"),
    [
        ("a", "a", True),
        ("a", "ab", False),
        ("a*", "abc", True),
        ("*c", "abc", True),
        ("a?c", "abc", True),
        ("a?c", "ac", False),
        ("*", "", True),
        ("", "", True),
        ("a.c", "abc", False),
        ("[ab]", "a", False),
        ("*a*a*a*a*a*a*a*a*a*a*b", "a" * 200, False),
    ],
)
def test_wildcards_are_anchored_and_plain(pattern: str, text: str, is_match: bool) -> None:
    assert matches([pattern], [text]) is is_match
