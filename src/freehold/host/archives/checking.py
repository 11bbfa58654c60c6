"""Reads an archive and believes nothing: each member is checked before it is handed on.

Input: FILE. Output: members with their bytes, one after the other, to a visitor; a ``Summary`` at
the end. Refused by name: what is damaged, what our writer never makes, what would leave.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from freehold.base.errors import Invalid, NotFound
from freehold.host.archives import squeeze, tar
from freehold.host.archives.members import (
    CHUNK_BYTES,
    EXTENTS_MAX,
    MANIFEST,
    Member,
    line,
    shown,
)

DOCUMENT_BYTES_MAX = 64 << 20
LINE_BYTES_MAX = 4 << 20
MAP_BYTES_MAX = (EXTENTS_MAX * 2 + 1) * 20
SHARED_MAX = 1_000_000  # files with several names
DIGEST_BYTES = 32

Visit = Callable[[Member, Iterator[bytes]], None]


class Summary(NamedTuple):
    """What an archive holds. ``stored_bytes`` is what its files take; ``digest`` the file's own."""

    documents: dict[str, bytes]
    members: int
    stored_bytes: int
    left_out: list[dict[str, str]]
    changed: list[str]
    digest: str


class _Stream:
    """The uncompressed bytes, counted out exactly; tells behind which member it broke."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self._hashed = _Hashed(file)
        self._reader = squeeze.unsqueezing(path, self._hashed)  # type: ignore[arg-type]
        self.last = "its beginning"

    def take(self, length: int) -> bytes:
        found = []
        while length:
            try:
                chunk = self._reader.read(min(length, CHUNK_BYTES))
            except squeeze.FAILURES as error:
                raise Invalid(
                    f"the archive is damaged behind {self.last}: it cannot be decompressed"
                ) from error
            if not chunk:
                raise Invalid(f"the archive is cut off behind {self.last}")
            found.append(chunk)
            length -= len(chunk)
        return b"".join(found)

    def end(self) -> str:
        """Nothing more may follow; the SHA-256 of the compressed file."""
        try:
            more = self._reader.read(1)
        except squeeze.FAILURES as error:
            raise Invalid("the archive is damaged at its end") from error
        if more or self._hashed.rest():
            raise Invalid("something follows the end of the archive")
        return self._hashed.sha256.hexdigest()


class _Hashed:
    """A file whose bytes are hashed as they are read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.sha256 = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.sha256.update(data)
        return data

    def rest(self) -> bytes:
        return self.read(1)


class _Order:
    """Whether members come as our writer gives them: in order, inside of directories seen."""

    def __init__(self) -> None:
        self._last: tuple[bytes, ...] = ()
        self._open: list[bytes] = []
        self._shared: set[bytes] = set()

    def check(self, member: Member) -> None:
        parts = member.parts
        if parts <= self._last:
            raise Invalid(f"{member.name} stands twice in the archive, or out of order")
        self._last = parts
        if list(parts[:-1]) != self._open[: len(parts) - 1]:
            raise Invalid(f"{member.name} lies in something that is no directory of the archive")
        del self._open[len(parts) - 1 :]
        if member.kind == "directory":
            self._open.append(parts[-1])
        if member.kind == "hardlink" and member.target not in self._shared:
            raise Invalid(
                f"{member.name} shares {shown(member.target)}, which is no such file of the archive"
            )
        if member.is_shared:
            self._shared.add(member.path)
            if len(self._shared) > SHARED_MAX:
                raise Invalid(f"more than {SHARED_MAX} files have several names")


def read(path: Path, visit: Visit | None = None) -> Summary:
    """Read an archive from its beginning to its end.

    Args:
        path: The file; its ending says the compression.
        visit: Gets each member with its bytes. Whether they are right is known only when this
            function returns: what is made of them must wait for that.

    Raises:
        NotFound: There is no such file.
        Invalid: It is damaged, or none of ours; the member is named.
    """
    squeeze.require_ending(path)
    try:
        file = path.open("rb")
    except OSError as error:
        raise NotFound(f"{path} cannot be read: {error.strerror}") from error
    with file:
        return _Reading(_Stream(path, file), visit).run()


