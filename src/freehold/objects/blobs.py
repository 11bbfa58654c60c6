"""Where blobs lie: a local directory, or any store that ``obstore`` reaches by URL.

Built by ``compose``; the S3 service and its data path write, read and remove through it. A blob
has a random name and is never changed. Which blobs are still wanted only the index knows.
In a directory: ``ab/b-ab...`` under 256 directories, while being written ``ab/b-ab...#1``.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, from_url

from freehold.base import ids, log
from freehold.base.errors import Internal
from freehold.objects.crc import Bytes
from freehold.objects.holds import Holds
from freehold.objects.put import Writer

FANS = tuple(f"{number:02x}" for number in range(256))
LOCAL_CHUNK_BYTES = 1024 * 1024
REMOTE_CHUNK_BYTES = 8 * 1024 * 1024  # S3's parts are at least 5 MiB
CHUNKS_IN_FLIGHT = 2  # a writer's memory is this many chunks and the one being filled

_FAILURES = (OSError, BaseError)


class Stored(NamedTuple):
    """A file of the store. ``name`` differs from ``id`` while (or since) it was being written."""

    name: str
    id: str
    size: int
    modified: float


class BlobStore:
    """All blobs of one install. Every method may be called from any thread, and blocks."""

    def __init__(self, objects: Any, directory: Path | None, chunk_bytes: int) -> None:
        self.directory = directory
        self.chunk_bytes = chunk_bytes
        self._objects = objects
        self._holds = Holds()
        self._durable_fans: set[str] = set()

    @classmethod
    def in_directory(cls, directory: Path) -> BlobStore:
        """Keep blobs under ``directory``, which is made (0700) and synced if it is missing."""
        if not directory.is_dir():
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            _sync(directory.parent)
        return cls(LocalStore(directory), directory.absolute(), LOCAL_CHUNK_BYTES)

    @classmethod
    def at_url(cls, url: str, **options: Any) -> BlobStore:
        """Keep blobs in a bucket: ``s3://``, ``gs://``, ``az://``; ``options`` as obstore's.

        Uploads that a crash cut off are invisible there: give the bucket a lifecycle rule that
        aborts incomplete multipart uploads.
        """
        return cls(from_url(url, **options), None, REMOTE_CHUNK_BYTES)

    def writer(self, algorithms: Collection[str] = ()) -> Writer:
        """Begin an upload; MD5 is always computed, ``algorithms`` besides.

        Raises:
            Unsupported: An algorithm that this server does not have.
            Internal: The directory cannot be made; retryable.
        """
        blob_id = ids.hex_id("b", 32)
        with _storing():
            self._make_fan(fan_of(blob_id))
            sink = _Sink(self, blob_id)
        try:
            return Writer(blob_id, sink, algorithms)
        except BaseException:
            sink.discard()
            raise

    def fetch(self, blob_id: str, start: int, length: int) -> bytes:
        """``length`` bytes from ``start``; the caller holds the blob and knows its size.

        Raises:
            Internal: The bytes are not there, or are fewer: the index and the store disagree.
        """
        if length == 0:
            return b""
        try:
            found = self._read(blob_id, start, length)
        except _FAILURES as failure:
            raise Internal(
                "The bytes of this object cannot be read.", detail=f"{blob_id}: {failure}"
            ) from failure
        if len(found) != length:
            raise Internal(
                "The bytes of this object are cut short.", detail=f"{blob_id}: {len(found)}"
            )
        return found

    def hold(self, blob_ids: Collection[str]) -> bool:
        """Keep them from being removed until :meth:`release`; False if one is just going."""
        return self._holds.take(blob_ids)

    def release(self, blob_ids: Iterable[str]) -> None:
        """Let go of what :meth:`hold` held; removes what was to be removed meanwhile."""
        self._delete(self._holds.give(blob_ids))

    def is_held(self, blob_id: str) -> bool:
        """Whether this process writes or reads it now."""
        return self._holds.holds(blob_id)

    def remove(self, blob_ids: Iterable[str]) -> None:
        """Remove blobs that no committed row names any more; those being read go afterwards.

        Never raises: what stays behind is an orphan, and the sweep's.
        """
        self._delete(self._holds.doom(blob_ids))

    def was_emptied(self) -> None:
        """Somebody cleared the directory: what is known of it is known no more."""
        self._durable_fans.clear()

    def stored(self, fan: str) -> Iterator[Stored]:
        """Everything in one of :data:`FANS`, in no order, with what a crash left half written."""
        if self.directory is None:
            for batch in obstore.list(self._objects, prefix=fan):
                for meta in batch:
                    name = meta["path"].rpartition("/")[2]
                    yield Stored(name, name, meta["size"], meta["last_modified"].timestamp())
            return
        with suppress(FileNotFoundError), os.scandir(self.directory / fan) as entries:
            for entry in entries:
                with suppress(FileNotFoundError):
                    stat = entry.stat(follow_symlinks=False)
                    blob_id = entry.name.partition("#")[0]
                    yield Stored(entry.name, blob_id, stat.st_size, stat.st_mtime)

    def remove_unfinished(self, stored: Stored) -> None:
        """Remove what a crash left half written; ``stored.name`` is not its ``id``."""
        assert self.directory is not None
        with suppress(FileNotFoundError):
            (self.directory / fan_of(stored.id) / stored.name).unlink()

    def _read(self, blob_id: str, start: int, length: int) -> bytes:
        if self.directory is None:
            found = obstore.get_range(self._objects, _path(blob_id), start=start, length=length)
            return bytes(found)
        # Not through obstore's own threads: that costs 100 microseconds a call, this costs 10.
        handle = os.open(self.directory / _path(blob_id), os.O_RDONLY | os.O_CLOEXEC)
        try:
            return os.pread(handle, length, start)
        finally:
            os.close(handle)

    def _make_fan(self, fan: str) -> None:
        if self.directory is not None and fan not in self._durable_fans:
            (self.directory / fan).mkdir(mode=0o700, exist_ok=True)
            _sync(self.directory)
            self._durable_fans.add(fan)

    def _delete(self, blob_ids: list[str]) -> None:
        for blob_id in blob_ids:
            try:
                obstore.delete(self._objects, _path(blob_id))
            except FileNotFoundError:
                pass
            except _FAILURES as failure:
                log.event("blob_not_removed", level=logging.WARNING, id=blob_id, why=failure)
        self._holds.gone(blob_ids)


class _Sink:
    """One blob being written; held from the first instant to the last."""

    def __init__(self, store: BlobStore, blob_id: str) -> None:
        self._store = store
        self._id = blob_id
        self._file = obstore.open_writer(
            store._objects,
            _path(blob_id),
            buffer_size=store.chunk_bytes,
            max_concurrency=CHUNKS_IN_FLIGHT,
        )
        store.hold((blob_id,))

    def write(self, data: Bytes) -> None:
        with _storing():
            self._file.write(data)

    def commit(self) -> None:
        """Rename first, then sync file and directory: one journal commit for both."""
        with _storing():
            self._file.close()
            if self._store.directory is not None:
                path = self._store.directory / _path(self._id)
                _sync(path)
                _sync(path.parent)
        self._store.release((self._id,))

    def discard(self) -> None:
        with suppress(*_FAILURES):
            if not self._file.closed():
                self._file.close()
        self._store.remove((self._id,))
        self._store.release((self._id,))


def fan_of(blob_id: str) -> str:
    """The directory of a blob: the first two of its random digits."""
    return blob_id[2:4]


def _path(blob_id: str) -> str:
    return f"{fan_of(blob_id)}/{blob_id}"


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _storing() -> Iterator[None]:
    try:
        yield
    except _FAILURES as failure:
        raise Internal(
            "The object could not be stored: the server's disk or object store refused it. "
            "Nothing was kept; please try again.",
            detail=str(failure),
            retryable=True,
        ) from failure
