"""Writes an archive: members in order, a manifest with their SHA-256, the file all at once.

Input: documents (bytes) and trees. Output: FILE, readable by its owner only, and FILE.sha256
beside it, in the form of ``sha256sum -c``. While it is written it is FILE.part; what an
interruption leaves of that is written over by the next run.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from freehold.base.errors import Conflict, Invalid
from freehold.host.archives import squeeze, tar, trees
from freehold.host.archives.members import CHUNK_BYTES, MANIFEST, Member, line
from freehold.host.archives.trees import Label, Left

MANIFEST_MEMORY_BYTES = 32 << 20
TOLD_MAX = 1000  # names kept in the manifest of what was left out or changed

Tell = Callable[[int, int], None]  # members and bytes so far


class _Hashing(io.RawIOBase):
    """A file that is written through, and hashed."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.sha256 = hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self.sha256.update(data)
        return self._file.write(data)


class ArchiveWriter:
    """One archive being written. A context manager: without ``finish`` nothing is left."""

    def __init__(self, path: Path, tell: Tell = lambda _members, _bytes: None) -> None:
        """Begin.

        Raises:
            Invalid: The name's ending says no compression, or its directory cannot be written.
            Conflict: The file exists.
        """
        squeeze.require_ending(path)
        if path.exists():
            raise Conflict(f"{path} exists: nothing was written over")
        self.path = path
        self._part = path.with_name(f"{path.name}.part")
        self._tell = tell
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            self._file: BinaryIO = os.fdopen(os.open(self._part, flags, 0o600), "wb")
        except OSError as error:
            raise Invalid(f"{path} cannot be written: {error.strerror}") from error
        self._hashing = _Hashing(self._file)
        self._stream = squeeze.squeezing(path, self._hashing)  # type: ignore[arg-type]
        self._manifest = tempfile.SpooledTemporaryFile(max_size=MANIFEST_MEMORY_BYTES)  # noqa: SIM115
        self.members = self.bytes = 0
        self.left: list[Left] = []
        self.changed: list[str] = []
        self._losses = 0

    @property
    def lost(self) -> int:
        """How many things with contents are not in it."""
        return self._losses

    def document(self, name: str, data: bytes) -> None:
        """Add a file of our own."""
        member = Member(name.encode(), "file", size=len(data))
        self._begin(member)
        self._write(data)
        self._end(member, hashlib.sha256(data).hexdigest())

    def directory(self, name: str, mode: int = 0o700) -> None:
        """Add a directory of our own, for what follows."""
        member = Member(name.encode(), "directory", mode=mode)
        self._begin(member)
        self._end(member, "")

    def tree(self, root: Path, prefix: str, label: Label) -> None:
        """Add a directory with all that is in it; what went meanwhile is not missed."""
        for found in trees.tree(root, prefix.encode(), label, self.leave):
            if found.file is None:
                self._begin(found.member)
                self._end(found.member, "")
            else:
                self._file_member(found.member, found.file)

    def add(self, path: Path, name: str, label: Label) -> None:
        """Add a directory with all that is in it, or a single file of ours."""
        if path.is_dir():
            self.tree(path, name, label)
            return
        with path.open("rb") as file:
            facts = os.fstat(file.fileno())
            member = Member(name.encode(), "file", 0o600, facts.st_mtime_ns, size=facts.st_size)
            self._file_member(member._replace(owner=label(facts.st_uid)), file.fileno())

    def leave(self, left: Left) -> None:
        """Note something that is not in it."""
        self._losses += left.is_loss
        if len(self.left) < TOLD_MAX:
            self.left.append(left)

    def finish(self) -> str:
        """Write manifest and end, sync, give it its name; the SHA-256 of the whole."""
        told = {
            "members": self.members,
            "left_out": [{"path": one.path, "why": one.why} for one in self.left],
            "lost": self._losses,
            "changed": self.changed[:TOLD_MAX],
        }
        self._manifest.write(json.dumps(told, separators=(",", ":")).encode() + b"\n")
        size = self._manifest.tell()
        self._manifest.seek(0)
        self._write(tar.packed(Member(MANIFEST, "file", size=size)))
        while chunk := self._manifest.read(CHUNK_BYTES):
            self._write(chunk)
        self._write(bytes(tar.padding(size) + 2 * tar.BLOCK))
        self._stream.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        digest = self._hashing.sha256.hexdigest()
        self.path.with_name(f"{self.path.name}.sha256").write_text(f"{digest}  {self.path.name}\n")
        os.rename(self._part, self.path)
        _sync(self.path.parent)
        return digest

    def __enter__(self) -> ArchiveWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _error: object, _trace: TracebackType | None
    ) -> None:
        self._manifest.close()
        if not self._file.closed:
            self._file.close()
            self._part.unlink(missing_ok=True)

    # -- members -------------------------------------------------------------------------------

    def _begin(self, member: Member) -> None:
        self._write(tar.packed(member))

    def _end(self, member: Member, sha256: str) -> None:
        self._write(bytes(tar.padding(member.size)))
        self._manifest.write(line(member, sha256))
        self.members += 1
        self._tell(self.members, self.bytes)

    def _write(self, data: bytes) -> None:
        self._stream.write(data)

    def _file_member(self, member: Member, fd: int) -> None:
        """A file's bytes as they are now: exactly as many as the header says."""
        self._begin(member)
        hashing = hashlib.sha256()
        before = os.fstat(fd)
        parts = member.extents
        if parts is None:
            parts = ((0, member.size),)
        else:
            map_bytes = tar.sparse_map(parts)
            hashing.update(map_bytes)
            self._write(map_bytes)
        for offset, length in parts:
            self._copy(fd, offset, length, hashing)
        after = os.fstat(fd)
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or (
            before.st_mtime_ns != member.mtime_ns
        ):
            self.changed.append(member.name)
        self._end(member, hashing.hexdigest())

    def _copy(self, fd: int, offset: int, length: int, hashing: hashlib._Hash) -> None:
        while length:
            chunk = os.pread(fd, min(length, CHUNK_BYTES), offset)
            if not chunk:  # it became shorter meanwhile: zeros, and it is told
                chunk = bytes(min(length, CHUNK_BYTES))
            hashing.update(chunk)
            self._write(chunk)
            offset, length = offset + len(chunk), length - len(chunk)
            self.bytes += len(chunk)
            self._tell(self.members, self.bytes)


def _sync(directory: Path) -> None:
    fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
