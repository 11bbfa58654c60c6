"""Wrong passwords and keys at the console's door, counted: a few a minute, then wait.

Asked by ``edge/console`` before anything is verified; told of every failure. In memory only: a
restart forgives, and takes longer than a minute's worth of tries is worth.
"""

from __future__ import annotations

from collections import OrderedDict

from freehold.base.errors import Throttled

SECONDS = 60.0
FOR_NAME_MAX = 5  # wrong tries of one user name or key from one address, in SECONDS
FOR_ADDRESS_MAX = 30  # of one address, whatever the name
REMEMBERED_MAX = 10_000


class Tries:
    """What went wrong lately. Used on one event loop."""

    def __init__(self) -> None:
        self._wrong: OrderedDict[tuple[str, str], list[float]] = OrderedDict()

    def check(self, address: str, name: str, now: float) -> None:
        """Refuse who was wrong too often.

        Raises:
            Throttled: With how long to wait.
        """
        for key, most in _keys(address, name):
            times = [at for at in self._wrong.get(key, ()) if at > now - SECONDS]
            if len(times) >= most:
                wait = max(1, round(times[-most] + SECONDS - now))
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
