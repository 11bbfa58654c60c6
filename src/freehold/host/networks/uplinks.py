"""The host's part: one nftables table of ours, forwarding, and a link to each router.

What comes by our uplinks never reaches the host itself, nor inner networks, nor another uplink;
what leaves wears the host's address. Nobody else's packets are judged here, except that a host
that did not forward before us still forwards nothing but ours.
"""

from __future__ import annotations

import fcntl
import itertools
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from freehold.base.errors import Internal, LimitExceeded
from freehold.host.networks import addresses, commands
from freehold.host.networks.names import PREFIX, UPLINK_INSIDE, UPLINKS, Names
from freehold.host.networks.probe import FORWARDING

RUN = Path("/run/freehold")
LOCK = RUN / "links.lock"
FORWARDS_FOR_US = RUN / "forwarding"  # there if the host forwarded nothing before we came
LINKS_MAX = addresses.LINKS.num_addresses // 2
_NEVER = "0.0.0.0/8, 127.0.0.0/8, 168.63.129.16/32, 169.254.0.0/16, 192.0.0.0/24, 224.0.0.0/3"
_PRIVATE = "10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16"


def prepare(names: Names) -> None:
    """Let the host forward, and put our table in the place of an earlier one of ours."""
    RUN.mkdir(mode=0o755, exist_ok=True)
    if FORWARDING.read_text().strip() == "0":
        FORWARDS_FOR_US.touch()
        FORWARDING.write_text("1\n")
    links = [str(addresses.link(number)[1]) for _, number in _ours(names)]
    commands.nft(table(names, links, is_only_ours=FORWARDS_FOR_US.exists()))


def table(names: Names, links: list[str], *, is_only_ours: bool) -> str:
    """The text of the host's table. ``links``: the addresses of routers that stand."""
    t, mine = f"inet {names.table}", f'iifname "{names.uplinks}*"'
    refuse = "reject with icmpx type admin-prohibited"
    lines = [
        f"add table {t}",
        f"delete table {t}",
        f"add table {t}",
        f"add set {t} links {{ type ipv4_addr; }}",
        f"add chain {t} input {{ type filter hook input priority filter - 5; policy accept; }}",
        f"add chain {t} forward {{ type filter hook forward priority filter - 5; policy accept; }}",
        f"add chain {t} leave {{ type nat hook postrouting priority srcnat; }}",
        f"add rule {t} input {mine} meta l4proto tcp reject with tcp reset",
        f"add rule {t} input {mine} {refuse}",
        f"add rule {t} forward {mine} ip saddr != @links drop",
        f"add rule {t} forward {mine} meta nfproto ipv6 drop",
        f"add rule {t} forward {mine} ct status dnat {refuse}",
        f"add rule {t} forward {mine} ip daddr {{ {_NEVER}, {_PRIVATE} }} {refuse}",
        f'add rule {t} forward {mine} oifname "{UPLINKS}*" {refuse}',
        f"add rule {t} forward {mine} tcp flags syn tcp option maxseg size set rt mtu",
        f'add rule {t} forward oifname "{names.uplinks}*" ct state != {{ established, related }} '
        "drop",
        f"add rule {t} leave ip saddr @links masquerade",
    ]
    if is_only_ours:
        lines.append(
            f'add rule {t} forward iifname != "{UPLINKS}*" oifname != "{UPLINKS}*" drop '
            'comment "this host forwarded nothing before freehold"'
        )
    lines += [f"add element {t} links {{ {one} }}" for one in links]
    return "\n".join(lines) + "\n"


def connect(names: Names, router: str) -> None:
    """Give a router its way out. Its own rules stand already.

    Raises:
        LimitExceeded: All links of this machine are in use.
        Internal: The kernel refused.
    """
    with _machine_lock():
        taken = [_number(name) for _, name in socket.if_nameindex() if name.startswith(UPLINKS)]
        number = addresses.first_free(taken, 0)
        if number >= LINKS_MAX:
            raise LimitExceeded("This machine has no address left for another router.")
        name = names.uplink(number)
        host, inside = addresses.link(number)
        commands.ip(
            [
                f"link add {name} type veth peer name {UPLINK_INSIDE} netns {router}",
                f"link set {name} addrgenmode none",
                f"addr add {host}/31 dev {name}",
                f"link set {name} up",
            ]
        )
    commands.nft(f"add element inet {names.table} links {{ {inside} }}\n")
    commands.ip(
        [
            f"link set {UPLINK_INSIDE} addrgenmode none",
            f"addr add {inside}/31 dev {UPLINK_INSIDE}",
            f"link set {UPLINK_INSIDE} up",
            f"route add default via {host}",
        ],
        router,
    )


def disconnect(names: Names, inside: str) -> None:
    """Take a router's link away. ``inside``: the router's address on it."""
    number = addresses.link_number(addresses.Address(inside))
    commands.ip([f"link del {names.uplink(number)}"], forgives=True)
    commands.nft(
        f"add element inet {names.table} links {{ {inside} }}\n"
        f"delete element inet {names.table} links {{ {inside} }}\n"
    )


def clear(names: Names) -> None:
    """Remove all that is ours on the host."""
    commands.ip([f"link del {name}" for name, _ in _ours(names)], forgives=True)
    commands.nft(f"add table inet {names.table}\ndelete table inet {names.table}\n")


def closed_chains() -> list[str]:
    """Chains of others that drop forwarded packets by default, ours with them: Docker's, ufw's.

    As ``family table chain``. An ``accept`` of ours does not outweigh them.
    """
    try:
        shown = json.loads(commands.run("nft", "-j", "list", "chains"))["nftables"]
    except Internal:
        return []
    return [
        f"{one['chain']['family']} {one['chain']['table']} {one['chain']['name']}"
        for one in shown
        if one.get("chain", {}).get("hook") == "forward"
        and one["chain"].get("policy") == "drop"
        and not one["chain"]["table"].startswith(PREFIX)
    ]


def opening(chain: str) -> str:
    """The command that lets our packets pass a chain of others."""
    answers = "ct state established,related"
    return (
        f"nft insert rule {chain} iifname '\"{UPLINKS}*\"' accept && "
        f"nft insert rule {chain} oifname '\"{UPLINKS}*\"' {answers} accept"
    )


def own_addresses(text: str | None = None) -> tuple[str, ...]:
    """The host's own IPv4 addresses but for loopback, as the kernel's table of routes has them."""
    lines = (Path("/proc/net/fib_trie").read_text() if text is None else text).splitlines()
    found = {
        above.split()[-1]
        for above, line in itertools.pairwise(lines)
        if line.strip() == "/32 host LOCAL"
    }
    return tuple(sorted(one for one in found if not one.startswith("127.")))


def _ours(names: Names) -> list[tuple[str, int]]:
    return [
        (name, _number(name)) for _, name in socket.if_nameindex() if name.startswith(names.uplinks)
    ]


def _number(uplink: str) -> int:
    return int(uplink[-5:], 16)


@contextmanager
def _machine_lock() -> Iterator[None]:
    descriptor = os.open(LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
