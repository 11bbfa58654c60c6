"""S3 from inside: automatic tags of sessions with an origin, calls of the house's own loops."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from tests.support.inprocess import Aws
from tests.support.people import deny, policy, refused
from tests.support.studio import (
    make_domain,
    make_profile,
    session_keys,
    work_role,
)

from freehold.base.errors import Denied
from freehold.kernel.permission import identity
from freehold.objects.get import Reader

B = "the-bucket"


@pytest.fixture
def inside(aws: Aws, house: Any) -> tuple[Any, dict[str, str]]:
    """A client of a profile's session, and the tags that its work must carry."""
    role = work_role(aws, "work")
    domain = make_domain(aws, "finance", role)
    profile = make_profile(aws, domain.id, "ana")
    client = aws.client("s3", session_keys(house, role, profile))
    return client, {
        "sagemaker:domain-arn": domain.arn,
        "sagemaker:user-profile-arn": profile,
    }


def tags_of(client: Any, key: str) -> dict[str, str]:
    found = client.get_object_tagging(Bucket=B, Key=key)["TagSet"]
    return {tag["Key"]: tag["Value"] for tag in found}


def test_buckets_and_objects_carry_the_tags_of_where_they_were_made(
    inside: tuple[Any, dict[str, str]],
) -> None:
    client, automatic = inside
    client.create_bucket(Bucket=B)
    found = client.get_bucket_tagging(Bucket=B)["TagSet"]
    assert {tag["Key"]: tag["Value"] for tag in found} == automatic
    client.put_object(Bucket=B, Key="k", Body=b"x", Tagging="team=a")
    assert tags_of(client, "k") == automatic | {"team": "a"}
    upload = client.create_multipart_upload(Bucket=B, Key="parts")["UploadId"]
    part = client.upload_part(Bucket=B, Key="parts", UploadId=upload, PartNumber=1, Body=b"x")
    client.complete_multipart_upload(
        Bucket=B,
        Key="parts",
        UploadId=upload,
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]},
    )
    assert tags_of(client, "parts") == automatic
    client.copy_object(Bucket=B, Key="copy", CopySource=f"{B}/k")
    assert tags_of(client, "copy") == automatic | {"team": "a"}


def test_a_session_cannot_say_that_what_it_stores_is_of_elsewhere(
    inside: tuple[Any, dict[str, str]],
) -> None:
    client, automatic = inside
    lie = {key: "x" for key in (*automatic, "sagemaker:space-arn", "SageMaker:Domain-Arn")}
    given = [{"Key": key, "Value": value} for key, value in (lie | {"team": "a"}).items()]
    client.create_bucket(Bucket=B, CreateBucketConfiguration={"Tags": given})
    found = client.get_bucket_tagging(Bucket=B)["TagSet"]
    assert {tag["Key"]: tag["Value"] for tag in found} == automatic | {"team": "a"}
    client.put_object(Bucket=B, Key="k", Body=b"x", Tagging=urlencode(lie | {"team": "a"}))
    assert tags_of(client, "k") == automatic | {"team": "a"}


def test_a_new_set_of_tags_does_not_take_the_automatic_ones_away(
    inside: tuple[Any, dict[str, str]],
) -> None:
    client, automatic = inside
    client.create_bucket(Bucket=B)
    client.put_bucket_tagging(Bucket=B, Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    found = client.get_bucket_tagging(Bucket=B)["TagSet"]
    assert {tag["Key"]: tag["Value"] for tag in found} == automatic | {"a": "b"}
    client.put_object(Bucket=B, Key="k", Body=b"x")
    client.put_object_tagging(Bucket=B, Key="k", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    assert tags_of(client, "k") == automatic | {"a": "b"}
    client.delete_object_tagging(Bucket=B, Key="k")
    assert tags_of(client, "k") == automatic


def test_an_administrators_copy_keeps_the_tags_of_its_source(
    aws: Aws, inside: tuple[Any, dict[str, str]]
) -> None:
    client, automatic = inside
    client.create_bucket(Bucket=B)
    client.put_object(Bucket=B, Key="k", Body=b"x")
    root = aws.client("s3")
    root.copy_object(Bucket=B, Key="copy", CopySource=f"{B}/k")
    root.delete_object_tagging(Bucket=B, Key="copy")
    assert tags_of(root, "copy") == automatic


def test_another_domains_objects_can_be_kept_away_by_their_tags(aws: Aws, house: Any) -> None:
    clients = {}
    for name in ("finance", "research"):
        role = work_role(aws, name)
        domain = make_domain(aws, name, role)
        key = "s3:ExistingObjectTag/sagemaker:domain-arn"
        wall = deny("s3:GetObject", Condition={"StringNotEquals": {key: domain.arn}})
        aws.client("iam").put_role_policy(
            RoleName=name, PolicyName="wall", PolicyDocument=policy(wall)
        )
        profile = make_profile(aws, domain.id, "ana")
        clients[name] = aws.client("s3", session_keys(house, role, profile))
    clients["finance"].create_bucket(Bucket=B)
    clients["finance"].put_object(Bucket=B, Key="k", Body=b"secret")
    assert clients["finance"].get_object(Bucket=B, Key="k")["Body"].read() == b"secret"
    with refused("AccessDenied", "s3:GetObject"):
        clients["research"].get_object(Bucket=B, Key="k")
    with refused("AccessDenied"):
        clients["research"].copy_object(Bucket=B, Key="mine", CopySource=f"{B}/k")


def test_a_loop_writes_and_reads_as_its_role(aws: Aws, house: Any) -> None:
    kernel = house.kernel
    aws.client("s3").create_bucket(Bucket=B)
    root = identity.root(house.settings)
    with kernel.blobs.writer(("CRC64NVME",)) as writer:
        writer.write(b"hello")
        blob = writer.finish()
    request = {"Bucket": B, "Key": "k", "ContentType": "text/plain"}
    kernel.call("s3", "PutObject", root, request, internal={"Blob": blob})
    answer = kernel.call("s3", "GetObject", root, {"Bucket": B, "Key": "k", "Range": "bytes=1-3"})
    parts, start, stop = answer["_Parts"], answer["_Start"], answer["_Stop"]
    assert b"".join(Reader(kernel.blobs, parts, start, stop)) == b"ell"
    assert answer["ContentType"] == "text/plain"
    listed = kernel.call("s3", "ListObjectsV2", root, {"Bucket": B})
    assert [one["Key"] for one in listed["Contents"]] == ["k"]
    assert aws.client("s3").get_object(Bucket=B, Key="k")["ChecksumCRC64NVME"]


def test_a_loop_is_refused_like_anybody(aws: Aws, house: Any) -> None:
    aws.client("s3").create_bucket(Bucket=B)
    role = work_role(aws, "poor", deny("s3:*"))
    session = house.kernel.doors.session(house.kernel.own_unit(), role, None)
    with pytest.raises(Denied, match="s3:PutObject"):
        house.kernel.call("s3", "PutObject", session, {"Bucket": B, "Key": "k"})
    with pytest.raises(Denied, match="s3:GetObject"):
        house.kernel.call("s3", "GetObject", session, {"Bucket": B, "Key": "k"})
