"""Where the files of profiles and spaces are, how large a space's volume is, what is stored.

Input: documents and records as the API keeps them, and what metering counted last. Output: plain
values, for the loops that start apps, for the bill, and for whoever shows usage. Reads only.
Facts: domains.md section 5; ADR 0006.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from freehold.base.errors import NotFound
from freehold.kernel.call import Page, Record
from freehold.kernel.studio.settings import Document
from freehold.store.unit import Unit

if TYPE_CHECKING:
    from freehold.kernel.dispatch import Kernel

FILE_SYSTEM = "elasticfilesystem:file-system"
DOMAIN = "sagemaker:domain"
PROFILE = "sagemaker:user-profile"
SPACE = "sagemaker:space"

VOLUME = "_Volume"  # of a space's record, once its volume is asked for: {"SizeInGb": n}
HOMES = "_Homes"  # of a file system's record: homes whose owner was deleted, by number
GIGABYTES_DEFAULT = 5  # Studio's default and smallest size of a space (domains.md 1.3)
GIB = 1 << 30
POSIX_DEFAULT = (200_001, 1001)  # documented default of CustomPosixUserConfig (domains.md 5.4)
RECORDS_MAX = 100_000


def has_own_volume(space: Document) -> bool:
    """Whether a space's home is a volume of its own; Studio Classic's are in the file system."""
    app_type = space.get("SpaceSettings", {}).get("AppType")
    return bool(space.get("OwnershipSettings")) and app_type != "JupyterServer"


def gigabytes(space: Document, effective: Document) -> int:
    """The size that a space's volume should have; never less than it has.

    Args:
        space: The space's document.
        effective: What governs the space (``effective_settings``).
    """
    asked = space.get("SpaceSettings", {}).get("SpaceStorageSettings", {})
    bounds = effective.get("SpaceStorageSettings", {}).get("DefaultEbsStorageSettings", {})
    wanted = asked.get("EbsStorageSettings", {}).get("EbsVolumeSizeInGb")
    if wanted is None and not space.get(VOLUME):
        wanted = bounds.get("DefaultEbsVolumeSizeInGb", GIGABYTES_DEFAULT)
    return max(int(wanted or 0), provisioned_gigabytes(space))


def provisioned_gigabytes(space: Document) -> int:
    """The size of a space's volume as it was made or grown; 0 before its first app."""
    return int(space.get(VOLUME, {}).get("SizeInGb", 0))


def mounts_home(domain: Document, owner: Document) -> bool:
    """Whether a private space shows its owner's home of the file system (AutoMountHomeEFS).

    Enabled unless somebody opted out, as Studio does: the profile over the domain.
    """
    own = owner.get("UserSettings", {}).get("AutoMountHomeEFS")
    if own in (None, "DefaultAsDomain"):
        own = domain.get("DefaultUserSettings", {}).get("AutoMountHomeEFS")
    return bool(own != "Disabled")


def posix_user(effective: Document) -> tuple[int, int]:
    """The uid and gid with which custom file systems are used."""
    given = effective.get("CustomPosixUserConfig")
    return (int(given["Uid"]), int(given["Gid"])) if given else POSIX_DEFAULT


def custom_systems(space: Document, effective: Document) -> dict[str, str]:
    """Paths by file system id: what the space asks for, where those that govern it allow it."""
    allowed = {
        one["EFSFileSystemConfig"]["FileSystemId"]: one["EFSFileSystemConfig"].get("FileSystemPath")
        for one in effective.get("CustomFileSystemConfigs", ())
        if "EFSFileSystemConfig" in one
    }
    wanted = [
        one["EFSFileSystem"]["FileSystemId"]
        for one in space.get("SpaceSettings", {}).get("CustomFileSystems", ())
        if "EFSFileSystem" in one
    ]
    return {name: allowed[name] or "/" for name in wanted if name in allowed}


# -- what is stored --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Count:
    """Bytes on disk; where a bound ended the count, at least so many."""

    bytes: int
    is_complete: bool = True


@dataclass(slots=True)
class Stored:
    """What metering counted last; replaced as a whole, empty until the first count.

    ``homes``: by file system and number. ``rest``: of a file system beside its homes.
    ``spaces``: volumes of spaces by number.
    """

    homes: Mapping[tuple[str, int], Count] = field(default_factory=dict)
    rest: Mapping[str, Count] = field(default_factory=dict)
    spaces: Mapping[int, Count] = field(default_factory=dict)

    def file_system(self, name: str) -> Count | None:
        """A whole file system; None while it is not counted."""
        parts = [count for (system, _), count in self.homes.items() if system == name]
        parts += [self.rest[name]] if name in self.rest else []
        if not parts:
            return None
        return Count(sum(one.bytes for one in parts), all(one.is_complete for one in parts))


