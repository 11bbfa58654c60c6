"""The SQLite file: opening, locking, creating and checking its version.

Connections are tuned here and nowhere else. One process owns a state directory: a lock
held for life says so, and a second server is told in one line.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from contextlib import closing
from importlib.resources import files
from pathlib import Path

from freehold.base.errors import Conflict, Invalid
from freehold.store import migrations

SCHEMA_VERSION = 4
CACHE_KIB = 32 * 1024
MMAP_BYTES = 1 << 30
BUSY_MILLISECONDS = 10_000
LOG_PAGES_MAX = 8192  # 32 MiB: beyond it a COMMIT moves the log into the file, and takes longer


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """Open one connection; transactions are begun by hand.

    A writer is durable before it answers: WAL with synchronous=FULL (design decision 8).
    """
    connection = sqlite3.connect(
        f"file:{path}?mode={'ro' if read_only else 'rwc'}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=512,
    )
    connection.execute(f"pragma busy_timeout = {BUSY_MILLISECONDS}")
    if not read_only:
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = full")
        connection.execute(f"pragma wal_autocheckpoint = {LOG_PAGES_MAX}")
    connection.execute(f"pragma cache_size = -{CACHE_KIB}")
    connection.execute(f"pragma mmap_size = {MMAP_BYTES}")
    connection.execute("pragma temp_store = memory")
    return connection


def prepare(path: Path) -> None:
    """Create the schema in an empty file, or bring an older file to our version.

    Raises:
        Invalid: The file was written by a newer version, is no database of ours, or could not be
            brought forward; it is as it was.
    """
    try:
        found = _version(path)
        if found is None:
            _create(path)
            return
    except sqlite3.DatabaseError as error:
        raise Invalid(f"{path} is not a Freehold database: {error}") from error
    if found == str(SCHEMA_VERSION):
        return
    if found not in map(str, range(migrations.FIRST, SCHEMA_VERSION)):
        raise Invalid(
            f"{path} has schema version {found}, this Freehold needs {SCHEMA_VERSION}: "
            "start the version that wrote it, or choose another --state"
        )
    migrations.migrate(path, int(found), SCHEMA_VERSION)


def _version(path: Path) -> str | None:
    """The schema version of a file, None if it holds nothing yet. Nothing in it is changed."""
    if not path.exists() or path.stat().st_size == 0:
        return None
    with closing(sqlite3.connect(f"file:{path}?mode=rw", uri=True, isolation_level=None)) as file:
        file.execute(f"pragma busy_timeout = {BUSY_MILLISECONDS}")
        if file.execute("select count(*) from sqlite_master").fetchone()[0] == 0:
            return None
        row = file.execute("select value from meta where key = 'schema_version'").fetchone()
    if row is None:
        return "unknown"
    return row[0].decode(errors="replace") if isinstance(row[0], bytes) else str(row[0])


def _create(path: Path) -> None:
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    script = files("freehold.store").joinpath("schema.sql").read_text()
    with closing(connect(path)) as connection:
        connection.executescript(
            f"begin;\n{script}\n"
            f"insert into meta values ('schema_version', '{SCHEMA_VERSION}');\ncommit;"
        )


def empty(connection: sqlite3.Connection, *, keys_of: str) -> None:
    """Delete every row but the install's own facts and the access keys of one owner."""
    tables = [
        row[0]
        for row in connection.execute(
            "select name from sqlite_master where type = 'table' and name not like 'sqlite%'"
        )
    ]
    for table in tables:
        if table not in ("meta", "access_key"):
            connection.execute(f"delete from {table}")  # noqa: S608 - our own schema's names
    connection.execute("delete from access_key where owner <> ?", (keys_of,))


class StateLock:
    """Held by the one server of a state directory, for as long as it lives."""

    def __init__(self, state: Path) -> None:
        self._path = state / "lock"
        self._fd: int | None = None

    def take(self) -> None:
        """Take the lock or refuse.

        Raises:
            Conflict: Another server has this state; its process id is named.
        """
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.read(fd, 32).decode(errors="replace").strip() or "unknown"
            os.close(fd)
            raise Conflict(
                f"state {self._path.parent} is in use by another server (process {holder}): "
                "stop it first, or choose another --state"
            ) from None
        told = f"{os.getpid()}\n".encode()
        os.pwrite(fd, told, 0)  # in this order it also works on a full disk
        os.ftruncate(fd, len(told))
        self._fd = fd

    def release(self) -> None:
        """Give it back; the file stays."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None
