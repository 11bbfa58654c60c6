"""Which way networks are held on this machine: by namespaces of ours, or by the egress proxy.

``namespaces``: root, with ``ip``, ``nft`` and a kernel that takes our rules; tried for real, in a
namespace that nobody else sees. ``proxy``: sandboxes have no network, and the server dials for
them. Read by the loop that owns networks and by doctor. Nothing is left behind.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal, NamedTuple

from freehold.base.errors import Internal
from freehold.host.networks import commands
from freehold.host.networks.ruleset import Hole, Member, Rules, whole

Mode = Literal["namespaces", "proxy"]
FORWARDING = Path("/proc/sys/net/ipv4/ip_forward")
INSTALL = "apt-get install -y nftables iproute2 util-linux"
MODULES = "modprobe -a veth nf_tables nft_ct nft_masq nft_reject_inet nft_connlimit"
_TRIAL = Rules(
    {
        1: Member(
            1,
            "10.0.0.4",
            (Hole("tcp", 443, 443, ("192.0.2.0/24",)), Hole("icmp", 8, 0, ("10.0.0.0/8",))),
            (Hole("udp", 1, 2, group="sg-1"),),
            ("sg-1",),
        )
    },
    ("10.0.0.0/16",),
    ("192.0.2.1",),
)


class Found(NamedTuple):
    """The mode in force, why, and the one command that would give namespaces; empty if none."""

    mode: Mode
    reason: str
    mend: str = ""


_working: list[Found] = []


def examine() -> Found:
    """Look and try. Only what works is remembered: a host may be mended while we run."""
    if not _working:
        found = _examine()
        if found.mode == "proxy":
            return found
        _working[:] = [found]
    return _working[0]


def _examine() -> Found:
    if os.geteuid() != 0:
        return Found("proxy", "not root: the server connects on behalf of sandboxes",
                     "sudo freehold up")  # fmt: skip
    if absent := commands.missing():
        return Found("proxy", f"not installed: {', '.join(absent)}", INSTALL)
    if not (os.access(FORWARDING, os.W_OK) and _is_writable(FORWARDING)):
        return Found("proxy", f"{FORWARDING} cannot be written here",
                     "run freehold on the host, or in a container with --privileged")  # fmt: skip
    try:
        _try("ip", "link add trial0 type veth peer name trial1", "-batch", "-")
        _try("nft", whole(_TRIAL), "-f", "-")
    except Internal as trouble:
        return Found("proxy", f"tried and refused: {trouble.message}", MODULES)
    return Found("namespaces", "network namespaces, veth and nftables work here")


def _try(program: str, given: str, *options: str) -> None:
    """Run it in a network namespace of its own."""
    path = commands.found(program) or program
    commands.run("unshare", "--net", path, *options, given=given)


def _is_writable(path: Path) -> bool:
    """Whether a write would pass, as root too: containers mount /proc/sys read-only."""
    return not os.statvfs(path).f_flag & os.ST_RDONLY
