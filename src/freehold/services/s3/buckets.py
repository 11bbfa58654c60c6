"""Buckets: made, found, listed and removed. Names are this install's own, not the world's.

A bucket is a record tagged by its maker's origin; what lies in it is in the index of objects.
"""

from __future__ import annotations

from freehold.base.errors import Conflict, Denied, InUse, Invalid
from freehold.kernel import objects_index, tagging
from freehold.kernel.call import Call, Record
from freehold.kernel.declare import lists
from freehold.kernel.declare.operation import Document
from freehold.kernel.permission import guards
from freehold.objects import names
from freehold.services.s3 import conditions, tag_sets
from freehold.services.s3.service import (
    BUCKET,
    bucket_arn,
    check_members,
    guard,
    members,
    owner,
    serves,
)

BUCKETS_MAX = 10_000  # of the account, and of one page; S3 user guide, "Bucket quotas"
# First segments of paths that this server answers itself.
ROUTES = frozenset(
    {"console", "signin", "federation", "static", "assets", "favicon.ico", "robots.txt", "ping"}
)


def _join_tags(call: Call, request: Document) -> None:
    """Tags of the configuration count as the request's, before permission is asked."""
    asked = tagging.of_caller(call, _asked(request))
    if asked or call.request_tags:
        call.request_tags = (call.request_tags or {}) | asked | call.automatic_tags
        tagging.check_count(call.request_tags)


def _asked(request: Document) -> dict[str, str]:
    given = (request.get("CreateBucketConfiguration") or {}).get("Tags")
    return tag_sets.from_list({"Tagging": {"TagSet": given}}, tagging.TAGS_MAX) if given else {}


BUCKET.identify = _join_tags


@BUCKET.creates("CreateBucket", keys={"s3:": conditions.facts}, action="s3:CreateBucket")
def create_bucket(call: Call, bucket: Document) -> Record | None:
    """Make a bucket. In us-east-1 making one's own again is no error, as on AWS.

    Raises:
        Invalid: The name, or a location that is not this install's region.
        InUse: It is there already, in any other region.
    """
    name = bucket["Bucket"]
    names.check_bucket(name, ROUTES)
    check_members(bucket)
    _check_location(call, bucket.get("CreateBucketConfiguration") or {})
    asked = _asked(bucket)
    if asked:
        guards.check_tags(call, bucket_arn(call, bucket), None, {}, tagging.of_caller(call, asked))
        refusal = call.refusal("s3:TagResource", bucket_arn(call, bucket), tags=asked)
        if refusal is not None:
            raise Denied(refusal)
    known = call.unit.find(bucket_arn(call, bucket))
    if known is not None:
        if call.region == "us-east-1":
            return known
        raise InUse(
            "Your previous request to create the named bucket succeeded and you already own it.",
            code="BucketAlreadyOwnedByYou",
        )
    if call.count(BUCKET) >= BUCKETS_MAX:
        raise Invalid(
            f"You have attempted to create more than {BUCKETS_MAX} buckets.", code="TooManyBuckets"
        )
    kept = {"Bucket": name, "Location": f"/{name}"}
    bucket.clear()
    bucket.update(kept)
    return None


def _check_location(call: Call, configuration: Document) -> None:
    asked = configuration.get("LocationConstraint")
    here = call.region
    if asked == here or (not asked and here == "us-east-1"):
        return
    if not asked:
        raise Invalid(
            "The unspecified location constraint is incompatible for the region specific "
            "endpoint this request was sent to.",
            code="IllegalLocationConstraintException",
        )
    raise Invalid(
        f"The {asked} location constraint is incompatible for the region specific endpoint this "
        f"request was sent to: this server is {here}.",
        code="IllegalLocationConstraintException",
    )


@BUCKET.deletes("DeleteBucket", keys={"s3:": conditions.facts}, action="s3:DeleteBucket")
def delete_bucket(call: Call, bucket: Record) -> bool:
    """Remove an empty bucket; uploads that never ended go with it.

    Raises:
        Conflict: ``BucketNotEmpty``.
    """
    guard(call, call.request)
    if not objects_index.is_empty(call.unit, bucket.name):
        raise Conflict("The bucket you tried to delete is not empty", code="BucketNotEmpty")
    objects_index.end_uploads(call.unit, bucket.name, call.now)
    return True


@serves("HeadBucket", on="bucket", mode="read", action="ListBucket")
def head_bucket(call: Call, request: Document) -> Document:
    """That it is there, and where."""
    return {"BucketRegion": call.region, "BucketArn": bucket_arn(call, request)}


@serves("GetBucketLocation", on="bucket", mode="read")
def get_bucket_location(call: Call, _request: Document) -> Document:
    """The region; nothing for us-east-1, as ever."""
    return {} if call.region == "us-east-1" else {"LocationConstraint": call.region}


@serves("ListBuckets", on="account", mode="slow", action="ListAllMyBuckets")
def list_buckets(call: Call, request: Document) -> Document:
    """All buckets by name; in pages if ``MaxBuckets`` is given."""
    prefix = request.get("Prefix") or ""
    limit = int(request.get("MaxBuckets") or BUCKETS_MAX)
    if request.get("BucketRegion") not in (None, "", call.region):
        return {"Buckets": [], "Owner": owner(call)}
    found, token = lists.page_by_name(
        call,
        BUCKET,
        min(limit, BUCKETS_MAX),
        request.get("ContinuationToken"),
        lambda record: record.name.startswith(prefix),
    )
    buckets = [
        {
            "Name": record.name,
            "CreationDate": record.created,
            "BucketRegion": call.region,
            "BucketArn": record.arn,
        }
        for record in found
    ]
    return {"Buckets": buckets, "Owner": owner(call)} | members(
        ContinuationToken=token, Prefix=prefix or None
    )
