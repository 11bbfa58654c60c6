"""When each live app was last looked at and last used: facts that change too often for records.

Written by the loop that looks at apps and by the edge, which sees what people do; read by
DescribeApp and by the decision that an app is idle. Kept in memory, and by ``save`` in one row of
the install's database, at most once a minute however many apps there are.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import NamedTuple

from freehold.store import keys
from freehold.store.records import decode, encode
from freehold.store.unit import Unit

SAVE_SECONDS = 60.0  # what a killed server may forget of people's doings
_META = "apps.activity"


class Seen(NamedTuple):
    """Epoch seconds; None: not since it was started. ``is_busy``: as of the last look."""

    health_at: float | None = None
    active_at: float | None = None
    is_busy: bool = False


_NOTHING = Seen()


class Activity:
    """Of all live apps, by the uid of their record. Safe between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: dict[str, Seen] = {}
        self._has_changed = False
        self._saved_at = 0.0

    def of(self, uid: str) -> Seen:
        """What is known of an app."""
        return self._seen.get(uid, _NOTHING)

    def used(self, uid: str, at: float) -> None:
        """Somebody did something with the app at ``at``; an earlier instant changes nothing."""
        with self._lock:
            known = self._seen.get(uid, _NOTHING)
            if known.active_at is None or at > known.active_at:
                self._seen[uid] = known._replace(active_at=at)
                self._has_changed = True

    def looked(self, uid: str, at: float, *, is_busy: bool) -> None:
        """The app's health was looked at."""
        with self._lock:
            known = self._seen.get(uid, _NOTHING)
            self._seen[uid] = known._replace(health_at=at, is_busy=is_busy)
            self._has_changed = True

    def keep_only(self, uids: Iterable[str]) -> None:
        """Forget apps that are no more."""
        with self._lock:
            for gone in self._seen.keys() - set(uids):
                del self._seen[gone]
                self._has_changed = True

    def forget(self, uid: str) -> None:
        """An app starts or ends: what was known of its last run counts no more."""
        with self._lock:
            if self._seen.pop(uid, None) is not None:
                self._has_changed = True

    def is_unsaved(self, now: float) -> bool:
        """Whether it is time to ``save``."""
        return self._has_changed and now - self._saved_at >= SAVE_SECONDS

    def save(self, unit: Unit, now: float) -> None:
        """Keep everything, in the caller's transaction."""
        with self._lock:
            text = encode(self._seen)
            self._has_changed, self._saved_at = False, now
        keys.set_meta(unit.connection, _META, text)

    def load(self, unit: Unit) -> None:
        """Remember what was saved, where nothing newer is known."""
        text = keys.meta(unit.connection, _META)
        if text is not None:
            with self._lock:
                for uid, facts in decode(text).items():
                    self._seen.setdefault(uid, Seen(*facts))
