"""Tags of file systems, in the newer spelling and in the older one that some clients still send.

One tag has a meaning here: ``freehold:attach-to-domain`` gives a kept file system to the domain of
that name that is made next. It is an administrator's to set: no session of a domain may, by none of
the calls that write tags (``tagging.keep_attachment``).
"""

from __future__ import annotations

from freehold.kernel import tagging
from freehold.kernel.call import Call
from freehold.kernel.declare import lists
from freehold.kernel.declare.operation import Document
from freehold.services.efs.service import FILE_SYSTEM, PAGE_DEFAULT, efs, load


@efs.operation("ListTagsForResource", on=FILE_SYSTEM)
def list_tags_for_resource(call: Call, request: Document) -> Document:
    """The tags of a file system, by id or ARN."""
    tags = tagging.as_list(load(call, request["ResourceId"]).tags)
    limit = int(request.get("MaxResults") or PAGE_DEFAULT)
    found, token = lists.page_of(tags, limit, request.get("NextToken"))
    return {"Tags": list(found)} | ({"NextToken": token} if token else {})


@efs.operation("DescribeTags", on=FILE_SYSTEM)
def describe_tags(call: Call, request: Document) -> Document:
    """The tags of a file system, as older clients ask for them."""
    tags = tagging.as_list(load(call, request["FileSystemId"]).tags)
    limit = int(request.get("MaxItems") or PAGE_DEFAULT)
    found, marker = lists.page_of(tags, limit, request.get("Marker"))
    return {"Tags": list(found)} | ({"NextMarker": marker} if marker else {})


@efs.operation("TagResource", on=FILE_SYSTEM, mode="write")
def tag_resource(call: Call, request: Document) -> None:
    """Set tags of a file system."""
    _set(call, request["ResourceId"], request)


@efs.operation("CreateTags", on=FILE_SYSTEM, mode="write")
def create_tags(call: Call, request: Document) -> None:
    """Set tags of a file system, as older clients do."""
    _set(call, request["FileSystemId"], request)


def _set(call: Call, named: str, request: Document) -> None:
    record = load(call, named)
    tags = record.tags | tagging.as_map(request["Tags"])
    tagging.check_count(tags)
    call.retag(record, tags)


@efs.operation("UntagResource", on=FILE_SYSTEM, mode="write")
def untag_resource(call: Call, request: Document) -> None:
    """Take tags of a file system away."""
    _take(call, request["ResourceId"], request["TagKeys"])


@efs.operation("DeleteTags", on=FILE_SYSTEM, mode="write")
def delete_tags(call: Call, request: Document) -> None:
    """Take tags of a file system away, as older clients do."""
    _take(call, request["FileSystemId"], request["TagKeys"])


def _take(call: Call, named: str, keys: list[str]) -> None:
    record = load(call, named)
    call.retag(record, {key: value for key, value in record.tags.items() if key not in set(keys)})
