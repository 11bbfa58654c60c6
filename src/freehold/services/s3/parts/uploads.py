"""Uploads in parts: begun, listed, given up. ``completion.py`` makes objects of them.

An upload is a row with what was said of the object at its beginning; each part is a row that
names its bytes. Nothing is ever copied: an object is its parts in a row.
Source: S3 user guide, "Uploading and copying objects using multipart upload".
"""

from __future__ import annotations

from typing import Any

from freehold.base import ids
from freehold.base.errors import Invalid, NotFound
from freehold.kernel import objects_index
from freehold.kernel.call import Call
from freehold.kernel.declare.operation import Document
from freehold.kernel.objects_index import BLOB, Upload, UploadPart
from freehold.objects import checksums, listing
from freehold.objects.listing import Query, Row
from freehold.objects.put import PART_BYTES_MAX, Blob
from freehold.services.s3 import entries
from freehold.services.s3.entries import CHECKSUM_DEFAULT, CHECKSUM_TYPE
from freehold.services.s3.service import members, owner, quoted, serves

PARTS_MAX = 10_000
ALGORITHM = "Algorithm"  # of an upload's document; "IsAsked": whether the client named it
SUM = "Sum"  # of a part's document: base64, by the upload's algorithm


# -- the upload -----------------------------------------------------------------------------------


@serves("CreateMultipartUpload", on="key", mode="write", action="PutObject")
def create_multipart_upload(call: Call, request: Document) -> Document:
    """Begin. The id sorts by time, since uploads of one key are listed in that order.

    Raises:
        Invalid: The checksum type does not go with the algorithm.
        Unsupported: An algorithm that this server does not have.
    """
    document = entries.described(call, request)
    asked = request.get("ChecksumAlgorithm")
    kind = request.get("ChecksumType")
    if kind and not asked:
        raise Invalid(
            "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm "
            "header.",
            code="InvalidRequest",
        )
    algorithm = asked or CHECKSUM_DEFAULT
    checksums.new(algorithm)
    document |= {
        ALGORITHM: algorithm,
        "IsAsked": asked is not None,
        CHECKSUM_TYPE: checksums.multipart_type(algorithm, kind),
    }
    upload_id = f"{int(call.now * 1e6):014x}{ids.suffix(42)}"
    begun = Upload(upload_id, request["Bucket"], request["Key"], float(int(call.now)), document)
    objects_index.begin_upload(call.unit, begun)
    shown = {"ChecksumAlgorithm": asked, CHECKSUM_TYPE: document[CHECKSUM_TYPE]} if asked else {}
    return {"Bucket": begun.bucket, "Key": begun.key, "UploadId": upload_id} | shown


@serves("AbortMultipartUpload", on="key", mode="write")
def abort_multipart_upload(call: Call, request: Document) -> Document:
    """Give up; the parts' bytes go."""
    upload = load(call, request)
    objects_index.end_upload(call.unit, upload.id, (), call.now)
    return {}


def load(call: Call, request: Document) -> Upload:
    """The upload that a request names by key and id.

    Raises:
        NotFound: ``NoSuchUpload``.
    """
    upload = objects_index.find_upload(call.unit, request["UploadId"])
    if upload is None or (upload.bucket, upload.key) != (request["Bucket"], request["Key"]):
        raise NotFound(
            "The specified upload does not exist. The upload ID may be invalid, or the upload "
            "may have been aborted or completed.",
            code="NoSuchUpload",
        )
    return upload


# -- parts ----------------------------------------------------------------------------------------


def expect_part(call: Call, request: Document) -> None:
    """Ahead of a part's bytes: refuse what can be refused, and say which checksum to compute."""
    upload = load(call, request)
    check_number(request)
    declared = entries.declared_algorithm(request, call.internal.get(entries.TRAILERS, ()))
    if declared and upload.document["IsAsked"] and declared != upload.document[ALGORITHM]:
        raise Invalid(
            "Checksum Type mismatch occurred, expected checksum Type: "
            f"{upload.document[ALGORITHM].lower()}, actual checksum Type: {declared.lower()}",
            code="InvalidRequest",
        )
    if call.internal.get(entries.SIZE, 0) > PART_BYTES_MAX:
        raise entries.too_large()
    call.internal[entries.ALGORITHM] = upload.document[ALGORITHM]


def check_number(request: Document) -> None:
    """Parts are numbered from 1 to 10,000."""
    if not 1 <= int(request["PartNumber"]) <= PARTS_MAX:
        raise Invalid(
            f"Part number must be an integer between 1 and {PARTS_MAX}, inclusive",
            code="InvalidArgument",
        )


@serves("UploadPart", on="key", mode="write", action="PutObject", ahead=expect_part)
def upload_part(call: Call, request: Document) -> Document:
    """Keep a part, in place of an earlier one of its number."""
    part = keep_part(call, request)
    asked = entries.declared_algorithm(request, call.internal.get(entries.TRAILERS, ()))
    blob: Blob = call.internal[entries.BLOB]
    shown = {f"Checksum{asked}": blob.checksums[asked]} if asked else {}
    return {"ETag": quoted(part["MD5"])} | shown


