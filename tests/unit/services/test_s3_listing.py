"""Lists of objects and of uploads, by a real client in process."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.inprocess import Aws
from tests.support.people import refused

B = "the-bucket"
KEYS = ["a", "b/1", "b/2", "b/c/3", "d e", "z", "ü/x"]


@pytest.fixture
def s3(aws: Aws) -> Any:
    client = aws.client("s3")
    client.create_bucket(Bucket=B)
    for key in KEYS:
        client.put_object(Bucket=B, Key=key, Body=key.encode())
    return client


def keys(page: dict[str, Any]) -> list[str]:
    return [one["Key"] for one in page.get("Contents", ())]


def prefixes(page: dict[str, Any]) -> list[str]:
    return [one["Prefix"] for one in page.get("CommonPrefixes", ())]


@pytest.mark.parametrize("operation", ["list_objects_v2", "list_objects"])
@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_pages_hold_every_key_once_in_order(s3: Any, operation: str, size: int) -> None:
    pages = s3.get_paginator(operation).paginate(Bucket=B, PaginationConfig={"PageSize": size})
    assert [key for page in pages for key in keys(page)] == KEYS


@pytest.mark.parametrize("operation", ["list_objects_v2", "list_objects"])
@pytest.mark.parametrize("size", [1, 2, 100])
def test_a_delimiter_folds_keys_into_prefixes(s3: Any, operation: str, size: int) -> None:
    pages = list(
        s3.get_paginator(operation).paginate(
            Bucket=B, Delimiter="/", PaginationConfig={"PageSize": size}
        )
    )
    assert [key for page in pages for key in keys(page)] == ["a", "d e", "z"]
    assert [text for page in pages for text in prefixes(page)] == ["b/", "ü/"]


def test_a_prefix_and_a_delimiter_show_one_level(s3: Any) -> None:
    page = s3.list_objects_v2(Bucket=B, Prefix="b/", Delimiter="/")
    assert keys(page) == ["b/1", "b/2"]
    assert prefixes(page) == ["b/c/"]
    assert page["KeyCount"] == 3


def test_start_after_and_owner(s3: Any) -> None:
    page = s3.list_objects_v2(Bucket=B, StartAfter="b/2", FetchOwner=True, MaxKeys=2)
    assert keys(page) == ["b/c/3", "d e"]
    assert page["IsTruncated"]
    assert len(page["Contents"][0]["Owner"]["ID"]) == 64
    assert page["StartAfter"] == "b/2"


def test_no_keys_are_asked_for(s3: Any) -> None:
    page = s3.list_objects_v2(Bucket=B, MaxKeys=0)
    assert (page["KeyCount"], page["IsTruncated"]) == (0, False)


def test_a_token_of_somebody_else_is_refused(s3: Any) -> None:
    with refused("InvalidArgument"):
        s3.list_objects_v2(Bucket=B, ContinuationToken="what")


def test_version_1_gives_a_marker_only_with_a_delimiter(s3: Any) -> None:
    plain = s3.list_objects(Bucket=B, MaxKeys=2)
    assert plain["IsTruncated"]
    assert "NextMarker" not in plain
    folded = s3.list_objects(Bucket=B, MaxKeys=2, Delimiter="/")
    assert folded["NextMarker"] == "b/"


def test_every_object_is_its_own_only_version(s3: Any) -> None:
    page = s3.list_object_versions(Bucket=B, MaxKeys=3)
    assert [one["VersionId"] for one in page["Versions"]] == ["null"] * 3
    doomed = [{"Key": one["Key"], "VersionId": "null"} for one in page["Versions"]]
    s3.delete_objects(Bucket=B, Delete={"Objects": doomed})
    assert keys(s3.list_objects_v2(Bucket=B)) == KEYS[3:]


def test_uploads_are_listed_by_key_and_time_in_pages(s3: Any) -> None:
    begun = [s3.create_multipart_upload(Bucket=B, Key=key)["UploadId"] for key in ("k", "k", "x/y")]
    pages = list(
        s3.get_paginator("list_multipart_uploads").paginate(
            Bucket=B, PaginationConfig={"PageSize": 1}
        )
    )
    found = [(one["Key"], one["UploadId"]) for page in pages for one in page.get("Uploads", ())]
    assert found == list(zip(("k", "k", "x/y"), begun, strict=True))
    folded = s3.list_multipart_uploads(Bucket=B, Delimiter="/")
    assert [one["Key"] for one in folded["Uploads"]] == ["k", "k"]
    assert prefixes(folded) == ["x/"]
