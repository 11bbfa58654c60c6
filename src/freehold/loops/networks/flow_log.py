"""From what routers and the egress proxy refused to the lines of flow logs.

Input: readings of a router and who stands at it; ``kernel.refusals``. Output: ``Flow`` values, so
many of a sandbox as LINES_MAX in one reading: what exceeds that is told in one line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from freehold.base import log
from freehold.base.errors import Internal
from freehold.host.networks.readings import Counts, Refused
from freehold.kernel.network.flows import PROTOCOLS, Flow
from freehold.kernel.network.refusals import UNKNOWN, Refusal
from freehold.loops.networks.host import Host
from freehold.loops.networks.stands import Stand

LINES_MAX = 32
_ANY = 0  # IP's number of no protocol in particular: of many


class Readings:
    """Reads routers, and remembers how far they were read."""

    def __init__(self, host: Host, now: float) -> None:
        """Begin at ``now``: what was refused before is told with the first reading."""
        self._host = host
        self._from = now
        self._counts: dict[str, Counts] = {}

    def forget(self, router: str) -> None:
        """A router is gone."""
        self._counts.pop(router, None)

    def take(self, stands: Iterable[Stand], now: float) -> list[Flow]:
        """What was refused since the last reading, at every router where somebody stands."""
        times, self._from = (self._from, now), now
        found: list[Flow] = []
        routers: dict[str, dict[int, Stand]] = {}
        for stand in stands:
            routers.setdefault(stand.router, {})[stand.line.number] = stand
        for router, there in sorted(routers.items()):
            try:
                after, before = self._host.counts(router), self._counts.get(router, {})
                if any(after[number] != before.get(number, (0, 0)) for number in after):
                    refused = self._host.refused(router)
                    found += of_router(there, refused, before, after, times)
                self._counts[router] = after
            except Internal as trouble:
                log.event("networks.unread", level=30, router=router, reason=trouble.message)
        return found


def of_router(
    stands: Mapping[int, Stand],
    refused: Iterable[Refused],
    before: Counts,
    after: Counts,
    times: tuple[float, float],
) -> list[Flow]:
    """The flows of one reading.

    What a receiver refused is told of both: its own log shows who tried, the sender's where to.

    Args:
        stands: Who stands at the router, by number.
        refused: What its sets held.
        before: Its counters at the last reading.
        after: Its counters now.
        times: Epoch seconds of the last reading and of this one.
    """
    by_address = {stand.line.address: stand for stand in stands.values()}
    told: dict[int, list[tuple[bool, Flow]]] = {}
    for one in refused:
        sender = by_address.get(one.source)
        for stand in (stands.get(one.by), sender if sender is not stands.get(one.by) else None):
            if stand is not None:
                is_refuser = stand.line.number == one.by
                told.setdefault(stand.line.number, []).append(
                    (is_refuser, _flow(stand, one, times))
                )
    found: list[Flow] = []
    for number, stand in stands.items():
        flows = sorted(told.get(number, ()), key=lambda pair: -pair[1].packets)
        kept = flows[:LINES_MAX]
        found += [flow for _, flow in kept]
        if len(flows) < LINES_MAX:
            continue
        own = [flow for is_refuser, flow in kept if is_refuser]
        now = after.get(number, (0, 0))
        was = before.get(number, (0, 0))
        was = was if was <= now else (0, 0)  # the counter was made anew
        packets = now[0] - was[0] - sum(flow.packets for flow in own)
        size = now[1] - was[1] - sum(flow.bytes for flow in own)
        if packets > 0:
            address = stand.line.address
            found.append(Flow(stand.domain_id, stand.arn, address, UNKNOWN, _ANY, None, packets,
                              max(0, size), *times))  # fmt: skip
    return found


def of_proxy(refusals: Iterable[Refusal], stands: Iterable[Stand]) -> Iterator[Flow]:
    """The flows of connections that the server would have made on behalf of sandboxes."""
    addresses = {stand.arn: stand.line.address for stand in stands}
    for one in refusals:
        protocol = PROTOCOLS.get(one.protocol) or (
            int(one.protocol) if one.protocol.isdigit() else _ANY
        )
        yield Flow(
            domain_id=one.domain_id,
            arn=one.source_arn,
            source=addresses.get(one.source_arn, UNKNOWN),
            target=one.address,
            protocol=protocol,
            port=one.port or None,
            packets=one.count,
            bytes=0,
            first_at=one.first_at,
            last_at=one.last_at,
        )


def _flow(stand: Stand, one: Refused, times: tuple[float, float]) -> Flow:
    port = one.port if one.protocol in (PROTOCOLS["tcp"], PROTOCOLS["udp"]) else 0
    return Flow(stand.domain_id, stand.arn, one.source, one.target, one.protocol, port,
                one.packets, one.bytes, *times)  # fmt: skip
