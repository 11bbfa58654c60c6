"""Rules of security groups and routes as values: does a packet pass? No records, no sockets.

Made by ``reach.py`` from records; what enforces them asks here or takes ``Reach.openings``.
Facts: VPC User Guide, "Security group rules" (allow only, stateful: answers always pass) and
"Route tables" (the most specific route wins; the local one leads inside the VPC).
"""

from __future__ import annotations

import functools
import ipaddress
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
ANY = -1


def _networks(*texts: str) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(text) for text in texts)


# Never reachable, whatever a rule says: this host, loopback, link-local (metadata), multicast, and
# what clouds keep beside it for their machines (Azure's wire server, Oracle's and OpenStack's).
NEVER = _networks(
    "0.0.0.0/8",
    "127.0.0.0/8",
    "168.63.129.16/32",
    "169.254.0.0/16",
    "192.0.0.0/24",
    "224.0.0.0/3",
    "::/127",
    "::ffff:0:0/96",
    "64:ff9b::/96",
    "fe80::/10",
    "ff00::/8",
)
# No internet gateway leads there, as none of AWS's does: other people's inner networks.
PRIVATE = _networks(
    "10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "2002::/16", "fc00::/7"
)


class Packet(NamedTuple):
    """The first packet of a flow. ``first`` is the port, or ICMP's type; ``code`` is ICMP's."""

    protocol: str
    first: int = ANY
    code: int = ANY


class Rule(NamedTuple):
    """What one rule lets pass: to or from a network, or members of a group.

    ``protocol``: ``-1`` for all, tcp, udp, icmp, icmpv6 or a number. ``first`` and ``last``:
    ports, or ICMP's type and code; ``ANY`` for all. Exactly one of ``network`` and ``group``.
    """

    protocol: str
    first: int
    last: int
    network: Network | None = None
    group: str | None = None

    @classmethod
    def of(cls, document: dict[str, Any]) -> Rule | None:
        """The rule of a record; None for a peer that we do not know, which lets nothing pass."""
        head = (document["IpProtocol"], document["FromPort"], document["ToPort"])
        cidr = document.get("CidrIpv4") or document.get("CidrIpv6")
        if cidr:
            return cls(*head, network=ipaddress.ip_network(cidr))
        group = document.get("ReferencedGroupInfo", {}).get("GroupId")
        return cls(*head, group=group) if group else None

    def passes(self, packet: Packet, peer: Address, groups: Iterable[str]) -> bool:
        """Whether it lets the packet pass to or from a peer that is a member of ``groups``."""
        if self.group is not None:
            return self.group in groups and self._fits(packet)
        return self.network is not None and peer in self.network and self._fits(packet)

    def _fits(self, packet: Packet) -> bool:
        if self.protocol == "-1":
            return True
        if self.protocol != packet.protocol:
            return False
        if self.protocol in ("tcp", "udp"):
            return self.first <= packet.first <= self.last
        if self.protocol in ("icmp", "icmpv6"):
            return self.first in (ANY, packet.first) and self.last in (ANY, packet.code)
        return True


class Route(NamedTuple):
    """Where a route leads: out to the internet, or nowhere."""

    network: Network
    is_open: bool


class Opening(NamedTuple):
    """One hole for outgoing traffic, ready to be enforced: all conditions worked in.

    Either ``network`` is given, or ``group``: then the addresses of its members, which are all
    of the same VPC.
    """

    protocol: str
    first: int
    last: int
    network: Network | None
    group: str | None


def internet() -> tuple[Opening, ...]:
    """All that a workload in no VPC may reach: the internet, and nobody's inner network."""
    ways = outside((Route(ipaddress.ip_network("0.0.0.0/0"), True),))
    return tuple(Opening("-1", ANY, ANY, network, None) for network in ways)


def leads_out(routes: Sequence[Route], address: Address) -> bool:
    """Whether the most specific route for an address outside the VPC is open."""
    fitting = [route for route in routes if address in route.network]
    if not fitting or any(address in network for network in (*NEVER, *PRIVATE)):
        return False
    return max(fitting, key=lambda route: route.network.prefixlen).is_open


@functools.lru_cache(maxsize=256)
def outside(routes: tuple[Route, ...]) -> tuple[Network, ...]:
    """All that open routes lead to, collapsed: without what is never reached.

    Most networks have the same few routes, and the subtraction takes milliseconds.
    """
    found: list[Network] = []
    for route in routes:
        if not route.is_open:
            continue
        narrower = [
            other.network
            for other in routes
            if other is not route and covers(route.network, other.network)
        ]
        found += without([route.network], [*narrower, *NEVER, *PRIVATE])
    return tuple(collapsed(found))


def covers(whole: Network, part: Network) -> bool:
    """Whether all of ``part`` lies in ``whole``; networks of two families never do."""
    if isinstance(whole, ipaddress.IPv4Network) and isinstance(part, ipaddress.IPv4Network):
        return part.subnet_of(whole)
    if isinstance(whole, ipaddress.IPv6Network) and isinstance(part, ipaddress.IPv6Network):
        return part.subnet_of(whole)
    return False


def common(one: Iterable[Network], other: Sequence[Network]) -> list[Network]:
    """What lies in both."""
    return collapsed(_common(one, other))


def _common(one: Iterable[Network], other: Sequence[Network]) -> Iterator[Network]:
    for left in one:
        for right in other:
            if covers(left, right):
                yield right
            elif covers(right, left):
                yield left


def without(networks: Iterable[Network], gone: Iterable[Network]) -> list[Network]:
    """The networks less what lies in ``gone``."""
    left = list(networks)
    for hole in gone:
        kept: list[Network] = []
        for network in left:
            if covers(hole, network):
                continue
            if covers(network, hole):
                # one covers the other, so both are of one family
                kept += network.address_exclude(hole)  # type: ignore[arg-type]
            else:
                kept.append(network)
        left = kept
    return left


def collapsed(networks: Iterable[Network]) -> list[Network]:
    """The same addresses in as few networks as there can be, in order, IPv4 first."""
    given = list(networks)
    four = [one for one in given if isinstance(one, ipaddress.IPv4Network)]
    six = [one for one in given if isinstance(one, ipaddress.IPv6Network)]
    return [*ipaddress.collapse_addresses(four), *ipaddress.collapse_addresses(six)]
