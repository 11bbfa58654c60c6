from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.base.errors import Internal, NotFound
from freehold.objects.blobs import BlobStore
from freehold.objects.get import Part, Reader, overlapping, pieces


@pytest.fixture
def store(tmp_path: Path) -> BlobStore:
    store = BlobStore.in_directory(tmp_path / "blobs")
    store.chunk_bytes = 4
    return store


def put(store: BlobStore, data: bytes) -> Part:
    with store.writer() as writer:
        writer.write(data)
        blob = writer.finish()
    return Part(blob.id, blob.size)


@given(
    sizes=st.lists(st.integers(0, 9), max_size=5),
    start=st.integers(0, 50),
    length=st.none() | st.integers(0, 50),
    chunk_bytes=st.integers(1, 7),
)
def test_the_pieces_of_a_range_are_its_bytes_in_order(
    sizes: list[int], start: int, length: int | None, chunk_bytes: int
) -> None:
    parts = [Part(str(number), size) for number, size in enumerate(sizes)]
    stop = None if length is None else start + length
    every = [(part.id, at) for part in parts for at in range(part.size)]
    cut = list(pieces(parts, start, stop, chunk_bytes))
    assert [(one.id, one.start + at) for one in cut for at in range(one.length)] == every[
        start:stop
    ]
    assert all(0 < one.length <= chunk_bytes for one in cut)
    assert {one.id for one in cut} == {part.id for part in overlapping(parts, start, stop)}


def test_an_object_of_several_blobs_is_read_as_one(store: BlobStore) -> None:
    parts = [put(store, data) for data in (b"hello ", b"", b"whole ", b"world")]
    assert b"".join(Reader(store, parts)) == b"hello whole world"
    assert b"".join(Reader(store, parts, 3, 14)) == b"lo whole wo"


def test_an_object_of_no_byte_gives_no_chunk(store: BlobStore) -> None:
    assert list(Reader(store, [put(store, b"")])) == []
    assert list(Reader(store, [])) == []


def test_an_object_deleted_while_it_is_read_is_read_to_its_end(store: BlobStore) -> None:
    parts = [put(store, b"0123456789"), put(store, b"abc")]
    reader = Reader(store, parts)
    first = next(reader)
    store.remove([part.id for part in parts])
    assert first + b"".join(reader) == b"0123456789abc"
    with pytest.raises(Internal):
        list(Reader(store, parts))


def test_a_reader_that_is_left_early_lets_go(store: BlobStore) -> None:
    part = put(store, b"0123456789")
    with Reader(store, [part, part]) as reader:
        assert next(reader) == b"0123"
        assert store.is_held(part.id)
    assert not store.is_held(part.id)
    assert list(reader) == []
    reader.close()


def test_a_reader_that_fails_lets_go(store: BlobStore) -> None:
    part = put(store, b"0123456789")
    reader = Reader(store, [Part(part.id, 20)])
    with pytest.raises(Internal):
        list(reader)
    assert not store.is_held(part.id)


def test_an_object_that_is_just_going_is_not_there(
    store: BlobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = put(store, b"one")
    store._holds.doom([part.id])  # chosen for removal, file not yet unlinked
    with pytest.raises(NotFound) as refused:
        Reader(store, [part])
    assert refused.value.code == "NoSuchKey"
