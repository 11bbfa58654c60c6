"""Archives that are damaged or made to do harm: refused by name, before anything is written."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from freehold.base.errors import Invalid
from freehold.host.archives import checking, tar
from freehold.host.archives.members import EXTENTS_MAX, MANIFEST, Member, line
from freehold.host.archives.placing import Placer
from freehold.host.archives.writing import ArchiveWriter

A = Member(b"a", "directory", 0o700)


def made(*members: tuple[Member, bytes] | bytes, tail: bytes = b"") -> bytes:
    """A tar with a right manifest, whatever is in it: only its structure can be refused."""
    out, lines = b"", b""
    count = 0
    for one in members:
        if isinstance(one, bytes):
            out += one
            continue
        member, data = one
        out += tar.packed(member) + data + bytes(tar.padding(len(data)))
        digest = hashlib.sha256(data).hexdigest() if member.kind == "file" else ""
        lines += line(member, digest)
        count += 1
    lines += json.dumps({"members": count}).encode() + b"\n"
    out += tar.packed(Member(MANIFEST, "file", size=len(lines)))
    out += lines + bytes(tar.padding(len(lines)))
    return out + tail + bytes(2 * tar.BLOCK)


def file(path: bytes, data: bytes = b"data", **more: object) -> tuple[Member, bytes]:
    return Member(path, "file", size=len(data), **more), data  # type: ignore[arg-type]


def link(path: bytes, target: bytes, kind: str = "symlink") -> tuple[Member, bytes]:
    return Member(path, kind, 0o777, target=target), b""  # type: ignore[arg-type]


def raw(letter: bytes, records: list[tuple[bytes, bytes]], size: int = 0) -> bytes:
    """Headers as another program would write them."""
    body = b"".join(tar._record(*one) for one in records)
    head = tar._ustar(b"pax", 0o600, len(body), b"x")
    return head + body + bytes(tar.padding(len(body))) + tar._ustar(b"n", 0o600, size, letter)


TIME = (b"mtime", b"0.000000000")
HOSTILE: dict[str, tuple[bytes, str]] = {
    "parent": (made((A, b""), file(b"a/../../etc/passwd")), "would leave"),
    "absolute": (made(file(b"/etc/passwd")), "would leave"),
    "dot": (made((A, b""), file(b"a/./b")), "would leave"),
    "empty part": (made((A, b""), file(b"a//b")), "would leave"),
    "nul": (made(file(b"a\0b")), "none that a file could have"),
    "long name": (made(file(b"x" * 256)), "would leave"),
    "deep": (made(file(b"/".join([b"d"] * 400))), "none that a file could have"),
    "through a link": (
        made((A, b""), link(b"a/out", b"/tmp"), file(b"a/out/file")),
        "a/out/file lies in something that is no directory",
    ),
    "through a file": (made(file(b"a"), file(b"a/b")), "no directory of the archive"),
    "without a directory": (made(file(b"a/b")), "no directory of the archive"),
    "twice": (made(file(b"a"), file(b"a")), "stands twice"),
    "link then file": (made(link(b"a", b"/etc/x"), file(b"a")), "stands twice"),
    "out of order": (made(file(b"b"), file(b"a")), "out of order"),
    "hard link outside": (made(link(b"a", b"../../etc/shadow", "hardlink")), "would leave"),
    "hard link absolute": (made(link(b"a", b"/etc/shadow", "hardlink")), "would leave"),
    "hard link to a link": (
        made(link(b"a", b"/etc/shadow"), link(b"b", b"a", "hardlink")),
        "no such file of the archive",
    ),
    "hard link to later": (
        made(link(b"a", b"b", "hardlink"), file(b"b", is_shared=True)),
        "no such file",
    ),
    "device": (made(raw(b"3", [(b"path", b"null"), TIME])), "null is a character device"),
    "block device": (made(raw(b"4", [(b"path", b"sda"), TIME])), "sda is a block device"),
    "pipe": (made(raw(b"6", [(b"path", b"p"), TIME])), "p is a pipe"),
    "gnu long name": (made(tar._ustar(b"n", 0, 4, b"L") + bytes(512)), "no extended header"),
    "bare": (made(tar._ustar(b"n", 0o644, 0, b"0")), "no extended header"),
    "global header": (made(tar._ustar(b"n", 0, 512, b"g") + bytes(512)), "no extended header"),
    "huge header": (made(tar._ustar(b"n", 0, 1 << 32, b"x")), "extended header is too long"),
    "unknown record": (made(raw(b"0", [(b"path", b"a"), TIME, (b"GNU.dumpdir", b"x")])), "unknown"),
    "said twice": (made(raw(b"0", [(b"path", b"a"), (b"path", b"b"), TIME])), "path twice"),
    "root's attribute": (
        made(raw(b"0", [(b"path", b"a"), TIME, (b"SCHILY.xattr.security.capability", b"x")])),
        "only user",
    ),
    "negative size": (made(raw(b"0", [(b"path", b"a"), TIME, (b"size", b"-1")])), "none"),
    "fat directory": (made(raw(b"5", [(b"path", b"a"), TIME], 4), b"data"), "with contents"),
    "no time": (made(raw(b"0", [(b"path", b"a")])), "its time is none"),
    "trailing": (made(file(b"a"), tail=b"x" * 512), "follows the manifest"),
}


def sparse(map_bytes: bytes, real_size: int, data: bytes = b"") -> bytes:
    payload = map_bytes + bytes(tar.padding(len(map_bytes))) + data
    member = Member(b"s", "file", size=len(payload), extents=(), real_size=real_size)
    return made((member, payload))


HOSTILE |= {
    "holes beyond the end": (sparse(b"1\n100\n4\n", 50, b"data"), "map of holes"),
    "holes that overlap": (sparse(b"2\n0\n4\n2\n4\n", 50, b"datadata"), "map of holes"),
    "more holes than said": (sparse(b"1\n0\n4\n8\n4\n", 50, b"data"), "map of holes"),
    "no end of holes": (sparse(b"%d\n" % (EXTENTS_MAX + 1), 1 << 40), "holes"),
    "data left over": (sparse(b"1\n0\n4\n", 50, b"datadata"), "map of holes"),
    "map without an end": (sparse(b"7" * 512, 50), "holes"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_archive_is_refused_and_nothing_leaves(name: str, tmp_path: Path) -> None:
    body, said = HOSTILE[name]
    path = tmp_path / "bad.tar.gz"
    path.write_bytes(gzip.compress(body))
    with pytest.raises(Invalid, match=said):
        checking.read(path)
    root = tmp_path / "inner" / "root"
    root.mkdir(parents=True)
    placer = Placer(root, lambda _member: os.geteuid())
    with pytest.raises(Invalid):
        checking.read(path, placer.place)
    placer.close()
    assert sorted(os.listdir(tmp_path)) == ["bad.tar.gz", "inner"]
    assert os.listdir(tmp_path / "inner") == ["root"]


def test_what_is_not_hostile_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "good.tar.gz"
    path.write_bytes(gzip.compress(made((A, b""), file(b"a/b"), link(b"a/c", b"/opt/anything"))))
    assert checking.read(path).members == 3


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A small archive of several members, not compressed."""
    place = tmp_path_factory.mktemp("whole")
    (place / "home").mkdir()
    (place / "home" / "notes").write_text("hello " * 99)
    (place / "home" / "data").write_bytes(random.Random(1).randbytes(2000))
    (place / "home" / "link").symlink_to("notes")
    path = place / "a.tar.gz"
    with ArchiveWriter(path) as writer:
        writer.document("about.json", b'{"format": 1}')
        writer.tree(place / "home", "home", str)
        writer.finish()
    return gzip.decompress(path.read_bytes())


