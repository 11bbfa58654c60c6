"""Objects: put, got, conditional, tagged, copied, removed; by a real client in process."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.support.inprocess import Aws
from tests.support.people import allow, make_user, refused

B = "the-bucket"


@pytest.fixture
def s3(aws: Aws) -> Any:
    client = aws.client("s3")
    client.create_bucket(Bucket=B)
    return client


def put(s3: Any, key: str = "k", body: bytes = b"hello", **more: Any) -> Any:
    return s3.put_object(Bucket=B, Key=key, Body=body, **more)


def got(s3: Any, key: str = "k", **more: Any) -> bytes:
    return bytes(s3.get_object(Bucket=B, Key=key, **more)["Body"].read())


def test_what_was_put_is_got_with_headers_metadata_and_checksum(s3: Any) -> None:
    made = put(
        s3,
        "dir/ü b.txt",
        ContentType="text/plain",
        CacheControl="no-cache",
        ContentEncoding="gzip",
        Metadata={"color": "blue"},
    )
    assert made["ETag"] == f'"{hashlib.md5(b"hello").hexdigest()}"'
    assert made["ChecksumType"] == "FULL_OBJECT"
    found = s3.get_object(Bucket=B, Key="dir/ü b.txt")
    assert found["Body"].read() == b"hello"
    assert (found["ContentType"], found["CacheControl"]) == ("text/plain", "no-cache")
    assert found["ContentEncoding"] == "gzip"
    assert found["Metadata"] == {"color": "blue"}
    assert found["ChecksumCRC32"] == made["ChecksumCRC32"]
    headers = found["ResponseMetadata"]["HTTPHeaders"]
    assert headers["content-security-policy"] == "sandbox"
    assert headers["x-content-type-options"] == "nosniff"
    head = s3.head_object(Bucket=B, Key="dir/ü b.txt")
    assert head["ContentLength"] == 5
    assert head["ETag"] == made["ETag"]


def test_an_object_is_overwritten_and_the_old_bytes_die(s3: Any, house: Any) -> None:
    put(s3, body=b"old")
    put(s3, body=b"new")
    assert got(s3) == b"new"
    rows = house.kernel.reader.connection.execute("select uses, died from blob").fetchall()
    assert sorted(uses for uses, _ in rows) == [0, 1]
    assert sum(died is not None for _, died in rows) == 1


def test_an_empty_object(s3: Any) -> None:
    put(s3, body=b"")
    assert got(s3) == b""
    with refused("InvalidRange"):
        got(s3, Range="bytes=0-0")


RANGES = {
    "bytes=0-0": (b"h", "bytes 0-0/5"),
    "bytes=1-3": (b"ell", "bytes 1-3/5"),
    "bytes=3-": (b"lo", "bytes 3-4/5"),
    "bytes=-2": (b"lo", "bytes 3-4/5"),
    "bytes=0-99": (b"hello", "bytes 0-4/5"),
}


@pytest.mark.parametrize("asked", RANGES)
def test_a_range_is_answered_with_206_and_no_checksum(s3: Any, asked: str) -> None:
    put(s3)
    found = s3.get_object(Bucket=B, Key="k", Range=asked)
    assert (found["Body"].read(), found["ContentRange"]) == RANGES[asked]
    assert found["ResponseMetadata"]["HTTPStatusCode"] == 206
    assert "ChecksumCRC32" not in found


def test_a_range_behind_the_end_is_refused(s3: Any) -> None:
    put(s3)
    with pytest.raises(ClientError) as caught:
        got(s3, Range="bytes=5-9")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 416
    assert caught.value.response["Error"]["Code"] == "InvalidRange"


def test_conditions_on_reading(s3: Any) -> None:
    etag = put(s3)["ETag"]
    assert got(s3, IfMatch=etag) == b"hello"
    with refused("PreconditionFailed"):
        got(s3, IfMatch='"other"')
    with pytest.raises(ClientError) as caught:
        got(s3, IfNoneMatch=etag)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 304
    with refused("304"):
        s3.head_object(Bucket=B, Key="k", IfModifiedSince="2099-01-01T00:00:00Z")


def test_conditions_on_writing(s3: Any) -> None:
    put(s3, IfNoneMatch="*")
    with refused("PreconditionFailed"):
        put(s3, body=b"second", IfNoneMatch="*")
    with refused("PreconditionFailed"):
        put(s3, body=b"second", IfMatch='"other"')
    assert got(s3) == b"hello"
    put(s3, body=b"second", IfMatch=s3.head_object(Bucket=B, Key="k")["ETag"])
    assert got(s3) == b"second"


@pytest.mark.parametrize("name", ["a b", "a:b", 'a"', "a\x01"])
def test_metadata_that_no_answer_could_say_is_refused(s3: Any, name: str) -> None:
    with refused("InvalidArgument"):
        put(s3, Metadata={name: "1"})
    put(s3, Metadata={"a-b.c_d": "1"})
    assert s3.head_object(Bucket=B, Key="k")["Metadata"] == {"a-b.c_d": "1"}


def test_response_overrides(s3: Any) -> None:
    put(s3)
    found = s3.get_object(
        Bucket=B,
        Key="k",
        ResponseContentType="text/csv",
        ResponseContentDisposition='attachment; filename="x.csv"',
    )
    assert found["ContentType"] == "text/csv"
    assert found["ContentDisposition"].startswith("attachment")


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"])
def test_each_checksum_is_verified_kept_and_given_back(s3: Any, algorithm: str) -> None:
    made = put(s3, ChecksumAlgorithm=algorithm)
    found = s3.get_object(Bucket=B, Key="k", ChecksumMode="ENABLED")
    assert found[f"Checksum{algorithm}"] == made[f"Checksum{algorithm}"]
    assert found["Body"].read() == b"hello"
    listed = s3.list_objects_v2(Bucket=B)["Contents"][0]
    assert listed["ChecksumAlgorithm"] == [algorithm]


def test_a_wrong_checksum_leaves_nothing(s3: Any, house: Any) -> None:
    wrong = base64.b64encode(hashlib.sha256(b"other").digest()).decode()
    with refused("BadDigest"):
        put(s3, ChecksumSHA256=wrong)
    with refused("BadDigest"):
        put(s3, ContentMD5=base64.b64encode(hashlib.md5(b"other").digest()).decode())
    with refused("InvalidDigest"):
        put(s3, ContentMD5="bm8=")
    with refused("404"):
        s3.head_object(Bucket=B, Key="k")
    house.kernel.data.submit(int).result()
    files = [p for p in (house.settings.state / "objects").rglob("b-*")]
    assert files == []


def test_a_body_that_is_not_what_was_signed_is_refused(
    aws: Aws, s3: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_REQUEST_CHECKSUM_CALCULATION", "when_required")
    client = aws.client("s3")

    def alter(request: Any, **_: Any) -> None:
        request.body = b"HELLO"

    client.meta.events.register_first("before-send", alter)
    with refused("XAmzContentSHA256Mismatch"):
        client.put_object(Bucket=B, Key="k", Body=b"hello")
    with refused("404"):
        s3.head_object(Bucket=B, Key="k")


def _md5(body: bytes) -> str:
    return base64.b64encode(hashlib.md5(body).digest()).decode()


def test_what_would_be_echoed_but_not_done_is_refused(s3: Any) -> None:
    with refused("NotImplemented", "SSEKMSKeyId"):
        put(s3, ServerSideEncryption="aws:kms", SSEKMSKeyId="key")
    assert "ServerSideEncryption" not in put(s3, ServerSideEncryption="aws:kms")
    with refused("InvalidStorageClass"):
        put(s3, StorageClass="GLACIER")
    with refused("AccessControlListNotSupported"):
        put(s3, ACL="public-read")
    put(s3, ACL="bucket-owner-full-control")
    with refused("InvalidArgument"):
        got(s3, VersionId="3HL4kqtJlcpXroDTDmJ")


def test_bounds_of_keys_metadata_and_tags(s3: Any) -> None:
    put(s3, "k" * 1024)
    with refused("KeyTooLongError"):
        put(s3, "k" * 1025)
    with refused("MetadataTooLarge"):
        put(s3, Metadata={"big": "x" * 2100})
    with refused("BadRequest"):
        put(s3, Tagging="&".join(f"k{n}=v" for n in range(11)))
    with refused("InvalidTag"):
        put(s3, Tagging="a=1&a=2")


def test_tags_of_an_object(s3: Any) -> None:
    put(s3, Tagging="team=finance&stage=")
    head = s3.get_object(Bucket=B, Key="k")
    assert head["TagCount"] == 2
    tags = s3.get_object_tagging(Bucket=B, Key="k")["TagSet"]
    assert tags == [{"Key": "stage", "Value": ""}, {"Key": "team", "Value": "finance"}]
    s3.put_object_tagging(Bucket=B, Key="k", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    assert s3.get_object_tagging(Bucket=B, Key="k")["TagSet"] == [{"Key": "a", "Value": "b"}]
    s3.delete_object_tagging(Bucket=B, Key="k")
    assert s3.get_object_tagging(Bucket=B, Key="k")["TagSet"] == []
    assert got(s3) == b"hello"


def test_removing_is_quiet_and_many_at_once(s3: Any) -> None:
    s3.delete_object(Bucket=B, Key="never-there")
    for key in "abc":
        put(s3, key)
    answer = s3.delete_objects(
        Bucket=B, Delete={"Objects": [{"Key": "a"}, {"Key": "zz"}, {"Key": "b"}]}
    )
    assert [one["Key"] for one in answer["Deleted"]] == ["a", "zz", "b"]
    quiet = s3.delete_objects(Bucket=B, Delete={"Objects": [{"Key": "c"}], "Quiet": True})
    assert "Deleted" not in quiet
    assert s3.list_objects_v2(Bucket=B)["KeyCount"] == 0


def test_attributes(s3: Any) -> None:
    etag = put(s3)["ETag"].strip('"')
    wanted = ["ETag", "Checksum", "ObjectSize", "StorageClass", "ObjectParts"]
    found = s3.get_object_attributes(Bucket=B, Key="k", ObjectAttributes=wanted)
    assert found["ETag"] == etag
    assert found["ObjectSize"] == 5
    assert found["Checksum"]["ChecksumType"] == "FULL_OBJECT"
    assert "ObjectParts" not in found


def test_an_error_names_the_resource(s3: Any) -> None:
    with pytest.raises(ClientError) as caught:
        got(s3, "not there")
    error = caught.value.response["Error"]
    assert error["Code"] == "NoSuchKey"
    assert error["Resource"] == f"/{B}/not there"


# -- copies -----------------------------------------------------------------------------------


def test_a_copy_shares_bytes_and_outlives_its_source(s3: Any) -> None:
    put(s3, Metadata={"color": "blue"}, ContentType="text/plain", Tagging="a=b")
    result = s3.copy_object(Bucket=B, Key="copy", CopySource={"Bucket": B, "Key": "k"})
    s3.delete_object(Bucket=B, Key="k")
    found = s3.get_object(Bucket=B, Key="copy")
    assert found["Body"].read() == b"hello"
    assert found["Metadata"] == {"color": "blue"}
    assert found["ContentType"] == "text/plain"
    assert s3.get_object_tagging(Bucket=B, Key="copy")["TagSet"] == [{"Key": "a", "Value": "b"}]
    assert result["CopyObjectResult"]["ETag"] == found["ETag"]


def test_a_copy_may_replace_metadata_and_tags_and_ask_another_checksum(s3: Any) -> None:
    put(s3, Metadata={"color": "blue"}, Tagging="a=b")
    s3.copy_object(
        Bucket=B,
        Key="k",
        CopySource={"Bucket": B, "Key": "k"},
        MetadataDirective="REPLACE",
        Metadata={"color": "red"},
        TaggingDirective="REPLACE",
        Tagging="c=d",
        ChecksumAlgorithm="SHA256",
    )
    found = s3.get_object(Bucket=B, Key="k", ChecksumMode="ENABLED")
    assert found["Metadata"] == {"color": "red"}
    expected = base64.b64encode(hashlib.sha256(b"hello").digest()).decode()
    assert found["ChecksumSHA256"] == expected
    assert found["Body"].read() == b"hello"
    assert s3.get_object_tagging(Bucket=B, Key="k")["TagSet"] == [{"Key": "c", "Value": "d"}]


def test_a_copy_that_changes_nothing_or_whose_condition_fails_is_refused(s3: Any) -> None:
    etag = put(s3)["ETag"]
    with refused("InvalidRequest"):
        s3.copy_object(Bucket=B, Key="k", CopySource={"Bucket": B, "Key": "k"})
    with refused("PreconditionFailed"):
        s3.copy_object(
            Bucket=B, Key="c", CopySource={"Bucket": B, "Key": "k"}, CopySourceIfNoneMatch=etag
        )
    with refused("NoSuchKey"):
        s3.copy_object(Bucket=B, Key="c", CopySource={"Bucket": B, "Key": "none"})
    with refused("NoSuchBucket"):
        s3.copy_object(Bucket=B, Key="c", CopySource={"Bucket": "nowhere-here", "Key": "none"})


# -- permission -------------------------------------------------------------------------------


def test_each_operation_asks_for_its_action_on_its_resource(aws: Aws, s3: Any) -> None:
    put(s3, "mine/a")
    put(s3, "theirs/a")
    who = aws.client(
        "s3",
        make_user(
            aws,
            "mine",
            allow(["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], f"arn:aws:s3:::{B}/mine/*"),
            allow(
                "s3:ListBucket",
                f"arn:aws:s3:::{B}",
                Condition={"StringLike": {"s3:prefix": ["", "mine/*"]}},
            ),
        ),
    )
    put(who, "mine/b")
    assert got(who, "mine/a") == b"hello"
    with refused("AccessDenied", "s3:GetObject", f"{B}/theirs/a"):
        got(who, "theirs/a")
    with refused("AccessDenied", "s3:PutObject"):
        put(who, "theirs/b")
    with refused("AccessDenied"):
        who.copy_object(Bucket=B, Key="mine/c", CopySource={"Bucket": B, "Key": "theirs/a"})
    who.list_objects_v2(Bucket=B, Prefix="mine/")
    who.list_objects_v2(Bucket=B, Prefix="")
    with refused("AccessDenied", "s3:ListBucket"):
        who.list_objects_v2(Bucket=B, Prefix="theirs/")
    with refused("AccessDenied"):
        who.list_objects_v2(Bucket=B)
    answer = who.delete_objects(
        Bucket=B, Delete={"Objects": [{"Key": "mine/a"}, {"Key": "theirs/a"}]}
    )
    assert [one["Key"] for one in answer["Deleted"]] == ["mine/a"]
    assert [(one["Key"], one["Code"]) for one in answer["Errors"]] == [("theirs/a", "AccessDenied")]
    assert got(s3, "theirs/a") == b"hello"


def test_whoever_may_not_list_is_not_told_that_a_key_is_missing(aws: Aws, s3: Any) -> None:
    blind = aws.client("s3", make_user(aws, "blind", allow("s3:GetObject")))
    with refused("AccessDenied"):
        got(blind, "none")
    with refused("403"):
        blind.head_object(Bucket=B, Key="none")
    seeing = aws.client("s3", make_user(aws, "seeing", allow(["s3:GetObject", "s3:ListBucket"])))
    with refused("NoSuchKey"):
        got(seeing, "none")
    with refused("404"):
        seeing.head_object(Bucket=B, Key="none")


def test_conditions_on_tags_of_objects_that_exist_and_that_come(aws: Aws, s3: Any) -> None:
    put(s3, "open", Tagging="public=yes")
    put(s3, "shut")
    who = aws.client(
        "s3",
        make_user(
            aws,
            "tagreader",
            allow(
                "s3:GetObject",
                Condition={"StringEquals": {"s3:ExistingObjectTag/public": "yes"}},
            ),
            allow(["s3:PutObject"]),
            allow(
                "s3:PutObjectTagging",
                Condition={"StringEquals": {"s3:RequestObjectTag/team": "mine"}},
            ),
        ),
    )
    assert got(who, "open") == b"hello"
    with refused("AccessDenied"):
        got(who, "shut")
    put(who, "new", Tagging="team=mine")
    with refused("AccessDenied", "s3:PutObjectTagging"):
        put(who, "new", Tagging="team=theirs")
    for both in ("team=theirs&TEAM=mine", "TEAM=mine&team=theirs"):
        with refused("AccessDenied", "s3:PutObjectTagging"):
            put(who, "new", Tagging=both)


def test_a_refused_upload_is_audited_once_and_its_body_never_asked_for(
    aws: Aws, s3: Any, house: Any
) -> None:
    who = aws.client("s3", make_user(aws, "none"))
    house.kernel.waiting.take()
    with refused("AccessDenied", "s3:PutObject"):
        put(who)
    found = [e for e in house.kernel.waiting.take() if e.operation == "PutObject"]
    assert len(found) == 1
    assert found[0].resource == f"arn:aws:s3:::{B}/k"
