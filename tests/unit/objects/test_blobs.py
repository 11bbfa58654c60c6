from __future__ import annotations

import os
import resource
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from obstore.store import MemoryStore

from freehold.base.errors import Internal, Unsupported
from freehold.objects.blobs import FANS, BlobStore, fan_of

MIB = 1024 * 1024


@pytest.fixture(params=["directory", "remote"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    """Both kinds: a directory, and a store that has no local path."""
    if request.param == "directory":
        return BlobStore.in_directory(tmp_path / "blobs")
    return BlobStore(MemoryStore(), None, MIB)


@pytest.fixture
def local(tmp_path: Path) -> BlobStore:
    return BlobStore.in_directory(tmp_path / "blobs")


def write(store: BlobStore, *chunks: bytes) -> str:
    writer = store.writer()
    with writer:
        for chunk in chunks:
            writer.write(chunk)
        return writer.finish().id


def names(store: BlobStore) -> list[str]:
    return [stored.name for fan in FANS for stored in store.stored(fan)]


@pytest.mark.parametrize("size", [0, 1, 4096, MIB, MIB + 1, 5 * MIB + 3])
def test_what_was_written_is_read(store: BlobStore, size: int) -> None:
    data = os.urandom(size)
    blob_id = write(store, *(data[at : at + 300_000] for at in range(0, size, 300_000)))
    assert store.fetch(blob_id, 0, size) == data
    assert store.fetch(blob_id, size // 2, size - size // 2) == data[size // 2 :]
    assert names(store) == [blob_id]


def test_an_aborted_upload_leaves_nothing(store: BlobStore) -> None:
    for size in (10, 3 * MIB):
        writer = store.writer()
        writer.write(b"x" * size)
        assert store.is_held(writer.id)
        writer.abort()
        assert not store.is_held(writer.id)
    assert names(store) == []


def test_an_unknown_algorithm_leaves_nothing(store: BlobStore) -> None:
    with pytest.raises(Unsupported):
        store.writer(("XXHASH3",))
    assert names(store) == []


def test_a_removed_blob_is_gone_and_may_be_removed_again(store: BlobStore) -> None:
    blob_id = write(store, b"one")
    store.remove([blob_id])
    store.remove([blob_id, "b-" + "0" * 32])
    assert names(store) == []
    with pytest.raises(Internal):
        store.fetch(blob_id, 0, 3)


def test_a_held_blob_goes_when_it_is_released(store: BlobStore) -> None:
    blob_id = write(store, b"one")
    assert store.hold([blob_id])
    store.remove([blob_id])
    assert store.fetch(blob_id, 0, 3) == b"one"
    store.release([blob_id])
    assert names(store) == []


def test_bytes_that_are_cut_short_are_never_given_out(store: BlobStore) -> None:
    blob_id = write(store, b"one")
    with pytest.raises(Internal):
        store.fetch(blob_id, 1, 3)


def test_the_directory_is_ours_alone(local: BlobStore) -> None:
    blob_id = write(local, b"secret")
    assert local.directory is not None
    for path in (local.directory, local.directory / fan_of(blob_id)):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700


def test_a_blob_and_its_directories_are_synced_before_finish_returns(
    local: BlobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Path] = []
    fsync = os.fsync

    def note(handle: int) -> None:
        synced.append(Path(f"/proc/self/fd/{handle}").readlink())
        fsync(handle)

    monkeypatch.setattr(os, "fsync", note)
    writer = local.writer()
    writer.write(b"one")
    blob_id = writer.finish().id
    assert local.directory is not None
    fan = local.directory / fan_of(blob_id)
    assert synced == [local.directory, fan / blob_id, fan]


def test_a_store_that_cannot_write_says_try_again_and_keeps_nothing(local: BlobStore) -> None:
    assert local.directory is not None
    for fan in FANS:
        (local.directory / fan).write_bytes(b"")  # a file where a directory must be
    with pytest.raises(Internal) as refused:
        local.writer()
    assert refused.value.retryable
    assert refused.value.detail
    assert str(local.directory) not in refused.value.message


@pytest.fixture
def full(local: BlobStore) -> Iterator[BlobStore]:
    """A disk that takes no file above 2 MiB."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2 * MIB, hard))
    yield local
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_fills_up_half_way_says_try_again_and_keeps_nothing(full: BlobStore) -> None:
    with pytest.raises(Internal) as refused:
        write(full, *[b"x" * MIB] * 5)
    assert refused.value.retryable
    assert [name for name in names(full) if "#" not in name] == []


def test_a_store_reopened_finds_its_blobs(tmp_path: Path) -> None:
    blob_id = write(BlobStore.in_directory(tmp_path / "blobs"), b"one")
    assert BlobStore.in_directory(tmp_path / "blobs").fetch(blob_id, 0, 3) == b"one"


def test_a_url_opens_the_store_it_names(tmp_path: Path) -> None:
    store = BlobStore.at_url("memory:///")
    assert store.fetch(write(store, b"one"), 0, 3) == b"one"
