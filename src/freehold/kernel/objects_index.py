"""What S3 holds: objects, uploads and the bytes behind them, as calls and loops see them.

Written by ``services/s3`` inside a call's transaction, which may not touch the store itself;
read there and by ``loops/sweep``. Bytes are counted by the rows that name them: a copy shares
them, and what no row names any more is dead and removed by the sweep a moment later.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from freehold.objects.listing import Cursor, Row, beyond
from freehold.store import objects
from freehold.store.objects import Entry, Upload, UploadPart
from freehold.store.unit import Unit

__all__ = ["Entry", "Upload", "UploadPart"]

KIND = "s3:object"  # what watchers are told when bytes died
PARTS = "Parts"  # of an object's document: [[blob id, size, checksums by algorithm], ...]
BLOB = "Blob"  # of a part's document: its blob id


# -- objects ----------------------------------------------------------------------------------


def find(unit: Unit, bucket: str, key: str) -> Entry | None:
    """The object under a key, or None."""
    return objects.find(unit.connection, bucket, key)


def put(unit: Unit, entry: Entry, now: float) -> None:
    """Keep an object, in place of what stands under its key."""
    former = find(unit, entry.bucket, entry.key)
    objects.use(unit.connection, blobs_of(entry))
    objects.put(unit.connection, entry)
    if former is not None:
        _disuse(unit, blobs_of(former), now)


def save(unit: Unit, entry: Entry) -> None:
    """Write an object whose bytes stay as they are."""
    objects.put(unit.connection, entry)


def remove(unit: Unit, bucket: str, key: str, now: float) -> bool:
    """Forget the object under a key; False if there is none."""
    former = find(unit, bucket, key)
    if former is None:
        return False
    objects.delete(unit.connection, bucket, key)
    _disuse(unit, blobs_of(former), now)
    return True


def is_empty(unit: Unit, bucket: str) -> bool:
    """Whether a bucket holds no object."""
    return objects.is_empty(unit.connection, bucket)


def scan(unit: Unit, bucket: str, cursor: Cursor, prefix: str, limit: int) -> Sequence[Row]:
    """Objects for ``objects.listing.page``: ``value`` is (modified, size, etag, checksum)."""
    start, is_inclusive = _start(cursor, prefix)
    found = objects.scan(
        unit.connection,
        bucket,
        start,
        is_inclusive=is_inclusive,
        end=beyond(prefix).key if prefix else None,
        limit=limit,
    )
    return [Row(one.key, one[1:]) for one in found]


def blobs_of(entry: Entry) -> list[str]:
    """The ids of an object's bytes, in order."""
    return [part[0] for part in entry.document[PARTS]]


# -- uploads ----------------------------------------------------------------------------------


def find_upload(unit: Unit, upload_id: str) -> Upload | None:
    """An upload that has begun and not ended, or None."""
    return objects.find_upload(unit.connection, upload_id)


def begin_upload(unit: Unit, upload: Upload) -> None:
    """Keep an upload."""
    objects.put_upload(unit.connection, upload)


def end_upload(unit: Unit, upload_id: str, kept: Iterable[str], now: float) -> None:
    """Forget an upload and its parts; the bytes ``kept`` are named by an object already."""
    everything = [part.document[BLOB] for part in objects.parts(unit.connection, upload_id)]
    objects.delete_upload(unit.connection, upload_id)
    if not set(everything) <= set(kept):
        unit.touched.add(KIND)
    objects.disuse(unit.connection, everything, now)


def end_uploads(unit: Unit, bucket: str, now: float) -> None:
    """Forget all uploads of a bucket that goes."""
    while found := scan_uploads(unit, bucket, Cursor(""), "", 100):
        for row in found:
            end_upload(unit, row.id, (), now)


def scan_uploads(unit: Unit, bucket: str, cursor: Cursor, prefix: str, limit: int) -> Sequence[Row]:
    """Uploads for ``objects.listing.page``: ``value`` is the upload."""
    start, is_inclusive = _start(cursor, prefix)
    found = objects.scan_uploads(
        unit.connection,
        bucket,
        (start, cursor.id if start == cursor.key else ""),
        is_inclusive=is_inclusive,
        end=beyond(prefix).key if prefix else None,
        limit=limit,
    )
    return [Row(one.key, one, one.id) for one in found]


def put_part(unit: Unit, upload_id: str, number: int, document: dict[str, Any], now: float) -> None:
    """Keep a part, in place of one of the same number."""
    former = objects.find_part(unit.connection, upload_id, number)
    objects.use(unit.connection, (document[BLOB],))
    objects.put_part(unit.connection, upload_id, UploadPart(number, now, document))
    if former is not None:
        _disuse(unit, (former.document[BLOB],), now)


def parts(unit: Unit, upload_id: str, after: int = 0, limit: int = 10_000) -> list[UploadPart]:
    """Parts by number, from behind ``after``."""
    return objects.parts(unit.connection, upload_id, after, limit)


# -- bytes ------------------------------------------------------------------------------------


def dead(unit: Unit, before: float, limit: int) -> list[str]:
    """Blobs that no row names since an instant ``before`` this."""
    return objects.dead(unit.connection, before, limit)


def first_death(unit: Unit) -> float | None:
    """When the blob died that is dead for longest; None if none is."""
    return objects.first_death(unit.connection)


def bury(unit: Unit, blob_ids: Iterable[str]) -> None:
    """Forget dead blobs whose bytes are gone."""
    objects.bury(unit.connection, blob_ids)


def known(unit: Unit, beginning: str) -> list[str]:
    """What ``objects.sweep`` asks: ids that begin like this, the dead included."""
    return objects.known(unit.connection, beginning)


def _disuse(unit: Unit, blob_ids: Iterable[str], now: float) -> None:
    objects.disuse(unit.connection, blob_ids, now)
    unit.touched.add(KIND)


def _start(cursor: Cursor, prefix: str) -> tuple[str, bool]:
    """Where a scan begins, and whether that key itself is in it."""
    return (prefix, True) if prefix > cursor.key else (cursor.key, cursor.is_inclusive)