def keep_part(call: Call, request: Document) -> Document:
    """Write down a part whose bytes are stored; answers its document."""
    upload = load(call, request)
    blob: Blob = call.internal[entries.BLOB]
    document = {
        BLOB: blob.id,
        "Size": blob.size,
        "MD5": blob.md5_hex,
        SUM: blob.checksums.get(upload.document[ALGORITHM]),
    }
    objects_index.put_part(call.unit, upload.id, int(request["PartNumber"]), document, call.now)
    return document


@serves("ListParts", on="key", mode="slow", action="ListMultipartUploadParts")
def list_parts(call: Call, request: Document) -> Document:
    """Parts by number, at most a thousand at once."""
    upload = load(call, request)
    given = request.get("MaxParts")
    limit = min(
        listing.parse_limit(None if given is None else str(given), "max-parts"), listing.KEYS_MAX
    )
    after = int(request.get("PartNumberMarker") or 0)
    found = objects_index.parts(call.unit, upload.id, after, limit + 1)
    page, is_truncated = found[:limit], len(found) > limit
    is_asked = upload.document["IsAsked"]
    algorithm = upload.document[ALGORITHM] if is_asked else None
    return {
        "Bucket": upload.bucket,
        "Key": upload.key,
        "UploadId": upload.id,
        "PartNumberMarker": after,
        "NextPartNumberMarker": page[-1].number if page else 0,
        "MaxParts": limit,
        "IsTruncated": is_truncated,
        "Parts": [_part(part, algorithm) for part in page],
        "Initiator": _initiator(call, upload),
        "Owner": owner(call),
        "StorageClass": "STANDARD",
    } | members(
        ChecksumAlgorithm=algorithm,
        ChecksumType=upload.document[CHECKSUM_TYPE] if is_asked else None,
    )


def _part(part: UploadPart, algorithm: str | None) -> Document:
    return members(
        PartNumber=part.number,
        LastModified=float(int(part.modified)),
        ETag=quoted(part.document["MD5"]),
        Size=part.document["Size"],
        **({f"Checksum{algorithm}": part.document[SUM]} if algorithm else {}),
    )


def _initiator(call: Call, upload: Upload) -> Document:
    arn = upload.document["Creator"]
    return owner(call) if arn.endswith(":root") else {"ID": arn, "DisplayName": arn.split(":")[-1]}


# -- the list of uploads --------------------------------------------------------------------------


@serves("ListMultipartUploads", on="bucket", mode="slow", action="ListBucketMultipartUploads")
def list_multipart_uploads(call: Call, request: Document) -> Document:
    """Uploads that have begun and not ended, by key, then by time."""
    kind = request.get("EncodingType")
    given = request.get("MaxUploads")
    limit = listing.parse_limit(None if given is None else str(given), "max-uploads")
    prefix, delimiter = request.get("Prefix") or "", request.get("Delimiter") or ""
    marker, id_marker = request.get("KeyMarker") or "", request.get("UploadIdMarker") or ""

    def scan(cursor: listing.Cursor, wanted: str, most: int) -> Any:
        return objects_index.scan_uploads(call.unit, request["Bucket"], cursor, wanted, most)

    after = listing.after_marker(marker, prefix, delimiter, id_marker if marker else "")
    page = listing.page(scan, Query(prefix, delimiter, after, limit))
    answer = {
        "Bucket": request["Bucket"],
        "KeyMarker": listing.encode(marker, kind),
        "UploadIdMarker": id_marker,
        "Prefix": listing.encode(prefix, kind),
        "MaxUploads": min(limit, listing.KEYS_MAX),
        "IsTruncated": page.is_truncated,
        "Uploads": [_shown(call, row, kind) for row in page.rows],
        "CommonPrefixes": [{"Prefix": listing.encode(p, kind)} for p in page.common_prefixes],
    } | members(Delimiter=listing.encode(delimiter, kind) if delimiter else None, EncodingType=kind)
    if page.is_truncated and page.last is not None:
        last = page.last
        answer["NextKeyMarker"] = listing.encode(last if isinstance(last, str) else last.key, kind)
        answer["NextUploadIdMarker"] = "" if isinstance(last, str) else last.id
    return answer


def _shown(call: Call, row: Row, kind: str | None) -> Document:
    upload: Upload = row.value
    is_asked = upload.document["IsAsked"]
    return {
        "UploadId": upload.id,
        "Key": listing.encode(upload.key, kind),
        "Initiated": upload.created,
        "StorageClass": "STANDARD",
        "Owner": owner(call),
        "Initiator": _initiator(call, upload),
    } | members(
        ChecksumAlgorithm=upload.document[ALGORITHM] if is_asked else None,
        ChecksumType=upload.document[CHECKSUM_TYPE] if is_asked else None,
    )
