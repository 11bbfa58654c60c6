"""Taking in bytes: one pass that hashes and stores, then a blob that is there for good.

Fed by the S3 data path with chunks as they come off the wire, from a worker thread: hashing and
writing block (MD5 alone runs at about 700 MiB/s). Out comes a :class:`Blob` for the index.
Feed 256 KiB to 1 MiB a call: smaller pieces pay the thread's hand-over, larger ones only memory.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from freehold.base.errors import Invalid
from freehold.objects import checksums
from freehold.objects.checksums import Declared, Digest
from freehold.objects.crc import Bytes

PART_BYTES_MAX = 5 * 1024**3  # one PutObject or UploadPart; S3 user guide, "Multipart limits"

_NOTHING = Declared()


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes that are stored. ``checksums`` are base64 by algorithm: those asked for."""

    id: str
    size: int
    md5_hex: str
    checksums: dict[str, str]


class Sink(Protocol):
    """Where a writer's bytes go; ``blobs`` has the one over the object store."""

    def write(self, data: Bytes) -> None:
        """Take more; may keep it in memory."""
        ...

    def commit(self) -> None:
        """Make what was written readable under its id, and durable."""
        ...

    def discard(self) -> None:
        """Leave nothing behind. Never raises."""
        ...


class Writer:
    """One upload. Not for two threads at once, but each call may come from another thread.

    As a context manager it aborts unless :meth:`finish` was reached.
    """

    def __init__(self, blob_id: str, sink: Sink, algorithms: Collection[str] = ()) -> None:
        self.id = blob_id
        self.size = 0
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._digests: dict[str, Digest] = {name: checksums.new(name) for name in algorithms}
        self._sink = sink
        self._is_open = True

    def write(self, data: Bytes) -> None:
        """Take in the next bytes, in order.

        Raises:
            Invalid: ``EntityTooLarge``: more than PART_BYTES_MAX came.
            Internal: The store refused, for instance on a full disk; retryable. Then abort.
        """
        assert self._is_open, "write after the end of the upload"
        self.size += len(data)
        if self.size > PART_BYTES_MAX:
            raise Invalid(
                "Your proposed upload exceeds the maximum allowed size.", code="EntityTooLarge"
            )
        self._md5.update(data)
        for digest in self._digests.values():
            digest.update(data)
        self._sink.write(data)

    def finish(self, declared: Declared = _NOTHING) -> Blob:
        """Compare with what was declared, then make the bytes durable.

        When this returns, file and directory are synced: the index may commit. Nothing is kept
        where it raises. What stood in a trailer is known only now: the algorithm must have been
        asked for at the start.

        Raises:
            Invalid: See :func:`freehold.objects.checksums.check`.
            Internal: The store refused; retryable.
        """
        assert self._is_open, "finish after the end of the upload"
        found = {name: checksums.encode(digest.digest()) for name, digest in self._digests.items()}
        md5_hex = self._md5.hexdigest()
        try:
            checksums.check(declared, self.size, md5_hex, found)
            self._sink.commit()
        except BaseException:
            self.abort()
            raise
        self._is_open = False
        return Blob(self.id, self.size, md5_hex, found)

    def abort(self) -> None:
        """Forget the upload; does nothing after :meth:`finish` or a second time."""
        if self._is_open:
            self._is_open = False
            self._sink.discard()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.abort()
