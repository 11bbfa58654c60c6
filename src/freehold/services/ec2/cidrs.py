"""Blocks of addresses: which ones a VPC and a subnet may have. Values in, values out.

Facts: VPC User Guide, "VPC CIDR blocks" and "Subnet CIDR blocks": sizes of /16 to /28, host
bits are cleared without a word, five addresses of a subnet are AWS's own.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from freehold.base.errors import Conflict, Invalid
from freehold.host.networks.addresses import LINKS

PREFIX_MIN, PREFIX_MAX = 16, 28
ADDRESSES_KEPT = 5  # network, router, DNS, future use, broadcast
V4 = ipaddress.IPv4Network
V6 = ipaddress.IPv6Network

# Never a network of somebody's: this host, loopback, link-local (metadata), multicast, reserved;
# and what routers are linked to the host by, which a sandbox must not stand on.
FORBIDDEN = (
    *(V4(text) for text in ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3")),
    LINKS,
)


def ipv4(text: str, parameter: str) -> V4:
    """A block with its host bits cleared.

    Raises:
        Invalid: It is not one; ``parameter`` names it in AWS's spelling.
    """
    try:
        if "/" not in text:
            raise ValueError
        _, _, bits = text.partition("/")
        if not (bits.isascii() and bits.isdecimal()):
            raise ValueError
        return V4(text, strict=False)
    except ValueError:
        raise _not_a_block(text, parameter) from None


def ipv6(text: str, parameter: str) -> V6:
    """A block of IPv6 with its host bits cleared.

    Raises:
        Invalid: It is not one.
    """
    try:
        if "/" not in text or "%" in text:
            raise ValueError
        return V6(text, strict=False)
    except ValueError:
        raise _not_a_block(text, parameter) from None


def _not_a_block(text: str, parameter: str) -> Invalid:
    return Invalid(
        f"Value ({text}) for parameter {parameter} is invalid. This is not a valid CIDR block.",
        code="InvalidParameterValue",
    )


def of_vpc(text: str) -> V4:
    """A block that a VPC may have.

    Raises:
        Invalid: ``InvalidVpc.Range``.
    """
    block = ipv4(text, "cidrBlock")
    if not PREFIX_MIN <= block.prefixlen <= PREFIX_MAX or overlapping(block, FORBIDDEN):
        raise Invalid(f"The CIDR '{block}' is invalid.", code="InvalidVpc.Range")
    return block


def of_subnet(text: str, vpc: Iterable[str], others: Iterable[str]) -> V4:
    """A block that a subnet may have in a VPC of the blocks ``vpc``, beside ``others``.

    Raises:
        Invalid: ``InvalidSubnet.Range``: too large, too small, or outside the VPC.
        Conflict: ``InvalidSubnet.Conflict``.
    """
    block = ipv4(text, "cidrBlock")
    is_inside = any(block.subnet_of(V4(whole)) for whole in vpc)
    if not PREFIX_MIN <= block.prefixlen <= PREFIX_MAX or not is_inside:
        raise Invalid(f"The CIDR '{block}' is invalid.", code="InvalidSubnet.Range")
    if overlapping(block, map(V4, others)):
        raise Conflict(
            f"The CIDR '{block}' conflicts with another subnet", code="InvalidSubnet.Conflict"
        )
    return block


def overlapping(block: V4, others: Iterable[V4]) -> bool:
    """Whether the block shares an address with one of the others."""
    return any(block.overlaps(other) for other in others)


def addresses_free(block: V4) -> int:
    """Addresses of an empty subnet that can be given away."""
    return block.num_addresses - ADDRESSES_KEPT
