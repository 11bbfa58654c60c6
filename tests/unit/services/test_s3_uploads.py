"""Uploads in parts, by a real client in process."""

from __future__ import annotations

import base64
import hashlib
import zlib
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.support.inprocess import Aws
from tests.support.people import allow, make_user, refused

B, K = "the-bucket", "big"
MIB = 1 << 20
FIRST, LAST = b"a" * (5 * MIB), b"b" * 17


@pytest.fixture
def s3(aws: Aws) -> Any:
    client = aws.client("s3")
    client.create_bucket(Bucket=B)
    return client


def begin(s3: Any, **more: Any) -> str:
    return str(s3.create_multipart_upload(Bucket=B, Key=K, **more)["UploadId"])


def send(s3: Any, upload: str, *bodies: bytes, **more: Any) -> list[dict[str, Any]]:
    parts = []
    for number, body in enumerate(bodies, 1):
        answer = s3.upload_part(
            Bucket=B, Key=K, UploadId=upload, PartNumber=number, Body=body, **more
        )
        sums = {name: value for name, value in answer.items() if name.startswith("Checksum")}
        parts.append({"PartNumber": number, "ETag": answer["ETag"]} | sums)
    return parts


def end(s3: Any, upload: str, parts: list[dict[str, Any]], **more: Any) -> Any:
    return s3.complete_multipart_upload(
        Bucket=B, Key=K, UploadId=upload, MultipartUpload={"Parts": parts}, **more
    )


def test_parts_become_one_object(s3: Any, house: Any) -> None:
    upload = begin(s3, ContentType="text/plain", Metadata={"a": "b"}, Tagging="t=1")
    parts = send(s3, upload, FIRST, LAST)
    made = end(s3, upload, parts)
    md5s = hashlib.md5(FIRST).digest() + hashlib.md5(LAST).digest()
    assert made["ETag"] == f'"{hashlib.md5(md5s).hexdigest()}-2"'
    found = s3.get_object(Bucket=B, Key=K)
    assert found["Body"].read() == FIRST + LAST
    assert (found["ContentType"], found["Metadata"]) == ("text/plain", {"a": "b"})
    assert found["TagCount"] == 1
    across = s3.get_object(Bucket=B, Key=K, Range=f"bytes={5 * MIB - 2}-{5 * MIB + 1}")
    assert across["Body"].read() == b"aabb"
    second = s3.get_object(Bucket=B, Key=K, PartNumber=2)
    assert second["Body"].read() == LAST
    assert second["PartsCount"] == 2
    with pytest.raises(ClientError) as caught:
        s3.get_object(Bucket=B, Key=K, PartNumber=3)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 416
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=B)
    died = house.kernel.reader.connection.execute("select count(*) from blob where died > 0")
    assert died.fetchone()[0] == 0


def test_ending_again_answers_as_before(s3: Any) -> None:
    upload = begin(s3)
    parts = send(s3, upload, LAST)
    assert end(s3, upload, parts)["ETag"] == end(s3, upload, parts)["ETag"]
    s3.delete_object(Bucket=B, Key=K)
    with refused("NoSuchUpload"):
        end(s3, upload, parts)


def crc32(body: bytes) -> str:
    return base64.b64encode(zlib.crc32(body).to_bytes(4, "big")).decode()


