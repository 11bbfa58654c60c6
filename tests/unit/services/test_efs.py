"""EFS: file systems that SageMaker made are described, found by id, and tagged."""

from __future__ import annotations

import ipaddress

import pytest
from tests.support.inprocess import Aws
from tests.support.people import allow, make_user, refused
from tests.support.studio import make_domain, make_profile, work_role

from freehold.base import ids
from freehold.compose import House
from freehold.kernel.studio.file_systems import MOUNT_TARGETS
from freehold.services.efs import FILE_SYSTEM
from freehold.store.records import Record
from freehold.store.unit import Unit

ACCOUNT = "111122223333"
DOMAIN = "arn:aws:sagemaker:us-east-1:111122223333:domain/d-1"
TAGS = {"ManagedByAmazonSageMakerResource": DOMAIN, "sagemaker:domain-arn": DOMAIN}


@pytest.fixture
def made(house: House) -> list[str]:
    """Three file systems, as SageMaker's domains keep them."""
    names = sorted(ids.hex_id("fs") for _ in range(3))

    def keep(unit: Unit) -> None:
        for number, name in enumerate(names):
            arn = f"arn:aws:elasticfilesystem:us-east-1:{ACCOUNT}:file-system/{name}"
            record = Record(FILE_SYSTEM.kind, arn, name, uid=name, at=1_700_000_000.0)
            record.tags = dict(TAGS)
            record.document = {
                "FileSystemId": name,
                "FileSystemArn": arn,
                "CreationToken": f"d-{number}",
                "SizeInBytes": {"Value": 6144, "Timestamp": 1_700_000_000.0},
                MOUNT_TARGETS: [
                    {
                        "MountTargetId": f"fsmt-{number}",
                        "FileSystemId": name,
                        "SubnetId": "subnet-1",
                        "LifeCycleState": "available",
                    }
                ],
            }
            unit.create(record)

    house.kernel.writer.run(keep)
    return names


def test_a_file_system_is_described_with_its_domain_s_tags(aws: Aws, made: list[str]) -> None:
    efs = aws.client("efs")
    (shown,) = efs.describe_file_systems(FileSystemId=made[0])["FileSystems"]
    assert shown["OwnerId"] == ACCOUNT
    assert shown["SizeInBytes"]["Value"] == 6144
    assert (shown["LifeCycleState"], shown["NumberOfMountTargets"]) == ("available", 1)
    assert {tag["Key"]: tag["Value"] for tag in shown["Tags"]} == TAGS
    by_token = efs.describe_file_systems(CreationToken="d-1")["FileSystems"]
    assert [one["FileSystemId"] for one in by_token] == [made[1]]


def test_file_systems_come_in_pages(aws: Aws, made: list[str]) -> None:
    pages = aws.client("efs").get_paginator("describe_file_systems")
    found = [
        one["FileSystemId"]
        for page in pages.paginate(PaginationConfig={"PageSize": 2})
        for one in page["FileSystems"]
    ]
    assert found == made


def test_what_is_not_there_is_not_found(aws: Aws, made: list[str]) -> None:
    efs = aws.client("efs")
    with refused("FileSystemNotFound", "File system 'fs-00000000' does not exist."):
        efs.describe_file_systems(FileSystemId="fs-00000000")
    with refused("BadRequest"):
        efs.describe_file_systems(FileSystemId=made[0], CreationToken="d-0")
    with refused("MountTargetNotFound"):
        efs.describe_mount_targets(MountTargetId="fsmt-00000000")


def test_mount_targets_are_those_of_the_file_system(aws: Aws, made: list[str]) -> None:
    efs = aws.client("efs")
    (target,) = efs.describe_mount_targets(FileSystemId=made[2])["MountTargets"]
    assert (target["MountTargetId"], target["SubnetId"]) == ("fsmt-2", "subnet-1")


def test_tags_are_changed_by_those_who_may(aws: Aws, made: list[str]) -> None:
    efs = aws.client("efs")
    efs.tag_resource(ResourceId=made[0], Tags=[{"Key": "Name", "Value": "finance"}])
    assert efs.describe_file_systems(FileSystemId=made[0])["FileSystems"][0]["Name"] == "finance"
    efs.untag_resource(ResourceId=made[0], TagKeys=["Name"])
    tags = efs.list_tags_for_resource(ResourceId=made[0])["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in tags} == TAGS
    tagged = {"StringEquals": {"aws:ResourceTag/sagemaker:domain-arn": DOMAIN + "x"}}
    ann = make_user(aws, "ann", allow("elasticfilesystem:*", Condition=tagged))
    with refused("AccessDeniedException"):
        aws.client("efs", ann).tag_resource(ResourceId=made[0], Tags=[{"Key": "a", "Value": "1"}])


# -- file systems of one's own ---------------------------------------------------------------------


def test_a_file_system_is_made_once_for_a_token(aws: Aws) -> None:
    efs = aws.client("efs")
    tags = [{"Key": "Name", "Value": "shared"}]
    made = efs.create_file_system(CreationToken="t", ThroughputMode="elastic", Tags=tags)
    assert (made["LifeCycleState"], made["Name"]) == ("available", "shared")
    assert (made["Encrypted"], made["ThroughputMode"]) == (False, "elastic")
    with refused("FileSystemAlreadyExists", made["FileSystemId"]):
        efs.create_file_system(CreationToken="t")
    named = {"FileSystemId": made["FileSystemId"]}
    assert (
        efs.update_file_system(**named, ThroughputMode="bursting")["ThroughputMode"] == "bursting"
    )
    assert efs.describe_lifecycle_configuration(**named)["LifecyclePolicies"] == []
    efs.delete_file_system(**named)
    assert efs.describe_file_systems(**named)["FileSystems"][0]["LifeCycleState"] == "deleting"


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"Encrypted": True}, "Encrypted is not supported"),
        ({"Encrypted": True, "KmsKeyId": "alias/x"}, "KmsKeyId is not supported"),
        ({"Backup": True}, "Backup is not supported"),
        ({"AvailabilityZoneName": "us-east-1a"}, "AvailabilityZoneName is not supported"),
        ({"PerformanceMode": "maxIO"}, "PerformanceMode must be generalPurpose"),
        ({"ThroughputMode": "provisioned", "ProvisionedThroughputInMibps": 1.0}, "no throughput"),
    ],
)
def test_what_a_file_system_would_not_hold_is_refused_by_name(
    aws: Aws, asked: dict[str, object], words: str
) -> None:
    with refused("UnsupportedOperationException", words):
        aws.client("efs").create_file_system(CreationToken="t", **asked)
    assert aws.client("efs").describe_file_systems()["FileSystems"] == []


