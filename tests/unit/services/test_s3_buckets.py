"""Buckets, their tags and settings, asked by a real client in process."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.inprocess import Aws
from tests.support.people import allow, make_user, refused


@pytest.fixture
def s3(aws: Aws) -> Any:
    return aws.client("s3")


def test_a_bucket_is_made_found_listed_and_removed(s3: Any, house: Any) -> None:
    assert s3.create_bucket(Bucket="first-bucket")["Location"] == "/first-bucket"
    assert s3.head_bucket(Bucket="first-bucket")["BucketRegion"] == "us-east-1"
    assert [b["Name"] for b in s3.list_buckets()["Buckets"]] == ["first-bucket"]
    assert s3.get_bucket_location(Bucket="first-bucket")["LocationConstraint"] is None
    assert house.kernel.has_bucket("first-bucket")
    s3.delete_bucket(Bucket="first-bucket")
    assert not house.kernel.has_bucket("first-bucket")
    with refused("NoSuchBucket"):
        s3.delete_bucket(Bucket="first-bucket")


def test_making_ones_own_bucket_again_in_us_east_1_changes_nothing(s3: Any) -> None:
    s3.create_bucket(Bucket="again-bucket")
    s3.put_object(Bucket="again-bucket", Key="k", Body=b"x")
    s3.create_bucket(Bucket="again-bucket")
    assert s3.get_object(Bucket="again-bucket", Key="k")["Body"].read() == b"x"


@pytest.mark.parametrize("name", ["Upper-case", "a..b", "192.168.0.1", "console", "xn--what"])
def test_a_name_that_cannot_be_is_refused(s3: Any, name: str) -> None:
    s3.meta.events.unregister("before-parameter-build.s3")
    with refused("InvalidBucketName"):
        s3.create_bucket(Bucket=name)


def test_another_region_is_refused(s3: Any) -> None:
    with refused("IllegalLocationConstraintException"):
        s3.create_bucket(
            Bucket="far-bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )


def test_a_bucket_that_holds_something_is_not_removed(s3: Any) -> None:
    s3.create_bucket(Bucket="full-bucket")
    s3.put_object(Bucket="full-bucket", Key="k", Body=b"x")
    with refused("BucketNotEmpty"):
        s3.delete_bucket(Bucket="full-bucket")


def test_buckets_are_listed_in_pages_and_by_prefix(s3: Any) -> None:
    for name in ("aa-one", "aa-two", "bb-one"):
        s3.create_bucket(Bucket=name)
    pages = s3.get_paginator("list_buckets").paginate(PaginationConfig={"PageSize": 2})
    assert [b["Name"] for page in pages for b in page["Buckets"]] == ["aa-one", "aa-two", "bb-one"]
    found = s3.list_buckets(Prefix="aa-", MaxBuckets=10)["Buckets"]
    assert [b["Name"] for b in found] == ["aa-one", "aa-two"]


def test_tags_of_a_bucket_are_replaced_and_removed(s3: Any) -> None:
    s3.create_bucket(Bucket="tagged-bucket")
    with refused("NoSuchTagSet"):
        s3.get_bucket_tagging(Bucket="tagged-bucket")
    for team in ("finance", "research"):
        s3.put_bucket_tagging(
            Bucket="tagged-bucket", Tagging={"TagSet": [{"Key": "team", "Value": team}]}
        )
    tags = s3.get_bucket_tagging(Bucket="tagged-bucket")["TagSet"]
    assert tags == [{"Key": "team", "Value": "research"}]
    s3.delete_bucket_tagging(Bucket="tagged-bucket")
    with refused("NoSuchTagSet"):
        s3.get_bucket_tagging(Bucket="tagged-bucket")


def test_tags_given_at_birth_are_kept_and_need_permission(aws: Aws, s3: Any) -> None:
    configuration = {"Tags": [{"Key": "team", "Value": "finance"}]}
    s3.create_bucket(Bucket="born-tagged", CreateBucketConfiguration=configuration)
    assert s3.get_bucket_tagging(Bucket="born-tagged")["TagSet"] == configuration["Tags"]
    keys = make_user(aws, "maker", allow("s3:CreateBucket"))
    with refused("AccessDenied", "s3:TagResource"):
        aws.client("s3", keys).create_bucket(
            Bucket="other-tagged", CreateBucketConfiguration=configuration
        )


def test_an_owner_who_is_not_expected_is_refused(s3: Any) -> None:
    s3.create_bucket(Bucket="owned-bucket")
    s3.head_bucket(Bucket="owned-bucket", ExpectedBucketOwner="111122223333")
    with refused("403"):
        s3.head_bucket(Bucket="owned-bucket", ExpectedBucketOwner="999999999999")
    with refused("AccessDenied"):
        s3.put_object(Bucket="owned-bucket", Key="k", Body=b"x", ExpectedBucketOwner="999999999999")


ABSENT = {
    "get_bucket_policy": "NoSuchBucketPolicy",
    "get_bucket_cors": "NoSuchCORSConfiguration",
    "get_bucket_lifecycle_configuration": "NoSuchLifecycleConfiguration",
    "get_bucket_replication": "ReplicationConfigurationNotFoundError",
    "get_bucket_encryption": "ServerSideEncryptionConfigurationNotFoundError",
    "get_bucket_website": "NoSuchWebsiteConfiguration",
    "get_object_lock_configuration": "ObjectLockConfigurationNotFoundError",
}


@pytest.mark.parametrize("method", ABSENT)
def test_a_setting_that_is_never_there_is_not_found(s3: Any, method: str) -> None:
    s3.create_bucket(Bucket="plain-bucket")
    with refused(ABSENT[method]):
        getattr(s3, method)(Bucket="plain-bucket")


def test_settings_that_always_hold_are_told_and_may_be_asked_for(s3: Any) -> None:
    s3.create_bucket(Bucket="safe-bucket")
    blocks = s3.get_public_access_block(Bucket="safe-bucket")["PublicAccessBlockConfiguration"]
    assert all(blocks.values())
    assert len(blocks) == 4
    s3.put_public_access_block(Bucket="safe-bucket", PublicAccessBlockConfiguration=blocks)
    lifted = blocks | {"BlockPublicAcls": False}
    with refused("NotImplemented"):
        s3.put_public_access_block(Bucket="safe-bucket", PublicAccessBlockConfiguration=lifted)
    grants = s3.get_bucket_acl(Bucket="safe-bucket")["Grants"]
    assert [grant["Permission"] for grant in grants] == ["FULL_CONTROL"]
    assert "Status" not in s3.get_bucket_versioning(Bucket="safe-bucket")


def test_versioning_may_be_suspended_and_never_enabled(s3: Any) -> None:
    s3.create_bucket(Bucket="single-bucket")
    s3.put_bucket_versioning(
        Bucket="single-bucket", VersioningConfiguration={"Status": "Suspended"}
    )
    assert s3.get_bucket_versioning(Bucket="single-bucket")["Status"] == "Suspended"
    with refused("NotImplemented"):
        s3.put_bucket_versioning(
            Bucket="single-bucket", VersioningConfiguration={"Status": "Enabled"}
        )


def test_a_rule_that_would_not_be_enforced_is_refused_by_name(s3: Any) -> None:
    s3.create_bucket(Bucket="policed-bucket")
    with refused("NotImplemented", "PutBucketLifecycleConfiguration"):
        s3.put_bucket_lifecycle_configuration(
            Bucket="policed-bucket",
            LifecycleConfiguration={"Rules": [{"Status": "Enabled", "Prefix": ""}]},
        )


def test_a_missing_bucket_is_told_only_to_who_may(aws: Aws, s3: Any) -> None:
    nobody = aws.client("s3", make_user(aws, "nobody"))
    with refused("AccessDenied"):
        nobody.list_objects_v2(Bucket="not-there")
    with refused("NoSuchBucket"):
        s3.list_objects_v2(Bucket="not-there")
