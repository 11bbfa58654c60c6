"""Who is using which blob in this process, so that nothing is removed under a writer or reader.

Told by ``blobs`` on behalf of writers, readers and removals. Blobs are never changed, so the
only conflict is with their end. Other processes are not seen: the sweep's age bound is theirs.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Collection, Iterable


class Holds:
    """A count of users by blob id. All methods may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users: Counter[str] = Counter()
        self._doomed: set[str] = set()
        self._leaving: set[str] = set()

    def take(self, ids: Collection[str]) -> bool:
        """Hold all of them, or, if one is being removed right now, none: False."""
        with self._lock:
            if self._leaving and not self._leaving.isdisjoint(ids):
                return False
            self._users.update(ids)
            return True

    def give(self, ids: Iterable[str]) -> list[str]:
        """Let go. Answers what was to be removed meanwhile and may go now: see :meth:`gone`."""
        free = []
        with self._lock:
            for blob_id in ids:
                self._users[blob_id] -= 1
                if self._users[blob_id] <= 0:
                    del self._users[blob_id]
                    if blob_id in self._doomed:
                        self._doomed.remove(blob_id)
                        self._leaving.add(blob_id)
                        free.append(blob_id)
        return free

    def doom(self, ids: Iterable[str]) -> list[str]:
        """Ask for their end. Answers those that may go now; the others go when given back."""
        free = []
        with self._lock:
            for blob_id in ids:
                if blob_id in self._users:
                    self._doomed.add(blob_id)
                elif blob_id not in self._leaving:
                    self._leaving.add(blob_id)
                    free.append(blob_id)
        return free

    def gone(self, ids: Iterable[str]) -> None:
        """What :meth:`give` or :meth:`doom` answered has been removed, or could not be."""
        with self._lock:
            self._leaving.difference_update(ids)

    def holds(self, blob_id: str) -> bool:
        """Whether anyone writes or reads it now."""
        return blob_id in self._users
