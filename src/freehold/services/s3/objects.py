"""Objects one by one: put, got, looked at, removed.

The bytes themselves pass by the edge: it stores them before PutObject runs (``Call.internal``
holds the blob) and streams them after GetObject answered (``_Parts``).
"""

from __future__ import annotations

from email.utils import formatdate

from freehold.base.errors import Denied, Invalid
from freehold.kernel import objects_index
from freehold.kernel.call import Call
from freehold.kernel.declare.operation import Document
from freehold.kernel.objects_index import PARTS, Entry
from freehold.objects import names, ranges
from freehold.objects.put import PART_BYTES_MAX
from freehold.objects.ranges import Conditions, Range, Verdict
from freehold.services.s3 import conditions, entries, tag_sets
from freehold.services.s3.service import bucket_arn, guard, members, object_arn, quoted, s3, serves

DELETED_AT_ONCE_MAX = 1000
_OVERRIDES = {
    "ResponseCacheControl": "CacheControl",
    "ResponseContentDisposition": "ContentDisposition",
    "ResponseContentEncoding": "ContentEncoding",
    "ResponseContentLanguage": "ContentLanguage",
    "ResponseContentType": "ContentType",
    "ResponseExpires": "Expires",
}


# -- writing --------------------------------------------------------------------------------------


def expect_object(call: Call, request: Document) -> None:
    """Ahead of a body: refuse what can be refused, and say which checksum is to be computed."""
    entries.described(call, request)
    trailers = call.internal.get(entries.TRAILERS, ())
    declared = entries.declared_algorithm(request, trailers)
    call.internal[entries.ALGORITHM] = declared or entries.CHECKSUM_DEFAULT
    if call.internal.get(entries.SIZE, 0) > PART_BYTES_MAX:
        raise entries.too_large()
    check_write(call, request)


def check_write(call: Call, request: Document) -> None:
    """Refuse a conditional write whose condition does not hold now."""
    given = Conditions(request.get("IfMatch"), request.get("IfNoneMatch"))
    if given.if_match is None and given.if_none_match is None:
        return
    found = objects_index.find(call.unit, request["Bucket"], request["Key"])
    ranges.check_write(given, None if found is None else found.etag)


@serves("PutObject", on="key", mode="write", ahead=expect_object)
def put_object(call: Call, request: Document) -> Document:
    """Put bytes that are stored already under a key."""
    check_write(call, request)
    blob = call.internal[entries.BLOB]
    made = entries.of_blob(call, request, blob, entries.described(call, request))
    objects_index.put(call.unit, made, call.now)
    return {"ETag": quoted(made.etag)} | entries.checksum_members(made.document)


@serves("DeleteObject", on="key", mode="write")
def delete_object(call: Call, request: Document) -> Document:
    """Remove an object; none there is no error."""
    check_write(call, request)
    objects_index.remove(call.unit, request["Bucket"], request["Key"], call.now)
    return {}


@s3.operation(
    "DeleteObjects",
    mode="write",
    action="s3:DeleteObject",
    target=bucket_arn,
    needs_no_permission=True,  # it is asked for each object by itself
)
def delete_objects(call: Call, request: Document) -> Document:
    """Remove up to a thousand objects, each only if the caller may; the answer tells of each.

    Raises:
        Denied: The caller may remove none of them.
    """
    wanted = request["Delete"]["Objects"]
    if not 1 <= len(wanted) <= DELETED_AT_ONCE_MAX:
        raise Invalid(
            "The XML you provided was not well-formed or did not validate against our published "
            f"schema: 1 to {DELETED_AT_ONCE_MAX} objects are expected.",
            code="MalformedXML",
        )
    refusals = [
        call.refusal("s3:DeleteObject", object_arn(call, request | {"Key": one["Key"]}))
        for one in wanted
    ]
    if all(refusals):  # whoever may delete none of them learns nothing of the bucket
        raise Denied(refusals[0] or "")
    guard(call, request)
    deleted: list[Document] = []
    errors: list[Document] = []
    for one, refusal in zip(wanted, refusals, strict=True):
        key = one["Key"]
        if refusal is not None:
            errors.append({"Key": key, "Code": "AccessDenied", "Message": refusal})
            continue
        if (version := one.get("VersionId")) not in (None, "", "null"):
            text = f"The version {version} does not exist: this bucket has no versions."
            errors.append({"Key": key, "Code": "NoSuchVersion", "Message": text})
            continue
        names.check_key(key)
        objects_index.remove(call.unit, request["Bucket"], key, call.now)
        deleted.append({"Key": key})
    shown = [] if request["Delete"].get("Quiet") else deleted
    return {"Deleted": shown, "Errors": errors}


