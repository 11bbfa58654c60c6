"""What one member of an archive is, and its line in the manifest.

A path is bytes, relative, its parts joined by ``/``. Members come in the order of their parts,
each directory before what is in it, so that a reader needs no memory of what it has seen.
"""

from __future__ import annotations

import hashlib
import json
from typing import Literal, NamedTuple

Kind = Literal["file", "directory", "symlink", "hardlink"]
Path = bytes

MANIFEST = b"manifest.jsonl"
DEPTH_MAX = 256  # directories in each other: each is held open once while it is read or written
NAME_BYTES_MAX = 255  # NAME_MAX of Linux
EXTENTS_MAX = 100_000  # parts with data in one sparse file
XATTR_BYTES_MAX = 256 * 1024  # of one file's user attributes together
CHUNK_BYTES = 1 << 20


class Member(NamedTuple):
    """One member. ``size`` is what the archive holds of it, ``extents`` where that belongs.

    ``owner`` is a label, such as ``user-profile/ana``; ``target`` a link's text, or the path of
    the file that a hard link shares; ``is_shared`` marks files that hard links may name.
    ``extents`` are (offset, length) of a sparse file whose whole length is ``real_size``; None
    for any other.
    """

    path: Path
    kind: Kind
    mode: int = 0o600
    mtime_ns: int = 0
    owner: str = ""
    size: int = 0
    target: bytes = b""
    is_shared: bool = False
    xattrs: tuple[tuple[str, bytes], ...] = ()
    extents: tuple[tuple[int, int], ...] | None = None
    real_size: int = 0

    @property
    def parts(self) -> tuple[bytes, ...]:
        """The path's parts: what order is told by."""
        return tuple(self.path.split(b"/"))

    @property
    def name(self) -> str:
        """The path for people: what does not print is escaped."""
        return shown(self.path)


def shown(path: bytes) -> str:
    """A path for people."""
    return path.decode("utf-8", "backslashreplace")


def line(member: Member, sha256: str) -> bytes:
    """A member's line in the manifest: everything that a reader can check of it."""
    facts = {
        "path": _text(member.path),
        "kind": member.kind,
        "mode": member.mode,
        "mtime_ns": member.mtime_ns,
        "owner": member.owner,
        "size": member.size,
        "sha256": sha256,
    }
    if member.target:
        facts["target"] = _text(member.target)
    if member.xattrs:
        facts["xattrs"] = {name: hashlib.sha256(value).hexdigest() for name, value in member.xattrs}
    if member.extents is not None:
        facts["real_size"] = member.real_size
    return json.dumps(facts, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def _text(path: bytes) -> str:
    return path.decode("utf-8", "surrogateescape")
