"""Routers and sandboxes' namespaces, made, found again and removed. The kernel is the ledger.

Input: values from ``loops/networks``. Output: namespaces whose names tell whose they are
(``names.py``). A sandbox's line says in its alias which sandbox and address it is for; the alias
is set last, so that what a crash left half-made is known by its absence and removed.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from freehold.base.errors import Internal
from freehold.host.networks import commands, probe, readings, uplinks
from freehold.host.networks.names import NETNS, UPLINK_INSIDE, Names, number, path, veth
from freehold.host.networks.readings import Counts, Refused
from freehold.host.networks.ruleset import Rules, whole


class Line(NamedTuple):
    """A sandbox's connection to its router. ``id`` is its work's."""

    id: str
    number: int
    address: str


class Namespaces:
    """What one install has on this machine. Calls about one router come one after the other."""

    def __init__(self, state: Path) -> None:
        """Look after the networks of the install that keeps its state there."""
        self.names = Names.of(state)
        self._is_prepared = False

    def found(self) -> dict[str, list[Line]]:
        """Routers that stand, by id, with their whole lines. What is half-made is removed."""
        listed = set(os.listdir(NETNS)) if NETNS.is_dir() else set()
        if not any(name.startswith((self.names.routers, self.names.stands)) for name in listed):
            return {}
        self._prepare()
        routers: dict[str, list[Line]] = {}
        for name in sorted(listed):
            if name.startswith(self.names.routers):
                lines = self._lines(name, listed)
                if lines is not None:
                    routers[name.removeprefix(self.names.routers)] = lines
        kept = {self.names.stand(line.id) for lines in routers.values() for line in lines}
        lost = [one for one in listed if one.startswith(self.names.stands) and one not in kept]
        self._forget(lost)
        return routers

    def _prepare(self) -> None:
        """The host's part, once for each server: a sandbox that never comes changes nothing."""
        if not self._is_prepared:
            uplinks.prepare(self.names)
            self._is_prepared = True

    def _lines(self, router: str, listed: set[str]) -> list[Line] | None:
        """A router's whole lines; None if it is none, and then it is gone."""
        try:
            shown = commands.ask("link", "show", namespace=router)
        except Internal:
            shown = []
        if UPLINK_INSIDE not in {one["ifname"] for one in shown}:
            self._forget([router])
            return None
        found, broken = [], []
        for one in shown:
            line_number = number(one["ifname"])
            if line_number is None:
                continue
            id, _, address = one.get("ifalias", "").partition(" ")
            if address and self.names.stand(id) in listed:
                found.append(Line(id, line_number, address))
            else:
                broken.append(f"link del {one['ifname']}")
        if broken:
            commands.ip(broken, router, forgives=True)
        return found

    def open_router(self, id: str) -> None:
        """Make a router that lets nothing pass, then its way out."""
        self._prepare()
        name = self.names.router(id)
        self._forget([name] if (NETNS / name).exists() else [])
        commands.ip([f"netns add {name}"])
        commands.nft(whole(Rules()), name)
        commands.within(name, "sh", "-c", _SETTINGS)
        commands.ip(["link set lo up"], name)
        uplinks.connect(self.names, name)

    def close_router(self, id: str) -> None:
        """Remove a router that has no lines."""
        name = self.names.router(id)
        with contextlib.suppress(Internal):
            for one in commands.ask("addr", "show", "dev", UPLINK_INSIDE, namespace=name):
                for address in one.get("addr_info", ()):
                    uplinks.disconnect(self.names, address["local"])
        self._forget([name])

    def join(self, router: str, line: Line, gateway: str) -> None:
        """Make a sandbox's namespace with its line; the rules decide what passes on it."""
        stand, end = self.names.stand(line.id), veth(line.number)
        name = self.names.router(router)
        if (NETNS / stand).exists():
            self._forget([stand])
        commands.ip(
            [
                f"netns add {stand}",
                f"link add {end} netns {name} type veth peer name eth0 netns {stand}",
            ]
        )
        inside = [
            "link set lo up",
            "link set eth0 addrgenmode none",
            f"addr add {line.address}/32 dev eth0",
            "link set eth0 up",
            f"route add default via {gateway} dev eth0 onlink",
        ]
        commands.within(stand, "sh", "-c", _JOINING, given="\n".join(inside) + "\n")
        commands.ip(
            [
                f"addr replace {gateway}/32 dev lo",
                f"link set {end} addrgenmode none",
                f"link set {end} up",
                f"route replace {line.address}/32 dev {end}",
                f'link set {end} alias "{line.id} {line.address}"',
            ],
            name,
        )

    def path_of(self, line: Line) -> str:
        """Where a sandbox joins its network."""
        return path(self.names.stand(line.id))

    def leave(self, router: str, lines: Iterable[Line]) -> None:
        """Cut lines and remove their namespaces; what still runs in one has no network then."""
        given = list(lines)
        cut = [f"link del {veth(line.number)}" for line in given]
        commands.ip(cut, self.names.router(router), forgives=True)
        self._forget([self.names.stand(line.id) for line in given])

    def apply(self, router: str, text: str) -> None:
        """Put rules (``ruleset.py``) in force, all or none."""
        commands.nft(text, self.names.router(router))

    def counts(self, router: str) -> Counts:
        """How much a router ever refused, by the numbers of its lines."""
        return readings.counts(self.names.router(router))

    def refused(self, router: str) -> list[Refused]:
        """What a router refused since this was last asked."""
        return readings.take(self.names.router(router))

    def own_addresses(self) -> tuple[str, ...]:
        """The machine's own addresses, which no sandbox reaches."""
        return uplinks.own_addresses()

    def clear(self) -> None:
        """Remove everything of this install's."""
        listed = os.listdir(NETNS) if NETNS.is_dir() else []
        ours = (self.names.routers, self.names.stands)
        gone = [one for one in listed if one.startswith(ours)]
        for one in gone:
            if one.startswith(self.names.routers):
                self._cut(one)
        self._forget(gone)
        uplinks.clear(self.names)
        self._is_prepared = False

    def _cut(self, router: str) -> None:
        """Take a router's lines at once: a namespace that is still lived in keeps its own end."""
        with contextlib.suppress(Internal):
            shown = commands.ask("link", "show", namespace=router)
            ends = [one["ifname"] for one in shown if number(one["ifname"]) is not None]
            commands.ip([f"link del {end}" for end in ends], router, forgives=True)

    def _forget(self, namespaces: list[str]) -> None:
        if namespaces:
            commands.ip([f"netns del {name}" for name in namespaces], forgives=True)
        for name in namespaces:
            with contextlib.suppress(OSError):  # a name without a namespace, after a reboot
                os.unlink(NETNS / name)


# Whoever the rules let ping may do so without rights, as on any machine.
_JOINING = "echo '0 2147483647' > /proc/sys/net/ipv4/ping_group_range && exec ip -batch -"
# A router routes, tells nobody of better ways, and hears of none.
_SETTINGS = """
cd /proc/sys/net/ipv4 && echo 1 > ip_forward && cd conf &&
for one in all default; do
  echo 0 > $one/send_redirects; echo 0 > $one/accept_redirects; echo 0 > $one/rp_filter
done
"""


def clear(state: Path) -> None:
    """Remove all networks of an install whose workloads have ended."""
    if probe.examine().mode == "namespaces":
        Namespaces(state).clear()