def test_mount_targets_are_one_a_zone_with_addresses_of_their_subnets(aws: Aws) -> None:
    efs, ec2 = aws.client("efs"), aws.client("ec2")
    subnets = sorted(ec2.describe_subnets()["Subnets"], key=lambda one: one["SubnetId"])
    named = {"FileSystemId": efs.create_file_system(CreationToken="t")["FileSystemId"]}
    made = efs.create_mount_target(**named, SubnetId=subnets[0]["SubnetId"])
    network = ipaddress.ip_network(subnets[0]["CidrBlock"])
    assert ipaddress.ip_address(made["IpAddress"]) in network
    assert made["AvailabilityZoneName"] == subnets[0]["AvailabilityZone"]
    with refused("MountTargetConflict", "is in its zone"):
        efs.create_mount_target(**named, SubnetId=subnets[0]["SubnetId"])
    with refused("SubnetNotFound"):
        efs.create_mount_target(**named, SubnetId="subnet-00000000")
    with refused("BadRequest", "not in the subnet's range"):
        efs.create_mount_target(**named, SubnetId=subnets[1]["SubnetId"], IpAddress="192.0.2.1")
    other = efs.create_file_system(CreationToken="u")["FileSystemId"]
    with refused("IpAddressInUse"):
        efs.create_mount_target(
            FileSystemId=other, SubnetId=subnets[0]["SubnetId"], IpAddress=made["IpAddress"]
        )
    target = {"MountTargetId": made["MountTargetId"]}
    (group,) = efs.describe_mount_target_security_groups(**target)["SecurityGroups"]
    with refused("SecurityGroupNotFound"):
        efs.modify_mount_target_security_groups(**target, SecurityGroups=["sg-00000000"])
    efs.modify_mount_target_security_groups(**target, SecurityGroups=[group])
    with refused("FileSystemInUse", "it has mount targets"):
        efs.delete_file_system(**named)
    efs.delete_mount_target(**target)
    assert efs.describe_mount_targets(**named)["MountTargets"] == []


def test_a_domains_mount_targets_follow_its_subnets(aws: Aws) -> None:
    sm, efs, ec2 = aws.client("sagemaker"), aws.client("efs"), aws.client("ec2")
    subnets = [one["SubnetId"] for one in ec2.describe_subnets()["Subnets"]]
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    domain = make_domain(aws, "d", work_role(aws, "r"), VpcId=vpc, SubnetIds=subnets[:2])
    system = sm.describe_domain(DomainId=domain.id)["HomeEfsFileSystemId"]

    def targets() -> set[str]:
        found = efs.describe_mount_targets(FileSystemId=system)["MountTargets"]
        return {one["SubnetId"] for one in found}

    assert targets() == set(subnets[:2])
    sm.update_domain(DomainId=domain.id, SubnetIds=subnets[1:3])
    assert targets() == set(subnets[1:3])
    with refused("MountTargetConflict", "follow the subnets of domain"):
        efs.create_mount_target(FileSystemId=system, SubnetId=subnets[0])


def test_access_points_are_those_of_people_who_reach_their_homes(aws: Aws) -> None:
    sm, efs = aws.client("sagemaker"), aws.client("efs")
    domain = make_domain(aws, "d", work_role(aws, "r"))
    arn = make_profile(aws, domain.id, "ana")
    make_profile(aws, domain.id, "bob", UserSettings={"AutoMountHomeEFS": "Disabled"})
    system = sm.describe_domain(DomainId=domain.id)["HomeEfsFileSystemId"]
    (point,) = efs.describe_access_points(FileSystemId=system)["AccessPoints"]
    uid = sm.describe_user_profile(DomainId=domain.id, UserProfileName="ana")[
        "HomeEfsFileSystemUid"
    ]
    assert point["PosixUser"]["Uid"] == int(uid)
    assert point["RootDirectory"]["Path"] == f"/{uid}"
    tags = {tag["Key"]: tag["Value"] for tag in point["Tags"]}
    assert tags["sagemaker:user-profile-arn"] == arn
    again = efs.describe_access_points(AccessPointId=point["AccessPointId"])["AccessPoints"]
    assert again == [point]


def test_older_clients_tag_as_well(aws: Aws, made: list[str]) -> None:
    efs = aws.client("efs")
    efs.create_tags(FileSystemId=made[0], Tags=[{"Key": "a", "Value": "1"}])
    tags = efs.describe_tags(FileSystemId=made[0])["Tags"]
    assert {tag["Key"] for tag in tags} == {*TAGS, "a"}
    efs.delete_tags(FileSystemId=made[0], TagKeys=["a"])
    tags = efs.describe_tags(FileSystemId=made[0])["Tags"]
    assert {tag["Key"] for tag in tags} == set(TAGS)
