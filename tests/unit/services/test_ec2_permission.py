"""EC2: what policy is asked, on which things, with which keys; and the tags that it can ask for."""

from __future__ import annotations

from typing import Any

from tests.support.inprocess import Aws
from tests.support.people import allow, make_user, refused

EC2 = "arn:aws:ec2:us-east-1:111122223333"
TEAM = [{"Key": "team", "Value": "blue"}]
SSH = [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}]


def spec(kind: str, tags: list[dict[str, str]] = TEAM) -> list[dict[str, Any]]:
    return [{"ResourceType": kind, "Tags": tags}]


def test_a_subnet_needs_permission_on_itself_and_on_its_vpc(aws: Aws) -> None:
    ours, theirs = (
        aws.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"] for _ in range(2)
    )
    ana = aws.client(
        "ec2",
        make_user(
            aws,
            "ana",
            allow("ec2:CreateSubnet", f"{EC2}:subnet/*"),
            allow("ec2:CreateSubnet", "*", Condition={"StringEquals": {"ec2:VpcID": ours}}),
        ),
    )
    assert ana.create_subnet(VpcId=ours, CidrBlock="10.0.0.0/24")
    with refused("UnauthorizedOperation", f"vpc/{theirs}"):
        ana.create_subnet(VpcId=theirs, CidrBlock="10.0.0.0/24")
    ben = aws.client("ec2", make_user(aws, "ben", allow("ec2:CreateSubnet", f"{EC2}:vpc/*")))
    with refused("UnauthorizedOperation", "subnet/*"):
        ben.create_subnet(VpcId=ours, CidrBlock="10.0.1.0/24")


def test_a_vpc_s_tags_count_for_what_is_made_in_it(aws: Aws) -> None:
    root = aws.client("ec2")
    ours = root.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=spec("vpc"))["Vpc"]["VpcId"]
    theirs = root.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    blue = {"StringEquals": {"ec2:ResourceTag/team": "blue"}}
    ana = aws.client(
        "ec2",
        make_user(
            aws,
            "ana",
            allow("ec2:CreateSecurityGroup", f"{EC2}:security-group/*"),
            allow("ec2:CreateSecurityGroup", f"{EC2}:vpc/*", Condition=blue),
        ),
    )
    assert ana.create_security_group(GroupName="web", Description="x", VpcId=ours)
    with refused("UnauthorizedOperation"):
        ana.create_security_group(GroupName="web", Description="x", VpcId=theirs)


def test_tags_at_birth_need_create_tags_which_can_ask_for_the_create(aws: Aws) -> None:
    ana = make_user(
        aws,
        "ana",
        allow(["ec2:CreateVpc", "ec2:CreateInternetGateway"]),
        allow(
            "ec2:CreateTags",
            f"{EC2}:*/*",
            Condition={"StringEquals": {"ec2:CreateAction": "CreateVpc"}},
        ),
    )
    ec2 = aws.client("ec2", ana)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=spec("vpc"))["Vpc"]["VpcId"]
    with refused("UnauthorizedOperation", "ec2:CreateTags"):
        ec2.create_internet_gateway(TagSpecifications=spec("internet-gateway"))
    with refused("UnauthorizedOperation"):
        ec2.create_tags(Resources=[vpc], Tags=TEAM)


def test_a_create_can_be_made_to_bear_a_tag(aws: Aws) -> None:
    blue = {"StringEquals": {"aws:RequestTag/team": "blue"}}
    ana = make_user(
        aws,
        "ana",
        allow("ec2:CreateVpc", f"{EC2}:vpc/*", Condition=blue),
        allow("ec2:CreateTags"),
    )
    ec2 = aws.client("ec2", ana)
    with refused("UnauthorizedOperation"):
        ec2.create_vpc(CidrBlock="10.0.0.0/16")
    with refused("UnauthorizedOperation"):
        red = [{"Key": "team", "Value": "red"}]
        ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=spec("vpc", red))
    assert ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=spec("vpc"))


def test_rules_need_their_group_and_with_tags_themselves(aws: Aws) -> None:
    root = aws.client("ec2")
    vpc = root.describe_vpcs()["Vpcs"][0]["VpcId"]
    group = root.create_security_group(GroupName="web", Description="x")["GroupId"]
    within = {"ArnEquals": {"ec2:Vpc": f"{EC2}:vpc/{vpc}"}}
    ana = aws.client(
        "ec2",
        make_user(
            aws,
            "ana",
            allow("ec2:AuthorizeSecurityGroupIngress", f"{EC2}:security-group/*", Condition=within),
            allow("ec2:CreateTags"),
        ),
    )
    assert ana.authorize_security_group_ingress(GroupId=group, IpPermissions=SSH)
    with refused("UnauthorizedOperation", "security-group-rule/*"):
        ana.authorize_security_group_ingress(
            GroupId=group,
            IpPermissions=[SSH[0] | {"ToPort": 23}],
            TagSpecifications=spec("security-group-rule"),
        )
    with refused("UnauthorizedOperation"):
        ana.revoke_security_group_ingress(GroupId=group, IpPermissions=SSH)


