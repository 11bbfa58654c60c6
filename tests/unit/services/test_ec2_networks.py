"""EC2: VPCs, subnets, gateways and routes are made, changed and ended as on AWS."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.inprocess import Aws
from tests.support.people import allow, make_user, refused

from freehold.services.ec2 import cidrs
from freehold.services.ec2.defaults import SUBNET_CIDRS

TAGS = [{"Key": "Name", "Value": "finance"}]


def tagged(kind: str) -> list[dict[str, Any]]:
    return [{"ResourceType": kind, "Tags": TAGS}]


def make_vpc(ec2: Any, cidr: str = "10.0.0.0/16") -> str:
    return str(ec2.create_vpc(CidrBlock=cidr)["Vpc"]["VpcId"])


def by_vpc(vpc: str, **more: str) -> list[dict[str, Any]]:
    found = [{"Name": "vpc-id", "Values": [vpc]}]
    return found + [{"Name": name, "Values": [value]} for name, value in more.items()]


def test_a_client_in_terraform_s_order_sees_a_whole_vpc(aws: Aws) -> None:
    ec2 = aws.client("ec2")
    vpc = ec2.create_vpc(
        CidrBlock="10.1.2.3/16", InstanceTenancy="default", TagSpecifications=tagged("vpc")
    )["Vpc"]
    assert (vpc["CidrBlock"], vpc["IsDefault"], vpc["Tags"]) == ("10.1.0.0/16", False, TAGS)
    name = vpc["VpcId"]
    ec2.get_waiter("vpc_available").wait(VpcIds=[name])
    ec2.modify_vpc_attribute(VpcId=name, EnableDnsHostnames={"Value": True})
    for attribute, member, value in (
        ("enableDnsHostnames", "EnableDnsHostnames", True),
        ("enableDnsSupport", "EnableDnsSupport", True),
        ("enableNetworkAddressUsageMetrics", "EnableNetworkAddressUsageMetrics", False),
    ):
        answer = ec2.describe_vpc_attribute(VpcId=name, Attribute=attribute)
        assert answer[member] == {"Value": value}
    (acl,) = ec2.describe_network_acls(Filters=by_vpc(name, default="true"))["NetworkAcls"]
    assert [entry["RuleNumber"] for entry in acl["Entries"]] == [100, 32767] * 2
    (table,) = ec2.describe_route_tables(Filters=by_vpc(name, **{"association.main": "true"}))[
        "RouteTables"
    ]
    assert table["Routes"] == [
        {
            "DestinationCidrBlock": "10.1.0.0/16",
            "GatewayId": "local",
            "Origin": "CreateRouteTable",
            "State": "active",
        }
    ]
    (group,) = ec2.describe_security_groups(Filters=by_vpc(name, **{"group-name": "default"}))[
        "SecurityGroups"
    ]
    assert group["IpPermissions"][0]["UserIdGroupPairs"][0]["GroupId"] == group["GroupId"]
    ec2.delete_vpc(VpcId=name)
    with refused("InvalidVpcID.NotFound"):
        ec2.describe_vpcs(VpcIds=[name])
    for describe, member in (
        (ec2.describe_route_tables, "RouteTables"),
        (ec2.describe_network_acls, "NetworkAcls"),
        (ec2.describe_security_groups, "SecurityGroups"),
    ):
        assert describe(Filters=by_vpc(name))[member] == []
    rules = ec2.describe_security_group_rules()["SecurityGroupRules"]
    assert group["GroupId"] not in {rule["GroupId"] for rule in rules}


@pytest.mark.parametrize(
    ("cidr", "code"),
    [
        ("10.0.0.0/15", "InvalidVpc.Range"),
        ("10.0.0.0/29", "InvalidVpc.Range"),
        ("127.0.0.0/16", "InvalidVpc.Range"),
        ("169.254.0.0/16", "InvalidVpc.Range"),
        ("198.19.0.0/16", "InvalidVpc.Range"),
        ("10.0.0.0", "InvalidParameterValue"),
        ("10.0.0.0/255.255.0.0", "InvalidParameterValue"),
        ("10.0.0/16", "InvalidParameterValue"),
        ("::/16", "InvalidParameterValue"),
        ("", "MissingParameter"),
    ],
)
def test_a_vpc_has_a_block_that_vpcs_may_have(aws: Aws, cidr: str, code: str) -> None:
    with refused(code):
        aws.client("ec2").create_vpc(CidrBlock=cidr)


def test_what_this_network_does_not_have_is_refused_by_name(aws: Aws) -> None:
    ec2 = aws.client("ec2")
    with refused("UnsupportedOperation", "AmazonProvidedIpv6CidrBlock"):
        ec2.create_vpc(CidrBlock="10.0.0.0/16", AmazonProvidedIpv6CidrBlock=True)
    assert ec2.create_vpc(CidrBlock="10.0.0.0/16", AmazonProvidedIpv6CidrBlock=False)["Vpc"]
    table = ec2.describe_route_tables()["RouteTables"][0]["RouteTableId"]
    with refused("UnsupportedOperation", "NatGatewayId"):
        ec2.create_route(
            RouteTableId=table, DestinationCidrBlock="8.0.0.0/8", NatGatewayId="nat-00000000"
        )
    assert ec2.describe_nat_gateways()["NatGateways"] == []
    assert ec2.describe_network_interfaces()["NetworkInterfaces"] == []
    assert ec2.describe_vpc_endpoints()["VpcEndpoints"] == []
    with refused("NatGatewayNotFound"):
        ec2.describe_nat_gateways(NatGatewayIds=["nat-00000000"])


def test_blocks_are_added_and_taken_away(aws: Aws) -> None:
    ec2 = aws.client("ec2")
    vpc = make_vpc(ec2)
    made = ec2.associate_vpc_cidr_block(VpcId=vpc, CidrBlock="10.9.0.0/20")
    added = made["CidrBlockAssociation"]["AssociationId"]
    with refused("InvalidVpc.Range", "overlaps"):
        ec2.associate_vpc_cidr_block(VpcId=vpc, CidrBlock="10.9.8.0/24")
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.1.0/24")["Subnet"]["SubnetId"]
    with refused("DependencyViolation"):
        ec2.disassociate_vpc_cidr_block(AssociationId=added)
    ec2.delete_subnet(SubnetId=subnet)
    ec2.disassociate_vpc_cidr_block(AssociationId=added)
    (left,) = ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]["CidrBlockAssociationSet"]
    with refused("OperationNotPermitted", "primary"):
        ec2.disassociate_vpc_cidr_block(AssociationId=left["AssociationId"])
    with refused("InvalidVpcCidrBlockAssociationID.NotFound"):
        ec2.disassociate_vpc_cidr_block(AssociationId=added)


def test_a_subnet_lies_in_its_vpc_and_beside_the_others(aws: Aws) -> None:
    ec2 = aws.client("ec2")
    vpc = make_vpc(ec2)
    subnet = ec2.create_subnet(
        VpcId=vpc,
        CidrBlock="10.0.1.0/24",
        AvailabilityZone="us-east-1b",
        TagSpecifications=tagged("subnet"),
    )["Subnet"]
    assert subnet["AvailableIpAddressCount"] == 251
    assert (subnet["AvailabilityZoneId"], subnet["Tags"]) == ("use1-az2", TAGS)
    assert subnet["SubnetArn"].endswith(f":subnet/{subnet['SubnetId']}")
    with refused("InvalidSubnet.Conflict", "10.0.1.128/25"):
        ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.128/25")
    with refused("InvalidSubnet.Range", "10.1.0.0/24"):
        ec2.create_subnet(VpcId=vpc, CidrBlock="10.1.0.0/24")
    with refused("InvalidSubnet.Range"):
        ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.2.0/29")
    with refused("InvalidParameterValue", "us-east-1a, us-east-1b, us-east-1c"):
        ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.2.0/24", AvailabilityZone="us-east-1z")
    with refused("InvalidVpcID.NotFound"):
        ec2.create_subnet(VpcId="vpc-00000000", CidrBlock="10.0.2.0/24")
    second = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.2.0/24")["Subnet"]
    assert second["AvailabilityZone"] == "us-east-1a"
    with refused("DependencyViolation", f"The vpc '{vpc}' has dependencies"):
        ec2.delete_vpc(VpcId=vpc)
    ec2.delete_subnet(SubnetId=subnet["SubnetId"])
    ec2.delete_subnet(SubnetId=second["SubnetId"])
    ec2.delete_vpc(VpcId=vpc)


def test_a_subnet_s_attributes_change_one_at_a_time(aws: Aws) -> None:
    ec2 = aws.client("ec2")
    name = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    ec2.modify_subnet_attribute(SubnetId=name, MapPublicIpOnLaunch={"Value": False})
    ec2.modify_subnet_attribute(SubnetId=name, PrivateDnsHostnameTypeOnLaunch="resource-name")
    ec2.modify_subnet_attribute(SubnetId=name, AssignIpv6AddressOnCreation={"Value": False})
    subnet = ec2.describe_subnets(SubnetIds=[name])["Subnets"][0]
    assert subnet["MapPublicIpOnLaunch"] is False
    assert subnet["PrivateDnsNameOptionsOnLaunch"]["HostnameType"] == "resource-name"
    with refused("UnsupportedOperation"):
        ec2.modify_subnet_attribute(SubnetId=name, EnableDns64={"Value": True})
    with refused("MissingParameter"):
        ec2.modify_subnet_attribute(SubnetId=name)


def test_the_default_vpc_can_go_and_come_back(aws: Aws) -> None:
    ec2 = aws.client("ec2")
    with refused("DefaultVpcAlreadyExists"):
        ec2.create_default_vpc()
    (vpc,) = ec2.describe_vpcs()["Vpcs"]
    (gateway,) = ec2.describe_internet_gateways()["InternetGateways"]
    assert gateway["Attachments"] == [{"State": "available", "VpcId": vpc["VpcId"]}]
    first, *others = ec2.describe_subnets()["Subnets"]
    zone = first["AvailabilityZone"]
    with refused("DefaultSubnetAlreadyExistsInAvailabilityZone"):
        ec2.create_default_subnet(AvailabilityZone=zone)
    ec2.delete_subnet(SubnetId=first["SubnetId"])
    again = ec2.create_default_subnet(AvailabilityZone=zone)["Subnet"]
    assert (again["CidrBlock"], again["DefaultForAz"]) == (first["CidrBlock"], True)
    for subnet in (again, *others):
        ec2.delete_subnet(SubnetId=subnet["SubnetId"])
    ids = {"InternetGatewayId": gateway["InternetGatewayId"]}
    with refused("DependencyViolation", "internetGateway"):
        ec2.delete_internet_gateway(**ids)
    ec2.detach_internet_gateway(**ids, VpcId=vpc["VpcId"])
    ec2.delete_internet_gateway(**ids)
    ec2.delete_vpc(VpcId=vpc["VpcId"])
    with refused("VPCIdNotSpecified"):
        ec2.create_security_group(GroupName="none", Description="none")
    assert ec2.create_default_vpc()["Vpc"]["IsDefault"]
    assert sorted(one["CidrBlock"] for one in ec2.describe_subnets()["Subnets"]) == sorted(
        SUBNET_CIDRS
    )


def test_a_gateway_belongs_to_one_vpc_and_a_vpc_has_one(aws: Aws) -> None:
    ec2 = aws.client("ec2")
    vpc, other = make_vpc(ec2), make_vpc(ec2)
    made = ec2.create_internet_gateway(TagSpecifications=tagged("internet-gateway"))
    gateway = made["InternetGateway"]["InternetGatewayId"]
    assert made["InternetGateway"]["Tags"] == TAGS
    with refused("Gateway.NotAttached"):
        ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    with refused("Resource.AlreadyAssociated"):
        ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=other)
    second = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    with refused("InvalidParameterValue", "already has an internet gateway attached"):
        ec2.attach_internet_gateway(InternetGatewayId=second, VpcId=vpc)
    with refused("DependencyViolation"):
        ec2.delete_vpc(VpcId=vpc)
    with refused("InvalidInternetGatewayID.NotFound"):
        ec2.attach_internet_gateway(InternetGatewayId="igw-00000000", VpcId=vpc)


def test_routes_lead_to_the_gateway_as_long_as_it_is_there(aws: Aws) -> None:
    ec2 = aws.client("ec2")
    vpc = make_vpc(ec2)
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    made = ec2.create_route_table(VpcId=vpc, ClientToken="once")
    table = made["RouteTable"]["RouteTableId"]
    again = ec2.create_route_table(VpcId=vpc, ClientToken="once")["RouteTable"]
    assert again["RouteTableId"] == table
    route = {"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": gateway}
    with refused("InvalidParameterValue", "different"):
        ec2.create_route(**route)
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    assert ec2.create_route(**route)["Return"]
    ec2.create_route(**route)  # the same again is well
    ec2.replace_route(**route)
    with refused("InvalidParameterValue", "more specific"):
        ec2.create_route(**route | {"DestinationCidrBlock": "10.0.3.0/24"})
    ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    told = ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]
    assert [one["State"] for one in told["Routes"]] == ["active", "blackhole"]
    ec2.delete_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0")
    with refused("InvalidRoute.NotFound"):
        ec2.delete_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0")
    with refused("InvalidParameterValue", "local route"):
        ec2.delete_route(RouteTableId=table, DestinationCidrBlock="10.0.0.0/16")
    with refused("DependencyViolation"):
        ec2.delete_vpc(VpcId=vpc)
    ec2.delete_route_table(RouteTableId=table)
    ec2.delete_vpc(VpcId=vpc)


def test_a_subnet_follows_its_own_table_or_the_main_one(aws: Aws) -> None:
    ec2 = aws.client("ec2")
    vpc = make_vpc(ec2)
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    (main,) = ec2.describe_route_tables(Filters=by_vpc(vpc))["RouteTables"]
    own = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    other = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    made = ec2.associate_route_table(RouteTableId=own, SubnetId=subnet)
    again = ec2.associate_route_table(RouteTableId=own, SubnetId=subnet)
    assert again["AssociationId"] == made["AssociationId"]
    with refused("Resource.AlreadyAssociated"):
        ec2.associate_route_table(RouteTableId=other, SubnetId=subnet)
    with refused("DependencyViolation", "routeTable"):
        ec2.delete_route_table(RouteTableId=own)
    moved = ec2.replace_route_table_association(
        AssociationId=made["AssociationId"], RouteTableId=other
    )["NewAssociationId"]
    ec2.delete_route_table(RouteTableId=own)
    found = ec2.describe_route_tables(
        Filters=[{"Name": "association.subnet-id", "Values": [subnet]}]
    )["RouteTables"]
    assert [one["RouteTableId"] for one in found] == [other]
    ec2.disassociate_route_table(AssociationId=moved)
    with refused("InvalidAssociationID.NotFound"):
        ec2.disassociate_route_table(AssociationId=moved)
    main_id = main["Associations"][0]["RouteTableAssociationId"]
    with refused("InvalidParameterValue", "main"):
        ec2.disassociate_route_table(AssociationId=main_id)
    ec2.replace_route_table_association(AssociationId=main_id, RouteTableId=other)
    ec2.delete_route_table(RouteTableId=main["RouteTableId"])
    elsewhere = ec2.describe_subnets(Filters=[{"Name": "default-for-az", "Values": ["true"]}])
    with refused("InvalidParameterValue", "different networks"):
        ec2.associate_route_table(RouteTableId=other, SubnetId=elsewhere["Subnets"][0]["SubnetId"])


def test_a_domain_keeps_its_vpc_and_subnets(aws: Aws) -> None:
    ec2, sagemaker = aws.client("ec2"), aws.client("sagemaker")
    vpc = make_vpc(ec2)
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    sagemaker.create_domain(
        DomainName="finance",
        AuthMode="IAM",
        DefaultUserSettings={},
        VpcId=vpc,
        SubnetIds=[subnet],
    )
    with refused("DependencyViolation", f"The subnet '{subnet}' has dependencies"):
        ec2.delete_subnet(SubnetId=subnet)


def test_dry_run_tells_who_may_and_does_nothing(aws: Aws) -> None:
    ec2 = aws.client("ec2")
    with refused("DryRunOperation"):
        ec2.create_vpc(CidrBlock="10.0.0.0/16", DryRun=True)
    assert len(ec2.describe_vpcs()["Vpcs"]) == 1
    nobody = aws.client("ec2", make_user(aws, "nobody", allow("ec2:DescribeVpcs")))
    with refused("UnauthorizedOperation"):
        nobody.create_vpc(CidrBlock="10.0.0.0/16", DryRun=True)


def test_lists_come_in_pages(aws: Aws) -> None:
    ec2 = aws.client("ec2")
    vpc = make_vpc(ec2)
    for number in range(7):
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24")
    pages = list(
        ec2.get_paginator("describe_subnets").paginate(
            Filters=by_vpc(vpc), PaginationConfig={"PageSize": 5}
        )
    )
    assert [len(page["Subnets"]) for page in pages] == [5, 2]


def test_blocks_know_their_free_addresses() -> None:
    assert cidrs.addresses_free(cidrs.ipv4("10.0.0.0/28", "cidrBlock")) == 11


def test_a_tag_without_a_key_is_refused(aws: Aws) -> None:
    ec2 = aws.client("ec2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    with pytest.raises(ec2.exceptions.ClientError) as caught:
        ec2.create_tags(Resources=[vpc], Tags=[{"Value": "x"}])
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
