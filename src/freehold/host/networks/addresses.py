"""Which address is given next: in a subnet, and on the links between routers and the host.

Pure: what is taken comes in. Source: VPC User Guide, "Subnet sizing" (the first four addresses of
a subnet and its last are AWS's: network, router, DNS, future use, broadcast).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Iterable

Address = ipaddress.IPv4Address
Network = ipaddress.IPv4Network

RESERVED_FIRST = 4
# Sandboxes that stand in no VPC. Nobody outside of their router ever sees these addresses.
PUBLIC = ipaddress.IPv4Network("100.64.0.0/16")
# Two addresses a router: its own and the host's. RFC 2544's range for measuring, which no real
# network uses, so that neither people's networks nor their VPNs are in the way.
LINKS = ipaddress.IPv4Network("198.18.0.0/15")


def gateway(subnet: Network) -> Address:
    """The router's address in a subnet, as at AWS: the first behind the network's own."""
    return subnet.network_address + 1


def free(subnet: Network, taken: Collection[Address], after: Address | None) -> Address | None:
    """The next free address behind ``after``, round and round; None if the subnet is full.

    Round and round, so that an address rests before the next sandbox has it: late answers to the
    last one do not find the new one.
    """
    first = int(subnet.network_address) + RESERVED_FIRST
    last = int(subnet.broadcast_address) - 1
    size = last - first + 1
    if size <= 0:
        return None
    start = int(after) + 1 if after is not None and first <= int(after) < last else first
    for step in range(min(size, len(taken) + 1)):
        address = Address(first + (start - first + step) % size)
        if address not in taken:
            return address
    return None


def first_free(taken: Iterable[int], first: int = 1) -> int:
    """The smallest number from ``first`` on that is not taken."""
    known = set(taken)
    number = first
    while number in known:
        number += 1
    return number


def link(number: int) -> tuple[Address, Address]:
    """The host's and the router's address on a link. Numbers count from zero.

    Raises:
        IndexError: There are no more.
    """
    host = LINKS[2 * number]
    return host, host + 1


def link_number(address: Address) -> int:
    """Which link an address of ``LINKS`` is on."""
    return (int(address) - int(LINKS.network_address)) // 2
