"""The index of S3 objects: rows of ``object``, ``upload``, ``upload_part`` and ``blob``.

SQL here, meaning in ``kernel/objects_index.py``. Texts are compared by SQLite byte by byte in
UTF-8, which is the order that S3 lists in.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any, NamedTuple

from freehold.store.records import decode, encode

Document = dict[str, Any]


class Entry(NamedTuple):
    """One object. ``etag`` is bare; ``checksum`` is ``ALGORITHM:TYPE`` or None."""

    bucket: str
    key: str
    modified: float
    size: int
    etag: str
    checksum: str | None
    document: Document


class Listed(NamedTuple):
    """What a list shows of an object."""

    key: str
    modified: float
    size: int
    etag: str
    checksum: str | None


class Upload(NamedTuple):
    """A multipart upload that has begun."""

    id: str
    bucket: str
    key: str
    created: float
    document: Document


class UploadPart(NamedTuple):
    """One part of an upload."""

    number: int
    modified: float
    document: Document


# -- objects ----------------------------------------------------------------------------------


def find(connection: sqlite3.Connection, bucket: str, key: str) -> Entry | None:
    """The object under a key."""
    row = connection.execute(
        "select bucket, key, modified, size, etag, checksum, document from object "
        "where bucket = ? and key = ?",
        (bucket, key),
    ).fetchone()
    return None if row is None else Entry._make((*row[:6], decode(row[6])))


def put(connection: sqlite3.Connection, entry: Entry) -> None:
    """Write an object, over what was there."""
    connection.execute(
        "insert or replace into object (bucket, key, modified, size, etag, checksum, document) "
        "values (?,?,?,?,?,?,?)",
        (*entry[:6], encode(entry.document)),
    )


def delete(connection: sqlite3.Connection, bucket: str, key: str) -> None:
    """Forget an object."""
    connection.execute("delete from object where bucket = ? and key = ?", (bucket, key))


def scan(
    connection: sqlite3.Connection,
    bucket: str,
    start: str,
    *,
    is_inclusive: bool,
    end: str | None,
    limit: int,
) -> list[Listed]:
    """Objects by key from ``start`` on, before ``end``."""
    bound = ">=" if is_inclusive else ">"
    upper, values = ("", ()) if end is None else ("and key < ? ", (end,))
    rows = connection.execute(
        "select key, modified, size, etag, checksum from object "  # noqa: S608 - closed set
        f"where bucket = ? and key {bound} ? {upper}order by key limit ?",
        (bucket, start, *values, limit),
    )
    return [Listed(*row) for row in rows]


def is_empty(connection: sqlite3.Connection, bucket: str) -> bool:
    """Whether a bucket holds no object."""
    found = connection.execute("select 1 from object where bucket = ? limit 1", (bucket,))
    return found.fetchone() is None


# -- uploads ----------------------------------------------------------------------------------


def find_upload(connection: sqlite3.Connection, upload_id: str) -> Upload | None:
    """An upload by its id."""
    row = connection.execute(
        "select id, bucket, key, created, document from upload where id = ?", (upload_id,)
    ).fetchone()
    return None if row is None else Upload._make((*row[:4], decode(row[4])))


def put_upload(connection: sqlite3.Connection, upload: Upload) -> None:
    """Begin an upload."""
    connection.execute(
        "insert into upload (id, bucket, key, created, document) values (?,?,?,?,?)",
        (*upload[:4], encode(upload.document)),
    )


def delete_upload(connection: sqlite3.Connection, upload_id: str) -> None:
    """Forget an upload and its parts."""
    connection.execute("delete from upload_part where upload = ?", (upload_id,))
    connection.execute("delete from upload where id = ?", (upload_id,))


def scan_uploads(
    connection: sqlite3.Connection,
    bucket: str,
    start: tuple[str, str],
    *,
    is_inclusive: bool,
    end: str | None,
    limit: int,
) -> list[Upload]:
    """Uploads by (key, id) from ``start`` on; an empty id in ``start`` excludes all of its key."""
    values: list[Any] = [bucket, start[0]]
    bound = "key >= ?" if is_inclusive else "key > ?"
    if start[1] and not is_inclusive:
        bound = "(key, id) > (?, ?)"
        values.append(start[1])
    upper = ""
    if end is not None:
        upper = "and key < ? "
        values.append(end)
    rows = connection.execute(
        "select id, bucket, key, created, document from upload "  # noqa: S608 - closed set
        f"where bucket = ? and {bound} {upper}order by key, id limit ?",
        (*values, limit),
    )
    return [Upload._make((*row[:4], decode(row[4]))) for row in rows]


def find_part(connection: sqlite3.Connection, upload_id: str, number: int) -> UploadPart | None:
    """One part of an upload."""
    row = connection.execute(
        "select number, modified, document from upload_part where upload = ? and number = ?",
        (upload_id, number),
    ).fetchone()
    return None if row is None else UploadPart(row[0], row[1], decode(row[2]))


def put_part(connection: sqlite3.Connection, upload_id: str, part: UploadPart) -> None:
    """Write a part, over one of the same number."""
    connection.execute(
        "insert or replace into upload_part (upload, number, modified, document) values (?,?,?,?)",
        (upload_id, part.number, part.modified, encode(part.document)),
    )


def parts(
    connection: sqlite3.Connection, upload_id: str, after: int = 0, limit: int = 10_000
) -> list[UploadPart]:
    """Parts by number, from behind ``after``."""
    rows = connection.execute(
        "select number, modified, document from upload_part where upload = ? and number > ? "
        "order by number limit ?",
        (upload_id, after, limit),
    )
    return [UploadPart(row[0], row[1], decode(row[2])) for row in rows]


# -- blobs ------------------------------------------------------------------------------------


def use(connection: sqlite3.Connection, blob_ids: Iterable[str]) -> None:
    """One more row names each of these."""
    connection.executemany(
        "insert into blob (id, uses) values (?, 1) on conflict (id) do update "
        "set uses = uses + 1, died = null",
        [(blob_id,) for blob_id in blob_ids],
    )


def disuse(connection: sqlite3.Connection, blob_ids: Iterable[str], now: float) -> None:
    """One row less names each of these; what none names is dead from ``now`` on."""
    connection.executemany(
        "update blob set uses = uses - 1, died = case when uses = 1 then ? end where id = ?",
        [(now, blob_id) for blob_id in blob_ids],
    )


def dead(connection: sqlite3.Connection, before: float, limit: int) -> list[str]:
    """Blobs that died before an instant."""
    rows = connection.execute("select id from blob where died < ? limit ?", (before, limit))
    return [row[0] for row in rows]


def first_death(connection: sqlite3.Connection) -> float | None:
    """When the blob that is dead for longest died; None if none is dead."""
    row = connection.execute("select min(died) from blob where died is not null").fetchone()
    return None if row is None else row[0]


def bury(connection: sqlite3.Connection, blob_ids: Iterable[str]) -> None:
    """Forget dead blobs whose bytes are gone."""
    connection.executemany(
        "delete from blob where id = ? and died is not null",
        [(blob_id,) for blob_id in blob_ids],
    )


def known(connection: sqlite3.Connection, beginning: str) -> list[str]:
    """Ids that begin with ``b-`` and two hex digits, the dead included."""
    end = beginning[:-1] + chr(ord(beginning[-1]) + 1)
    rows = connection.execute("select id from blob where id >= ? and id < ?", (beginning, end))
    return [row[0] for row in rows]
