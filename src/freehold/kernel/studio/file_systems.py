"""File systems of domains: made or taken over, told where they can be mounted, let go.

Asked by the services that make domains and by EFS's own. A file system remembers whose homes are
in it when their owners are deleted, so that a domain that takes it over gives each home back to
the person of that name, and to nobody else. Facts: domains.md 5.1; ADR 0006.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Any

from freehold.base import ids
from freehold.base.errors import Conflict, Denied, Invalid
from freehold.kernel.call import Call, Record
from freehold.kernel.studio.storage import FILE_SYSTEM, HOMES
from freehold.kernel.tagging import ATTACH_TAG, DOMAIN_TAG, keep_attachment

Document = dict[str, Any]

MANAGED_TAG = "ManagedByAmazonSageMakerResource"
MOUNT_TARGETS = "_MountTargets"  # documents in AWS's spelling
DOMAIN_ID = "_DomainId"
SUBNET = "ec2:subnet"
HOMES_MAX = 5_000  # remembered in one file system; the oldest are forgotten, their files stay
TAKE_OVER = "elasticfilesystem:UpdateFileSystem"  # what taking over a kept file system asks for
MOVER = "volumes"  # the loop that removes the files (loops/files)


# -- of domains --------------------------------------------------------------------------------


def for_domain(call: Call, domain_arn: str, domain: Document) -> str:
    """The id of the file system that a domain shall live on: a kept one meant for it, or a new one.

    Raises:
        Denied: A kept one is meant for it, and the caller may not take it over.
        Conflict: A subnet has no address left.
    """
    record = _kept_for(call, domain["DomainName"])
    if record is None:
        record = new(call, ids.hex_id("fs"), domain["DomainId"], {})
        record.document["ThroughputMode"] = "bursting"
        _belong(call, record, domain_arn, domain)
        call.keep(record)
        return record.name
    if call.principal.origin is not None:
        raise Denied(f"File system {record.name} is taken over by administrators only.")
    if refusal := call.refusal(TAKE_OVER, record.arn, record):
        raise Denied(refusal)
    for home in record.document.get(HOMES, {}).values():
        home["IsWaiting"] = True
    record.tags = {key: value for key, value in record.tags.items() if key != ATTACH_TAG}
    _belong(call, record, domain_arn, domain)
    call.save(record)
    call.unit.retag(record, call.now)
    return record.name


def new(call: Call, name: str, token: str, tags: dict[str, str]) -> Record:
    """The record of a new file system, to be kept by the caller.

    Raises:
        Denied: Its tags say what only administrators say.
    """
    keep_attachment(call, {}, tags)
    place = call.kernel.settings
    arn = (
        f"arn:{place.partition}:elasticfilesystem:{call.region}:{call.account_id}:"
        f"file-system/{name}"
    )
    record = Record(FILE_SYSTEM, arn, name, uid=ids.suffix(16), at=call.now)
    record.status = "available"
    record.tags = tags
    record.document = {
        "OwnerId": call.account_id,
        "CreationToken": token,
        "FileSystemId": name,
        "FileSystemArn": arn,
        "CreationTime": call.now,
        "LifeCycleState": "available",
        "NumberOfMountTargets": 0,
        "SizeInBytes": {"Value": 0, "Timestamp": call.now},
        "PerformanceMode": "generalPurpose",
        "Encrypted": False,
    }
    return record


def _kept_for(call: Call, name: str) -> Record | None:
    """The file system that was tagged for a domain of this name, if it is nobody's now.

    Raises:
        Conflict: Several are.
    """
    found = [
        record
        for record in call.kind(FILE_SYSTEM)
        if record.tags.get(ATTACH_TAG) == name
        and record.status == "available"
        and is_kept(call, record)
    ]
    if len(found) > 1:
        named = ", ".join(record.name for record in found)
        raise Conflict(f"Several file systems are tagged {ATTACH_TAG}={name}: {named}. Leave one.")
    return found[0] if found else None


def is_kept(call: Call, record: Record) -> bool:
    """Whether a file system was a domain's that is gone."""
    domain_id = str(record.document.get(DOMAIN_ID) or "")
    return bool(domain_id) and call.unit.find(domain_arn_of(call, domain_id)) is None


def domain_arn_of(call: Call, domain_id: str) -> str:
    """The ARN of a domain here."""
    partition = call.kernel.settings.partition
    return f"arn:{partition}:sagemaker:{call.region}:{call.account_id}:domain/{domain_id}"


def _belong(call: Call, record: Record, domain_arn: str, domain: Document) -> None:
    record.document[DOMAIN_ID] = record.document["CreationToken"] = domain["DomainId"]
    record.tags |= {MANAGED_TAG: domain_arn, DOMAIN_TAG: domain_arn}
    record.document[MOUNT_TARGETS] = []
    follow_subnets(call, record, domain.get("SubnetIds") or ())


def follow_subnets(call: Call, record: Record, subnets: Iterable[str]) -> None:
    """Give a domain's file system one mount target in each of its subnets; not saved here."""
    wanted = list(subnets)
    targets = [t for t in record.document.get(MOUNT_TARGETS, ()) if t["SubnetId"] in wanted]
    known = {target["SubnetId"] for target in targets}
    missing = [subnet for subnet in wanted if subnet not in known]
    taken = addresses(call) if missing else set()
    for name in missing:
        targets.append(mount_target(call, record, name, taken))
    record.document[MOUNT_TARGETS] = targets