class _Reading:
    def __init__(self, stream: _Stream, visit: Visit | None) -> None:
        self._stream = stream
        self._visit = visit
        self._digests = bytearray()
        self._documents: dict[str, bytes] = {}
        self._stored = self._document_bytes = 0

    def run(self) -> Summary:
        order = _Order()
        while True:
            member = self._next()
            if member.path == MANIFEST:
                break
            order.check(member)
            self._one(member)
            self._stream.last = member.name
        if member != Member(MANIFEST, "file", size=member.size):
            raise self._broken("the manifest's own header is not what it always is")
        told = self._manifest(member)
        if self._stream.take(2 * tar.BLOCK).strip(b"\0"):
            raise Invalid("something follows the manifest of the archive")
        return Summary(
            self._documents,
            len(self._digests) // DIGEST_BYTES,
            self._stored,
            list(told.get("left_out", ())),
            list(told.get("changed", ())),
            self._stream.end(),
        )

    def _next(self) -> Member:
        letter, size, _mode = self._header()
        if letter != b"x":
            raise self._broken("a member has no extended header")
        if not 0 < size <= tar.PAX_BYTES_MAX:
            raise self._broken("an extended header is too long")
        records = self._stream.take(size + tar.padding(size))[:size]
        letter, size, mode = self._header()
        try:
            return tar.unpacked(records, letter, size, mode)
        except Invalid as error:
            raise self._broken(error.message) from error

    def _header(self) -> tuple[bytes, int, int]:
        block = self._stream.take(tar.BLOCK)
        try:
            return tar.header(block)
        except Invalid as error:
            raise self._broken(error.message) from error

    def _broken(self, why: str) -> Invalid:
        return Invalid(
            f"the archive is damaged or made by others: {why} (behind {self._stream.last})"
        )

    def _one(self, member: Member) -> None:
        hashing = hashlib.sha256()
        left = member.size
        if member.extents is not None:
            map_bytes = self._map(member)
            hashing.update(map_bytes)
            left -= len(map_bytes)
            extents = tar.extents_of(map_bytes.rstrip(b"\0"), member)
            member = member._replace(extents=extents)
            if sum(length for _, length in extents) != left:
                raise Invalid(f"{member.name}: its map of holes is wrong")
        kept: list[bytes] | None = None
        if b"/" not in member.path and member.kind == "file":
            self._document_bytes += member.size
            if self._document_bytes > DOCUMENT_BYTES_MAX:
                raise Invalid(f"{member.name} is too long")
            kept = []
        chunks = self._chunks(left, hashing, kept)
        if self._visit is not None:
            self._visit(member, chunks)
        for _chunk in chunks:  # what a visitor did not take
            pass
        self._stream.take(tar.padding(member.size))
        self._stored += left
        if kept is not None:
            self._documents[member.name] = b"".join(kept)
        sha256 = hashing.hexdigest() if member.kind == "file" else ""
        self._digests += hashlib.sha256(line(member, sha256)).digest()

    def _chunks(
        self, left: int, hashing: hashlib._Hash, kept: list[bytes] | None
    ) -> Iterator[bytes]:
        while left:
            chunk = self._stream.take(min(left, CHUNK_BYTES))
            left -= len(chunk)
            hashing.update(chunk)
            if kept is not None:
                kept.append(chunk)
            yield chunk

    def _map(self, member: Member) -> bytes:
        """The map of a sparse file, block by block until all announced numbers are there."""
        found = bytearray()
        wanted = 0
        while True:
            found += self._stream.take(tar.BLOCK)
            if len(found) > min(member.size, MAP_BYTES_MAX):
                raise Invalid(f"{member.name}: its map of holes is wrong")
            lines = found.count(b"\n")
            if not wanted and lines:
                count = tar.extent_count(bytes(found[: found.index(b"\n")]), member)
                wanted = 1 + 2 * count
            if wanted and lines >= wanted:
                return bytes(found)

    def _manifest(self, member: Member) -> dict[str, Any]:
        """Compare what was read with what was written, line by line."""
        left, rest, place = member.size, b"", 0
        told: dict[str, Any] = {}
        self._stream.last = "its manifest"
        while left or rest:
            if b"\n" not in rest:
                if not left or len(rest) > LINE_BYTES_MAX:
                    raise Invalid("the manifest of the archive is damaged")
                chunk = self._stream.take(min(left, CHUNK_BYTES))
                left -= len(chunk)
                rest += chunk
                continue
            one, _, rest = rest.partition(b"\n")
            if place == len(self._digests):
                told = self._last_line(one)
                if left or rest:
                    raise Invalid("the manifest of the archive names more than it holds")
                break
            if hashlib.sha256(one + b"\n").digest() != self._digests[place : place + DIGEST_BYTES]:
                raise Invalid(f"{_named(one)} is damaged: it is not what the manifest says")
            place += DIGEST_BYTES
        self._stream.take(tar.padding(member.size))
        return told

    def _last_line(self, one: bytes) -> dict[str, Any]:
        try:
            told = json.loads(one)
        except ValueError:
            told = None
        if not isinstance(told, dict) or told.get("members") != len(self._digests) // DIGEST_BYTES:
            raise Invalid("the manifest of the archive does not end as it should")
        return told


def _named(one: bytes) -> str:
    try:
        return shown(str(json.loads(one)["path"]).encode("utf-8", "surrogateescape"))
    except (ValueError, KeyError, TypeError, UnicodeEncodeError):
        return "the manifest"
