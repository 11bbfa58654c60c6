"""The end of an upload: its parts, as the client lists them, become one object.

No byte is touched: ETag and checksum of the whole follow from those of the parts.
Source: S3 API reference, CompleteMultipartUpload; S3 user guide, "Multipart upload limits".
"""

from __future__ import annotations

from urllib.parse import quote

from freehold.base.errors import Fault, Invalid, NotFound
from freehold.kernel import objects_index
from freehold.kernel.call import Call
from freehold.kernel.declare.operation import Document
from freehold.kernel.objects_index import BLOB, PARTS, Entry, Upload, UploadPart
from freehold.objects import checksums
from freehold.services.s3 import entries
from freehold.services.s3.entries import CHECKSUM_TYPE, CHECKSUMS, UPLOAD
from freehold.services.s3.objects import check_write
from freehold.services.s3.parts import uploads
from freehold.services.s3.parts.uploads import ALGORITHM, PARTS_MAX, SUM
from freehold.services.s3.service import quoted, serves

PART_BYTES_MIN = 5 * 1024 * 1024  # of every part but the last
OBJECT_BYTES_MAX = 5 * 1024**4


@serves("CompleteMultipartUpload", on="key", mode="write", action="PutObject")
def complete_multipart_upload(call: Call, request: Document) -> Document:
    """Make the object. Asked again after it was done, it answers as it did then.

    Raises:
        NotFound: ``NoSuchUpload``.
        Invalid: Parts that are not there, out of order, too small, or not what was promised.
        Conflict: ``PreconditionFailed``.
    """
    try:
        upload = uploads.load(call, request)
    except NotFound:
        done = objects_index.find(call.unit, request["Bucket"], request["Key"])
        if done is None or done.document.get(UPLOAD) != request["UploadId"]:
            raise
        return _answer(call, done)
    check_write(call, request)
    chosen = _chosen(call, upload, request)
    made = _object(call, request, upload, chosen)
    _check_promises(request, made)
    objects_index.put(call.unit, made, call.now)
    kept = objects_index.blobs_of(made)
    objects_index.end_upload(call.unit, upload.id, kept, call.now)
    return _answer(call, made)


def _chosen(call: Call, upload: Upload, request: Document) -> list[UploadPart]:
    """The parts that the client lists, each checked against what was uploaded."""
    wanted = (request.get("MultipartUpload") or {}).get("Parts") or []
    if not 1 <= len(wanted) <= PARTS_MAX:
        raise Invalid("You must specify at least one part, and at most 10000", code="MalformedXML")
    known = {part.number: part for part in objects_index.parts(call.unit, upload.id)}
    chosen: list[UploadPart] = []
    for one in wanted:
        number = int(one.get("PartNumber") or 0)
        if chosen and number <= chosen[-1].number:
            raise Invalid(
                "The list of parts was not in ascending order. Parts must be ordered by part "
                "number.",
                code="InvalidPartOrder",
            )
        part = known.get(number)
        if part is None or not _is_same(part, one, upload):
            raise _no_such_part()
        if chosen and chosen[-1].document["Size"] < PART_BYTES_MIN:
            raise Invalid(
                "Your proposed upload is smaller than the minimum allowed size",
                code="EntityTooSmall",
            )
        chosen.append(part)
    return chosen


def _is_same(part: UploadPart, listed: Document, upload: Upload) -> bool:
    if str(listed.get("ETag", "")).strip('"') != part.document["MD5"]:
        return False
    given = {name[8:]: value for name, value in listed.items() if name.startswith("Checksum")}
    if not upload.document["IsAsked"]:
        given = {name: value for name, value in given.items() if name == upload.document[ALGORITHM]}
    return all(
        name == upload.document[ALGORITHM] and value == part.document[SUM]
        for name, value in given.items()
    )


def _no_such_part() -> Fault:
    return Invalid(
        "One or more of the specified parts could not be found. The part may not have been "
        "uploaded, or the specified entity tag may not match the part's entity tag.",
        code="InvalidPart",
    )


def _object(call: Call, request: Document, upload: Upload, chosen: list[UploadPart]) -> Entry:
    algorithm = upload.document[ALGORITHM]
    parts = [[part.document[BLOB], part.document["Size"], part.document[SUM]] for part in chosen]
    size = sum(part[1] for part in parts)
    if size > OBJECT_BYTES_MAX:
        raise entries.too_large()
    own = ("Headers", "Metadata", "Tags", "Automatic", "Creator")
    document: Document = {name: upload.document[name] for name in own}
    document |= {PARTS: parts, UPLOAD: upload.id}
    if all(part[2] is not None for part in parts):
        kind = upload.document[CHECKSUM_TYPE]
        if kind == checksums.COMPOSITE:
            whole = checksums.composite(algorithm, [part[2] for part in parts])
        else:
            whole = checksums.full_object(algorithm, [(part[2], part[1]) for part in parts])
        document |= {CHECKSUMS: {algorithm: whole}, CHECKSUM_TYPE: kind}
    etag = checksums.multipart_etag([part.document["MD5"] for part in chosen])
    return entries.entry(call, request, size, etag, document)


def _check_promises(request: Document, made: Entry) -> None:
    """What the request says of the whole object must be true of it."""
    size = request.get("MpuObjectSize")
    if size is not None and int(size) != made.size:
        raise Invalid(
            f"The provided 'x-amz-mp-object-size' header value {size} does not match what was "
            f"computed: {made.size}",
            code="InvalidRequest",
        )
    kind = request.get("ChecksumType")
    known = made.document.get(CHECKSUM_TYPE)
    if kind and kind != known:
        raise Invalid(
            f"The upload was created using the {known} checksum mode. The complete request must "
            "use the same checksum mode.",
            code="InvalidRequest",
        )
    found = made.document.get(CHECKSUMS, {})
    for name, value in request.items():
        if name.startswith("Checksum") and name[8:].isupper():
            if name[8:] not in found:
                raise Invalid(
                    f"The upload was not created with the {name[8:]} checksum algorithm.",
                    code="InvalidRequest",
                )
            if str(value).partition("-")[0] != found[name[8:]].partition("-")[0]:
                raise Invalid(
                    f"The {name[8:]} you specified did not match the calculated checksum.",
                    code="BadDigest",
                )


def _answer(call: Call, made: Entry) -> Document:
    where = f"{call.kernel.settings.endpoint_url}/{made.bucket}/{quote(made.key)}"
    document = {
        "Location": where,
        "Bucket": made.bucket,
        "Key": made.key,
        "ETag": quoted(made.etag),
    }
    return document | entries.checksum_members(made.document)
