"""Whole trees read and written back, for backups: nothing led astray, holes kept, all bounded.

``read`` gives the entries of a tree that hostile people made, in an order in which they can be
made again; ``Writer`` makes them below a directory that is held, as one owner's. Sockets, pipes
and devices are passed over, and counted. Which archive they travel in is the caller's to say.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from freehold.base.errors import Invalid
from freehold.host.sandboxes import mounts
from freehold.host.sandboxes.layers import IMAGE_HOME
from freehold.host.volumes.places import SpaceVolume

ENTRIES_MAX = 5_000_000
PATH_BYTES_MAX = 4_096  # the kernel's own; what lies deeper is told as left out
CHUNK_BYTES = 1 << 20
MODES = 0o777  # no set-uid, no set-gid, no sticky bit comes back


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in a tree. ``path`` is below its top, by ``/``, bytes as the disk has them.

    ``descriptor``: an open file's, until the next entry is asked for. ``spans``: where it holds
    data, as (offset, length); the rest is holes. ``target``: of a link, as it stands, or the path
    of the entry that a hard link is another name of.
    """

    kind: Literal["folder", "file", "link", "hard link"]
    path: bytes
    mode: int = 0o700
    modified_ns: int = 0
    size: int = 0
    target: bytes = b""
    descriptor: int = -1
    spans: tuple[tuple[int, int], ...] = ()


@dataclass(slots=True)
class Left:
    """What was passed over, for the report: how many, and the first few."""

    count: int = 0
    first: list[bytes] = field(default_factory=list)

    def add(self, path: bytes) -> None:
        """One more."""
        self.count += 1
        if len(self.first) < 20:
            self.first.append(path)


def read(top: int, left: Left) -> Iterator[Entry]:
    """The entries below an open directory: a folder before what is in it.

    Raises:
        Invalid: There are more than ENTRIES_MAX.
    """
    seen: dict[tuple[int, int], bytes] = {}
    waiting = [b""]
    count = 0
    while waiting:
        path = waiting.pop()
        try:
            folder = mounts.open_beneath(top, os.fsdecode(path))
        except OSError:
            left.add(path)
            continue
        try:
            for name in sorted(os.fsencode(name) for name in os.listdir(folder)):
                count += 1
                if count > ENTRIES_MAX:
                    raise Invalid(f"The tree has more than {ENTRIES_MAX} entries.")
                whole = path + b"/" + name if path else name
                if len(whole) >= PATH_BYTES_MAX:
                    left.add(whole)
                    continue
                yield from _entry(folder, name, whole, seen, left, waiting)
        finally:
            os.close(folder)


def _entry(
    folder: int,
    name: bytes,
    path: bytes,
    seen: dict[tuple[int, int], bytes],
    left: Left,
    waiting: list[bytes],
) -> Iterator[Entry]:
    try:
        facts = os.stat(name, dir_fd=folder, follow_symlinks=False)
        mode, modified = facts.st_mode & MODES, facts.st_mtime_ns
        if stat.S_ISDIR(facts.st_mode):
            waiting.append(path)
            yield Entry("folder", path, mode, modified)
        elif stat.S_ISLNK(facts.st_mode):
            target = os.readlink(name, dir_fd=folder)
            yield Entry("link", path, mode, modified, target=target)
        elif stat.S_ISREG(facts.st_mode):
            key = (facts.st_dev, facts.st_ino)
            if facts.st_nlink > 1 and key in seen:
                yield Entry("hard link", path, mode, modified, target=seen[key])
                return
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            file = os.open(name, flags, dir_fd=folder)
            try:
                facts = os.fstat(file)  # of what is open, whatever it was before
                if not stat.S_ISREG(facts.st_mode):
                    left.add(path)
                    return
                seen[key] = path
                spans = tuple(_spans(file, facts.st_size))
                yield Entry("file", path, mode, modified, facts.st_size, b"", file, spans)
            finally:
                os.close(file)
        else:
            left.add(path)
    except OSError:  # it went away meanwhile
        left.add(path)


def _spans(file: int, size: int) -> Iterator[tuple[int, int]]:
    at = 0
    while at < size:
        try:
            begin = os.lseek(file, at, os.SEEK_DATA)
            end = min(size, os.lseek(file, begin, os.SEEK_HOLE))
        except OSError:  # nothing but a hole is left
            return
        yield begin, end - begin
        at = end


class Writer:
    """Makes entries below an open directory, owned by ``owner`` (as root; else by us).

    Paths come from an archive, which may lie: each is opened step by step below the top, through
    no link, and nothing that stands is written over.
    """

    def __init__(self, top: int, owner: int) -> None:
        self._top, self._owner = top, owner

    def folder(self, path: bytes, mode: int) -> None:
        """Make a folder; one that stands is kept."""
        with self._parent(path) as (at, name), contextlib.suppress(FileExistsError):
            os.mkdir(name, 0o700, dir_fd=at)
            made = os.open(name, mounts.FOLDER, dir_fd=at)
            try:
                self._own(made)
                os.fchmod(made, mode & MODES | 0o700)
            finally:
                os.close(made)

    @contextlib.contextmanager
    def file(self, path: bytes, mode: int, size: int, modified_ns: int) -> Iterator[int]:
        """A new file of ``size`` bytes, all holes: the caller writes its spans.

        Raises:
            OSError: It stands already, or its way leads through a link.
        """
        with self._parent(path) as (at, name):
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            made = os.open(name, flags, 0o600, dir_fd=at)
        try:
            os.ftruncate(made, size)
            yield made
            self._own(made)
            os.fchmod(made, mode & MODES)
            os.utime(made, ns=(modified_ns, modified_ns))
        finally:
            os.close(made)

    def link(self, path: bytes, target: bytes) -> None:
        """A symbolic link, wherever it leads: nobody of ours follows it."""
        with self._parent(path) as (at, name):
            os.symlink(target, name, dir_fd=at)
            if os.geteuid() == 0:
                os.chown(name, self._owner, self._owner, dir_fd=at, follow_symlinks=False)

    def hard_link(self, path: bytes, target: bytes) -> None:
        """Another name of a file that was made before."""
        with self._parent(target) as (theirs, known), self._parent(path) as (at, name):
            os.link(known, name, src_dir_fd=theirs, dst_dir_fd=at, follow_symlinks=False)

    def _own(self, descriptor: int) -> None:
        if os.geteuid() == 0:
            os.fchown(descriptor, self._owner, self._owner)

    @contextlib.contextmanager
    def _parent(self, path: bytes) -> Iterator[tuple[int, bytes]]:
        folder, _, name = path.rpartition(b"/")
        if name in (b"", b".", b"..") or b".." in folder.split(b"/") or path.startswith(b"/"):
            raise Invalid(f"{path!r} is no path below a tree.")
        at = mounts.open_beneath(self._top, os.fsdecode(folder))
        try:
            yield at, name
        finally:
            os.close(at)


@contextlib.contextmanager
def opened(place: Path | SpaceVolume) -> Iterator[int]:
    """A home or a space's volume, as a directory to be read or written below, for a while.

    An image is mounted for whoever holds the descriptor alone, an app's own use of it unharmed.

    Raises:
        OSError: It is not there, or the image cannot be mounted.
    """
    if isinstance(place, Path) or place.image is None:
        top = os.open(place if isinstance(place, Path) else place.home, mounts.FOLDER)
    else:
        whole = mounts.image(str(place.image))
        try:
            top = mounts.open_beneath(whole, IMAGE_HOME)
        finally:
            os.close(whole)
    try:
        yield top
    finally:
        os.close(top)
