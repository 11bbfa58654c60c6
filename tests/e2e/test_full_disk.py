"""A server whose disk was filled comes up all the same, and what is deleted makes room."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from freehold.base.errors import Internal
from freehold.base.settings import Settings
from freehold.compose import open_house
from freehold.store import keys, reserve


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    if os.geteuid() != 0:
        pytest.skip("mounts a small disk: root's")
    place = tmp_path / "disk"
    place.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=300m", "none", str(place)]
    if subprocess.run(words, check=False).returncode != 0:
        pytest.skip("this machine lets nobody mount")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def fill(disk: Path, name: str) -> None:
    with (disk / name).open("wb", buffering=0) as file:
        while True:
            try:
                if not file.write(bytes(4096)):
                    return
            except OSError:
                return


def test_a_full_disk_stops_neither_the_start_nor_a_delete(disk: Path) -> None:
    settings = Settings(state=disk / "state")
    house = open_house(settings)
    assert house.kernel.reserve.keep()
    house.close()
    fill(disk, "first")
    house = open_house(settings)
    run = house.kernel.writer.run
    try:
        assert not (settings.state / reserve.NAME).exists()
        run(lambda unit: keys.set_meta(unit.connection, "one", b"1"))
        fill(disk, "second")
        with pytest.raises(Internal):
            run(lambda unit: keys.set_meta(unit.connection, "two", bytes(100_000)))
        (disk / "first").unlink()
        assert house.kernel.reserve.keep()
        fill(disk, "third")
        with pytest.raises(Internal):  # this one gives the room up ...
            run(lambda unit: keys.set_meta(unit.connection, "two", bytes(100_000)))
        run(lambda unit: keys.set_meta(unit.connection, "two", bytes(100_000)))  # ... for this
    finally:
        house.close()
