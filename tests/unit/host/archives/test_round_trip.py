"""Archives give back what they took: every kind of file, checked by us, by tarfile and by tar."""

from __future__ import annotations

import hashlib
import io
import os
import socket
import stat
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from freehold.base.errors import Conflict, Invalid
from freehold.host.archives import checking, tar
from freehold.host.archives.members import DEPTH_MAX, Member
from freehold.host.archives.placing import Placer
from freehold.host.archives.writing import ArchiveWriter

GIB = 1 << 30


def fill(home: Path) -> None:
    """A home with everything that people have in one."""
    (home / "empty").mkdir()
    (home / "work" / "deep").mkdir(parents=True)
    (home / "work" / "model.bin").write_bytes(os.urandom(3 << 20))
    (home / "work.txt").write_text("sorts between a directory and what is in it")
    (home / "run.sh").write_text("#!/bin/sh\n")
    (home / "run.sh").chmod(0o755)
    (home / "suid").write_text("x")
    (home / "suid").chmod(0o4755)
    (home / "work" / "deep" / "ünï\ncode\t😀").write_text("names are free")
    (home / os.fsdecode(b"not-utf8-\xff\xfe")).write_text("bytes")
    (home / "abs").symlink_to("/etc/shadow")
    (home / "out").symlink_to("../../..")
    os.link(home / "run.sh", home / "work" / "same.sh")
    with (home / "sparse.bin").open("wb") as file:
        file.seek(5 * GIB)
        file.write(b"far out")
        file.truncate(6 * GIB)
    long = home / "x"
    long.mkdir()
    for _ in range(12):
        long = long / ("d" * 200)
        long.mkdir()
    os.utime(home / "run.sh", ns=(1_234_567_891, 1_234_567_891_123_456_789))
    os.utime(home / "empty", ns=(0, -1_500_000_000))


def facts(root: Path) -> dict[str, Any]:
    """Everything that should survive, by path."""
    found: dict[str, Any] = {}
    for directory, directories, files in os.walk(root):
        for name in (*directories, *files):
            path = os.path.join(directory, name)
            told = os.lstat(path)
            what: Any = None
            if stat.S_ISLNK(told.st_mode):
                what = os.readlink(path)
            elif stat.S_ISREG(told.st_mode) and told.st_size < GIB:
                what = hashlib.sha256(Path(path).read_bytes()).hexdigest()
            mode = stat.S_IMODE(told.st_mode) & 0o1777
            mtime = told.st_mtime_ns
            found[os.path.relpath(path, root)] = (mode, mtime, told.st_size * (what is None), what)
    return {k: v if not isinstance(v[3], str) else (v[0], v[1], v[3]) for k, v in found.items()}


def archived(tmp_path: Path, home: Path, name: str = "a.tar.zst") -> tuple[Path, ArchiveWriter]:
    path = tmp_path / name
    with ArchiveWriter(path) as writer:
        writer.document("about.json", b"{}")
        writer.directory("homes")
        writer.tree(home, "homes/ana", lambda uid: f"uid:{uid}")
        writer.finish()
    return path, writer


def placed(path: Path, root: Path) -> checking.Summary:
    root.mkdir()
    placer = Placer(root, lambda member: os.geteuid())
    try:
        return checking.read(path, placer.place)
    finally:
        placer.close()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = tmp_path / "home"
    made.mkdir()
    return made


@pytest.mark.parametrize("name", ["a.tar.zst", "a.tar.gz"])
def test_a_home_comes_back_as_it_was(tmp_path: Path, home: Path, name: str) -> None:
    fill(home)
    path, writer = archived(tmp_path, home, name)
    summary = placed(path, tmp_path / "back")
    back = tmp_path / "back" / "homes" / "ana"
    assert facts(back) == facts(home)
    assert os.stat(back / "run.sh").st_ino == os.stat(back / "work" / "same.sh").st_ino
    sparse = os.stat(back / "sparse.bin")
    assert (sparse.st_size, sparse.st_blocks * 512 < 1 << 20) == (6 * GIB, True)
    with (back / "sparse.bin").open("rb") as file:
        file.seek(5 * GIB)
        assert file.read(8) == b"far out\0"
    assert stat.S_IMODE(os.stat(back / "suid").st_mode) == 0o755  # not the bit that is dangerous
    assert (summary.members, writer.lost, writer.left) == (writer.members, 0, [])
    assert summary.documents == {"about.json": b"{}"}


def test_the_archive_is_private_and_its_checksum_stands_beside_it(
    tmp_path: Path, home: Path
) -> None:
    path, _ = archived(tmp_path, home)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    told = (tmp_path / "a.tar.zst.sha256").read_text()
    assert told == f"{hashlib.sha256(path.read_bytes()).hexdigest()}  a.tar.zst\n"
    assert checking.read(path).digest == told.split()[0]
    done = subprocess.run(["sha256sum", "-c", "a.tar.zst.sha256"], cwd=tmp_path, check=False)
    assert done.returncode == 0


