"""Old state made new: the steps from one schema version to the next, and the copy kept first.

``store/database.py`` calls ``migrate`` when it opens a file of an older version. One SQL file a
step, named for the version that it leads to; a released one is never edited. All steps of one
start stand in one transaction, behind a whole copy of the file (design decision 21).
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from importlib.resources import files
from pathlib import Path

from freehold.base import log
from freehold.base.errors import Invalid

FIRST = 1  # the oldest version that we can read


def migrate(path: Path, found: int, wanted: int) -> Path:
    """Bring the file of version ``found`` to version ``wanted``; the copy's place.

    The caller holds the state's lock: nobody else has the file open.

    Raises:
        Invalid: The copy could not be made or a step failed. The file is as it was.
    """
    kept = path.with_name(f"{path.name}.v{found}.bak")
    try:
        _copy(path, kept)
    except (sqlite3.Error, OSError) as error:
        raise Invalid(
            f"{path} has schema version {found} and could not be copied before its upgrade to "
            f"{wanted}: {error}; nothing was changed"
        ) from error
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("pragma synchronous = full")
            _step_forward(connection, found, wanted)
    except (sqlite3.Error, OSError) as error:
        raise Invalid(
            f"{path} could not be brought from schema version {found} to {wanted}: {error}; "
            f"nothing was changed, and a copy is {kept}"
        ) from error
    log.event("migrated", database=path, version=wanted, before=found, kept=kept)
    return kept


def _copy(path: Path, kept: Path) -> None:
    """A whole and consistent copy, on disk before anything is changed."""
    fresh = kept.with_name(f"{kept.name}.new")
    fresh.unlink(missing_ok=True)
    os.close(os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    try:
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(fresh)) as target:
            source.backup(target)
        _sync(fresh, os.O_RDWR)
        fresh.replace(kept)
        _sync(kept.parent, os.O_RDONLY)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise


def _sync(path: Path, flags: int) -> None:
    fd = os.open(path, flags | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _step_forward(connection: sqlite3.Connection, found: int, wanted: int) -> None:
    connection.execute("begin immediate")
    try:
        for version in range(found + 1, wanted + 1):
            for statement in _statements(step(version)):
                connection.execute(statement)
        connection.execute("update meta set value = ? where key = 'schema_version'", (str(wanted),))
        connection.execute("commit")
    except BaseException:
        if connection.in_transaction:
            connection.execute("rollback")
        raise


def step(version: int) -> str:
    """The script that leads from ``version - 1`` to ``version``."""
    return files("freehold.store.migrations").joinpath(f"v{version}.sql").read_text()


def _statements(script: str) -> Iterator[str]:
    """One by one: ``executescript`` would commit what is open."""
    waiting = ""
    for line in script.splitlines(keepends=True):
        waiting += line
        if sqlite3.complete_statement(waiting):
            yield waiting
            waiting = ""
    assert not waiting.strip(), "a step ends with a semicolon"
