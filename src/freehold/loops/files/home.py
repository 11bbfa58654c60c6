"""The files that an app sees: its home, its owner's home of the file system, custom file systems.

Input: an app's record. Output: binds and layers for its sandbox, or the reason why it cannot have
its files. Makes what is not there yet; what was there before spaces had volumes becomes theirs.
Every step may be repeated. Facts: domains.md section 5; ADR 0006.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from freehold.base.errors import Fault
from freehold.host import volumes
from freehold.host.sandboxes.sandbox import Bind, Layer
from freehold.host.volumes import images
from freehold.kernel.call import Record
from freehold.kernel.dispatch import Kernel
from freehold.kernel.records import Writing
from freehold.kernel.studio import storage
from freehold.kernel.studio.settings import Document, effective_settings, is_private
from freehold.store.unit import Unit

HOME = "/home/sagemaker-user"
EFS_FOLDER = "user-default-efs"
CUSTOM_FOLDERS = ("custom-file-systems", "efs")
COUNT_SECONDS_MAX = 2.0  # an app waits no longer for it


@dataclass(frozen=True, slots=True)
class Files:
    """For a sandbox: what is bound, and what is laid over it before."""

    binds: tuple[Bind, ...]
    layers: tuple[Layer, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Whose files: the records that say so. ``space`` None: a profile's app."""

    domain: Record
    space: Record | None
    owner: Record | None


def files_of(kernel: Kernel, app: Record) -> Files | str:
    """What an app's sandbox has of files; a reason, for people, if it cannot have them.

    Raises:
        OSError: The disk refuses; try again.
    """
    unit, document = kernel.own_unit(), app.document
    place = place_of(unit, app)
    if place is None:
        return "The domain or the space of this app is gone."
    if place.space is not None and storage.has_own_volume(place.space.document):
        return _of_space(kernel, place, place.space)
    if not document.get("_FileSystem"):
        return "The domain has no file system: set HomeEfsFileSystemCreation to Enabled."
    number = int(document["_Uid"])
    owner = kernel.uids.owner(number)
    home = volumes.make_home(kernel.settings.state, document["_FileSystem"], number, owner)
    return Files((Bind(str(home), HOME, is_writable=True),))


def place_of(unit: Unit, app: Record) -> Place | None:
    """The records around an app; None if one that must be there is gone."""
    domain_id = app.document["DomainId"]
    domain = unit.find(domain_arn(app.arn, domain_id))
    name = app.document.get("SpaceName")
    space = unit.named(storage.SPACE, name, domain_id) if name else None
    if domain is None or (name and space is None):
        return None
    return Place(domain, space, owner_of(unit, space))


def domain_arn(near: str, domain_id: str) -> str:
    """The ARN of a domain, from that of anything of SageMaker's."""
    return ":".join([*near.split(":")[:5], f"domain/{domain_id}"])


def owner_of(unit: Unit, space: Record | None) -> Record | None:
    """The profile of a private space; None of any other."""
    if space is None or not is_private(space.document):
        return None
    named = space.document.get("OwnershipSettings", {}).get("OwnerUserProfileName", "")
    return unit.named(storage.PROFILE, named, space.scope)


# -- a space's own volume --------------------------------------------------------------------------


def _of_space(kernel: Kernel, place: Place, space: Record) -> Files | str:
    made = make(kernel, place.domain, space)
    if isinstance(made, str):
        return made
    found, size = made
    if found.image is None and (reason := too_full(kernel, space, size)):
        return reason
    number = int(space.document["HomeEfsFileSystemUid"])
    owner = kernel.uids.owner(number)
    layers = [] if found.image is None else [_image(found.home, found.image, owner)]
    layers += _home_layers(kernel, place, found.home, owner)
    layers += _custom_layers(kernel, place, space, found.home, owner)
    return Files((Bind(str(found.home), HOME, is_writable=True),), tuple(layers))


