"""Retention: lines of log groups that are older than their group keeps them are deleted.

They are hidden from readers at once (``services/logs``); here they go for good, a batch a
transaction, so that nobody's write waits behind a whole day of lines.
"""

from __future__ import annotations

from freehold.kernel.dispatch import Kernel
from freehold.store import logs
from freehold.store.records import Page

GROUP = "logs:log-group"
DAY_SECONDS = 86_400
ROUND_SECONDS = 3600.0
BATCH = 2_000
GROUPS_MAX = 10_000


class Retention:
    """The loop: once an hour, every group that keeps its lines for so many days."""

    name = "retention"
    kinds: frozenset[str] = frozenset()

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._is_closing = False

    def turn(self) -> float:
        """Delete what is too old."""
        now = self._kernel.clock.now()
        for group in self._kernel.own_unit().records(Page(GROUP, limit=GROUPS_MAX)):
            days = group.document.get("retentionInDays")
            if days:
                self._expire(group.name, int((now - days * DAY_SECONDS) * 1000))
        return ROUND_SECONDS

    def close(self) -> None:
        """The batch in hand is the last."""
        self._is_closing = True

    def _expire(self, group: str, before: int) -> None:
        while not self._is_closing:
            gone = self._kernel.writer.run(
                lambda unit: logs.expire(unit.connection, group, before, BATCH)
            )
            if gone < BATCH:
                return
