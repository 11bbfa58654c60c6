"""Tags of buckets and of objects.

Automatic tags stay whatever set replaces the caller's own; a set that names one of them with
another value says so itself, and its permission is the policy's affair (``s3:RequestObjectTag``,
``aws:RequestTag``). An object of an origin may so carry thirteen tags (docs/parity.md).
"""

from __future__ import annotations

from freehold.base.errors import NotFound
from freehold.kernel import objects_index, tagging
from freehold.kernel.call import Call
from freehold.kernel.declare.operation import Document
from freehold.kernel.permission import guards
from freehold.services.s3 import entries, tag_sets
from freehold.services.s3.service import BUCKET, bucket_arn, object_arn, serves

# -- buckets --------------------------------------------------------------------------------------


@serves("GetBucketTagging", on="bucket", mode="read")
def get_bucket_tagging(call: Call, request: Document) -> Document:
    """All tags.

    Raises:
        NotFound: ``NoSuchTagSet``.
    """
    bucket = call.load_arn(BUCKET, bucket_arn(call, request), request)
    if not bucket.tags:
        raise NotFound("The TagSet does not exist", code="NoSuchTagSet")
    return {"TagSet": tagging.as_list(bucket.tags)}


@serves("PutBucketTagging", on="bucket", mode="write")
def put_bucket_tagging(call: Call, request: Document) -> Document:
    """Replace the caller's own tags."""
    return _retag(call, request, tag_sets.from_list(request, tagging.TAGS_MAX))


@serves("DeleteBucketTagging", on="bucket", mode="write", action="PutBucketTagging")
def delete_bucket_tagging(call: Call, request: Document) -> Document:
    """Remove the caller's own tags."""
    return _retag(call, request, {})


def _retag(call: Call, request: Document, new: dict[str, str]) -> Document:
    bucket = call.load_arn(BUCKET, bucket_arn(call, request), request)
    kept = {key: value for key, value in bucket.tags.items() if key in tagging.AUTOMATIC}
    merged = kept | new
    tagging.check_count(merged)
    call.retag(bucket, merged)
    return {}


# -- objects --------------------------------------------------------------------------------------


@serves("GetObjectTagging", on="key", mode="read")
def get_object_tagging(call: Call, request: Document) -> Document:
    """All tags, automatic ones included; none is no error."""
    return {"TagSet": tagging.as_list(tag_sets.of(entries.load(call, request).document))}


@serves("PutObjectTagging", on="key", mode="write")
def put_object_tagging(call: Call, request: Document) -> Document:
    """Replace the caller's own tags."""
    return _renew(call, request, tag_sets.from_list(request, tag_sets.OBJECT_TAGS_MAX))


@serves("DeleteObjectTagging", on="key", mode="write")
def delete_object_tagging(call: Call, request: Document) -> Document:
    """Remove the caller's own tags."""
    return _renew(call, request, {})


def _renew(call: Call, request: Document, new: dict[str, str]) -> Document:
    found = entries.load(call, request)
    before = tag_sets.of(found.document)
    tag_sets.renew(found.document, new)
    guards.check_tags(call, object_arn(call, request), None, before, tag_sets.of(found.document))
    objects_index.save(call.unit, found)
    return {}
