from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from freehold.store import database
from freehold.store.unit import Unit


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    place = tmp_path / "freehold.db"
    database.prepare(place)
    opened = database.connect(place)
    yield opened
    opened.close()


@pytest.fixture
def unit(connection: sqlite3.Connection) -> Unit:
    return Unit(connection, is_writing=True)