def make(kernel: Kernel, domain: Record, space: Record) -> tuple[volumes.SpaceVolume, int] | str:
    """See that a space has its volume, of the size that it should have; a reason if it cannot.

    The size is on record before anything is on disk: what is on disk is always billed, and
    whoever deletes the space knows that there is something to remove.
    """
    governing = _effective(kernel.own_unit(), domain, space)
    size_gb = storage.gigabytes(space.document, governing)
    if size_gb != storage.provisioned_gigabytes(space.document):
        Writing.run(
            kernel,
            space,
            lambda known: known.status != "Deleting",
            lambda w: _note_size(w, size_gb),
        )
        noted = kernel.own_unit().find(space.arn)
        if noted is None or not noted.document.get(storage.VOLUME):
            return f"Space [{space.arn}] is being deleted."
    number = int(space.document["HomeEfsFileSystemUid"])
    try:
        found = volumes.make_space(
            kernel.settings.state,
            number,
            kernel.uids.owner(number),
            size=size_gb * storage.GIB,
            is_hard=kernel.settings.has_hard_volumes and not images.trouble(),
            former=former_home(kernel, domain, number),
        )
    except Fault as fault:
        return f"The volume of space {space.name} cannot be had: {fault.message}"
    return found, size_gb * storage.GIB


def former_home(kernel: Kernel, domain: Record, number: int) -> Path | None:
    """Where a space's home was before spaces had volumes."""
    system = domain.document.get("HomeEfsFileSystemId")
    if not system:
        return None
    return volumes.volume_path(kernel.settings.state, system) / str(number)


def _note_size(writing: Writing, size_gb: int) -> None:
    writing.record.document[storage.VOLUME] = {"SizeInGb": size_gb}
    writing.note()


def _effective(unit: Unit, domain: Record, space: Record) -> Document:
    owner = owner_of(unit, space)
    return effective_settings(
        domain.document, space.document, None if owner is None else owner.document
    )


def too_full(kernel: Kernel, space: Record, size: int) -> str:
    """Why a volume that is a directory is not opened: it holds more than its size; else empty.

    Looked up in what was counted last; counted anew before anybody is refused.
    """
    number = int(space.document["HomeEfsFileSystemUid"])
    known = kernel.stored.spaces.get(number)
    if known is not None and known.is_complete and known.bytes <= size:
        return ""
    found = volumes.space_usage(kernel.settings.state, number, seconds_max=COUNT_SECONDS_MAX)
    if found is None or found.bytes <= size:
        return ""
    return (
        f"The volume of space {space.name} is full: it holds {found.bytes / storage.GIB:.2f} GiB "
        f"of {size / storage.GIB:.0f} GiB. Give it a larger EbsVolumeSizeInGb by UpdateSpace, or "
        "have an administrator remove files."
    )


# -- what is laid over it --------------------------------------------------------------------------


def _image(home: Path, image: Path, owner: int) -> Layer:
    return Layer(
        kind="image",
        source=str(image),
        base=str(home),
        owner=owner,
        label="The space's volume",
        is_needed=True,
    )


def _home_layers(kernel: Kernel, place: Place, home: Path, owner: int) -> list[Layer]:
    """The owner's home of the domain's file system, in a private space."""
    system = place.domain.document.get("HomeEfsFileSystemId")
    profile = place.owner
    if profile is None or not system:
        return []
    if not storage.mounts_home(place.domain.document, profile.document):
        return []
    number = int(profile.document["HomeEfsFileSystemUid"])
    theirs = kernel.uids.owner(number)
    source = volumes.make_home(kernel.settings.state, system, number, theirs)
    return [
        Layer(
            kind="folder",
            source=str(source),
            base=str(home),
            at=(EFS_FOLDER,),
            owner=owner,
            ids=(theirs, theirs, owner, owner),
            label=f"The home of {profile.name} in {system}",
        )
    ]


def _custom_layers(
    kernel: Kernel, place: Place, space: Record, home: Path, owner: int
) -> list[Layer]:
    """File systems that the space asks for and the settings that govern it allow."""
    unit, state = kernel.own_unit(), kernel.settings.state
    governing = _effective(unit, place.domain, space)
    uid, gid = storage.posix_user(governing)
    layers = []
    for system, path in storage.custom_systems(space.document, governing).items():
        record = unit.named(storage.FILE_SYSTEM, system)
        if record is not None and record.document.get("_DomainId"):
            continue  # homes are nobody's custom file system, whatever a record of old says
        if record is not None and record.status == "available":
            volumes.make_shared(state, system)
        layers.append(
            Layer(
                kind="folder",
                source=str(volumes.volume_path(state, system)),
                beneath=path,
                base=str(home),
                at=(*CUSTOM_FOLDERS, system),
                owner=owner,
                ids=(uid, gid, owner, owner),
                label=f"The file system {system} at {path}",
            )
        )
    return layers
