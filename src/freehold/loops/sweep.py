"""The sweep: bytes of S3 objects that no row names any more are removed, and orphans with them.

Deleted and overwritten objects leave dead blobs in the index; their bytes go a few seconds
later, so that whoever has just read the index still finds them. Orphans (a crash between bytes
and index) are looked for slice by slice, the whole store once in ROUND_SECONDS. The reserve on the
disk is looked after with each slice.
"""

from __future__ import annotations

from collections.abc import Iterator

from freehold.base import log
from freehold.kernel import objects_index
from freehold.kernel.dispatch import Kernel
from freehold.objects.blobs import FANS
from freehold.objects.sweep import AGE_SECONDS, Swept, sweep

GRACE_SECONDS = 5.0  # far above the time between reading the index and holding the bytes
BATCH = 500
ROUND_SECONDS = 6 * 3600.0
SLICE_SECONDS = ROUND_SECONDS / len(FANS)


class Sweep:
    """The loop. It is woken when bytes died, and walks on by itself."""

    name = "sweep"
    kinds = frozenset({objects_index.KIND})

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._round: Iterator[Swept] | None = None
        self._next_slice = 0.0

    def turn(self) -> float:
        """Remove what is dead for long enough, and look at one slice if its time has come."""
        now = self._kernel.clock.now()
        while self._bury(now - GRACE_SECONDS):
            pass
        if now >= self._next_slice:
            self._next_slice = now + SLICE_SECONDS
            self._slice(now)
            if not self._kernel.settings.is_ephemeral:
                self._kernel.reserve.keep()
        died = objects_index.first_death(self._kernel.own_unit())
        rest = self._next_slice - now
        return rest if died is None else min(rest, max(0.0, died + GRACE_SECONDS - now) + 0.1)

    def close(self) -> None:
        """Nothing is held."""

    def _bury(self, before: float) -> bool:
        """Remove a batch of dead blobs; True if there may be more.

        Bytes first, row second: a crash between the two finds the row again.
        """
        kernel = self._kernel
        ids = objects_index.dead(kernel.own_unit(), before, BATCH)
        if ids:
            kernel.blobs.remove(ids)
            kernel.writer.run(lambda unit: objects_index.bury(unit, ids))
        return len(ids) == BATCH

    def _slice(self, now: float) -> None:
        if self._round is None:
            self._round = sweep(self._kernel.blobs, self._known, now - AGE_SECONDS)
        swept = next(self._round, None)
        if swept is None:
            self._round = None
        elif swept.removed:
            log.event("sweep.orphans", removed=swept.removed, bytes=swept.removed_bytes)

    def _known(self, beginning: str) -> list[str]:
        return objects_index.known(self._kernel.own_unit(), beginning)
