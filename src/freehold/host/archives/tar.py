"""Bytes of a tar: members to headers and back. POSIX pax, read by any tar; read strictly by us.

Every member has a pax header, then a ustar one. Sparse files are GNU's form 1.0. What our writer
never makes is refused: other types, unknown records, numbers out of bounds, names that leave.
"""

from __future__ import annotations

import re

from freehold.base.errors import Invalid
from freehold.host.archives.members import (
    DEPTH_MAX,
    EXTENTS_MAX,
    NAME_BYTES_MAX,
    XATTR_BYTES_MAX,
    Kind,
    Member,
    shown,
)

BLOCK = 512
RECORD = 20 * BLOCK  # what tar pads its end to
PAX_BYTES_MAX = XATTR_BYTES_MAX + (DEPTH_MAX + 2) * 2 * (NAME_BYTES_MAX + 1) + 64 * 1024
SIZE_MAX = (1 << 63) - 1
TYPES: dict[bytes, Kind] = {b"0": "file", b"1": "hardlink", b"2": "symlink", b"5": "directory"}
LETTERS = {kind: letter for letter, kind in TYPES.items()}
OTHER = {b"3": "a character device", b"4": "a block device", b"6": "a pipe", b"7": "reserved"}
XATTR, SPARSE, SHARED = "SCHILY.xattr.", "GNU.sparse.", "FREEHOLD.shared"
KNOWN = frozenset({"path", "linkpath", "mtime", "uname", "size", "hdrcharset", SHARED})
SPARSE_KNOWN = frozenset({"major", "minor", "name", "realsize"})
_NUMBER = re.compile(rb"[0-7]+")
_MTIME = re.compile(rb"(-?)(\d{1,12})\.(\d{9})")


def padding(size: int) -> int:
    """Zeros after ``size`` bytes up to the next block."""
    return -size % BLOCK


# -- to bytes --------------------------------------------------------------------------------------


def packed(member: Member) -> bytes:
    """The headers of a member; ``size`` bytes and their padding follow."""
    records = [(b"path", member.path), (b"uname", member.owner.encode())]
    records.append((b"mtime", _mtime(member.mtime_ns)))
    if member.target:
        records.append((b"linkpath", member.target))
    if member.size >= 1 << 33:
        records.append((b"size", str(member.size).encode()))
    if member.is_shared:
        records.append((SHARED.encode(), b"1"))
    for name, value in member.xattrs:
        records.append(((XATTR + name).encode("utf-8", "surrogateescape"), value))
    if member.extents is not None:
        told = {"major": "1", "minor": "0", "realsize": str(member.real_size)}
        records += [((SPARSE + key).encode(), value.encode()) for key, value in told.items()]
        records.append(((SPARSE + "name").encode(), member.path))
    if not all(_is_utf8(value) for _, value in records):
        records.insert(0, (b"hdrcharset", b"BINARY"))
    body = b"".join(_record(*one) for one in records)
    head = _ustar(b"pax/header", 0o600, len(body), b"x")
    size = member.size if member.size < 1 << 33 else 0
    tail = _ustar(member.path[-100:], member.mode, size, LETTERS[member.kind])
    return head + body + bytes(padding(len(body))) + tail


def sparse_map(extents: tuple[tuple[int, int], ...]) -> bytes:
    """GNU's map of a sparse file, which stands before its data."""
    numbers = [len(extents), *(number for extent in extents for number in extent)]
    text = b"".join(b"%d\n" % number for number in numbers)
    return text + bytes(padding(len(text)))


def _record(key: bytes, value: bytes) -> bytes:
    rest = len(key) + len(value) + 3
    length = rest + len(str(rest))
    length = rest + len(str(length))
    return b"%d %b=%b\n" % (length, key, value)


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


def _mtime(ns: int) -> bytes:
    sign = b"-" if ns < 0 else b""
    return sign + b"%d.%09d" % divmod(abs(ns), 1_000_000_000)


def _ustar(name: bytes, mode: int, size: int, letter: bytes) -> bytes:
    block = bytearray(BLOCK)
    block[0 : len(name)] = name
    for start, width, number in ((100, 8, mode & 0o7777), (108, 8, 0), (116, 8, 0)):
        block[start : start + width] = b"%0*o\0" % (width - 1, number)
    block[124:136] = b"%011o\0" % size
    block[136:148] = b"%011o\0" % 0
    block[148:156] = b" " * 8
    block[156:157] = letter
    block[257:265] = b"ustar\x0000"
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


# -- and back --------------------------------------------------------------------------------------


def header(block: bytes) -> tuple[bytes, int, int]:
    """Letter, size and mode of a ustar header.

    Raises:
        Invalid: It is none, or damaged.
    """
    told = _octal(block[148:156])
    if block[257:265] != b"ustar\x0000":
        raise Invalid("no header stands where one should")
    if told != sum(block) - sum(block[148:156]) + 8 * 0x20:
        raise Invalid("the checksum of a header is wrong")
    return block[156:157], _octal(block[124:136]), _octal(block[100:108])


