"""The sweep removes what died and what was never born, and nothing that is in use."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from freehold.base.clock import FakeClock
from freehold.base.settings import Settings
from freehold.compose import House, open_house
from freehold.kernel.permission import identity
from freehold.loops.sweep import GRACE_SECONDS, ROUND_SECONDS, SLICE_SECONDS, Sweep
from freehold.objects.get import Reader

B = "the-bucket"


@pytest.fixture
def house(settings: Settings, clock: FakeClock) -> Iterator[House]:
    opened = open_house(settings, clock)
    opened.kernel.call("s3", "CreateBucket", identity.root(settings), {"Bucket": B})
    yield opened
    opened.close()


def put(house: House, key: str, body: bytes) -> None:
    with house.kernel.blobs.writer() as writer:
        writer.write(body)
        blob = writer.finish()
    call(house, "PutObject", key, internal={"Blob": blob})


def call(house: House, name: str, key: str, **more: Any) -> dict[str, Any]:
    root = identity.root(house.settings)
    return house.kernel.call("s3", name, root, {"Bucket": B, "Key": key}, **more)


def files(house: House) -> list[Path]:
    return list((house.settings.state / "objects").rglob("b-*"))


def test_dead_bytes_go_after_a_moment_of_grace(house: House, clock: FakeClock) -> None:
    sweep = Sweep(house.kernel)
    put(house, "k", b"old")
    put(house, "k", b"new")
    rest = sweep.turn()
    assert len(files(house)) == 2
    assert rest <= GRACE_SECONDS + 1
    clock.advance(GRACE_SECONDS + 1)
    sweep.turn()
    assert [path.read_bytes() for path in files(house)] == [b"new"]
    assert house.kernel.reader.connection.execute("select count(*) from blob").fetchone() == (1,)


def test_bytes_that_a_copy_shares_stay(house: House, clock: FakeClock) -> None:
    put(house, "k", b"shared")
    root = identity.root(house.settings)
    copy = {"Bucket": B, "Key": "copy", "CopySource": f"{B}/k"}
    house.kernel.call("s3", "CopyObject", root, copy)
    call(house, "DeleteObject", "k")
    clock.advance(GRACE_SECONDS + 1)
    Sweep(house.kernel).turn()
    assert len(files(house)) == 1
    call(house, "DeleteObject", "copy")
    clock.advance(GRACE_SECONDS + 1)
    Sweep(house.kernel).turn()
    assert files(house) == []


def test_a_reader_comes_to_its_end(house: House, clock: FakeClock) -> None:
    put(house, "k", b"hello")
    answer = call(house, "GetObject", "k")
    with Reader(house.kernel.blobs, answer["_Parts"]) as reader:
        call(house, "DeleteObject", "k")
        clock.advance(GRACE_SECONDS + 1)
        Sweep(house.kernel).turn()
        assert b"".join(reader) == b"hello"
    assert files(house) == []


def test_orphans_go_within_a_round_and_the_living_stay(house: House, clock: FakeClock) -> None:
    put(house, "k", b"living")
    with house.kernel.blobs.writer() as writer:
        writer.write(b"orphan")
        writer.finish()
    for path in files(house):
        os.utime(path, (0, 0))
    sweep = Sweep(house.kernel)
    for _ in range(int(ROUND_SECONDS / SLICE_SECONDS)):
        assert sweep.turn() <= SLICE_SECONDS
        clock.advance(SLICE_SECONDS)
    assert [path.read_bytes() for path in files(house)] == [b"living"]