def test_an_attribute_can_be_allowed_by_name_and_value(aws: Aws) -> None:
    vpc = aws.client("ec2").describe_vpcs()["Vpcs"][0]["VpcId"]
    on = {"StringEquals": {"ec2:Attribute/EnableDnsSupport": "true"}}
    ana = aws.client("ec2", make_user(aws, "ana", allow("ec2:ModifyVpcAttribute", Condition=on)))
    ana.modify_vpc_attribute(VpcId=vpc, EnableDnsSupport={"Value": True})
    with refused("UnauthorizedOperation"):
        ana.modify_vpc_attribute(VpcId=vpc, EnableDnsSupport={"Value": False})


def test_tags_are_set_and_taken_away_on_anything(aws: Aws) -> None:
    ec2 = aws.client("ec2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    rule = ec2.describe_security_group_rules()["SecurityGroupRules"][0]["SecurityGroupRuleId"]
    ec2.create_tags(Resources=[vpc, rule], Tags=[*TEAM, {"Key": "stage", "Value": ""}])
    told = ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [vpc]}])["Tags"]
    assert told == [
        {"Key": "stage", "ResourceId": vpc, "ResourceType": "vpc", "Value": ""},
        {"Key": "team", "ResourceId": vpc, "ResourceType": "vpc", "Value": "blue"},
    ]
    rules = ec2.describe_tags(
        Filters=[
            {"Name": "resource-type", "Values": ["security-group-rule"]},
            {"Name": "tag:team", "Values": ["b*"]},
        ]
    )["Tags"]
    assert [one["ResourceId"] for one in rules] == [rule]
    found = aws.client("resourcegroupstaggingapi").get_resources(
        TagFilters=[{"Key": "team", "Values": ["blue"]}], ResourceTypeFilters=["ec2:vpc"]
    )["ResourceTagMappingList"]
    assert [one["ResourceARN"] for one in found] == [f"{EC2}:vpc/{vpc}"]
    ec2.delete_tags(Resources=[vpc], Tags=[{"Key": "team", "Value": "red"}, {"Key": "none"}])
    ec2.delete_tags(Resources=[vpc], Tags=[{"Key": "stage"}])
    assert ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]["Tags"] == TEAM
    ec2.delete_tags(Resources=[vpc])
    assert ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]["Tags"] == []


def test_tagging_is_all_or_nothing(aws: Aws) -> None:
    ec2 = aws.client("ec2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    with refused("InvalidSubnetID.NotFound"):
        ec2.create_tags(Resources=[vpc, "subnet-00000000"], Tags=TEAM)
    with refused("InvalidID"):
        ec2.create_tags(Resources=[vpc, "finance"], Tags=TEAM)
    with refused("TagLimitExceeded"):
        ec2.create_tags(
            Resources=[vpc], Tags=[{"Key": str(number), "Value": ""} for number in range(51)]
        )
    with refused("InvalidParameterValue"):
        ec2.create_tags(Resources=[vpc], Tags=[{"Key": "k" * 129, "Value": ""}])
    with refused("InvalidParameterValue"):
        ec2.create_tags(Resources=[vpc], Tags=[{"Key": "aws:mine", "Value": ""}])
    assert ec2.describe_tags()["Tags"] == []


def test_tagging_needs_permission_on_each(aws: Aws) -> None:
    root = aws.client("ec2")
    vpc = root.describe_vpcs()["Vpcs"][0]["VpcId"]
    subnet = root.describe_subnets()["Subnets"][0]["SubnetId"]
    ana = aws.client("ec2", make_user(aws, "ana", allow("ec2:CreateTags", f"{EC2}:vpc/*")))
    ana.create_tags(Resources=[vpc], Tags=TEAM)
    with refused("UnauthorizedOperation", f"subnet/{subnet}"):
        ana.create_tags(Resources=[vpc, subnet], Tags=TEAM)
    with refused("UnauthorizedOperation"):
        ana.create_tags(Resources=["finance"], Tags=TEAM)


def test_the_tagging_service_tags_networks_too(aws: Aws) -> None:
    ec2 = aws.client("ec2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    failed = aws.client("resourcegroupstaggingapi").tag_resources(
        ResourceARNList=[f"{EC2}:vpc/{vpc}"], Tags={"team": "blue"}
    )["FailedResourcesMap"]
    assert failed == {}
    assert ec2.describe_vpcs(Filters=[{"Name": "tag:team", "Values": ["blue"]}])["Vpcs"]
    assert ec2.describe_vpcs(Filters=[{"Name": "tag-key", "Values": ["te*"]}])["Vpcs"]