@given(st.integers(0, 1 << 20), st.integers(0, 7))
@settings(max_examples=300, deadline=None)
def test_no_byte_can_change_unseen(
    whole: bytes, tmp_path_factory: pytest.TempPathFactory, place: int, bit: int
) -> None:
    place %= len(whole)
    changed = bytearray(whole)
    changed[place] ^= 1 << bit
    path = tmp_path_factory.getbasetemp() / "flipped.tar.gz"
    path.write_bytes(gzip.compress(bytes(changed), 1))
    try:
        summary = checking.read(path)
    except Invalid:
        return
    right = path.with_name("right.tar.gz")
    right.write_bytes(gzip.compress(whole, 1))
    assert summary._replace(digest="") == checking.read(right)._replace(digest="")
    # Only zeros between members, and header fields that we do not read, may differ.
    assert whole[place] == 0 or _is_unread(whole, place)


def _is_unread(whole: bytes, place: int) -> bool:
    """Bytes of a header that its own checksum does not see, or names that pax overrides."""
    block = whole[place - place % 512 :][:512]
    return block[257:262] == b"ustar" and 148 <= place % 512 < 156


def damaged(whole: bytes, change: Callable[[bytes], bytes], tmp_path: Path) -> str:
    path = tmp_path / "bad.tar.gz"
    path.write_bytes(gzip.compress(change(whole)))
    with pytest.raises(Invalid) as caught:
        checking.read(path)
    return caught.value.message


def test_the_damaged_member_is_named(whole: bytes, tmp_path: Path) -> None:
    said = damaged(whole, lambda body: body.replace(b"hello hello", b"hello hullo", 1), tmp_path)
    assert said == "home/notes is damaged: it is not what the manifest says"


def test_an_archive_that_is_cut_off_names_the_last_whole_member(
    whole: bytes, tmp_path: Path
) -> None:
    end = whole.index(b"hello")
    said = damaged(whole, lambda body: body[:end], tmp_path)
    assert said == "the archive is cut off behind home/link"


def test_what_is_no_archive_is_said_in_one_line(tmp_path: Path) -> None:
    for name, data in (("a.tar.gz", b"hello"), ("a.tar.zst", b"hello"), ("b.tar.gz", b"")):
        path = tmp_path / name
        path.write_bytes(data)
        with pytest.raises(Invalid, match="behind its beginning"):
            checking.read(path)