@dataclass(frozen=True, slots=True)
class Holding:
    """What one profile or space stores. ``bytes`` None: not counted yet.

    ``kind``: ``user-profile``, ``space`` (a volume of its own) or ``classic-space``; with
    ``is_kept`` its owner is deleted and only the home is left. ``provisioned_bytes``: of a volume.
    """

    kind: str
    name: str
    number: int
    bytes: int | None
    is_complete: bool
    provisioned_bytes: int = 0
    is_kept: bool = False


@dataclass(frozen=True, slots=True)
class Storage:
    """A file system and its domain's volumes. ``domain_id`` None: nobody's, or a kept one's."""

    domain_id: str | None
    file_system_id: str | None
    bytes: int | None
    is_complete: bool
    holdings: tuple[Holding, ...]


def told(kernel: Kernel, domain_ids: Sequence[str] = ()) -> Iterator[Storage]:
    """What domains store; with no ids all do, and then file systems that no domain lives on.

    Raises:
        NotFound: There is no such domain.
    """
    unit, stored = kernel.own_unit(), kernel.stored
    domains = {
        domain.document["DomainId"]: domain
        for domain in unit.records(Page(DOMAIN, limit=RECORDS_MAX))
    }
    for name in domain_ids or domains:
        if name not in domains:
            raise NotFound(f"Domain [{name}] does not exist.")
        yield storage_of_domain(unit, stored, domains[name])
    if domain_ids:
        return
    for record in unit.records(Page(FILE_SYSTEM, limit=RECORDS_MAX)):
        if record.document.get("_DomainId") not in domains:
            yield storage_of_file_system(stored, record)


def storage_of_domain(unit: Unit, stored: Stored, domain: Record) -> Storage:
    """All that a domain stores, by profile and space. For tables of domains and of volumes."""
    domain_id = domain.document["DomainId"]
    system = domain.document.get("HomeEfsFileSystemId")
    holdings = [
        _home("user-profile", profile, system, stored)
        for profile in unit.records(Page(PROFILE, scope=domain_id, limit=RECORDS_MAX))
    ]
    for space in unit.records(Page(SPACE, scope=domain_id, limit=RECORDS_MAX)):
        if has_own_volume(space.document):
            holdings.append(_volume(space, stored))
        else:
            holdings.append(_home("classic-space", space, system, stored))
    kept = None if system is None else unit.named(FILE_SYSTEM, system)
    return _storage(stored, domain_id, system, [*holdings, *_kept(kept, stored)])


def storage_of_file_system(stored: Stored, record: Record) -> Storage:
    """What is in a file system that no living domain has, by the homes that are kept in it."""
    return _storage(stored, None, record.name, _kept(record, stored))


def _storage(
    stored: Stored, domain_id: str | None, system: str | None, holdings: list[Holding]
) -> Storage:
    whole = None if system is None else stored.file_system(system)
    return Storage(
        domain_id,
        system,
        None if whole is None else whole.bytes,
        whole is None or whole.is_complete,
        tuple(holdings),
    )


def _home(kind: str, owner: Record, system: str | None, stored: Stored) -> Holding:
    number = int(owner.document["HomeEfsFileSystemUid"])
    return _holding(kind, owner.name, number, stored.homes.get((system or "", number)))


def _volume(space: Record, stored: Stored) -> Holding:
    number = int(space.document["HomeEfsFileSystemUid"])
    size = provisioned_gigabytes(space.document) * GIB
    return _holding("space", space.name, number, stored.spaces.get(number), size)


def _kept(system: Record | None, stored: Stored) -> list[Holding]:
    """Homes of those who were deleted."""
    if system is None:
        return []
    return [
        _holding(
            home["Kind"],
            home["Name"],
            int(number),
            stored.homes.get((system.name, int(number))),
            is_kept=True,
        )
        for number, home in system.document.get(HOMES, {}).items()
    ]


def _holding(
    kind: str,
    name: str,
    number: int,
    count: Count | None,
    provisioned_bytes: int = 0,
    *,
    is_kept: bool = False,
) -> Holding:
    counted = None if count is None else count.bytes
    is_complete = count is None or count.is_complete
    return Holding(kind, name, number, counted, is_complete, provisioned_bytes, is_kept)
