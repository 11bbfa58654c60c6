"""What a router refused: read from its sets and counters, for the flow logs.

A set holds so many destinations of a sandbox between two readings; what exceeds it is still
counted (``counts``). Reading empties the sets; the counts only grow.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from freehold.host.networks import commands
from freehold.host.networks.names import number
from freehold.host.networks.ruleset import T

_PORTS = (6, 17)  # tcp, udp


class Refused(NamedTuple):
    """Packets that the rules of sandbox ``by`` refused. ``protocol`` is IP's number."""

    by: int
    source: str
    target: str
    protocol: int
    port: int
    packets: int
    bytes: int


Counts = dict[int, tuple[int, int]]
"""By sandbox: all packets and bytes that its rules ever refused."""


def counts(router: str) -> Counts:
    """What the counters of a router's namespace say."""
    said = commands.within(router, "nft", "-j", "-n", "list", "counters", "table", *T.split())
    found: Counts = {}
    for one in _shown(said, "counter"):
        if of := re.fullmatch(r"c_(\d+)", one["name"]):
            found[int(of[1])] = (one["packets"], one["bytes"])
    return found


def take(router: str) -> list[Refused]:
    """Read what a router keeps of what it refused, and let it begin anew."""
    said = commands.within(router, "nft", "-j", "-n", "list", "sets", "table", *T.split())
    found = parse(said)
    full = {"strange" if one.protocol not in _PORTS else f"r_{one.by}" for one in found}
    if full:
        commands.nft("".join(f"flush set {T} {name}\n" for name in sorted(full)), router)
    return found


def parse(said: str) -> list[Refused]:
    """What ``nft -j -n list sets`` says."""
    return [one for given in _shown(said, "set") for one in _elements(given)]


def _shown(said: str, kind: str) -> list[dict[str, Any]]:
    return [one[kind] for one in json.loads(said)["nftables"] if kind in one]


def _elements(given: dict[str, Any]) -> Iterator[Refused]:
    of = re.fullmatch(r"r_(\d+)", given["name"])
    if of is None and given["name"] != "strange":
        return
    for element in given.get("elem", ()):
        held = element["elem"]
        values, counter = held["val"]["concat"], held["counter"]
        by = number(str(values[0])) if of is None else int(of[1])
        source, target, protocol, *port = values if of is not None else values[1:]
        if by is not None:
            yield Refused(by, source, target, protocol, port[0] if port else 0, **counter)