def test_a_full_object_checksum_is_that_of_the_whole(s3: Any) -> None:
    upload = begin(s3, ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT")
    parts = send(s3, upload, FIRST, LAST, ChecksumAlgorithm="CRC32")
    with refused("BadDigest"):
        end(s3, upload, parts, ChecksumCRC32=crc32(b"other"), ChecksumType="FULL_OBJECT")
    whole = crc32(FIRST + LAST)
    made = end(s3, upload, parts, ChecksumCRC32=whole, ChecksumType="FULL_OBJECT")
    assert (made["ChecksumCRC32"], made["ChecksumType"]) == (whole, "FULL_OBJECT")
    found = s3.get_object(Bucket=B, Key=K)
    assert found["ChecksumCRC32"] == whole
    assert found["Body"].read() == FIRST + LAST


@pytest.mark.parametrize("algorithm", ["CRC32", "SHA256"])
def test_a_composite_checksum_counts_its_parts(s3: Any, algorithm: str) -> None:
    upload = begin(s3, ChecksumAlgorithm=algorithm)
    parts = send(s3, upload, FIRST, LAST, ChecksumAlgorithm=algorithm)
    made = end(s3, upload, parts)
    assert made[f"Checksum{algorithm}"].endswith("-2")
    assert made["ChecksumType"] == "COMPOSITE"
    found = s3.get_object_attributes(
        Bucket=B, Key=K, ObjectAttributes=["ObjectParts", "Checksum"], MaxParts=1
    )
    assert found["ObjectParts"]["TotalPartsCount"] == 2
    assert found["ObjectParts"]["IsTruncated"]
    assert found["ObjectParts"]["Parts"][0][f"Checksum{algorithm}"]


def test_what_was_not_promised_is_refused(s3: Any) -> None:
    with refused("InvalidRequest"):
        begin(s3, ChecksumAlgorithm="SHA256", ChecksumType="FULL_OBJECT")
    upload = begin(s3, ChecksumAlgorithm="SHA256")
    with refused("InvalidRequest", "expected checksum Type: sha256"):
        send(s3, upload, LAST, ChecksumAlgorithm="SHA1")
    parts = send(s3, upload, LAST, ChecksumAlgorithm="SHA256")
    with refused("InvalidRequest"):
        end(s3, upload, parts, MpuObjectSize=1)
    with refused("InvalidPart"):
        end(s3, upload, [{"PartNumber": 1, "ETag": '"0"'}])
    with refused("InvalidPart"):
        end(s3, upload, [{"PartNumber": 2, "ETag": parts[0]["ETag"]}])
    with refused("MalformedXML"):
        end(s3, upload, [])
    with refused("InvalidArgument"):
        s3.upload_part(Bucket=B, Key=K, UploadId=upload, PartNumber=10_001, Body=b"")
    with refused("NoSuchUpload"):
        s3.upload_part(Bucket=B, Key="other", UploadId=upload, PartNumber=1, Body=b"")


def test_parts_are_in_order_and_large_enough(s3: Any) -> None:
    upload = begin(s3)
    parts = send(s3, upload, LAST, LAST)
    with refused("EntityTooSmall"):
        end(s3, upload, parts)
    with refused("InvalidPartOrder"):
        end(s3, upload, parts[::-1])


def test_a_part_is_replaced_and_what_is_left_out_dies(s3: Any, house: Any) -> None:
    upload = begin(s3)
    send(s3, upload, b"old", b"unused")
    parts = send(s3, upload, LAST)
    assert [p["Size"] for p in s3.list_parts(Bucket=B, Key=K, UploadId=upload)["Parts"]] == [17, 6]
    end(s3, upload, parts)
    assert s3.get_object(Bucket=B, Key=K)["Body"].read() == LAST
    count = "select count(*), sum(died is not null) from blob"
    assert house.kernel.reader.connection.execute(count).fetchone() == (3, 2)


def test_parts_are_listed_in_pages(s3: Any) -> None:
    upload = begin(s3)
    send(s3, upload, b"1", b"22", b"333")
    pages = s3.get_paginator("list_parts").paginate(
        Bucket=B, Key=K, UploadId=upload, PaginationConfig={"PageSize": 2}
    )
    found = [(part["PartNumber"], part["Size"]) for page in pages for part in page["Parts"]]
    assert found == [(1, 1), (2, 2), (3, 3)]


def test_an_upload_is_given_up(s3: Any) -> None:
    upload = begin(s3)
    send(s3, upload, LAST)
    s3.abort_multipart_upload(Bucket=B, Key=K, UploadId=upload)
    with refused("NoSuchUpload"):
        s3.list_parts(Bucket=B, Key=K, UploadId=upload)
    with refused("NoSuchUpload"):
        s3.abort_multipart_upload(Bucket=B, Key=K, UploadId=upload)


def test_a_part_is_copied_from_a_range(s3: Any) -> None:
    s3.put_object(Bucket=B, Key="source", Body=bytes(range(100)))
    upload = begin(s3)
    source = {"Bucket": B, "Key": "source"}
    answer = s3.upload_part_copy(
        Bucket=B,
        Key=K,
        UploadId=upload,
        PartNumber=1,
        CopySource=source,
        CopySourceRange="bytes=10-19",
    )
    end(s3, upload, [{"PartNumber": 1, "ETag": answer["CopyPartResult"]["ETag"]}])
    assert s3.get_object(Bucket=B, Key=K)["Body"].read() == bytes(range(10, 20))
    with refused("InvalidArgument"):
        s3.upload_part_copy(
            Bucket=B,
            Key="other",
            UploadId=s3.create_multipart_upload(Bucket=B, Key="other")["UploadId"],
            PartNumber=1,
            CopySource=source,
            CopySourceRange="bytes=90-100",
        )


def test_conditions_hold_at_the_end(s3: Any) -> None:
    s3.put_object(Bucket=B, Key=K, Body=b"there")
    upload = begin(s3)
    parts = send(s3, upload, LAST)
    with refused("PreconditionFailed"):
        end(s3, upload, parts, IfNoneMatch="*")
    end(s3, upload, parts)


def test_uploads_ask_for_put_object_and_their_own_actions(aws: Aws, s3: Any) -> None:
    who = aws.client("s3", make_user(aws, "up", allow("s3:PutObject", f"arn:aws:s3:::{B}/{K}")))
    upload = begin(who)
    parts = send(who, upload, LAST)
    with refused("AccessDenied", "s3:ListMultipartUploadParts"):
        who.list_parts(Bucket=B, Key=K, UploadId=upload)
    with refused("AccessDenied", "s3:AbortMultipartUpload"):
        who.abort_multipart_upload(Bucket=B, Key=K, UploadId=upload)
    end(who, upload, parts)
    with refused("AccessDenied", "s3:PutObject"):
        who.create_multipart_upload(Bucket=B, Key="elsewhere")


def test_a_bucket_goes_with_uploads_that_never_ended(s3: Any, house: Any) -> None:
    send(s3, begin(s3), LAST)
    s3.delete_bucket(Bucket=B)
    rows = house.kernel.reader.connection.execute("select died from blob").fetchall()
    assert [died is not None for (died,) in rows] == [True]
