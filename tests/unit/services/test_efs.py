"""EFS: file systems that SageMaker made are described, found by id, and tagged."""

from __future__ import annotations

import pytest
from tests.support.inprocess import Aws
from tests.support.people import allow, make_user, refused

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
