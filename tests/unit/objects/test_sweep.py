from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from obstore.store import MemoryStore

from freehold.objects.blobs import FANS, BlobStore, fan_of
from freehold.objects.sweep import Swept, sweep

LATER = 1e12
MIB = 1024 * 1024


@pytest.fixture(params=["directory", "remote"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    if request.param == "directory":
        return BlobStore.in_directory(tmp_path / "blobs")
    return BlobStore(MemoryStore(), None, MIB)


def put(store: BlobStore, data: bytes = b"x") -> str:
    with store.writer() as writer:
        writer.write(data)
        return writer.finish().id


def index(*ids: str) -> Callable[[str], Iterable[str]]:
    return lambda beginning: [one for one in ids if one.startswith(beginning)]


def total(slices: Iterable[Swept]) -> Swept:
    every = list(slices)
    assert len(every) == len(FANS)
    return Swept(
        sum(one.removed for one in every),
        sum(one.removed_bytes for one in every),
        sum(one.kept for one in every),
    )


def present(store: BlobStore) -> set[str]:
    return {stored.name for fan in FANS for stored in store.stored(fan)}


def test_only_what_no_row_names_goes(store: BlobStore) -> None:
    wanted = [put(store) for _ in range(20)]
    orphans = [put(store, b"12345") for _ in range(7)]
    assert total(sweep(store, index(*wanted), LATER)) == Swept(7, 35, 20)
    assert present(store) == set(wanted)
    assert not present(store) & set(orphans)
    assert total(sweep(store, index(*wanted), LATER)) == Swept(0, 0, 20)


def test_what_is_young_is_let_be(store: BlobStore) -> None:
    put(store)
    assert total(sweep(store, index(), 0.0)) == Swept(0, 0, 1)


def test_what_is_being_written_or_read_is_let_be(store: BlobStore) -> None:
    read = put(store)
    store.hold([read])
    writer = store.writer()
    for _ in range(4):
        writer.write(b"x" * MIB)
    total(sweep(store, index(), LATER))
    assert writer.finish().id in present(store)
    assert store.fetch(read, 0, 1) == b"x"


def test_a_row_that_appears_while_the_slice_is_listed_is_seen(store: BlobStore) -> None:
    rows: list[str] = []

    def known(beginning: str) -> Iterable[str]:
        rows[:] = [blob]  # committed after the listing, before the index is read
        return [one for one in rows if one.startswith(beginning)]

    blob = put(store)
    assert total(sweep(store, known, LATER)).removed == 0


def test_the_index_is_not_asked_about_empty_slices(store: BlobStore) -> None:
    asked: list[str] = []

    def known(beginning: str) -> Iterable[str]:
        asked.append(beginning)
        return ()

    blob = put(store)
    total(sweep(store, known, LATER))
    assert asked == [f"b-{fan_of(blob)}"]


def test_what_a_crash_left_half_written_goes(tmp_path: Path) -> None:
    store = BlobStore.in_directory(tmp_path / "blobs")
    blob = put(store)
    path = tmp_path / "blobs" / fan_of(blob) / f"{blob}#1"
    path.write_bytes(b"half")
    os.utime(path, (1.0, 1.0))
    assert total(sweep(store, index(blob), 2.0)) == Swept(1, 4, 1)
    assert present(store) == {blob}
