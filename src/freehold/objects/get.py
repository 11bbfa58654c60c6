"""Giving out bytes: a range of an object, which is one blob or the parts of an upload in a row.

The S3 data path asks with what the index says (ids and sizes) and a checked range; out come
chunks. CompleteMultipartUpload therefore copies nothing. Reading blocks: ask from a worker
thread, one ``next`` at a time, so that a slow client holds one chunk and no thread.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import NamedTuple, Self

from freehold.base.errors import NotFound
from freehold.objects.blobs import BlobStore


class Part(NamedTuple):
    """A blob in an object, as the index keeps it."""

    id: str
    size: int


class Piece(NamedTuple):
    """What is fetched at once."""

    id: str
    start: int
    length: int


class Reader:
    """Iterates over the bytes ``start`` to ``stop`` (excluded; None: the end) of ``parts``.

    All parts needed are held until the last chunk is out or :meth:`close` is called, so an
    object that is overwritten or deleted meanwhile is still read to its end, whole and unmixed.
    Each chunk is ``bytes``, never empty, at most the store's ``chunk_bytes``.

    Raises:
        NotFound: On construction: a part is being removed at this very moment, since the row
            that named it is gone. Read the index again.
        Internal: While iterating: bytes that the index names are missing.
    """

    def __init__(
        self, store: BlobStore, parts: Sequence[Part], start: int = 0, stop: int | None = None
    ) -> None:
        self._store = store
        self._pieces = pieces(parts, start, stop, store.chunk_bytes)
        self._held = list(dict.fromkeys(part.id for part in overlapping(parts, start, stop)))
        if not store.hold(self._held):
            self._held = []
            raise NotFound("The specified key does not exist.", code="NoSuchKey")

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            piece = next(self._pieces)
            return self._store.fetch(piece.id, piece.start, piece.length)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the parts; may be called twice, and while a read is at its end."""
        held, self._held = self._held, []
        self._pieces = iter(())
        if held:
            self._store.release(held)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def pieces(
    parts: Sequence[Part], start: int, stop: int | None, chunk_bytes: int
) -> Iterator[Piece]:
    """Cut the range ``start`` to ``stop`` of the parts in a row into fetches, in order."""
    for part, first, last in _overlaps(parts, start, stop):
        for at in range(first, last, chunk_bytes):
            yield Piece(part.id, at, min(chunk_bytes, last - at))


def overlapping(parts: Sequence[Part], start: int, stop: int | None) -> Iterator[Part]:
    """The parts that a range touches."""
    for part, _, _ in _overlaps(parts, start, stop):
        yield part


def _overlaps(
    parts: Sequence[Part], start: int, stop: int | None
) -> Iterator[tuple[Part, int, int]]:
    """Each part touched, with the first and last (excluded) byte wanted of it."""
    offset = 0
    for part in parts:
        first = max(0, start - offset)
        last = part.size if stop is None else min(part.size, stop - offset)
        if first < last:
            yield part, first, last
        offset += part.size
