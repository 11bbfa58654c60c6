"""Who owns what on disk: one number for each (state, key), never used twice on this machine.

As root a number *is* the uid of a profile's, space's or job's files and processes. As an
ordinary user everything runs as that user; numbers are given all the same, because they name
homes and stand in the API (HomeEfsFileSystemUid). Keys are kept in the state; as root the next
number is counted for the whole machine, so that two states never share a uid.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import sqlite3
from pathlib import Path
from typing import Literal

from freehold.base.errors import LimitExceeded

Kind = Literal["profile", "job"]

# Profiles and spaces count as HomeEfsFileSystemUid does; jobs stand in the range that systemd's
# UIDS-GIDS lists as unused.
RANGES: dict[Kind, tuple[int, int]] = {
    "profile": (200_001, 499_999),
    "job": (1_900_000_001, 2_147_000_000),
}
MACHINE_COUNTER = Path("/var/lib/freehold/uids")
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS uids "
    "(key TEXT PRIMARY KEY, kind TEXT NOT NULL, number INTEGER NOT NULL UNIQUE) WITHOUT ROWID"
)


class Uids:
    """The allocator of one state. Safe between threads and processes."""

    def __init__(self, state: Path, *, counter: Path | None = None, is_root: bool | None = None):
        """Open it.

        Args:
            state: The state directory; ``uids.db`` is made in it.
            counter: The machine's counter; None takes MACHINE_COUNTER as root, else none.
            is_root: None asks the system.
        """
        self.is_root = os.geteuid() == 0 if is_root is None else is_root
        self._path = state / "uids.db"
        self._counter = counter or (MACHINE_COUNTER if self.is_root else None)

    @property
    def are_distinct(self) -> bool:
        """Whether the kernel parts one key's files and processes from another's by uid."""
        return self.is_root

    def number(self, key: str, kind: Kind = "profile") -> int:
        """The number of ``key``, given now if it has none. The same for ever.

        Raises:
            LimitExceeded: The range is used up.
        """
        with self._open() as db:
            row = db.execute("SELECT number FROM uids WHERE key = ?", (key,)).fetchone()
            if row:
                return int(row[0])
            db.execute("BEGIN IMMEDIATE")
            row = db.execute("SELECT number FROM uids WHERE key = ?", (key,)).fetchone()
            if row:
                return int(row[0])
            number = self._next(db, kind)
            db.execute("INSERT INTO uids VALUES (?, ?, ?)", (key, kind, number))
            return number

    def owner(self, number: int) -> int:
        """The uid (and gid) on disk and in the process table for a number."""
        return number if self.is_root else os.geteuid()

    def _open(self) -> _Connection:
        return _Connection(self._path)

    def _next(self, db: sqlite3.Connection, kind: Kind) -> int:
        first, last = RANGES[kind]
        own = db.execute(
            "SELECT max(number) FROM uids WHERE number BETWEEN ? AND ?", (first, last)
        ).fetchone()[0]
        number = max(first, (own or 0) + 1)
        while number <= last:
            if self._counter:
                number = _count(self._counter, kind, number)
            if not (self.is_root and _is_somebodys(number)):
                break
            number += 1
        if number > last:
            raise LimitExceeded(f"This machine has no uid left for another {kind}.")
        return number


def is_ours(uid: int) -> bool:
    """Whether a uid lies in a range that we give to profiles, spaces and jobs."""
    return any(first <= uid <= last for first, last in RANGES.values())


def take_over(state: Path, *, counter: Path = MACHINE_COUNTER) -> None:
    """Keep the machine's counter above the numbers of a state that came from elsewhere. As root.

    No state that is made later shares a uid with it; one that has such numbers already does.
    """
    if os.geteuid() != 0:
        return
    with _Connection(state / "uids.db") as db:
        highest = dict(db.execute("SELECT kind, max(number) FROM uids GROUP BY kind").fetchall())
    for kind in RANGES:
        if kind in highest:
            _count(counter, kind, int(highest[kind]))


class _Connection:
    """A connection for one transaction: committed at the end, rolled back on a fault, closed."""

    def __init__(self, path: Path) -> None:
        self.db = sqlite3.connect(path, isolation_level=None, timeout=30)
        self.db.execute("PRAGMA synchronous=FULL")
        self.db.execute(_SCHEMA)
        path.chmod(0o600)

    def __enter__(self) -> sqlite3.Connection:
        return self.db

    def __exit__(self, kind: object, *_: object) -> None:
        if self.db.in_transaction:
            self.db.execute("ROLLBACK" if kind else "COMMIT")
        self.db.close()


def _is_somebodys(uid: int) -> bool:
    """Whether an account of the machine has the uid: directories often count from 200000 too."""
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _count(path: Path, kind: Kind, at_least: int) -> int:
    """Take the machine's next number for ``kind``, on disk before it is used."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        taken = dict(line.split() for line in file.read().splitlines() if line)
        number = max(at_least, int(taken.get(kind, 0)) + 1)
        taken[kind] = str(number)
        file.seek(0)
        file.write("".join(f"{name} {value:>12}\n" for name, value in sorted(taken.items())))
        file.truncate()
        file.flush()
        os.fsync(file.fileno())
    return number
