"""Lists of objects: version 2, version 1, and the list of versions where there are none.

Pages are cut by ``objects.listing``; here they are spelled. ``encoding-type=url`` is applied to
every key, prefix and marker of an answer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from freehold.kernel import objects_index
from freehold.kernel.call import Call
from freehold.kernel.declare.operation import Document
from freehold.objects import listing
from freehold.objects.listing import Cursor, Page, Query, Row
from freehold.services.s3.service import members, owner, quoted, serves

Encode = Callable[[str], str]


@serves("ListObjectsV2", on="bucket", mode="slow", action="ListBucket")
def list_objects_v2(call: Call, request: Document) -> Document:
    """One page, from behind a token or a key."""
    encode = _encoder(request)
    token, start_after = request.get("ContinuationToken"), request.get("StartAfter")
    after = listing.decode_token(token) if token else Cursor(start_after or "")
    page, limit = _page(call, request, after)
    whose = owner(call) if request.get("FetchOwner") else None
    answer = _common(request, page, limit, encode, whose) | members(
        KeyCount=len(page.rows) + len(page.common_prefixes),
        ContinuationToken=token,
        StartAfter=encode(start_after) if start_after else None,
        NextContinuationToken=listing.encode_token(page.resume) if page.resume else None,
    )
    return answer


@serves("ListObjects", on="bucket", mode="slow", action="ListBucket")
def list_objects(call: Call, request: Document) -> Document:
    """One page, from behind a marker. ``NextMarker`` is given where a delimiter is."""
    encode = _encoder(request)
    marker = request.get("Marker") or ""
    after = listing.after_marker(marker, request.get("Prefix") or "", _delimiter(request))
    page, limit = _page(call, request, after)
    answer = _common(request, page, limit, encode, owner(call)) | {"Marker": encode(marker)}
    if page.is_truncated and _delimiter(request) and page.last is not None:
        last = page.last
        answer["NextMarker"] = encode(last if isinstance(last, str) else last.key)
    return answer


@serves("ListObjectVersions", on="bucket", mode="slow", action="ListBucketVersions")
def list_object_versions(call: Call, request: Document) -> Document:
    """Objects as their own and only version, ``null``, as in a bucket without versions."""
    encode = _encoder(request)
    marker = request.get("KeyMarker") or ""
    after = listing.after_marker(marker, request.get("Prefix") or "", _delimiter(request))
    page, limit = _page(call, request, after)
    answer = _common(request, page, limit, encode, owner(call))
    contents = answer.pop("Contents")
    only = {"VersionId": "null", "IsLatest": True}
    answer["Versions"] = [one | only for one in contents]
    answer |= {"KeyMarker": encode(marker), "VersionIdMarker": ""}
    if page.is_truncated and page.last is not None:
        last = page.last
        answer["NextKeyMarker"] = encode(last if isinstance(last, str) else last.key)
        answer["NextVersionIdMarker"] = "null"
    return answer


def _page(call: Call, request: Document, after: Cursor) -> tuple[Page, int]:
    given = request.get("MaxKeys")
    limit = listing.parse_limit(None if given is None else str(given))
    bucket = request["Bucket"]

    def scan(cursor: Cursor, prefix: str, most: int) -> Any:
        return objects_index.scan(call.unit, bucket, cursor, prefix, most)

    query = Query(request.get("Prefix") or "", _delimiter(request), after, limit)
    return listing.page(scan, query), min(limit, listing.KEYS_MAX)


def _common(
    request: Document, page: Page, limit: int, encode: Encode, whose: Document | None
) -> Document:
    return {
        "IsTruncated": page.is_truncated,
        "Contents": [_item(row, encode, whose) for row in page.rows],
        "Name": request["Bucket"],
        "Prefix": encode(request.get("Prefix") or ""),
        "MaxKeys": limit,
        "CommonPrefixes": [{"Prefix": encode(text)} for text in page.common_prefixes],
    } | members(
        Delimiter=encode(_delimiter(request)) if _delimiter(request) else None,
        EncodingType=request.get("EncodingType"),
    )


def _item(row: Row, encode: Encode, whose: Document | None) -> Document:
    modified, size, etag, checksum = row.value
    item = {
        "Key": encode(row.key),
        "LastModified": modified,
        "ETag": quoted(etag),
        "Size": size,
        "StorageClass": "STANDARD",
    }
    if checksum is not None:
        algorithm, _, kind = checksum.partition(":")
        item |= {"ChecksumAlgorithm": [algorithm], "ChecksumType": kind}
    if whose is not None:
        item["Owner"] = whose
    return item


def _delimiter(request: Document) -> str:
    return request.get("Delimiter") or ""


def _encoder(request: Document) -> Encode:
    kind = request.get("EncodingType")
    listing.encode("", kind)
    return lambda text: listing.encode(text, kind)
