"""Removing trees that hostile people made: no link followed, no depth too deep, nothing half seen.

A tree goes out of sight in one step and then off the disk; ``sweep`` finishes what was
interrupted. What a sandbox has mounted in it is the sandbox's alone and is not seen from here.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from pathlib import Path

from freehold.base.errors import Internal
from freehold.host.volumes.places import space_path, spaces_path, volume_path

DEPTH_MAX = 64  # directories held open at once while removing
_GONE = ".gone-"


def remove_volume(state: Path, file_system_id: str) -> None:
    """Remove a domain's files for good. Done twice is done."""
    remove(volume_path(state, file_system_id))


def remove_space(state: Path, number: int) -> None:
    """Remove a space's volume for good. Done twice is done."""
    remove(space_path(state, number))


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
    for folder in (state / "volumes", spaces_path(state)):
        with contextlib.suppress(FileNotFoundError):
            for entry in folder.iterdir():
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
