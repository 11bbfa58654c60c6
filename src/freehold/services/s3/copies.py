"""Copies inside the server: CopyObject shares the source's bytes, UploadPartCopy copies a range.

The source is read as if it had been got: ``s3:GetObject`` on it is asked beside the call's own
permission. Bytes are read or written ahead of the transaction, on the threads for bytes.
Source: S3 API reference, CopyObject, UploadPartCopy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from email.utils import formatdate
from urllib.parse import unquote

from freehold.base.errors import Denied, Invalid
from freehold.kernel import objects_index, tagging
from freehold.kernel.call import Call
from freehold.kernel.declare.operation import Document
from freehold.kernel.objects_index import PARTS, Entry
from freehold.objects import checksums, ranges
from freehold.objects.get import Reader
from freehold.objects.put import PART_BYTES_MAX
from freehold.objects.ranges import Conditions
from freehold.services.s3 import conditions, entries, tag_sets
from freehold.services.s3.entries import CHECKSUM_TYPE, CHECKSUMS
from freehold.services.s3.objects import check_write
from freehold.services.s3.parts import uploads
from freehold.services.s3.service import (
    BUCKET,
    bucket_arn,
    check_owner,
    object_arn,
    quoted,
    serves,
)

SUMMED, FROM = "Summed", "From"  # of ``Call.internal``: a checksum by algorithm; of which bytes


# -- whole objects --------------------------------------------------------------------------------


def read_source(call: Call, request: Document) -> None:
    """Ahead of a copy: where another checksum is wanted than the source has, compute it."""
    source = _source(call, request)
    wanted = _algorithm(request, source)
    if wanted in _full_sums(source):
        return
    digest = checksums.new(wanted)
    with Reader(call.kernel.blobs, entries.parts(source)) as reader:
        for chunk in reader:
            digest.update(chunk)
    call.internal[SUMMED] = {wanted: checksums.encode(digest.digest())}
    call.internal[FROM] = source.document[PARTS]


@serves("CopyObject", on="key", mode="write", action="PutObject", ahead=read_source)
def copy_object(call: Call, request: Document) -> Document:
    """A new object of the same bytes; its ETag stays the source's (docs/parity.md).

    Raises:
        Invalid: An object onto itself without a change, or one that is too large.
        Denied: The source may not be read, or its tags.
    """
    source = _source(call, request)
    if source.size > PART_BYTES_MAX:
        raise Invalid(
            "The specified copy source is larger than the maximum allowable size for a copy "
            f"source: {PART_BYTES_MAX}",
            code="InvalidRequest",
        )
    check_write(call, request)
    is_renewed = request.get("MetadataDirective") == "REPLACE"
    is_retagged = request.get("TaggingDirective") == "REPLACE"
    is_same = (source.bucket, source.key) == (request["Bucket"], request["Key"])
    if is_same and not (is_renewed or is_retagged or request.get("ChecksumAlgorithm")):
        raise Invalid(
            "This copy request is illegal because it is trying to copy an object to itself "
            "without changing the object's metadata, storage class, website redirect location "
            "or encryption attributes.",
            code="InvalidRequest",
        )
    document = entries.described(call, request)
    if not is_renewed:
        document |= {name: source.document[name] for name in ("Headers", "Metadata")}
    if not is_retagged:
        document |= _tags(call, request, source, document[tag_sets.AUTOMATIC])
    document[PARTS] = source.document[PARTS]
    document |= _sums(call, request, source)
    made = entries.entry(call, request, source.size, source.etag, document)
    objects_index.put(call.unit, made, call.now)
    result = {"ETag": quoted(made.etag), "LastModified": made.modified}
    return {"CopyObjectResult": result | entries.checksum_members(document)}


def _tags(call: Call, request: Document, source: Entry, automatic: Document) -> Document:
    """Tags that come along: read there, written here. An origin puts its own in their place."""
    tags: dict[str, str] = source.document[tag_sets.TAGS]
    if automatic:
        tags = tagging.of_caller(call, tags)
    if tags:
        there = object_arn(call, {"Bucket": source.bucket, "Key": source.key})
        more = conditions.existing_keys(call, source.bucket, source.key)
        refusal = call.refusal("s3:GetObjectTagging", there, more=more)
        if refusal is not None:
            raise Denied(refusal)
        entries.check_tagging(call, request, tags)
    return {
        tag_sets.TAGS: tags,
        tag_sets.AUTOMATIC: automatic or source.document[tag_sets.AUTOMATIC],
    }


def _algorithm(request: Document, source: Entry) -> str:
    """Which checksum the copy is to have: what is asked, else the source's, else S3's own."""
    known = source.document.get(CHECKSUMS, {})
    asked: str | None = request.get("ChecksumAlgorithm")
    return asked or next(iter(known), entries.CHECKSUM_DEFAULT)


def _full_sums(source: Entry) -> dict[str, str]:
    if source.document.get(CHECKSUM_TYPE) != checksums.FULL_OBJECT:
        return {}
    found: dict[str, str] = source.document[CHECKSUMS]
    return found


def _sums(call: Call, request: Document, source: Entry) -> Document:
    found = _full_sums(source)
    if _algorithm(request, source) not in found:
        is_current = call.internal.get(FROM) == source.document[PARTS]
        found = call.internal.get(SUMMED, {}) if is_current else {}
    return {CHECKSUMS: found, CHECKSUM_TYPE: checksums.FULL_OBJECT} if found else {}


# -- ranges as parts ------------------------------------------------------------------------------


def copy_range(call: Call, request: Document) -> None:
    """Ahead of UploadPartCopy: read the range and store it as bytes of its own."""
    uploads.expect_part(call, request)
    source = _source(call, request)
    span = ranges.parse_copy_range(request.get("CopySourceRange"), source.size)
    if span.stop - span.start > PART_BYTES_MAX:
        raise entries.too_large()
    store = call.kernel.blobs
    with (
        Reader(store, entries.parts(source), span.start, span.stop) as reader,
        store.writer((call.internal[entries.ALGORITHM],)) as writer,
    ):
        _pour(reader, writer.write)
        call.internal[entries.BLOB] = writer.finish()


def _pour(chunks: Iterable[bytes], take: Callable[[bytes], None]) -> None:
    for chunk in chunks:
        take(chunk)


@serves("UploadPartCopy", on="key", mode="write", action="PutObject", ahead=copy_range)
def upload_part_copy(call: Call, request: Document) -> Document:
    """Keep the range as a part."""
    part = uploads.keep_part(call, request)
    result = {"ETag": quoted(part["MD5"]), "LastModified": float(int(call.now))}
    upload = uploads.load(call, request)
    if upload.document["IsAsked"]:
        result[f"Checksum{upload.document[uploads.ALGORITHM]}"] = part[uploads.SUM]
    return {"CopyPartResult": result}


# -- the source -----------------------------------------------------------------------------------


def _source(call: Call, request: Document) -> Entry:
    """The object that a copy reads, once the caller may read it and its conditions hold.

    Raises:
        Denied: The caller may not read it, or may not know that it is not there.
        NotFound: There is no such object or bucket.
        Conflict: ``PreconditionFailed``.
    """
    place = _place(request["CopySource"])
    more = conditions.existing_keys(call, place["Bucket"], place["Key"])
    refusal = call.refusal("s3:GetObject", object_arn(call, place), more=more)
    if refusal is not None:
        raise Denied(refusal)
    call.load_arn(BUCKET, bucket_arn(call, place), place)
    check_owner(call, request.get("ExpectedSourceBucketOwner"))
    found = entries.load(call, place)
    given = Conditions(
        request.get("CopySourceIfMatch"),
        request.get("CopySourceIfNoneMatch"),
        _date(request.get("CopySourceIfModifiedSince")),
        _date(request.get("CopySourceIfUnmodifiedSince")),
    )
    ranges.check_copy(given, found.etag, found.modified)
    return found


def _place(text: str) -> Document:
    path, _, version = text.partition("?versionId=")
    bucket, _, key = unquote(path).removeprefix("/").partition("/")
    if not bucket or not key or bucket.startswith("arn:"):
        raise Invalid(
            "The copy source must be named as bucket/key, percent-encoded.", code="InvalidArgument"
        )
    if version not in ("", "null"):
        raise Invalid("Invalid version id specified", code="InvalidArgument")
    return {"Bucket": bucket, "Key": key}


def _date(at: float | None) -> str | None:
    return None if at is None else formatdate(at, usegmt=True)
