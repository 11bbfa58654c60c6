"""S3's addresses and operations: which bucket and key, and what is asked of them.

Input: a request. Output: bucket and key (still percent-encoded), or the operation.
S3 tells its operations apart by method, by whether a bucket and a key are named, by
sub-resources (``?uploads``) and by what an operation requires (``uploadId``,
``x-amz-copy-source``): the model says all of it.
"""

from __future__ import annotations

import functools
import re
from typing import NamedTuple
from urllib.parse import unquote_plus

from freehold.base.errors import Unsupported
from freehold.spec import load
from freehold.spec.model import Operation, Shape
from freehold.wire.request import Request

# bucket.s3.localhost, bucket.localhost, bucket.s3.amazonaws.com, bucket.s3.us-east-1....
_HOST = re.compile(
    r"(?P<bucket>[a-z0-9][a-z0-9.\-]{1,61}?[a-z0-9])\."
    r"(?:s3(?:[.-](?:dualstack\.)?[a-z0-9\-]+)?\.amazonaws\.com(?:\.cn)?|(?:s3\.)?localhost)",
)
# Names of XML roots that are not the name of the output shape. Source: S3 API reference.
_ROOTS = {
    "ListBuckets": "ListAllMyBucketsResult",
    "ListObjects": "ListBucketResult",
    "ListObjectsV2": "ListBucketResult",
    "ListObjectVersions": "ListVersionsResult",
    "ListParts": "ListPartsResult",
    "ListMultipartUploads": "ListMultipartUploadsResult",
    "CreateMultipartUpload": "InitiateMultipartUploadResult",
    "CompleteMultipartUpload": "CompleteMultipartUploadResult",
    "DeleteObjects": "DeleteResult",
    "GetBucketTagging": "Tagging",
    "GetObjectTagging": "Tagging",
    "GetBucketVersioning": "VersioningConfiguration",
    "GetBucketCors": "CORSConfiguration",
    "GetBucketLifecycleConfiguration": "LifecycleConfiguration",
    "GetBucketAcl": "AccessControlPolicy",
    "GetObjectAcl": "AccessControlPolicy",
    "GetBucketLogging": "BucketLoggingStatus",
    "GetBucketNotificationConfiguration": "NotificationConfiguration",
    "GetBucketRequestPayment": "RequestPaymentConfiguration",
    "GetBucketWebsite": "WebsiteConfiguration",
    "GetBucketAccelerateConfiguration": "AccelerateConfiguration",
    "GetObjectAttributes": "GetObjectAttributesResponse",
}
# Answered at other hosts than ours: they would shadow buckets of that name.
_ELSEWHERE = frozenset({"WriteGetObjectResponse", "ListDirectoryBuckets"})


class _Candidate(NamedTuple):
    literals: frozenset[str]
    query: frozenset[str]
    headers: frozenset[str]
    operation: Operation


def address(request: Request) -> tuple[str | None, str | None]:
    """Bucket and key as they stand in the request, percent-encoded; None where not named."""
    path = request.path[1:]
    named = _in_host(request)
    if named is not None:
        return named, path or None
    bucket, _, key = path.partition("/")
    return bucket or None, key or None


def is_virtual(request: Request) -> bool:
    """Whether the host names a bucket, so that the path is a key and nothing else."""
    return _in_host(request) is not None


def resource(request: Request) -> str:
    """The raw path with the bucket in front, wherever it is named: what SigV2 signs."""
    named = _in_host(request)
    return request.path if named is None else f"/{named}{request.path}"


def _in_host(request: Request) -> str | None:
    host = request.headers.get("host", "").partition(":")[0].lower()
    match = _HOST.fullmatch(host)
    return match["bucket"] if match and match["bucket"] != "s3" else None


def root(name: str, output: Shape) -> str:
    """The root element of an answer."""
    return _ROOTS.get(name) or output.location_name or output.name


def find(request: Request) -> Operation:
    """The operation of an S3 request.

    Raises:
        Unsupported: ``MethodNotAllowed``: the method means nothing there.
    """
    bucket, key = address(request)
    level = "key" if key else "bucket" if bucket else "service"
    table, known = _table()
    candidates = table.get((request.method, level), ())
    names, headers = _names(request.query), request.headers.keys()
    asked = names & known
    for each in candidates:
        if each.literals == asked and each.query <= names and each.headers <= headers:
            return each.operation
    for each in candidates:
        # What it lacks is for ``parse`` to say.
        if asked and each.literals == asked:
            return each.operation
    raise Unsupported(
        "The specified method is not allowed against this resource.", code="MethodNotAllowed"
    )


def _names(query: str) -> set[str]:
    """The names in a query string, and ``name=value`` too, for literals such as list-type=2."""
    found: set[str] = set()
    if not query:
        return found
    for part in query.split("&"):
        if part:
            text = unquote_plus(part)
            found.add(text)
            found.add(text.partition("=")[0])
    return found


@functools.cache
def _table() -> tuple[dict[tuple[str, str], list[_Candidate]], frozenset[str]]:
    """Candidates by method and level, the most demanding first; and all sub-resources.

    A sub-resource that an operation does not have forbids it: ``DELETE /bucket?versioning``
    must never delete the bucket.
    """
    table: dict[tuple[str, str], list[_Candidate]] = {}
    for operation in load.service("s3").operations.values():
        if operation.is_deprecated or operation.name in _ELSEWHERE:
            continue
        path, _, query = operation.uri.partition("?")
        level = "key" if "{Key+}" in path else "bucket" if "{Bucket}" in path else "service"
        literals = frozenset(query.split("&")) if query else frozenset()
        candidate = _Candidate(literals, *_required(operation.input), operation)
        table.setdefault((operation.method, level), []).append(candidate)
    for candidates in table.values():
        candidates.sort(key=lambda each: -len(each.query | each.headers))
    known = {name for each in table.values() for one in each for name in one.literals}
    return table, frozenset(known)


def _required(shape: Shape | None) -> tuple[frozenset[str], frozenset[str]]:
    query: set[str] = set()
    headers: set[str] = set()
    for name in shape.required if shape else ():
        assert shape is not None
        member = shape.members[name]
        if member.location == "querystring":
            query.add(member.serialized)
        elif member.location == "header":
            headers.add(member.serialized.lower())
    return frozenset(query), frozenset(headers)
