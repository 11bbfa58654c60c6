"""Trees for backups: everything that can be kept comes back, nothing leads astray."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from freehold.base.errors import Invalid
from freehold.host import volumes
from freehold.host.volumes import images, trees

OWNER = 1_899_999_990


def copy(source: int, target: int) -> trees.Left:
    """What a backup and its restore do, without the archive between."""
    left = trees.Left()
    writer = trees.Writer(target, OWNER)
    for entry in trees.read(source, left):
        match entry.kind:
            case "folder":
                writer.folder(entry.path, entry.mode)
            case "link":
                writer.link(entry.path, entry.target)
            case "hard link":
                writer.hard_link(entry.path, entry.target)
            case "file":
                with writer.file(entry.path, entry.mode, entry.size, entry.modified_ns) as made:
                    for offset, length in entry.spans:
                        os.pwrite(made, os.pread(entry.descriptor, length, offset), offset)
    return left


def copied(source: Path, target: Path) -> trees.Left:
    target.mkdir()
    with trees.opened(source) as top, trees.opened(target) as bottom:
        return copy(top, bottom)


def test_a_tree_comes_back_as_it_was_and_its_owners(tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "a" / "b").mkdir(parents=True)
    (source / "a" / "b" / "new\nline").write_text("x")
    (source / "a" / "tool").write_text("y")
    (source / "a" / "tool").chmod(0o4755)
    os.utime(source / "a" / "tool", (1, 1))
    os.link(source / "a" / "tool", source / "a" / "zwei")
    (source / os.fsdecode(b"\xff")).write_text("z")
    with open(source / "sparse", "wb") as sparse:
        sparse.seek(64 << 20)
        sparse.write(b"end")
    left = copied(source, tmp_path / "target")
    assert left.count == 0
    target = tmp_path / "target"
    assert (target / "a" / "b" / "new\nline").read_text() == "x"
    tool = (target / "a" / "tool").stat()
    assert (tool.st_mode & 0o7777, tool.st_mtime) == (0o755, 1)  # and no right comes back
    assert tool.st_uid == (OWNER if os.geteuid() == 0 else os.geteuid())
    assert (target / "a" / "zwei").stat().st_ino == tool.st_ino
    assert (target / os.fsdecode(b"\xff")).read_text() == "z"
    assert (target / "sparse").stat().st_size == (64 << 20) + 3
    assert (target / "sparse").stat().st_blocks * 512 < 1 << 20


def test_links_are_kept_and_followed_by_nobody(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (tmp_path / "secret").write_text("s")
    (source / "out").symlink_to(tmp_path / "secret")
    (source / "tree").symlink_to("/etc")
    os.mkfifo(source / "fifo")
    left = copied(source, tmp_path / "target")
    assert left.first == [b"fifo"]
    assert os.readlink(tmp_path / "target" / "out") == str(tmp_path / "secret")
    assert os.readlink(tmp_path / "target" / "tree") == "/etc"


@pytest.mark.parametrize("path", [b"../x", b"a/../../x", b"/x", b"", b".", b"a/.."])
def test_an_archives_path_that_leads_out_is_refused(tmp_path: Path, path: bytes) -> None:
    with trees.opened(tmp_path) as top:
        writer = trees.Writer(top, OWNER)
        with pytest.raises(Invalid, match="no path below"):
            writer.link(path, b"x")


def test_an_archive_writes_through_no_link_and_over_nothing(tmp_path: Path) -> None:
    (tmp_path / "top").mkdir()
    (tmp_path / "outside").mkdir()
    with trees.opened(tmp_path / "top") as top:
        writer = trees.Writer(top, OWNER)
        writer.link(b"way", bytes(tmp_path / "outside"))
        for path in (b"way/file", b"way"):
            with pytest.raises(OSError), writer.file(path, 0o644, 1, 0):  # noqa: PT011
                pass
        with pytest.raises(OSError):  # noqa: PT011
            writer.folder(b"way/folder", 0o755)
    assert os.listdir(tmp_path / "outside") == []


@pytest.mark.skipif(bool(images.trouble()), reason=f"no images: {images.trouble()}")
def test_a_volume_that_is_an_image_is_read_and_written_as_well(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "file").write_text("x")
    made = volumes.make_space(tmp_path, 7, OWNER, size=32 << 20, is_hard=True)
    with trees.opened(source) as top, trees.opened(made) as inside:
        copy(top, inside)
    (tmp_path / "back").mkdir()
    with trees.opened(made) as inside, trees.opened(tmp_path / "back") as bottom:
        copy(inside, bottom)
    assert (tmp_path / "back" / "file").read_text() == "x"


def test_no_depth_hides_bytes_from_the_count(tmp_path: Path) -> None:
    at = os.open(tmp_path, os.O_RDONLY)
    for _ in range(600):
        os.mkdir("d" * 20, dir_fd=at)
        below = os.open("d" * 20, os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = below
    file = os.open("deep", os.O_WRONLY | os.O_CREAT, dir_fd=at)
    os.write(file, b"x" * (1 << 20))
    os.close(file)
    os.close(at)
    found = volumes.usage(tmp_path)
    assert found.is_complete
    assert found.bytes >= 1 << 20
    volumes.remove(tmp_path / ("d" * 20))
