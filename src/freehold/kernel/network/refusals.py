"""Connections that were refused, counted until a loop writes them down: the source of flow logs.

Input: whoever refuses a sandbox's connection (the egress proxy, the counters of a firewall), from
any thread. Output: what ``drain`` hands to the loop that appends to the domains' flow logs.
Memory is bounded: what repeats is counted, and what exceeds ``KINDS_MAX`` is counted without
saying where it went.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

KINDS_MAX = 4096
"""Different refusals between two drains; a port scan of one address has 65,535."""
UNKNOWN = "-"
"""As flow logs write what they do not know."""


@dataclass(slots=True)
class Refusal:
    """One kind of refused connection. Times are epoch seconds, UTC.

    ``domain_id`` is None outside of domains. ``source_arn``: the app or job. ``address`` and
    ``port`` are where it wanted to go: ``UNKNOWN`` and 0 where that was never found out, or where
    there were too many. ``protocol``: tcp, udp, icmp or a number.
    """

    domain_id: str | None
    source_arn: str
    address: str
    protocol: str
    port: int
    count: int
    first_at: float
    last_at: float


class Refusals:
    """What was refused since the last drain. One for an install; safe between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kinds: dict[tuple[str | None, str, str, str, int], Refusal] = {}

    def refused(
        self,
        domain_id: str | None,
        source_arn: str,
        address: str,
        protocol: str,
        port: int,
        *,
        at: float,
        count: int = 1,
    ) -> None:
        """Count a refused connection, or ``count`` of them. Takes microseconds; never fails."""
        key = (domain_id, source_arn, address, protocol, port)
        with self._lock:
            known = self._kinds.get(key)
            if known is None and len(self._kinds) >= KINDS_MAX:
                key = (domain_id, source_arn, UNKNOWN, protocol, 0)
                known = self._kinds.get(key)
                if known is None and len(self._kinds) >= 2 * KINDS_MAX:
                    return  # as many sources as kinds: more than sandboxes run on one machine
            if known is None:
                self._kinds[key] = Refusal(*key, count, at, at)
            else:
                known.count += count
                known.last_at = max(known.last_at, at)

    def drain(self) -> list[Refusal]:
        """All that was counted since the last drain, oldest first; it is then forgotten here."""
        with self._lock:
            found = sorted(self._kinds.values(), key=lambda one: one.first_at)
            self._kinds = {}
        return found
