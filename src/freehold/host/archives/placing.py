"""Puts the files of an archive down, below one directory and nowhere else.

Input: members in order, from ``checking.read``. Every part of a path is entered through its
parent's descriptor, links are made and never followed, nothing that exists is written over.
Modes, times and owners of a directory are set when it is left.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from freehold.base.errors import Conflict, Invalid
from freehold.host.archives.members import Member
from freehold.host.archives.trees import DIRECTORY_MODE, MODE

ENTER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC

Owner = Callable[[Member], int]


class _Open(NamedTuple):
    fd: int
    member: Member


class Placer:
    """Places members below ``root``, an empty directory of ours that nobody else may enter."""

    def __init__(self, root: Path, owner: Owner) -> None:
        """Begin.

        Args:
            root: Exists, mode 0700.
            owner: The uid and gid of a member's owner; asked only as root.
        """
        self._root = os.open(root, ENTER)
        self._owner = owner
        self._stack: list[_Open] = []
        self._is_root = os.geteuid() == 0

    def place(self, member: Member, chunks: Iterator[bytes]) -> None:
        """Put one down.

        Raises:
            Conflict: The disk refuses it; it says which.
        """
        try:
            parent, name = self._parent(member), member.parts[-1]
            if member.kind == "directory":
                os.mkdir(name, 0o700, dir_fd=parent)
                self._stack.append(_Open(os.open(name, ENTER, dir_fd=parent), member))
            elif member.kind == "symlink":
                os.symlink(member.target, name, dir_fd=parent)
                self._settle_link(member, parent, name)
            elif member.kind == "hardlink":
                self._share(member, parent, name)
            else:
                self._write(member, parent, name, chunks)
        except OSError as error:
            raise Conflict(f"{member.name} cannot be written: {error.strerror}") from error

    def close(self) -> None:
        """Leave all directories."""
        while self._stack:
            self._leave()
        os.close(self._root)

    def _parent(self, member: Member) -> int:
        """The directory that it lies in: the archive's order keeps it open."""
        depth = len(member.parts) - 1
        while len(self._stack) > depth:
            self._leave()
        if len(self._stack) < depth:
            raise Invalid(f"{member.name} lies in no directory of the archive")
        return self._stack[-1].fd if self._stack else self._root

    def _leave(self) -> None:
        fd, member = self._stack.pop()
        try:
            self._settle(fd, member, DIRECTORY_MODE)
        finally:
            os.close(fd)

    def _settle(self, fd: int, member: Member, mode: int) -> None:
        for name, value in member.xattrs:
            os.setxattr(fd, name, value)
        if self._is_root:
            owner = self._owner(member)
            os.fchown(fd, owner, owner)
        os.fchmod(fd, member.mode & mode)
        os.utime(fd, ns=(member.mtime_ns, member.mtime_ns))

    def _settle_link(self, member: Member, parent: int, name: bytes) -> None:
        if self._is_root:
            owner = self._owner(member)
            os.chown(name, owner, owner, dir_fd=parent, follow_symlinks=False)
        times = (member.mtime_ns, member.mtime_ns)
        os.utime(name, ns=times, dir_fd=parent, follow_symlinks=False)

    def _write(self, member: Member, parent: int, name: bytes, chunks: Iterator[bytes]) -> None:
        fd = os.open(name, NEW, 0o600, dir_fd=parent)
        try:
            if member.extents is None:
                for chunk in chunks:
                    _all(fd, chunk)
            else:
                _spread(fd, member, chunks)
            self._settle(fd, member, MODE)
        finally:
            os.close(fd)

    def _share(self, member: Member, parent: int, name: bytes) -> None:
        """Give a file of this archive another name; each part on the way is entered anew."""
        parts = member.target.split(b"/")
        fd = os.dup(self._root)
        try:
            for part in parts[:-1]:
                inner = os.open(part, ENTER, dir_fd=fd)
                os.close(fd)
                fd = inner
            if not stat.S_ISREG(os.lstat(parts[-1], dir_fd=fd).st_mode):
                raise Invalid(f"{member.name} shares what is no file")
            os.link(parts[-1], name, src_dir_fd=fd, dst_dir_fd=parent, follow_symlinks=False)
        finally:
            os.close(fd)


def _all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def _spread(fd: int, member: Member, chunks: Iterator[bytes]) -> None:
    """Write the parts of a sparse file to their places; between them are holes."""
    rest = b""
    for offset, length in member.extents or ():
        os.lseek(fd, offset, os.SEEK_SET)
        left = length
        while left:
            rest = rest or next(chunks)
            taken, rest = rest[:left], rest[left:]
            _all(fd, taken)
            left -= len(taken)
    os.ftruncate(fd, member.real_size)
