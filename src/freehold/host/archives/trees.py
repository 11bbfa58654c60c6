"""Finds what is in a tree that hostile people filled, in the order that archives need.

No link is followed, nothing but files is opened, no depth exhausts us: every directory is entered
through its parent's descriptor. What cannot be kept is told, never passed over.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from freehold.host.archives.members import (
    DEPTH_MAX,
    EXTENTS_MAX,
    XATTR_BYTES_MAX,
    Kind,
    Member,
    shown,
)
from freehold.host.archives.tar import sparse_map

READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
MODE = 0o1777  # what is kept of a file's mode: no set-user-id, no set-group-id
DIRECTORY_MODE = 0o3777
HOLLOW_BYTES_MAX = 1 << 40  # a file that says more than this without having it is not read
HOLLOW_PARTS = 100
PASSED = {stat.S_IFSOCK: "a socket", stat.S_IFIFO: "a pipe", stat.S_IFCHR: "a device"}

Label = Callable[[int], str]


class Left(NamedTuple):
    """What an archive does not hold. ``is_loss``: it had contents, or might have."""

    path: str
    why: str
    is_loss: bool


class Found(NamedTuple):
    """A member, and for a file the descriptor to read; closed when the next is asked for."""

    member: Member
    file: int | None


@dataclass(slots=True)
class _Frame:
    """A directory that is being read: its descriptor, its path, and the names still to come."""

    fd: int
    path: bytes
    names: list[bytes]


def tree(root: Path, prefix: bytes, label: Label, left: Callable[[Left], None]) -> Iterator[Found]:
    """Walk a directory.

    Args:
        root: The directory; links on the way to it are ours and are followed.
        prefix: Its path in the archive.
        label: A uid's label.
        left: Is told what is left out.
    """
    fd = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    stack: list[_Frame] = []
    seen: dict[tuple[int, int], bytes] = {}
    try:
        facts = os.fstat(fd)
        yield Found(_member(prefix, "directory", facts, label), None)
        stack.append(_Frame(fd, prefix, _names(fd)))
        while stack:
            frame = stack[-1]
            if not frame.names:
                os.close(stack.pop().fd)
                continue
            name = frame.names.pop()
            path = frame.path + b"/" + name
            try:
                entered = yield from _visit(frame, name, path, label, seen, left)
                if entered is not None:
                    names = _entered(entered, path, len(stack), left)
                    stack.append(_Frame(entered, path, names))
            except FileNotFoundError:
                continue  # it went while we looked
            except OSError as error:
                left(Left(shown(path), error.strerror or str(error), True))
    finally:
        for frame in stack:
            os.close(frame.fd)


def _names(fd: int) -> list[bytes]:
    """Names in a directory, last first: they are taken from the end."""
    return sorted(map(os.fsencode, os.listdir(fd)), reverse=True)


def _entered(fd: int, path: bytes, depth: int, left: Callable[[Left], None]) -> list[bytes]:
    if depth >= DEPTH_MAX:
        left(Left(shown(path), f"deeper than {DEPTH_MAX} directories", True))
        return []
    try:
        return _names(fd)
    except OSError as error:
        left(Left(shown(path), error.strerror or str(error), True))
        return []


def _visit(
    frame: _Frame,
    name: bytes,
    path: bytes,
    label: Label,
    seen: dict[tuple[int, int], bytes],
    left: Callable[[Left], None],
) -> Generator[Found, None, int | None]:
    """One name; returns the descriptor of a directory, which is to be entered."""
    facts = os.lstat(name, dir_fd=frame.fd)
    kind = stat.S_IFMT(facts.st_mode)
    if kind == stat.S_IFLNK:
        target = os.fsencode(os.readlink(name, dir_fd=frame.fd))
        yield Found(_member(path, "symlink", facts, label)._replace(target=target), None)
        return None
    if kind not in (stat.S_IFDIR, stat.S_IFREG):
        left(Left(shown(path), PASSED.get(kind, "a device"), False))
        return None
    fd = os.open(name, READ | (os.O_DIRECTORY if kind == stat.S_IFDIR else 0), dir_fd=frame.fd)
    is_kept = False
    try:
        facts = os.fstat(fd)
        if kind == stat.S_IFDIR:
            member = _member(path, "directory", facts, label)
            yield Found(member._replace(xattrs=_xattrs(fd, path, left)), None)
            is_kept = True
            return fd
        if stat.S_ISREG(facts.st_mode):
            yield from _file(fd, path, facts, label, seen, left)
        return None
    finally:
        if not is_kept:
            os.close(fd)


def _file(
    fd: int,
    path: bytes,
    facts: os.stat_result,
    label: Label,
    seen: dict[tuple[int, int], bytes],
    left: Callable[[Left], None],
) -> Iterator[Found]:
    key = (facts.st_dev, facts.st_ino)
    if facts.st_nlink > 1 and key in seen:
        yield Found(_member(path, "hardlink", facts, label)._replace(target=seen[key]), None)
        return
    member = _member(path, "file", facts, label)._replace(
        size=facts.st_size, is_shared=facts.st_nlink > 1, xattrs=_xattrs(fd, path, left)
    )
    if facts.st_blocks * 512 < facts.st_size:
        extents = _extents(fd, facts.st_size)
        stored = sum(length for _, length in extents)
        if len(extents) > EXTENTS_MAX:
            left(Left(shown(path), f"more than {EXTENTS_MAX} holes", True))
            return
        if stored > HOLLOW_BYTES_MAX and stored > HOLLOW_PARTS * facts.st_blocks * 512:
            left(Left(shown(path), "says more bytes than it has", True))
            return
        size = len(sparse_map(extents)) + stored
        member = member._replace(size=size, extents=extents, real_size=facts.st_size)
    if facts.st_nlink > 1:
        seen[key] = path
    yield Found(member, fd)


def _extents(fd: int, size: int) -> tuple[tuple[int, int], ...]:
    """Where a file has data; one more than EXTENTS_MAX at most."""
    found: list[tuple[int, int]] = []
    place = 0
    while place < size and len(found) <= EXTENTS_MAX:
        try:
            start = os.lseek(fd, place, os.SEEK_DATA)
            end = min(size, os.lseek(fd, start, os.SEEK_HOLE))
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
            break  # nothing but a hole up to the end
        if start >= size:
            break
        found.append((start, end - start))
        place = end
    if place < size:
        found.append((size, 0))  # other tars take a file's length from its last part
    return tuple(found)


def _member(path: bytes, kind: Kind, facts: os.stat_result, label: Label) -> Member:
    kept = DIRECTORY_MODE if kind == "directory" else MODE
    mode = 0o777 if kind == "symlink" else stat.S_IMODE(facts.st_mode) & kept
    return Member(path, kind, mode, facts.st_mtime_ns, label(facts.st_uid))


def _xattrs(fd: int, path: bytes, left: Callable[[Left], None]) -> tuple[tuple[str, bytes], ...]:
    """The file's own attributes (``user.*``), in order of name."""
    try:
        names = sorted(name for name in os.listxattr(fd) if name.startswith("user."))
        found = tuple((name, os.getxattr(fd, name)) for name in names)
    except OSError:  # the file system has none, or one went meanwhile
        return ()
    if sum(len(name) + len(value) for name, value in found) > XATTR_BYTES_MAX:
        left(Left(shown(path), f"attributes of more than {XATTR_BYTES_MAX} bytes", True))
        return ()
    return found
