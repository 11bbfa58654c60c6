"""Volumes: made, measured and removed, also where what is in them is hostile."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from freehold.base.errors import Invalid
from freehold.host import volumes

ID = "fs-0123456789abcdef0"


def test_a_home_is_its_owners_alone(tmp_path: Path) -> None:
    home = volumes.make_home(tmp_path, ID, 200_001, 200_001 if os.geteuid() == 0 else os.geteuid())
    assert home == tmp_path / "volumes" / ID / "200001"
    assert home.stat().st_mode & 0o777 == 0o700
    (home / "kept").write_text("x")
    assert volumes.make_home(tmp_path, ID, 200_001, home.stat().st_uid) == home
    assert (home / "kept").exists()


def test_a_home_that_is_a_link_is_refused(tmp_path: Path) -> None:
    volume = volumes.make_volume(tmp_path, ID)
    (volume / "200001").symlink_to(tmp_path)
    with pytest.raises(OSError, match="200001"):
        volumes.make_home(tmp_path, ID, 200_001, os.geteuid())


@pytest.mark.parametrize("id", ["", "..", "fs-x", "fs-0123/../..", "vol-0123456789"])
def test_what_is_no_file_systems_id_is_refused(tmp_path: Path, id: str) -> None:
    with pytest.raises(Invalid):
        volumes.volume_path(tmp_path, id)


def test_usage_counts_hard_links_once_and_follows_no_link(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 100_000)
    os.link(tmp_path / "a", tmp_path / "b")
    (tmp_path / "out").symlink_to("/usr")
    found = volumes.usage(tmp_path)
    assert 100_000 <= found.bytes < 120_000
    assert (found.entries, found.is_complete) == (3, True)
    assert volumes.usage(tmp_path / "none") == volumes.Usage(0, 0, True)


def test_usage_ends_at_its_bound(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    assert not volumes.usage(tmp_path, seconds_max=-1).is_complete


def test_removal_follows_no_link(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "file").write_text("x")
    home = volumes.make_home(tmp_path, ID, 200_001, os.geteuid())
    (home / "link").symlink_to(tmp_path / "kept")
    (home / "dangling").symlink_to("/no/such")
    os.mkfifo(home / "fifo")
    volumes.remove_volume(tmp_path, ID)
    volumes.remove_volume(tmp_path, ID)
    assert (tmp_path / "kept" / "file").exists()
    assert volumes.volumes(tmp_path) == []
    assert os.listdir(tmp_path / "volumes") == []


def test_removal_survives_depth_and_closed_directories(tmp_path: Path) -> None:
    top = volumes.make_home(tmp_path, ID, 200_001, os.geteuid())
    at = os.open(top, os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("deeper", dir_fd=at)
        below = os.open("deeper", os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = below
    os.mkdir("closed", 0o000, dir_fd=at)
    os.close(at)
    volumes.remove_volume(tmp_path, ID)
    assert os.listdir(tmp_path / "volumes") == []


def test_an_interrupted_removal_is_finished(tmp_path: Path) -> None:
    (tmp_path / "volumes" / ".gone-1" / "x").mkdir(parents=True)
    volumes.make_volume(tmp_path, ID)
    volumes.sweep(tmp_path)
    assert os.listdir(tmp_path / "volumes") == [ID]
    assert volumes.volumes(tmp_path) == [ID]


def test_only_regular_files_are_opened(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "file").write_text("x")
    (tmp_path / "a").write_text("y")
    (tmp_path / "link").symlink_to("/etc/passwd")
    (tmp_path / "tree").symlink_to("/etc")
    os.mkfifo(tmp_path / "fifo")
    found = {name: os.read(file, 10) for name, file in volumes.regular_files(tmp_path)}
    assert found == {"a": b"y", "b/file": b"x"}
