"""Files that a job wrote, looked at from outside without being led astray.

A job owns its directories and may put a symbolic link or a pipe anywhere in them, even while
we look. So every step is taken by a directory's descriptor and no link is ever followed.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple

from freehold.base.errors import Invalid

DEPTH_MAX = 128  # directories held open at once while walking
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class Entry(NamedTuple):
    """A file, directory or link. ``path`` is relative to the walk's root, ``/`` between parts."""

    path: str
    facts: os.stat_result
    link: str | None

    @property
    def is_file(self) -> bool:
        """A regular file."""
        return stat.S_ISREG(self.facts.st_mode)

    @property
    def is_directory(self) -> bool:
        """A directory."""
        return stat.S_ISDIR(self.facts.st_mode)


@contextmanager
def directory(root: Path, path: str) -> Iterator[int | None]:
    """A descriptor of the directory ``path`` below ``root``; None if there is no such one."""
    descriptor: int | None = None
    try:
        descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        for part in (part for part in path.split("/") if part not in ("", ".")):
            inner = os.open(part, _DIRECTORY, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = inner
    except OSError:
        if descriptor is not None:
            os.close(descriptor)
        descriptor = None
    try:
        yield descriptor
    finally:
        if descriptor is not None:
            os.close(descriptor)


def walk(at: int, above: str = "", depth: int = 0) -> Iterator[tuple[int, Entry]]:
    """All below the descriptor ``at``, sorted, parents first, each with its parent's descriptor.

    What vanishes meanwhile is left out; sockets, pipes and devices are too.

    Raises:
        Invalid: Directories are nested deeper than DEPTH_MAX.
    """
    if depth > DEPTH_MAX:
        raise Invalid(f"directories are nested deeper than {DEPTH_MAX}: {above[:64]}...")
    for name in sorted(os.listdir(at)):
        with suppress(OSError):
            facts = os.stat(name, dir_fd=at, follow_symlinks=False)
            link = os.readlink(name, dir_fd=at) if stat.S_ISLNK(facts.st_mode) else None
            entry = Entry(f"{above}{name}", facts, link)
            if entry.is_file or entry.is_directory or link is not None:
                yield at, entry
            if entry.is_directory:
                inner = os.open(name, _DIRECTORY, dir_fd=at)
                try:
                    yield from walk(inner, f"{above}{name}/", depth + 1)
                finally:
                    os.close(inner)


@contextmanager
def opened(at: int, name: str) -> Iterator[BinaryIO | None]:
    """A regular file of the directory ``at``, to be read; None if it is none."""
    descriptor = None
    with suppress(OSError):
        descriptor = os.open(name, _FILE, dir_fd=at)
    if descriptor is not None and not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        descriptor = None
    if descriptor is None:
        yield None
        return
    with os.fdopen(descriptor, "rb") as file:
        yield file


def text(root: Path, path: str, characters_max: int) -> str | None:
    """The beginning of a small text file below ``root``; None if there is none."""
    above, _, name = path.rpartition("/")
    with directory(root, above) as at:
        if at is None:
            return None
        with opened(at, name) as file:
            if file is None:
                return None
            data = file.read(characters_max * 4)
    return data.decode("utf-8", "replace")[:characters_max]
