"""Room kept back on the state's disk: a server whose disk is full still comes up, and can delete.

A file of zeros that means nothing. Who fills the disk (an app's volume, an upload) meets its end
while the file stands; then the first write that fails gives the file up, and what an administrator
deletes makes room again. See docs/operate/files.md.
"""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from pathlib import Path

from freehold.base import log

NAME = "reserve"
BYTES = 32 << 20  # what SQLite's log may take (LOG_PAGES_MAX)
ROOM_BYTES = 8 * BYTES  # it is kept back only where nobody misses it


class Reserve:
    """The room of one state directory."""

    def __init__(self, state: Path) -> None:
        self._path = state / NAME

    def keep(self) -> bool:
        """Keep the room back, where there is plenty; True if it stands."""
        try:
            if self._path.exists():
                return True
            if shutil.disk_usage(self._path.parent).free < ROOM_BYTES:
                return False
            fresh = self._path.with_suffix(".new")
            with fresh.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, BYTES)
            fresh.replace(self._path)
        except OSError as error:
            log.event("reserve.missing", level=30, error=error)
            return False
        return True

    def give_up(self) -> bool:
        """Give the room to whoever writes next; True if there was some."""
        try:
            self._path.unlink()
        except OSError:
            return False
        log.event("reserve.given-up", level=40, bytes=BYTES, path=self._path)
        return True


def is_full(error: BaseException) -> bool:
    """Whether this says that the disk has no room."""
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorname", "").startswith("SQLITE_FULL")
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
