"""The database of a state directory, opened to be read: beside a running server or without one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from freehold.base.errors import Invalid, NotFound
from freehold.base.settings import Settings
from freehold.store import keys
from freehold.store.database import SCHEMA_VERSION, connect
from freehold.store.unit import Unit


@contextmanager
def reader(state: Path) -> Iterator[Unit]:
    """A reading unit of the install in ``state``.

    Raises:
        NotFound: There is no install.
        Invalid: It is of another version, or no database of ours.
    """
    place = Settings(state=state).database
    if not place.exists():
        raise NotFound(
            f"no install is known in {state}: start one with `freehold up --state {state}`"
        )
    try:
        connection = connect(place, read_only=True)
        try:
            version = keys.meta(connection, "schema_version")
            if version != str(SCHEMA_VERSION).encode():
                told = "unknown" if version is None else version.decode(errors="replace")
                raise Invalid(
                    f"{place} has schema version {told}, this Freehold needs {SCHEMA_VERSION}: "
                    "`freehold up` brings an older one forward"
                )
            yield Unit(connection, is_writing=False)
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise Invalid(f"{place} cannot be read: {error}") from error
