"""The packet rules of one router as text for ``nft``, from values; nothing here touches the world.

Every packet of a flow, whichever way it goes, is held against *today's* rules by what its
connection's first packet was (``ct original``): a rule that is revoked cuts what is open too.
TCP's answers alone pass without being asked; whatever the sandbox sends next is not, and resets it.

    prerouting  only what comes from where it says it comes from
    forward     e_N: what sandbox N may begin; then passed; then i_M: what sandbox M lets in
    x_N         what neither wants: counted, kept for the flow log, refused at once

Source: nft(8), nftables 1.0; runtime.md section 2.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from freehold.host.networks.names import UPLINK_INSIDE, veth

T = "inet freehold"
ANY = -1
FLOWS_MAX = 8192  # open flows of one sandbox; the kernel's default for a whole machine is 262,144
REFUSED_KEPT_MAX = 128  # destinations of one sandbox between two readings
STRANGE_KEPT_MAX = 1024
_GROUP = re.compile(r"[A-Za-z0-9-]{1,64}")
_PORTS = ("tcp", "udp")


class Hole(NamedTuple):
    """What passes. ``protocol``: ``-1`` for all, tcp, udp, icmp or a number.

    ``first`` and ``last``: ports, or ICMP's type and code; ``ANY`` for all. Either ``networks``
    or ``group`` is given.
    """

    protocol: str
    first: int = ANY
    last: int = ANY
    networks: tuple[str, ...] = ()
    group: str | None = None


class Member(NamedTuple):
    """One sandbox on a router. ``groups``: those that it is a member of."""

    number: int
    address: str
    egress: tuple[Hole, ...] = ()
    ingress: tuple[Hole, ...] = ()
    groups: tuple[str, ...] = ()


class Rules(NamedTuple):
    """All that a router enforces. ``local``: its VPC's blocks; ``host``: the machine's own."""

    members: Mapping[int, Member] = {}
    local: tuple[str, ...] = ()
    host: tuple[str, ...] = ()


def whole(rules: Rules) -> str:
    """A table with these rules, in the place of any that was there."""
    lines = [f"add table {T}", f"delete table {T}", f"add table {T}", *_BASE]
    return "\n".join(lines) + "\n" + changes(Rules(), rules)


def changes(old: Rules, new: Rules) -> str:
    """From rules that are in force to others; empty if they are the same."""
    gone = [one for number, one in old.members.items() if number not in new.members]
    come = [one for number, one in new.members.items() if number not in old.members]
    other = [
        (was, one)
        for number, one in new.members.items()
        if (was := old.members.get(number)) is not None and was != one
    ]
    before, after = _groups(old), _groups(new)
    lines: list[str] = []
    for one in gone:
        lines += _links("delete", one)
        lines += [f"flush chain {T} {kind}_{one.number}" for kind in "eix"]
    for was, one in other:
        assert was.address == one.address, one
        lines += [f"flush chain {T} {kind}_{one.number}" for kind in "ei"]
    for one in gone:
        lines += _removed(one)
    for name, addresses in after.items():
        if before.get(name) != addresses:
            lines += _filled(f"g_{name}", addresses, is_new=name not in before)
    for one in come:
        lines += [*_made(one), *_rules(one), *_links("add", one)]
    for _, one in other:
        lines += _rules(one)
    lines += [f"delete set {T} g_{name}" for name in before if name not in after]
    for name in ("local", "host"):
        if getattr(old, name) != getattr(new, name):
            lines += _filled(name, getattr(new, name), is_new=False)
    return "\n".join(lines) + "\n" if lines else ""


_BASE = (
    f"add set {T} strange {{ type ifname . ipv4_addr . ipv4_addr . inet_proto; "
    f"size {STRANGE_KEPT_MAX}; flags dynamic; counter; }}",
    f"add set {T} flows {{ type ipv4_addr; size 65535; flags dynamic; }}",
    f"add set {T} stands {{ type ifname . ipv4_addr; }}",
    f"add set {T} local {{ type ipv4_addr; flags interval; auto-merge; }}",
    f"add set {T} host {{ type ipv4_addr; flags interval; auto-merge; }}",
    f"add map {T} senders {{ type ipv4_addr : verdict; }}",
    f"add map {T} receivers {{ type ipv4_addr : verdict; }}",
    f"add chain {T} prerouting {{ type filter hook prerouting priority raw; policy drop; }}",
    f"add chain {T} input {{ type filter hook input priority filter; policy drop; }}",
    f"add chain {T} forward {{ type filter hook forward priority filter; policy drop; }}",
    f"add chain {T} leave {{ type nat hook postrouting priority srcnat; }}",
    f"add chain {T} refuse",
    f"add chain {T} passed",
    f'add rule {T} prerouting iifname "{UPLINK_INSIDE}" meta nfproto ipv4 accept',
    f"add rule {T} prerouting iifname . ip saddr @stands accept",
    f'add rule {T} input iifname != "{UPLINK_INSIDE}" goto refuse',
    f"add rule {T} refuse meta l4proto tcp reject with tcp reset",
    f"add rule {T} refuse reject with icmpx type admin-prohibited",
    f"add rule {T} forward meta nfproto ipv6 drop",
    f"add rule {T} forward ct state invalid drop",
    f"add rule {T} forward ct state related meta l4proto icmp accept",
    f"add rule {T} forward ct direction reply meta l4proto {{ tcp, icmp }} accept",
    f"add rule {T} forward ct state new add @flows {{ ip saddr ct count over {FLOWS_MAX} }} "
    "goto refuse",
    f"add rule {T} forward ct original ip saddr vmap @senders",
    f"add rule {T} passed ct original ip daddr vmap @receivers",
    f"add rule {T} passed ct original ip daddr @local reject with icmpx type host-unreachable",
    f"add rule {T} passed accept",
    f'add rule {T} leave oifname "{UPLINK_INSIDE}" masquerade',
)


def _groups(rules: Rules) -> dict[str, list[str]]:
    """Every group that a rule or a member names, with the addresses of those who are in it."""
    found: dict[str, list[str]] = {}
    for member in rules.members.values():
        for name in member.groups:
            found.setdefault(_named(name), []).append(member.address)
        for hole in (*member.egress, *member.ingress):
            if hole.group is not None:
                found.setdefault(_named(hole.group), [])
    return {name: sorted(addresses) for name, addresses in found.items()}


def _named(group: str) -> str:
    assert _GROUP.fullmatch(group), group
    return group.replace("-", "_")


def _filled(name: str, elements: Iterable[str], *, is_new: bool) -> list[str]:
    lines = [f"add set {T} {name} {{ type ipv4_addr; }}"] if is_new else [f"flush set {T} {name}"]
    listed = ", ".join(elements)
    return [*lines, f"add element {T} {name} {{ {listed} }}"] if listed else lines


def _made(one: Member) -> list[str]:
    n = one.number
    return [
        f"add counter {T} c_{n}",
        f"add set {T} r_{n} {{ type ipv4_addr . ipv4_addr . inet_proto . inet_service; "
        f"size {REFUSED_KEPT_MAX}; flags dynamic; counter; }}",
        *(f"add chain {T} {kind}_{n}" for kind in "xei"),
        f"add rule {T} x_{n} ct direction reply drop",
        f'add rule {T} x_{n} counter name "c_{n}"',
        f"add rule {T} x_{n} meta l4proto {{ tcp, udp }} "
        f"update @r_{n} {{ ip saddr . ip daddr . meta l4proto . th dport }}",
        f"add rule {T} x_{n} meta l4proto != {{ tcp, udp }} "
        "update @strange { iifname . ip saddr . ip daddr . meta l4proto }",
        f"add rule {T} x_{n} goto refuse",
    ]


def _links(verb: str, one: Member) -> list[str]:
    """``add`` or ``delete`` what leads a sandbox's packets to its chains."""
    n = one.number
    return [
        f'{verb} element {T} stands {{ "{veth(n)}" . {one.address} }}',
        f"{verb} element {T} senders {{ {one.address} : goto e_{n} }}",
        f"{verb} element {T} receivers {{ {one.address} : goto i_{n} }}",
    ]