def unpacked(records: bytes, letter: bytes, size: int, mode: int) -> Member:
    """A member out of its pax records and its header.

    Raises:
        Invalid: It is not what our writer makes, or would leave the place it is put in.
    """
    found = _records(records)
    path = found.get("path", b"")
    check_path(path)
    kind = TYPES.get(letter)
    if kind is None:
        what = OTHER.get(letter, f"of the type {letter!r}")
        raise Invalid(f"{shown(path)} is {what}, which no archive of ours holds")
    if "size" in found:
        size = _decimal(found["size"], path)
    if kind != "file" and size:
        raise Invalid(f"{shown(path)} is a {kind} with contents")
    target = found.get("linkpath", b"")
    if (kind in ("symlink", "hardlink")) != bool(target) or b"\0" in target:
        raise Invalid(f"{shown(path)}: a link without a target, or a target without a link")
    if kind == "hardlink":
        check_path(target)
    is_sparse = SPARSE + "realsize" in found
    if is_sparse and found.get(SPARSE + "name") != path:
        raise Invalid(f"{shown(path)}: a sparse file of another name")
    return Member(
        path=path,
        kind=kind,
        mode=mode,
        mtime_ns=_ns(found.get("mtime", b""), path),
        owner=_label(found.get("uname", b""), path),
        size=size,
        target=target,
        is_shared=SHARED in found,
        xattrs=_xattrs(found, path),
        extents=() if is_sparse else None,
        real_size=_decimal(found[SPARSE + "realsize"], path) if is_sparse else 0,
    )


def check_path(path: bytes) -> None:
    """Refuse a path that could leave where it is put, or that no file system takes.

    Raises:
        Invalid: It could.
    """
    parts = path.split(b"/")
    if len(parts) > DEPTH_MAX + 2 or b"\0" in path:
        raise Invalid(f"the name {shown(path)[:200]!r} is none that a file could have")
    for part in parts:
        if part in (b"", b".", b"..") or len(part) > NAME_BYTES_MAX:
            raise Invalid(f"the name {shown(path)[:200]!r} would leave the place it is put in")


def extents_of(text: bytes, member: Member) -> tuple[tuple[int, int], ...]:
    """Read a sparse map: ascending, apart, inside of the file.

    Raises:
        Invalid: It is not.
    """
    numbers = [_decimal(one, member.path) for one in text.split(b"\n")[:-1]]
    pairs = tuple(zip(numbers[1::2], numbers[2::2], strict=False))
    end = 0
    for offset, length in pairs:
        if offset < end or offset + length > member.real_size:
            raise Invalid(f"{member.name}: its map of holes is wrong")
        end = offset + length
    if len(pairs) != numbers[0] or len(numbers) != 1 + 2 * numbers[0]:
        raise Invalid(f"{member.name}: its map of holes is wrong")
    return pairs


def extent_count(first_line: bytes, member: Member) -> int:
    """How many extents a sparse map announces.

    Raises:
        Invalid: More than EXTENTS_MAX.
    """
    count = _decimal(first_line, member.path)
    if count > EXTENTS_MAX:
        raise Invalid(f"{member.name} has more than {EXTENTS_MAX} holes")
    return count


def _records(body: bytes) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    place = 0
    while place < len(body):
        space = body.find(b" ", place, place + 8)
        length = int(body[place:space]) if space > place and body[place:space].isdigit() else 0
        record = body[space + 1 : place + length]
        key, equals, value = record.partition(b"=")
        if length < 5 or place + length > len(body) or not equals or not value.endswith(b"\n"):
            raise Invalid("the extended header of a member is damaged")
        name = key.decode("utf-8", "surrogateescape")
        is_known = name in KNOWN or name.startswith(XATTR)
        if not is_known and name.removeprefix(SPARSE) not in SPARSE_KNOWN:
            raise Invalid(f"the extended header of a member says {name[:80]!r}, unknown to us")
        if name in found:
            raise Invalid(f"the extended header of a member says {name[:80]} twice")
        found[name] = value[:-1]
        place += length
    return found


def _xattrs(found: dict[str, bytes], path: bytes) -> tuple[tuple[str, bytes], ...]:
    named = sorted((key, value) for key, value in found.items() if key.startswith(XATTR))
    for key, _value in named:
        if not key.startswith(XATTR + "user."):
            raise Invalid(
                f"{shown(path)} has the attribute {key[len(XATTR) :]}: only user.* is taken"
            )
    return tuple((key[len(XATTR) :], value) for key, value in named)


def _label(text: bytes, path: bytes) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError:
        raise Invalid(f"{shown(path)}: its owner is no text") from None


def _ns(text: bytes, path: bytes) -> int:
    told = _MTIME.fullmatch(text)
    if told is None:
        raise Invalid(f"{shown(path)}: its time is none")
    ns = int(told[2]) * 1_000_000_000 + int(told[3])
    return -ns if told[1] else ns


def _octal(field: bytes) -> int:
    digits = field.rstrip(b"\0 ").lstrip(b" ")
    if not _NUMBER.fullmatch(digits):
        raise Invalid("a number in a header is none")
    return int(digits, 8)


def _decimal(text: bytes, path: bytes) -> int:
    if not text.isdigit() or len(text) > 19 or int(text) > SIZE_MAX:
        raise Invalid(f"{shown(path)}: a number of its header is none")
    return int(text)