def move_targets(call: Call, domain: Document) -> None:
    """A domain's subnets changed: its file system can be mounted in those, and no others."""
    record = _of(call, domain)
    if record is not None:
        follow_subnets(call, record, domain.get("SubnetIds") or ())
        call.save(record)


def let_go(call: Call, file_system_id: str, *, is_deleted: bool) -> None:
    """Its domain goes: the files with it, or they are kept, without a hold on any network."""
    record = call.unit.named(FILE_SYSTEM, file_system_id)
    if record is None:
        return
    record.document[MOUNT_TARGETS] = []
    if is_deleted:
        begin_end(call, record)
    call.save(record)


def begin_end(call: Call, record: Record) -> None:
    """Ask the loop to remove a file system; not saved here."""
    record.mover, record.due = MOVER, call.now
    record.status = record.document["LifeCycleState"] = "deleting"


# -- homes -------------------------------------------------------------------------------------


def remember(call: Call, domain: Document, owner: Record) -> None:
    """A profile or space goes and its home stays: write down whose it was."""
    record = _of(call, domain)
    if record is None:
        return
    noun = "user-profile" if owner.kind == "sagemaker:user-profile" else "classic-space"
    homes = record.document.setdefault(HOMES, {})
    homes[owner.document["HomeEfsFileSystemUid"]] = {
        "Kind": noun,
        "Name": owner.name,
        "Arn": owner.arn,
        "DeletedAt": call.now,
        "IsWaiting": False,
    }
    while len(homes) > HOMES_MAX:
        del homes[min(homes, key=lambda number: homes[number]["DeletedAt"])]
    call.save(record)


def recall(call: Call, domain: Document, kind: str, name: str) -> str | None:
    """The number of the home that waits in a file system for a person or space of this name.

    Only a file system that was taken over has homes that wait, each for whoever bore the name
    last. The number is the home's own: with it come the files, and nothing of anybody else.
    """
    record = _of(call, domain)
    if record is None:
        return None
    homes = record.document.get(HOMES, {})
    waiting = [
        (home["DeletedAt"], number)
        for number, home in homes.items()
        if home["IsWaiting"] and home["Kind"] == kind and home["Name"].lower() == name.lower()
    ]
    if not waiting:
        return None
    number = str(max(waiting)[1])
    del homes[number]
    for _, former in waiting:
        if former in homes:
            homes[former]["IsWaiting"] = False
    call.save(record)
    return number


def _of(call: Call, domain: Document) -> Record | None:
    name = domain.get("HomeEfsFileSystemId")
    return call.unit.named(FILE_SYSTEM, name) if name else None


# -- where it can be mounted -------------------------------------------------------------------


def mount_target(
    call: Call, record: Record, subnet_id: str, taken: set[str], address: str | None = None
) -> Document:
    """A new mount target, with the last free address of its subnet if none is asked for.

    Raises:
        Invalid: There is no such subnet, or the address is not in it.
        Conflict: The address is taken, or none is left.
    """
    subnet = next((one for one in call.kind(SUBNET) if one.name == subnet_id), None)
    if subnet is None:
        raise Invalid(f"The subnet ID '{subnet_id}' does not exist", code="SubnetNotFound")
    place = subnet.document
    address = _address(place["CidrBlock"], taken, address)
    taken.add(address)
    target = {
        "OwnerId": call.account_id,
        "MountTargetId": ids.hex_id("fsmt"),
        "FileSystemId": record.name,
        "SubnetId": subnet_id,
        "LifeCycleState": "available",
        "IpAddress": address,
        "NetworkInterfaceId": ids.hex_id("eni"),
        "AvailabilityZoneId": place.get("AvailabilityZoneId"),
        "AvailabilityZoneName": place.get("AvailabilityZone"),
        "VpcId": place["VpcId"],
    }
    return {key: value for key, value in target.items() if value is not None}


def _address(block: str, taken: set[str], asked: str | None) -> str:
    network = ipaddress.ip_network(block)
    if asked is not None:
        try:
            is_inside = ipaddress.ip_address(asked) in network
        except ValueError:
            is_inside = False
        if not is_inside:
            raise Invalid(f"IP address {asked} is not in the subnet's range {block}.")
        if asked in taken:
            raise Conflict(f"IP address {asked} is already in use.", code="IpAddressInUse")
        return asked
    # The first four and the last are AWS's; from the end, so that hosts that count up are not met.
    for number in range(network.num_addresses - 2, 3, -1):
        if (found := str(network[number])) not in taken:
            return found
    raise Conflict(f"The subnet {block} has no free address.", code="NoFreeAddressesInSubnet")


def addresses(call: Call) -> set[str]:
    """Addresses of all mount targets."""
    return {
        target["IpAddress"]
        for record in call.kind(FILE_SYSTEM)
        for target in record.document.get(MOUNT_TARGETS, ())
        if "IpAddress" in target
    }
