"""EFS, declared: what a file system is, how it is found and how it is shown.

SageMaker makes the records of its domains' file systems; others are made here. What is stored
was measured last by metering and stands in the record.
"""

from __future__ import annotations

from freehold.kernel import tagging
from freehold.kernel.call import Call, Record
from freehold.kernel.declare.operation import Document
from freehold.kernel.declare.service import Service
from freehold.kernel.studio.file_systems import MOUNT_TARGETS

efs = Service("efs")

PAGE_DEFAULT = 100  # DescribeFileSystems, MaxItems


def _about(call: Call, request: Document) -> str:
    """One file system if the request names one, else all of them: AWS asks for ``*``."""
    named = request.get("FileSystemId") or request.get("ResourceId")
    if not named and (target := request.get("MountTargetId")):
        record = of_target(call, target)
        return "*" if record is None else record.arn
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


def of_target(call: Call, name: str) -> Record | None:
    """The file system of a mount target; None if there is no such target."""
    for record in call.kind("elasticfilesystem:file-system"):
        if any(one["MountTargetId"] == name for one in record.document.get(MOUNT_TARGETS, ())):
            return record
    return None


def load(call: Call, named: str) -> Record:
    """The file system of an id or ARN.

    Raises:
        NotFound: There is none.
    """
    return call.load(FILE_SYSTEM, {"FileSystemId": named.rpartition("/")[2]})


def shown(record: Record) -> Document:
    """A file system as answers give it; its name is its tag ``Name``."""
    size = {"Value": 0, "Timestamp": record.modified}
    document = {key: value for key, value in record.document.items() if not key.startswith("_")}
    document = {
        "LifeCycleState": "available",
        "PerformanceMode": "generalPurpose",
        "ThroughputMode": "elastic",
        "Encrypted": False,
        "SizeInBytes": size,
        "CreationToken": record.name,
        "CreationTime": record.created,
        "OwnerId": record.arn.split(":")[4],
    } | document
    document["NumberOfMountTargets"] = len(record.document.get(MOUNT_TARGETS, ()))
    if "Name" in record.tags:
        document["Name"] = record.tags["Name"]
    return document | {"Tags": tagging.as_list(record.tags)}
