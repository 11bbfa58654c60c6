"""Wrong passwords and keys at the console's door, counted: a few a minute, then wait.

Asked by ``edge/console`` before anything is verified; told of every failure. What is under way
counts as wrong until it is known, or tries sent at once would all pass. In memory only: a restart
forgives, and takes longer than a minute's worth of tries is worth.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager

from freehold.base.errors import Throttled

SECONDS = 60.0
FOR_NAME_MAX = 5  # wrong tries of one user name or key from one address, in SECONDS
FOR_ADDRESS_MAX = 30  # of one address, whatever the name
REMEMBERED_MAX = 10_000


class Tries:
    """What went wrong lately. Used on one event loop."""

    def __init__(self) -> None:
        self._wrong: OrderedDict[tuple[str, str], list[float]] = OrderedDict()
        self._under_way: Counter[tuple[str, str]] = Counter()

    @contextmanager
    def one(self, address: str, name: str, now: float) -> Iterator[None]:
        """A try: refused if it may not be made, counted while it is.

        Raises:
            Throttled: With how long to wait.
        """
        self.check(address, name, now)
        keys = [key for key, _ in _keys(address, name)]
        self._under_way.update(keys)
        try:
            yield
        finally:
            self._under_way.subtract(keys)
            self._under_way += Counter()  # what is at none goes

    def check(self, address: str, name: str, now: float) -> None:
        """Refuse who was wrong too often.

        Raises:
            Throttled: With how long to wait.
        """
        for key, most in _keys(address, name):
            times = [at for at in self._wrong.get(key, ()) if at > now - SECONDS]
            left = most - self._under_way[key]
            if len(times) >= left:
                wait = max(1, round(times[-left] + SECONDS - now)) if left > 0 else 1
                raise Throttled(
                    f"Too many wrong sign-ins from here: wait {wait} seconds, then try again.",
                    code="TooManyTries",
                )

    def wrong(self, address: str, name: str, now: float) -> None:
        """Remember a failure; the oldest are forgotten beyond REMEMBERED_MAX names."""
        for key, most in _keys(address, name):
            kept = [at for at in self._wrong.pop(key, ()) if at > now - SECONDS]
            self._wrong[key] = [*kept, now][-most:]
        while len(self._wrong) > REMEMBERED_MAX:
            self._wrong.popitem(last=False)


def _keys(address: str, name: str) -> tuple[tuple[tuple[str, str], int], ...]:
    return ((address, name), FOR_NAME_MAX), ((address, ""), FOR_ADDRESS_MAX)
