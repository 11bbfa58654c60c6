"""File systems: described, made, changed and ended. Those of domains are made by SageMaker.

One that is made here is a directory that domains may give their people as a custom file system.
We encrypt nothing and hold no throughput: what would promise either is refused by name.
"""

from __future__ import annotations

from freehold.base import ids
from freehold.base.errors import InUse, Invalid, Unsupported
from freehold.kernel.call import Call, Record
from freehold.kernel.declare import lists
from freehold.kernel.declare.operation import Document
from freehold.kernel.studio import file_systems
from freehold.services.efs.service import FILE_SYSTEM, PAGE_DEFAULT, efs, load, shown

FILE_SYSTEMS_MAX = 1_000  # of an account and region (EFS quotas)
MODES = ("bursting", "elastic")
CONFIGS = "CustomFileSystemConfigs"
SETTINGS = {
    "sagemaker:domain": ("DefaultUserSettings", "DefaultSpaceSettings"),
    "sagemaker:user-profile": ("UserSettings",),
}
RECORDS_MAX = 100_000


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
        return {"FileSystems": [shown(load(call, named))]}
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


@efs.operation("CreateFileSystem", on=FILE_SYSTEM, mode="write", is_create=True)
def create_file_system(call: Call, request: Document) -> Document:
    """A file system of its own, for custom file systems of domains.

    Raises:
        InUse: The creation token was used; the answer names the file system.
        Unsupported: It asks for what this server does not have.
    """
    _refuse_promises(request)
    token = request["CreationToken"]
    for known in call.all(FILE_SYSTEM):
        if known.document.get("CreationToken") == token:
            raise InUse(
                f"File system '{known.name}' already exists with creation token '{token}'",
                code="FileSystemAlreadyExists",
            )
    if call.count(FILE_SYSTEM) >= FILE_SYSTEMS_MAX:
        raise InUse(
            f"You have reached the maximum number of file systems ({FILE_SYSTEMS_MAX}).",
            code="FileSystemLimitExceeded",
        )
    record = file_systems.new(call, ids.hex_id("fs"), token, dict(call.request_tags or {}))
    record.document["ThroughputMode"] = request.get("ThroughputMode", "bursting")
    call.keep(record)
    return shown(record)


def _refuse_promises(request: Document) -> None:
    for member in ("KmsKeyId", "Encrypted"):
        if request.get(member):
            raise Unsupported(
                f"{member} is not supported: this server has no key service and encrypts nothing."
            )
    for member in ("AvailabilityZoneName", "Backup"):
        if request.get(member):
            raise Unsupported(f"{member} is not supported by this server.")
    if request.get("PerformanceMode", "generalPurpose") != "generalPurpose":
        raise Unsupported("PerformanceMode must be generalPurpose on this server.")
    _check_throughput(request)


def _check_throughput(request: Document) -> None:
    mode = request.get("ThroughputMode", "bursting")
    if mode not in MODES or request.get("ProvisionedThroughputInMibps"):
        raise Unsupported("ThroughputMode must be bursting or elastic: no throughput is held here.")


@efs.operation("UpdateFileSystem", on=FILE_SYSTEM, mode="write")
def update_file_system(call: Call, request: Document) -> Document:
    """Change the throughput mode, which is told and not held."""
    record = load(call, request["FileSystemId"])
    _check_throughput(request)
    if "ThroughputMode" in request:
        record.document["ThroughputMode"] = request["ThroughputMode"]
        call.save(record)
    return shown(record)


@efs.operation("DeleteFileSystem", on=FILE_SYSTEM, mode="write")
def delete_file_system(call: Call, request: Document) -> None:
    """Begin the end of a file system that nobody uses; the loop removes the files.

    Raises:
        InUse: It has mount targets, a domain lives on it, or settings name it.
    """
    record = load(call, request["FileSystemId"])
    if record.status == "deleting":
        return
    domain_id = record.document.get(file_systems.DOMAIN_ID)
    if domain_id and not file_systems.is_kept(call, record):
        raise _in_use(record, f"domain {domain_id} lives on it")
    if record.document.get(file_systems.MOUNT_TARGETS):
        raise _in_use(record, "it has mount targets")
    if user := _user(call, record.name):
        raise _in_use(record, f"the settings of {user} name it")
    file_systems.begin_end(call, record)
    call.save(record)


def _in_use(record: Record, why: str) -> InUse:
    return InUse(f"File system '{record.name}' is in use: {why}.", code="FileSystemInUse")


def _user(call: Call, name: str) -> str | None:
    """The ARN of a domain or profile whose settings name a file system."""
    for kind, members in SETTINGS.items():
        for record in call.kind(kind, limit=RECORDS_MAX):
            for member in members:
                configs = record.document.get(member, {}).get(CONFIGS, ())
                if any(_names(one, name) for one in configs):
                    return record.arn
    return None


def _names(config: Document, name: str) -> bool:
    return bool(config.get("EFSFileSystemConfig", {}).get("FileSystemId") == name)


@efs.operation("DescribeLifecycleConfiguration", on=FILE_SYSTEM)
def describe_lifecycle_configuration(call: Call, request: Document) -> Document:
    """There are no storage classes here, so nothing ever moves between them."""
    load(call, request["FileSystemId"])
    return {"LifecyclePolicies": []}


@efs.operation("PutLifecycleConfiguration", on=FILE_SYSTEM, mode="write")
def put_lifecycle_configuration(call: Call, request: Document) -> Document:
    """No policies, as there are; any policy is refused.

    Raises:
        Unsupported: It asks for files to move.
    """
    load(call, request["FileSystemId"])
    if request["LifecyclePolicies"]:
        raise Unsupported("LifecyclePolicies are not supported: there is one storage class here.")
    return {"LifecyclePolicies": []}
