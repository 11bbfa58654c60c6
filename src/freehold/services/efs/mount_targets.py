"""Mount targets: where a file system can be reached. A domain's own follow its subnets.

Sandboxes have their files mounted by us, not over a network; a mount target is kept as AWS keeps
it, for clients that make and read it.
"""

from __future__ import annotations

from freehold.base.errors import Conflict, Invalid, NotFound
from freehold.kernel.call import Call, Record
from freehold.kernel.declare import lists
from freehold.kernel.declare.operation import Document
from freehold.kernel.studio import file_systems
from freehold.kernel.studio.file_systems import MOUNT_TARGETS
from freehold.services.efs.service import FILE_SYSTEM, PAGE_DEFAULT, efs, load, of_target

GROUPS = "_SecurityGroups"
GROUPS_MAX = 5  # CreateMountTarget, SecurityGroups


@efs.operation("DescribeMountTargets", on=FILE_SYSTEM)
def describe_mount_targets(call: Call, request: Document) -> Document:
    """Where a file system can be mounted: one target a subnet of its domain.

    Raises:
        Invalid: Neither a file system nor a mount target is named, or an access point is.
        NotFound: There is no such file system or mount target.
    """
    named, target = request.get("FileSystemId"), request.get("MountTargetId")
    if request.get("AccessPointId") or bool(named) == bool(target):
        raise Invalid("Specify either FileSystemId or MountTargetId.", code="BadRequest")
    if target:
        found = [_find(call, target)[1]]
    else:
        found = list(load(call, str(named)).document.get(MOUNT_TARGETS, ()))
    limit = int(request.get("MaxItems") or PAGE_DEFAULT)
    page, marker = lists.page_of([_shown(one) for one in found], limit, request.get("Marker"))
    return {"MountTargets": list(page)} | ({"NextMarker": marker} if marker else {})


def _shown(target: Document) -> Document:
    return {key: value for key, value in target.items() if not key.startswith("_")}


def _find(call: Call, name: str) -> tuple[Record, Document]:
    record = of_target(call, name)
    if record is not None:
        targets = record.document[MOUNT_TARGETS]
        return record, next(one for one in targets if one["MountTargetId"] == name)
    raise NotFound(f"Mount target '{name}' does not exist.", code="MountTargetNotFound")


@efs.operation("CreateMountTarget", on=FILE_SYSTEM, mode="write")
def create_mount_target(call: Call, request: Document) -> Document:
    """One target in a subnet, one a zone, all in one VPC.

    Raises:
        Conflict: There is one in the zone, the others are in another VPC, or the file system is
            a domain's, whose targets follow its subnets.
        Invalid: Subnet, address or groups are not there.
    """
    record = load(call, request["FileSystemId"])
    if record.status != "available":
        raise Conflict(
            f"File system '{record.name}' is being deleted.",
            code="IncorrectFileSystemLifeCycleState",
        )
    _refuse_of_domain(call, record)
    if request.get("Ipv6Address") or request.get("IpAddressType", "IPV4_ONLY") != "IPV4_ONLY":
        raise Invalid("Mount targets have IPv4 addresses here.", code="BadRequest")
    known = record.document.setdefault(MOUNT_TARGETS, [])
    made = file_systems.mount_target(
        call, record, request["SubnetId"], file_systems.addresses(call), request.get("IpAddress")
    )
    for target in known:
        is_same_zone = target.get("AvailabilityZoneId") == made.get("AvailabilityZoneId")
        if target["VpcId"] != made["VpcId"] or is_same_zone:
            why = "is in another VPC" if target["VpcId"] != made["VpcId"] else "is in its zone"
            raise Conflict(
                f"Mount target '{target['MountTargetId']}' {why}: one a zone, all in one VPC.",
                code="MountTargetConflict",
            )
    made[GROUPS] = _groups(call, made["VpcId"], request.get("SecurityGroups"))
    known.append(made)
    call.save(record)
    return _shown(made)


def _refuse_of_domain(call: Call, record: Record) -> None:
    domain_id = record.document.get(file_systems.DOMAIN_ID)
    if domain_id and not file_systems.is_kept(call, record):
        raise Conflict(
            f"The mount targets of file system '{record.name}' follow the subnets of domain "
            f"{domain_id}: change those by UpdateDomain.",
            code="MountTargetConflict",
        )


def _groups(call: Call, vpc: str, asked: list[str] | None) -> list[str]:
    """Security groups of the VPC; its default one where none is asked for."""
    known = call.kind("ec2:security-group", scope=vpc)
    if asked is None:
        return [one.name for one in known if one.document.get("GroupName") == "default"][:1]
    if len(asked) > GROUPS_MAX:
        raise Invalid(f"At most {GROUPS_MAX} security groups.", code="SecurityGroupLimitExceeded")
    names = {one.name for one in known}
    for name in asked:
        if name not in names:
            raise Invalid(
                f"The security group '{name}' does not exist in {vpc}.",
                code="SecurityGroupNotFound",
            )
    return asked


@efs.operation("DeleteMountTarget", on=FILE_SYSTEM, mode="write")
def delete_mount_target(call: Call, request: Document) -> None:
    """Take a mount target away."""
    record, target = _find(call, request["MountTargetId"])
    _refuse_of_domain(call, record)
    record.document[MOUNT_TARGETS].remove(target)
    call.save(record)


@efs.operation("DescribeMountTargetSecurityGroups", on=FILE_SYSTEM)
def describe_mount_target_security_groups(call: Call, request: Document) -> Document:
    """The groups that a mount target was given."""
    return {"SecurityGroups": _find(call, request["MountTargetId"])[1].get(GROUPS, [])}


@efs.operation("ModifyMountTargetSecurityGroups", on=FILE_SYSTEM, mode="write")
def modify_mount_target_security_groups(call: Call, request: Document) -> None:
    """Replace the groups of a mount target."""
    record, target = _find(call, request["MountTargetId"])
    target[GROUPS] = _groups(call, target["VpcId"], request.get("SecurityGroups"))
    call.save(record)
