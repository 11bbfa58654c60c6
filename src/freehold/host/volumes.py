"""Domain volumes: a directory for each file system, a home for each profile and space in it.

Homes are ``<state>/volumes/<file system id>/<number>``, mode 0700, owned by the owner's uid.
What lies in them was made by people who may be hostile: nothing here follows a link, no depth
of directories exhausts us, and every scan has a bound.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from freehold.base.errors import Internal, Invalid

SCAN_ENTRIES_MAX = 2_000_000
SCAN_SECONDS_MAX = 30.0
DEPTH_MAX = 64  # directories held open at once while removing
_ID = re.compile(r"fs-[0-9a-f]{8,40}")
_GONE = ".gone-"


class Usage(msgspec.Struct, frozen=True):
    """Bytes on disk. ``is_complete`` is False where a bound ended the count: then at least."""

    bytes: int
    entries: int
    is_complete: bool


def volume_path(state: Path, file_system_id: str) -> Path:
    """Where a domain's files are.

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


def make_home(state: Path, file_system_id: str, number: int, owner: int) -> Path:
    """Make a home in a volume, mode 0700; one that stands is kept with what is in it.

    Args:
        state: The state directory.
        file_system_id: The domain's file system.
        number: The profile's or space's number (``Uids.number``): the home's name.
        owner: The uid and gid that own it (``Uids.owner``); as an ordinary user our own.
    """
    path = make_volume(state, file_system_id) / str(number)
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=0o700)
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        if os.geteuid() == 0:
            os.fchown(descriptor, owner, owner)
        os.fchmod(descriptor, 0o700)
    finally:
        os.close(descriptor)
    return path


def give(path: Path, owner: int) -> None:
    """Hand a tree that *we* made to its owner, links themselves included. As root only."""
    if os.geteuid() != 0:
        return
    os.chown(path, owner, owner, follow_symlinks=False)
    for directory, directories, files in os.walk(path):
        for name in (*directories, *files):
            os.chown(os.path.join(directory, name), owner, owner, follow_symlinks=False)


def usage(path: Path, *, seconds_max: float = SCAN_SECONDS_MAX) -> Usage:
    """Count the bytes that a tree takes on disk; hard links once; nothing there is 0."""
    deadline = time.monotonic() + seconds_max
    linked: set[tuple[int, int]] = set()
    total = entries = 0
    waiting, is_complete = [str(path)], True
    while waiting:
        if entries > SCAN_ENTRIES_MAX or time.monotonic() > deadline:
            return Usage(total, entries, False)
        try:
            found = os.scandir(waiting.pop())
        except FileNotFoundError:
            continue
        except OSError:  # unreadable, or deeper than a path can tell
            is_complete = False
            continue
        with found:
            for entry in found:
                entries += 1
                try:
                    facts = entry.stat(follow_symlinks=False)
                except OSError:
                    continue
                if stat.S_ISDIR(facts.st_mode):
                    waiting.append(entry.path)
                elif facts.st_nlink > 1:
                    if (facts.st_dev, facts.st_ino) in linked:
                        continue
                    linked.add((facts.st_dev, facts.st_ino))
                total += facts.st_blocks * 512
    return Usage(total, entries, is_complete)


def regular_files(path: Path) -> Iterator[tuple[str, int]]:
    """Open every regular file below ``path``, for whoever reads what a workload left.

    No link is followed, nothing that is not a file is opened: a model that is a link to the
    machine's secrets yields nothing. Yields (path below ``path``, descriptor), in order; the
    descriptor is closed when the next is asked for.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    for directory, directories, files, descriptor in os.fwalk(path, follow_symlinks=False):
        directories.sort()
        for name in sorted(files):
            try:
                file = os.open(name, flags, dir_fd=descriptor)
            except OSError:
                continue
            try:
                if stat.S_ISREG(os.fstat(file).st_mode):
                    yield os.path.relpath(os.path.join(directory, name), path), file
            finally:
                os.close(file)


def volumes(state: Path) -> list[str]:
    """Ids of the file systems on disk, kept ones (RetentionPolicy Retain) included, sorted."""
    try:
        return sorted(name for name in os.listdir(state / "volumes") if _ID.fullmatch(name))
    except FileNotFoundError:
        return []


def remove_volume(state: Path, file_system_id: str) -> None:
    """Remove a domain's files for good. Done twice is done."""
    remove(volume_path(state, file_system_id))


def remove(path: Path) -> None:
    """Remove a tree, whoever owns what is in it: out of sight in one step, then off the disk.

    Raises:
        Internal: Something could not be removed; it stays hidden, ``sweep`` tries again.
    """
    hidden = path.with_name(f"{_GONE}{secrets.token_hex(8)}")
    try:
        path.rename(hidden)
    except FileNotFoundError:
        return
    _erase(hidden)


def sweep(state: Path) -> None:
    """Finish removals that were interrupted."""
    with contextlib.suppress(FileNotFoundError):
        for entry in (state / "volumes").iterdir():
            if entry.name.startswith(_GONE):
                _erase(entry)


def _erase(path: Path) -> None:
    """Remove a tree without following links and without recursing deeper than DEPTH_MAX.

    A deeper directory is first moved up beside the top, under a new name, and removed there.
    """
    try:
        if not stat.S_ISDIR(os.lstat(path).st_mode):
            path.unlink()
            return
        while True:
            top = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                if _empty(top, top, 0):
                    break
            finally:
                os.close(top)
        path.rmdir()
    except FileNotFoundError:
        pass
    except OSError as error:
        raise Internal(
            f"Some files could not be removed: {error.strerror}.", detail=f"{path}: {error}"
        ) from error


def _empty(directory: int, top: int, depth: int) -> bool:
    """Empty an open directory; False if something was moved up to the top and waits there."""
    is_empty = True
    os.fchmod(directory, 0o700)
    with os.scandir(directory) as found:
        entries = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in found]
    for name, is_directory in entries:
        if not is_directory:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(name, dir_fd=directory)
        elif depth >= DEPTH_MAX:
            os.rename(name, secrets.token_hex(12), src_dir_fd=directory, dst_dir_fd=top)
            is_empty = False
        else:
            is_empty &= _remove_child(name, directory, top, depth)
    return is_empty


def _remove_child(name: str, directory: int, top: int, depth: int) -> bool:
    if os.geteuid() != 0:  # our own, but perhaps without the right to look into it
        os.chmod(name, 0o700, dir_fd=directory)
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    child = os.open(name, flags, dir_fd=directory)
    try:
        is_empty = _empty(child, top, depth + 1)
    finally:
        os.close(child)
    os.rmdir(name, dir_fd=directory)
    return is_empty
