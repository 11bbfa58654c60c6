"""Objects as the index keeps them: from a request to an entry, from an entry to an answer.

Internal members of answers, for whoever streams the bytes: ``_Parts`` (``objects.get.Part``),
``_Start`` and ``_Stop`` (of the whole object), ``_Status`` (200, 206 or 304).
"""

from __future__ import annotations

import re
from typing import Any

from freehold.base.errors import Denied, Fault, Invalid, NotFound
from freehold.kernel import objects_index, tagging
from freehold.kernel.call import Call
from freehold.kernel.declare.operation import Document
from freehold.kernel.objects_index import PARTS, Entry
from freehold.kernel.permission import guards
from freehold.objects import checksums, names
from freehold.objects.get import Part
from freehold.objects.put import Blob
from freehold.services.s3 import tag_sets
from freehold.services.s3.service import bucket_arn, object_arn

METADATA_BYTES_MAX = 2048  # names and values together; S3 user guide, "Object metadata"
METADATA_NAME = re.compile(r"[\w!#$%&'*+.^`|~-]+\Z")  # RFC 9110, 5.6.2; beyond ASCII as S3 does
TYPE_DEFAULT = "binary/octet-stream"
CHECKSUM_DEFAULT = "CRC64NVME"  # what S3 itself computes where the client says nothing
HEADERS = (
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "ContentType",
    "Expires",
    "WebsiteRedirectLocation",
)
CHECKSUMS, CHECKSUM_TYPE, UPLOAD = "Checksums", "ChecksumType", "Upload"
BLOB, ALGORITHM, TRAILERS, SIZE = "Blob", "Algorithm", "Trailers", "Size"  # ``Call.internal``


# -- what a request says of an object -----------------------------------------------------------


def described(call: Call, request: Document) -> Document:
    """Headers, metadata and tags that a request gives to a new object.

    Raises:
        Invalid: The metadata is too long or cannot be headers, or the tags are not as tags must be.
        Denied: There are tags, and the caller may not write tags.
    """
    names.check_key(request["Key"])
    headers = {name: as_text(request[name]) for name in HEADERS if name in request}
    if "ContentEncoding" in headers:
        kept = [part.strip() for part in headers["ContentEncoding"].split(",")]
        headers["ContentEncoding"] = ",".join(part for part in kept if part != "aws-chunked")
    metadata = {name: as_text(value) for name, value in (request.get("Metadata") or {}).items()}
    size = sum(len(name.encode()) + len(value.encode()) for name, value in metadata.items())
    if size > METADATA_BYTES_MAX:
        raise Invalid(
            "Your metadata headers exceed the maximum allowed metadata size of "
            f"{METADATA_BYTES_MAX} bytes",
            code="MetadataTooLarge",
        )
    for name in metadata:
        if not METADATA_NAME.match(name):  # a presigned URL can say it, no answer could
            raise Invalid(
                f"The metadata name {name!r} cannot be the name of a header: use letters, digits "
                "and !#$%&'*+-.^_`|~.",
                code="InvalidArgument",
            )
    tags = tagging.of_caller(call, tag_sets.from_header(request.get("Tagging")))
    if tags:
        check_tagging(call, request, tags)
    return {
        "Headers": {name: value for name, value in headers.items() if value},
        "Metadata": metadata,
        tag_sets.TAGS: tags,
        tag_sets.AUTOMATIC: tagging.of_origin(call),
        "Creator": call.principal.arn,
    }


def check_tagging(call: Call, request: Document, tags: dict[str, str]) -> None:
    """Refuse tags on an object from who may not tag it.

    Raises:
        Denied: ``s3:PutObjectTagging`` is not allowed, or a guard keeps automatic tags.
    """
    guards.check_tags(call, object_arn(call, request), None, {}, tags)
    more = {f"s3:RequestObjectTag/{key}": value for key, value in tags.items()}
    refusal = call.refusal("s3:PutObjectTagging", object_arn(call, request), more=more)
    if refusal is not None:
        raise Denied(refusal)


