"""The whole state at one instant, while a server runs: databases copied, objects held fast.

Input: the state directory. Output: what to archive, by name. The database is copied by SQLite's
own online backup. Objects never change but may be removed: hard links hold them, and only those
that the copied database names must be there. Files of people are read as they are.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from freehold.base.errors import Conflict, Internal, NotFound
from freehold.base.settings import Settings
from freehold.host.volumes import remove
from freehold.objects.blobs import FANS

DATABASES = ("freehold.db", "uids.db")  # in this order: a uid is given before a record has it
OBJECTS = "objects"
# What runs, where it listens, who holds what: true of this machine at this instant only.
TRANSIENT = frozenset(
    {"runs", "doors", "jobs", "lock", "backup.lock", "server.json", "reserve", "reserve.new"}
)
HELD = ".backup-"
ROUNDS_MAX = 8


def is_kept(name: str) -> bool:
    """Whether an entry of a state directory belongs into a backup as it is."""
    is_database = name.startswith(DATABASES)  # with its log, and with copies from upgrades
    return not (name in TRANSIENT or is_database or name == OBJECTS or name.startswith("."))


@contextlib.contextmanager
def taken(state: Path, beside: Path) -> Iterator[dict[str, Path]]:
    """What a backup holds: paths by name, in the order of names.

    Args:
        state: The install's.
        beside: The file to be written; copies of databases lie in its directory meanwhile.

    Raises:
        NotFound: It is no state directory.
        Conflict: Another backup of it runs, or objects change faster than they can be held.
    """
    settings = Settings(state=state)
    if not settings.database.exists():
        raise NotFound(f"there is no install in {state}")
    with contextlib.ExitStack() as ending:
        ending.enter_context(_alone(state))
        copies = Path(ending.enter_context(_directory(beside.parent)))
        held = state / OBJECTS / f"{HELD}{os.getpid()}"
        ending.callback(remove, held)
        for _round in range(ROUNDS_MAX):
            _hold(state / OBJECTS, held)
            _copy(settings.database, copies / DATABASES[0])
            if not _missing(copies / DATABASES[0], held):
                break
        else:
            raise Conflict("objects are removed faster than a backup can hold them: try again")
        if (state / DATABASES[1]).exists():
            _copy(state / DATABASES[1], copies / DATABASES[1])
        found = {name: state / name for name in os.listdir(state) if is_kept(name)}
        found |= {path.name: path for path in copies.iterdir()}
        found[OBJECTS] = held
        yield dict(sorted(found.items(), key=lambda one: os.fsencode(one[0])))


@contextlib.contextmanager
def _alone(state: Path) -> Iterator[None]:
    """One backup at a time; what a killed one held is let go."""
    fd = os.open(state / "backup.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Conflict(f"another backup of {state} runs: wait for its end") from None
        for old in (state / OBJECTS).glob(f"{HELD}*"):
            remove(old)
        yield
    finally:
        os.close(fd)


@contextlib.contextmanager
def _directory(place: Path) -> Iterator[str]:
    made = tempfile.mkdtemp(prefix=".freehold-backup-", dir=place)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _hold(objects: Path, held: Path) -> None:
    """Link every blob that is not linked yet; those that go meanwhile are missed later or not."""
    held.mkdir(mode=0o700, parents=True, exist_ok=True)
    for fan in FANS:
        try:
            names = os.listdir(objects / fan)
        except FileNotFoundError:
            continue
        (held / fan).mkdir(mode=0o700, exist_ok=True)
        for name in names:
            if "#" not in name:  # half written: no row names it yet
                with contextlib.suppress(FileNotFoundError, FileExistsError):
                    os.link(objects / fan / name, held / fan / name)


def _copy(database: Path, to: Path) -> None:
    """SQLite's online backup: one instant, while others write."""
    to.unlink(missing_ok=True)
    try:
        with (
            closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30)) as source,
            closing(sqlite3.connect(to)) as target,
        ):
            source.backup(target)
            target.execute("pragma journal_mode = delete")
    except sqlite3.Error as error:
        raise Internal(f"{database.name} could not be copied: {error}") from error
    to.chmod(0o600)


def _missing(database: Path, held: Path) -> bool:
    """Whether the copied index names bytes that are not held."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as index:
        for (blob,) in index.execute("select id from blob where died is null"):
            if not (held / blob[2:4] / blob).exists():
                return True
    return False


def check(database: Path) -> None:
    """See that a database is whole.

    Raises:
        Internal: It is not.
    """
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as found:
        told = found.execute("pragma quick_check(1)").fetchone()[0]
    if told != "ok":
        raise Internal(f"{database.name} of the backup is not whole: {told}")
