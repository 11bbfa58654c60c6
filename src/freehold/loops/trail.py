"""The trail: indexes the audit log, so that a look-up over a million entries is quick.

From ``store/audit.py`` to ``store/index/trail.py``, a batch a turn, in the order of the log. It
takes a fifth of a core at most, whatever the server writes; what it has not reached is found
without it.
"""

from __future__ import annotations

import time

from freehold.kernel.dispatch import Kernel
from freehold.kernel.trail.lookup import is_of
from freehold.kernel.trail.terms import terms
from freehold.store import audit
from freehold.store.index.trail import NOTHING, Builder, Mark, mark

BATCH = 4_000
REST_SECONDS = 2.0
SHARE = 4.0  # after a full batch it rests so many times as long as the batch took


class TrailIndex:
    """The loop."""

    name = "trail"
    kinds: frozenset[str] = frozenset()

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._builder: Builder | None = None

    def turn(self) -> float:
        """Index the next entries."""
        began = time.monotonic()
        builder = self._builder
        if builder is None:
            builder = self._builder = Builder(self._kernel.trail.path)
        connection = self._kernel.own_unit().connection
        known = mark(builder.connection)
        if known != NOTHING and not is_of(connection, known):  # emptied, or restored from a copy
            builder.clear()
            known = NOTHING
        batch = audit.read(connection, known.seq, BATCH)
        if batch:
            last, entry = batch[-1]
            indexed = ((seq, set(terms(one))) for seq, one in batch)
            builder.add(indexed, Mark(last, entry.request_id))
        if len(batch) < BATCH:
            return REST_SECONDS
        return SHARE * (time.monotonic() - began)

    def close(self) -> None:
        """Let go of the file; it is opened again by the next turn."""
        if self._builder is not None:
            self._builder.close()
            self._builder = None
