"""The time, as a value that is handed in. Nothing else in the house asks the system."""

from __future__ import annotations

import functools
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Whoever can tell the time."""

    def now(self) -> float:
        """Epoch seconds, UTC, with fraction."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> float:
        """Epoch seconds, UTC."""
        return time.time()


class FakeClock:
    """A clock for tests: stands still until moved."""

    def __init__(self, at: float = 1_763_900_000.0) -> None:
        self.at = at

    def now(self) -> float:
        """The instant that was set last."""
        return self.at

    def advance(self, seconds: float) -> None:
        """Move forward by ``seconds``."""
        self.at += seconds


@functools.lru_cache(maxsize=1024)
def _whole(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def iso(at: float, *, millis: bool = False) -> str:
    """``2026-11-23T20:15:00Z``: how AWS's query and REST protocols spell an instant."""
    text = _whole(int(at // 1))
    return f"{text[:-1]}.{int(at % 1 * 1000):03d}Z" if millis else text