def as_text(value: Any) -> str:
    """A header's text: clients send UTF-8, which the wire reads as Latin-1."""
    text = str(value)
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def declared_algorithm(request: Document, trailers: tuple[str, ...] = ()) -> str | None:
    """The checksum algorithm that a request's body comes with, if with any.

    Raises:
        Invalid: Several at once, or one is named but no value is given.
        Unsupported: An algorithm that this server does not have.
    """
    given = [name[8:] for name in request if name.startswith("Checksum") and name[8:].isupper()]
    given += [text.removeprefix("x-amz-checksum-").upper() for text in trailers]
    given = [name for name in given if name not in ("ALGORITHM", "TYPE", "MODE")]
    if len(given) > 1:
        raise Invalid(
            "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
            code="InvalidRequest",
        )
    named = request.get("ChecksumAlgorithm")
    if named and not given:
        raise Invalid(
            "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or "
            "x-amz-trailer headers were found.",
            code="InvalidRequest",
        )
    if given:
        checksums.new(given[0])
        return given[0]
    return None


def too_large() -> Fault:
    """More bytes than an object, a part or a copy may have."""
    return Invalid("Your proposed upload exceeds the maximum allowed size.", code="EntityTooLarge")


def of_blob(call: Call, request: Document, blob: Blob, document: Document) -> Entry:
    """The entry of an object that is one blob."""
    wanted = call.internal.get(ALGORITHM, "")
    value = blob.checksums.get(wanted)
    document[PARTS] = [[blob.id, blob.size, value]]
    if value is not None:
        document[CHECKSUMS] = {wanted: value}
        document[CHECKSUM_TYPE] = checksums.FULL_OBJECT
    return entry(call, request, blob.size, blob.md5_hex, document)


def entry(call: Call, request: Document, size: int, etag: str, document: Document) -> Entry:
    """The entry of a new object; times are whole seconds, as S3's are."""
    found = document.get(CHECKSUMS)
    checksum = f"{next(iter(found))}:{document[CHECKSUM_TYPE]}" if found else None
    at = float(int(call.now))
    return Entry(request["Bucket"], request["Key"], at, size, etag, checksum, document)


# -- what an answer says of an object -------------------------------------------------------------


def load(call: Call, request: Document) -> Entry:
    """The object under a key.

    Raises:
        NotFound: ``NoSuchKey``, to who may list the bucket.
        Denied: There is none, and the caller may not know that.
    """
    found = objects_index.find(call.unit, request["Bucket"], request["Key"])
    if found is None:
        raise missing(call, request)
    return found


def missing(call: Call, request: Document) -> Fault:
    """What to say where there is no object."""
    sentence = call.refusal("s3:ListBucket", bucket_arn(call, request))
    if sentence is not None:
        return Denied(sentence)
    return NotFound("The specified key does not exist.", code="NoSuchKey")


def parts(found: Entry) -> list[Part]:
    """The bytes of an object, in order."""
    return [Part(part[0], part[1]) for part in found.document[PARTS]]


def is_multipart(found: Entry) -> bool:
    """Whether an object was uploaded in parts: then its ETag counts them."""
    return "-" in found.etag


def headers(found: Entry) -> Document:
    """The headers and metadata that an object was given."""
    document: Document = {"ContentType": TYPE_DEFAULT} | found.document["Headers"]
    if found.document["Metadata"]:
        document["Metadata"] = found.document["Metadata"]
    return document


def checksum_members(found: Document) -> Document:
    """``ChecksumCRC32`` and its kin, with their type, as the answers spell them."""
    values = found.get(CHECKSUMS)
    if not values:
        return {}
    document: Document = {f"Checksum{name}": value for name, value in values.items()}
    return document | {"ChecksumType": found[CHECKSUM_TYPE]}
