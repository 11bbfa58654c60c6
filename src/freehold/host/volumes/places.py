"""Where files lie: a directory for each file system with its homes, one for each space's volume.

    <state>/volumes/<file system id>/<number>     a home, mode 0700, its owner's uid
    <state>/volumes/spaces/<number>/home          a space's volume that is a directory
    <state>/volumes/spaces/<number>/image         a space's volume that is an ext4 image; ``home``
                                                  is then where its sandbox has it mounted

What lies in homes was made by people who may be hostile; the directories above them are ours.
"""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path

import msgspec

from freehold.base.errors import Invalid
from freehold.host.volumes import images

_ID = re.compile(r"fs-[0-9a-f]{8,40}")
HOME_MODE = 0o700
SHARED_MODE = 0o1777  # the top of a file system that somebody made: all may add, none take away


class SpaceVolume(msgspec.Struct, frozen=True):
    """A space's own volume. ``home``: what is bound. ``image``: None where it is a directory."""

    home: Path
    image: Path | None


def volume_path(state: Path, file_system_id: str) -> Path:
    """Where a file system's files are.

    Raises:
        Invalid: The id is not a file system's.
    """
    if not _ID.fullmatch(file_system_id):
        raise Invalid(f"{file_system_id!r} is not a file system's id.")
    return state / "volumes" / file_system_id


def make_volume(state: Path, file_system_id: str) -> Path:
    """Make a domain's volume; one that stands is kept as it is."""
    path = volume_path(state, file_system_id)
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o711)  # a home's owner passes through, nobody lists
    return path


def make_shared(state: Path, file_system_id: str) -> Path:
    """Make a file system that is nobody's home; one that stands is kept as it is."""
    path = volume_path(state, file_system_id)
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(SHARED_MODE)
    return path


def make_home(state: Path, file_system_id: str, number: int, owner: int) -> Path:
    """Make a home in a volume, mode 0700; one that stands is kept with what is in it.

    Args:
        state: The state directory.
        file_system_id: The domain's file system.
        number: The profile's or space's number (``Uids.number``): the home's name.
        owner: The uid and gid that own it (``Uids.owner``); as an ordinary user our own.
    """
    path = make_volume(state, file_system_id) / str(number)
    _make_owned(path, owner)
    return path


def _make_owned(path: Path, owner: int) -> None:
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=HOME_MODE)
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        if os.geteuid() == 0:
            os.fchown(descriptor, owner, owner)
        os.fchmod(descriptor, HOME_MODE)
    finally:
        os.close(descriptor)


def spaces_path(state: Path) -> Path:
    """The directory of all spaces' volumes."""
    return state / "volumes" / "spaces"


def space_path(state: Path, number: int) -> Path:
    """A space's volume, whatever it is."""
    return spaces_path(state) / str(number)


def find_space(state: Path, number: int) -> SpaceVolume | None:
    """A space's volume as it stands on disk; None if it has none yet."""
    place = space_path(state, number)
    if (place / "image").exists():
        return SpaceVolume(place / "home", place / "image")
    return SpaceVolume(place / "home", None) if (place / "home").exists() else None


def make_space(
    state: Path, number: int, owner: int, *, size: int, is_hard: bool, former: Path | None = None
) -> SpaceVolume:
    """Make a space's volume; one that stands is kept with what is in it, and grown if need be.

    Killed at any point it is done when it is done again.

    Args:
        state: The state directory.
        number: The space's number.
        owner: The uid and gid of its files.
        size: Bytes that it may hold. One that is larger already stays so.
        is_hard: Make an image, which holds the size, where there is nothing yet.
        former: The home that the space had in its domain's file system, from before spaces had
            volumes: it becomes the volume as it is, so that no file is lost.

    Raises:
        OSError: The disk refuses.
        Internal: The image cannot be made or grown; it is as it was.
    """
    place = space_path(state, number)
    spaces_path(state).mkdir(parents=True, exist_ok=True, mode=0o700)
    place.mkdir(exist_ok=True, mode=0o700)
    home, image = place / "home", place / "image"
    if not image.exists() and not home.exists():
        if former is not None and former.is_dir() and not former.is_symlink():
            with contextlib.suppress(FileNotFoundError):  # two at once: the other did it
                former.rename(home)
        elif is_hard:
            images.make(image, size, owner)
    if image.exists():
        images.grow(image, size)
        home.mkdir(exist_ok=True, mode=HOME_MODE)
        return SpaceVolume(home, image)
    _make_owned(home, owner)
    return SpaceVolume(home, None)


def give(path: Path, owner: int) -> None:
    """Hand a tree that *we* made to its owner, links themselves included. As root only."""
    if os.geteuid() != 0:
        return
    os.chown(path, owner, owner, follow_symlinks=False)
    for directory, directories, files in os.walk(path):
        for name in (*directories, *files):
            os.chown(os.path.join(directory, name), owner, owner, follow_symlinks=False)


def volumes(state: Path) -> list[str]:
    """Ids of the file systems on disk, kept ones (RetentionPolicy Retain) included, sorted."""
    try:
        return sorted(name for name in os.listdir(state / "volumes") if _ID.fullmatch(name))
    except FileNotFoundError:
        return []


def homes(state: Path, file_system_id: str) -> list[int]:
    """Numbers of the homes in a file system, sorted."""
    try:
        found = os.listdir(volume_path(state, file_system_id))
    except FileNotFoundError:
        return []
    return sorted(int(name) for name in found if name.isascii() and name.isdigit())


def spaces(state: Path) -> list[int]:
    """Numbers of the spaces that have a volume, sorted."""
    try:
        found = os.listdir(spaces_path(state))
    except FileNotFoundError:
        return []
    return sorted(int(name) for name in found if name.isascii() and name.isdigit())
