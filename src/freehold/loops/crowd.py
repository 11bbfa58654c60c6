"""Whether many clients are being answered just now, so that launching can yield to them.

What is counted is answers, not the CPU that they take: where launches have already pushed the
server aside, its share of the CPU is small and it is busy all the same.
"""

from __future__ import annotations

import time
from collections.abc import Callable

WINDOW_SECONDS = 0.25
CALM_SECONDS = 1.0  # a crowd that pauses comes back
CROWD_PER_SECOND = 200  # more than one client asks for, one call after the other


class Crowd:
    """Looks at a count that only grows."""

    def __init__(
        self, answered: Callable[[], int], pulse: Callable[[], float] = time.monotonic
    ) -> None:
        """Watch ``answered``; ``pulse`` gives seconds that only grow."""
        self._answered = answered
        self._pulse = pulse
        self._at, self._count = pulse(), answered()
        self._seen_at: float | None = None

    def is_here(self) -> bool:
        """Whether there is a crowd, or was a moment ago."""
        now = self._pulse()
        passed = now - self._at
        if passed >= WINDOW_SECONDS:
            count = self._answered()
            if (count - self._count) / passed >= CROWD_PER_SECOND:
                self._seen_at = now
            self._at, self._count = now, count
        return self._seen_at is not None and now < self._seen_at + CALM_SECONDS