def _removed(one: Member) -> list[str]:
    n = one.number
    return [
        *(f"delete chain {T} {kind}_{n}" for kind in "eix"),
        f"delete counter {T} c_{n}",
        f"delete set {T} r_{n}",
    ]


def _rules(one: Member) -> list[str]:
    n = one.number
    lines = [f"add rule {T} e_{n} ct original ip daddr @host goto x_{n}"]
    for hole in one.egress:
        if (match := _match(hole, "daddr")) is not None:
            lines.append(" ".join(("add rule", T, f"e_{n}", *match, "goto passed")))
    for hole in one.ingress:
        if (match := _match(hole, "saddr")) is not None:
            lines.append(" ".join(("add rule", T, f"i_{n}", *match, "accept")))
    return [*lines, *(f"add rule {T} {kind}_{n} goto x_{n}" for kind in "ei")]


def _match(hole: Hole, side: str) -> list[str] | None:
    """What a packet must be to pass a hole; None if none of ours ever could (IPv6)."""
    peer = f"ct original ip {side}"
    if hole.group is not None:
        found = [f"{peer} @g_{_named(hole.group)}"]
    elif "0.0.0.0/0" in hole.networks:
        found = []
    elif hole.networks:
        found = [f"{peer} {{ {', '.join(hole.networks)} }}"]
    else:
        return None
    if hole.protocol == "-1":
        return found
    if hole.protocol == "icmpv6":
        return None
    assert hole.protocol in (*_PORTS, "icmp") or hole.protocol.isdigit(), hole
    found.append(f"meta l4proto {hole.protocol}")
    if hole.protocol in _PORTS and hole.first != ANY:
        found.append(f"ct original proto-dst {hole.first}-{hole.last}")
    if hole.protocol == "icmp" and hole.first != ANY:
        found.append(f"icmp type {hole.first}")
        if hole.last != ANY:
            found.append(f"icmp code {hole.last}")
    return found