def test_other_peoples_tar_reads_it(tmp_path: Path, home: Path) -> None:
    fill(home)
    path, _ = archived(tmp_path, home)
    plain = zstandard.ZstdDecompressor().stream_reader(path.read_bytes()).read()
    with tarfile.open(fileobj=io.BytesIO(plain)) as file:
        members = {one.name: one for one in file.getmembers()}
        assert members["homes/ana/sparse.bin"].size == 6 * GIB
        assert members["homes/ana/run.sh"].mode == 0o755
        model = file.extractfile(members["homes/ana/work/model.bin"])
        assert model is not None
        assert model.read() == (home / "work" / "model.bin").read_bytes()
        assert members["homes/ana/work/same.sh"].linkname == "homes/ana/run.sh"
    out = tmp_path / "tar"
    out.mkdir()
    command = ["tar", "xf", "-", "--no-same-owner", "-C", str(out)]
    done = subprocess.run(command, input=plain, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert facts(out / "homes" / "ana").keys() == facts(home).keys()
    assert os.stat(out / "homes" / "ana" / "sparse.bin").st_size == 6 * GIB


def test_what_cannot_be_kept_is_told(tmp_path: Path, home: Path) -> None:
    os.mkfifo(home / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(home / "s"))
        deep = os.open(home, os.O_RDONLY)
        for _ in range(DEPTH_MAX + 3):  # deeper than a path can tell
            os.mkdir("d", dir_fd=deep)
            inner = os.open("d", os.O_RDONLY, dir_fd=deep)
            os.close(deep)
            deep = inner
        os.close(deep)
        path, writer = archived(tmp_path, home)
    why = {one.why: one.is_loss for one in writer.left}
    assert why == {
        "a pipe": False,
        "a socket": False,
        f"deeper than {DEPTH_MAX} directories": True,
    }
    assert writer.lost == 1
    assert {one["why"] for one in checking.read(path).left_out} == set(why)


def test_attributes_of_the_user_come_back(tmp_path: Path, home: Path) -> None:
    (home / "f").write_text("x")
    value = bytes(range(256)) + b"\n5 a=b\n"
    try:
        os.setxattr(home / "f", "user.note", value)
    except OSError:
        pytest.skip("this file system has no user attributes")
    path, _ = archived(tmp_path, home)
    placed(path, tmp_path / "back")
    assert os.getxattr(tmp_path / "back" / "homes" / "ana" / "f", "user.note") == value


def test_a_file_that_shrinks_while_it_is_read_is_told_and_harms_nothing(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "log").write_bytes(b"x" * (3 << 20))
    (home / "z").write_text("after it")
    path = tmp_path / "a.tar.gz"

    def shrink(_members: int, so_far: int) -> None:
        if so_far == 1 << 20:
            os.truncate(home / "log", 1 << 20)

    with ArchiveWriter(path, shrink) as writer:
        writer.directory("homes")
        writer.tree(home, "homes/ana", str)
        writer.finish()
    assert writer.changed == ["homes/ana/log"]
    assert checking.read(path).changed == ["homes/ana/log"]


def test_nothing_is_written_over_and_nothing_is_left_of_a_failure(
    tmp_path: Path, home: Path
) -> None:
    path, _ = archived(tmp_path, home)
    with pytest.raises(Conflict, match="nothing was written over"):
        ArchiveWriter(path)
    with pytest.raises(Invalid, match=r"must end in \.tar\.zst or \.tar\.gz"):
        ArchiveWriter(tmp_path / "a.zip")
    other = tmp_path / "b.tar.gz"
    with pytest.raises(KeyError), ArchiveWriter(other):
        raise KeyError
    assert not list(tmp_path.glob("b.tar*"))


@given(
    st.builds(
        Member,
        path=st.lists(
            st.binary(min_size=1, max_size=60).filter(
                lambda part: b"/" not in part and b"\0" not in part and part not in (b".", b"..")
            ),
            min_size=1,
            max_size=9,
        ).map(b"/".join),
        kind=st.just("file"),
        mode=st.integers(0, 0o7777),
        mtime_ns=st.integers(-(10**18), 10**19),
        owner=st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
        size=st.integers(0, 1 << 62),
        is_shared=st.booleans(),
        target=st.just(b""),
        extents=st.none(),
        real_size=st.just(0),
        xattrs=st.dictionaries(
            st.from_regex(r"user\.[a-z]{1,20}", fullmatch=True), st.binary(max_size=99)
        ).map(lambda found: tuple(sorted(found.items()))),
    )
)
@settings(max_examples=200)
def test_a_header_gives_back_its_member(member: Member) -> None:
    packed = tar.packed(member)
    letter, size, _ = tar.header(packed[: tar.BLOCK])
    assert letter == b"x"
    end = tar.BLOCK + size
    rest = packed[end + tar.padding(size) :]
    assert len(rest) == tar.BLOCK
    letter, told, mode = tar.header(rest)
    assert tar.unpacked(packed[tar.BLOCK : end], letter, told, mode) == member
