"""EFS: the file systems that domains live on, described as AWS describes them.

SageMaker makes the records, one a domain; nothing is created here. A file system's size is
what was measured last and stands in its record.
"""

from __future__ import annotations

from freehold.base.errors import Invalid, NotFound
from freehold.kernel import tagging
from freehold.kernel.call import Call, Record
from freehold.kernel.declare import lists
from freehold.kernel.declare.operation import Document
from freehold.kernel.declare.service import Service

efs = Service("efs")

PAGE_DEFAULT = 100  # DescribeFileSystems, MaxItems
MOUNT_TARGETS = "_MountTargets"  # of a file system's record: documents in AWS's spelling


def _about(call: Call, request: Document) -> str:
    """One file system if the request names one, else all of them: AWS asks for ``*``."""
    named = request.get("FileSystemId") or request.get("ResourceId")
    if not named:
        return "*"
    return (
        str(named)
        if named.startswith("arn:")
        else call.arn_of(FILE_SYSTEM, {"FileSystemId": named})
    )


FILE_SYSTEM = efs.resource(
    "FileSystem",
    arn="file-system/{FileSystemId}",
    name_member="FileSystemId",
    arn_member="FileSystemArn",
    modified=None,
    locate=_about,
    not_found="File system '{FileSystemId}' does not exist.",
    not_found_code="FileSystemNotFound",
)


def shown(record: Record) -> Document:
    """A file system as answers give it; its name is its tag ``Name``."""
    size = {"Value": 0, "Timestamp": record.modified}
    document = {key: value for key, value in record.document.items() if not key.startswith("_")}
    document = {
        "LifeCycleState": "available",
        "PerformanceMode": "generalPurpose",
        "ThroughputMode": "elastic",
        "Encrypted": False,
        "NumberOfMountTargets": len(record.document.get(MOUNT_TARGETS, ())),
        "SizeInBytes": size,
        "CreationToken": record.name,
        "CreationTime": record.created,
        "OwnerId": record.arn.split(":")[4],
    } | document
    if "Name" in record.tags:
        document["Name"] = record.tags["Name"]
    return document | {"Tags": tagging.as_list(record.tags)}


@efs.operation("DescribeFileSystems", on=FILE_SYSTEM)
def describe_file_systems(call: Call, request: Document) -> Document:
    """One file system by id, those of a creation token, or all, in order of their ids.

    Raises:
        Invalid: Both an id and a creation token.
        NotFound: The id names none.
    """
    named, token = request.get("FileSystemId"), request.get("CreationToken")
    if named and token:
        raise Invalid("Specify either FileSystemId or CreationToken, not both.", code="BadRequest")
    if named:
        return {"FileSystems": [shown(_load(call, named))]}
    found, marker = lists.page_by_name(
        call,
        FILE_SYSTEM,
        int(request.get("MaxItems") or PAGE_DEFAULT),
        request.get("Marker"),
        (lambda record: record.document.get("CreationToken", record.name) == token)
        if token
        else None,
    )
    answer: Document = {"FileSystems": [shown(record) for record in found]}
    if request.get("Marker"):
        answer["Marker"] = request["Marker"]
    return answer | ({"NextMarker": marker} if marker else {})


def _load(call: Call, named: str) -> Record:
    file_system_id = named.rpartition("/")[2]
    return call.load(FILE_SYSTEM, {"FileSystemId": file_system_id})


@efs.operation("DescribeMountTargets", on=FILE_SYSTEM)
def describe_mount_targets(call: Call, request: Document) -> Document:
    """Where a file system can be mounted: one target a subnet of its domain.

    Raises:
        Invalid: Neither a file system nor a mount target is named, or an access point is.
        NotFound: There is no such file system or mount target.
    """
    named, target = request.get("FileSystemId"), request.get("MountTargetId")
    if request.get("AccessPointId") or bool(named) == bool(target):
        raise Invalid(
            "Specify either FileSystemId or MountTargetId; access points are not served.",
            code="BadRequest",
        )
    records = [_load(call, named)] if named else call.all(FILE_SYSTEM)
    targets = [
        item
        for record in records
        for item in record.document.get(MOUNT_TARGETS, ())
        if named or item["MountTargetId"] == target
    ]
    if target and not targets:
        raise NotFound(f"Mount target '{target}' does not exist.", code="MountTargetNotFound")
    limit = int(request.get("MaxItems") or PAGE_DEFAULT)
    found, marker = lists.page_of(targets, limit, request.get("Marker"))
    return {"MountTargets": list(found)} | ({"NextMarker": marker} if marker else {})


@efs.operation("ListTagsForResource", on=FILE_SYSTEM)
def list_tags_for_resource(call: Call, request: Document) -> Document:
    """The tags of a file system, by id or ARN."""
    tags = tagging.as_list(_load(call, request["ResourceId"]).tags)
    limit = int(request.get("MaxResults") or PAGE_DEFAULT)
    found, token = lists.page_of(tags, limit, request.get("NextToken"))
    return {"Tags": list(found)} | ({"NextToken": token} if token else {})


@efs.operation("TagResource", on=FILE_SYSTEM, mode="write")
def tag_resource(call: Call, request: Document) -> None:
    """Set tags of a file system."""
    record = _load(call, request["ResourceId"])
    tags = record.tags | tagging.as_map(request["Tags"])
    tagging.check_count(tags)
    call.retag(record, tags)


@efs.operation("UntagResource", on=FILE_SYSTEM, mode="write")
def untag_resource(call: Call, request: Document) -> None:
    """Take tags of a file system away."""
    record = _load(call, request["ResourceId"])
    gone = set(request["TagKeys"])
    call.retag(record, {key: value for key, value in record.tags.items() if key not in gone})