# -- reading --------------------------------------------------------------------------------------


@serves("GetObject", on="key", mode="read")
def get_object(call: Call, request: Document) -> Document:
    """What there is to say of an object, and which bytes of it are to be sent."""
    return _shown(entries.load(call, request), request)


@serves("HeadObject", on="key", mode="read", action="GetObject")
def head_object(call: Call, request: Document) -> Document:
    """The same without the bytes."""
    return _shown(entries.load(call, request), request)


def _shown(found: Entry, request: Document) -> Document:
    given = Conditions(
        request.get("IfMatch"),
        request.get("IfNoneMatch"),
        _date(request.get("IfModifiedSince")),
        _date(request.get("IfUnmodifiedSince")),
    )
    verdict = ranges.judge_read(given, found.etag, found.modified)
    if verdict is Verdict.FAILED:
        raise ranges.precondition_failed()
    answer = {"ETag": quoted(found.etag), "LastModified": found.modified}
    if verdict is Verdict.NOT_MODIFIED:
        return answer | {"_Status": 304}
    span = _span(found, request)
    answer |= entries.headers(found) | {"AcceptRanges": "bytes", "_Status": 200}
    for name, member in _OVERRIDES.items():
        if request.get(name):
            answer[member] = request[name]
    tags = tag_sets.of(found.document)
    if tags:
        answer["TagCount"] = len(tags)
    start, stop = 0, found.size
    if span is not None:
        start, stop = span
        answer |= {"ContentRange": span.content_range(found.size), "_Status": 206}
    elif request.get("ChecksumMode") == "ENABLED":
        answer |= entries.checksum_members(found.document)
    if "PartNumber" in request and entries.is_multipart(found):
        answer["PartsCount"] = len(found.document[PARTS])
    answer["ContentLength"] = stop - start
    return answer | {"_Parts": entries.parts(found), "_Start": start, "_Stop": stop}


def _span(found: Entry, request: Document) -> Range | None:
    number = request.get("PartNumber")
    if number is None:
        return ranges.parse_range(request.get("Range"), found.size)
    if request.get("Range"):
        raise Invalid(
            "Cannot specify both Range header and partNumber query parameter",
            code="InvalidRequest",
        )
    is_whole = not entries.is_multipart(found)
    sizes = [found.size] if is_whole else [part[1] for part in found.document[PARTS]]
    span = ranges.part_range(sizes, int(number))
    return span if found.size else None


def _date(at: float | None) -> str | None:
    return None if at is None else formatdate(at, usegmt=True)


@serves("GetObjectAttributes", on="key", mode="read")
def get_object_attributes(call: Call, request: Document) -> Document:
    """The attributes that are asked for, and no others."""
    refusal = call.refusal(
        "s3:GetObject",
        object_arn(call, request),
        more=conditions.existing_keys(call, request["Bucket"], request["Key"]),
    )
    if refusal is not None:
        raise Denied(refusal)
    found = entries.load(call, request)
    every = {
        "ETag": found.etag,
        "Checksum": entries.checksum_members(found.document) or None,
        "ObjectParts": _parts_page(found, request) if entries.is_multipart(found) else None,
        "StorageClass": "STANDARD",
        "ObjectSize": found.size,
    }
    asked = {name: every[name] for name in request["ObjectAttributes"] if name in every}
    return members(LastModified=found.modified, **asked)


def _parts_page(found: Entry, request: Document) -> Document:
    parts = found.document[PARTS]
    first = int(request.get("PartNumberMarker") or 0)
    limit = min(int(request.get("MaxParts") or 1000), 1000)
    algorithm = next(iter(found.document.get(entries.CHECKSUMS, {})), "")
    page = [
        members(PartNumber=number, Size=part[1], **{f"Checksum{algorithm}": part[2]})
        for number, part in enumerate(parts[first : first + limit], first + 1)
    ]
    document = {
        "TotalPartsCount": len(parts),
        "PartNumberMarker": first,
        "NextPartNumberMarker": first + len(page),
        "MaxParts": limit,
        "IsTruncated": first + len(page) < len(parts),
    }
    # AWS tells of single parts only where they have checksums of their own.
    is_composite = found.document.get(entries.CHECKSUM_TYPE) == "COMPOSITE"
    return document | ({"Parts": page} if is_composite else {})
