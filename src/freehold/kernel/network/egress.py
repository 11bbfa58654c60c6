"""Where a sandbox may connect to right now, when the server dials for it: the proxy's rule.

Input: a door's id, records (through the event loop's own ``Unit``), and an address that a name was
resolved to. Output: a refusal in words, or none. What was read is kept until a record that it
depends on is written; then whoever set ``changed`` asks again. The same rule decides which
addresses a name may resolve to (``edge/dns/answers.py``). IPv4 only, as in all of our networks.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from freehold.base.errors import Fault
from freehold.kernel.network import placing, reach
from freehold.kernel.network.placing import Placement
from freehold.kernel.network.reach import Reach
from freehold.kernel.network.refusals import UNKNOWN
from freehold.kernel.network.rules import NEVER, PRIVATE, Packet

if TYPE_CHECKING:
    from freehold.kernel.dispatch import Kernel
    from freehold.kernel.doors import Door
    from freehold.store.unit import Unit

Address = ipaddress.IPv4Address

WATCHED = reach.KINDS | {"sagemaker:domain", "sagemaker:user-profile", "sagemaker:space"}
"""Whose records say where a workload belongs and what passes there."""
WAYS_MAX = 4096
JOBS = frozenset({"sagemaker:training-job", "sagemaker:processing-job"})


class Way(NamedTuple):
    """What one sandbox may be connected to. Two are equal if they let the same pass.

    ``reach`` is given for a placement in a VPC. ``why`` tells why nothing passes, where nothing
    does, and is empty elsewhere: then no name is looked up either, so that not even a question of
    a sandbox without a way out leaves the machine.
    """

    domain_id: str | None
    source: str
    reach: Reach | None = None
    why: str = ""

    def refusal(self, address: Address, port: int) -> str:
        """Why the server may not make a TCP connection for it; empty if it may."""
        if self.reach is not None and self.reach.is_local(address):
            return self.why or _LOCAL
        always = self._always(address)
        if always or self.reach is None or self.reach.may_send(Packet("tcp", port), address):
            return always
        return f"no outbound rule of {', '.join(self.reach.groups)} allows tcp {port} to it"

    def hides(self, address: Address) -> str:
        """Why no name may lead to an address: no traffic at all could pass to it."""
        always = self._always(address)
        if always or self.reach is None:
            return always
        networks = [rule.network for rule in self.reach.egress if rule.network is not None]
        return "" if any(address in network for network in networks) else "no rule allows it"

    def _always(self, address: Address) -> str:
        """Why an address is out of reach at every port."""
        if self.why:
            return self.why
        if any(address in network for network in NEVER):
            return "it is loopback, link-local or multicast, which no sandbox reaches"
        if self.reach is not None:
            return "" if self.reach.is_routed(address) else _UNROUTED
        is_private = any(address in network for network in PRIVATE)
        return "private addresses are not on the internet" if is_private else ""


_LOCAL = "it lies inside the VPC, where this server cannot connect on a sandbox's behalf"
_UNROUTED = "no route of its subnets leads there by an internet gateway"
_SHUT = "neither its security groups nor its routes lead out of its VPC"


class Egress:
    """The ways of all sandboxes. All but ``changed``'s being called is for the event loop alone.

    Attributes:
        changed: Called, from any thread, when what may pass could have changed.
    """

    def __init__(self, kernel: Kernel, leads_away: Callable[[Address], bool]) -> None:
        self._kernel = kernel
        self._leads_away = leads_away
        self._version = 0
        self._ways: dict[str, tuple[int, Door, Way]] = {}
        self._reaches: dict[Placement, tuple[Reach | None, str]] = {}
        self._read_at = 0
        self.changed: Callable[[], None] = lambda: None
        kernel.watchers.append(self._written)

    def _written(self, kinds: set[str]) -> None:
        if kinds & WATCHED:
            self._version += 1
            self.changed()

    def way(self, door_id: str) -> Way:
        """The way out of the sandbox behind a door; of an unknown one there is none."""
        door = self._kernel.doors.find(door_id)
        if door is None:
            return Way(None, UNKNOWN, why="this sandbox is being ended")
        kept = self._ways.get(door_id)
        if kept is not None and kept[0] == self._version and kept[1] is door:
            return kept[2]
        version = self._version  # what is written while we read makes it old at once
        way = self._made(door)
        if len(self._ways) >= WAYS_MAX:
            self._ways.clear()
        self._ways[door_id] = (version, door, way)
        return way

    def is_direct(self, door_id: str) -> bool:
        """Whether the sandbox has a network of its own, so that it must dial by itself."""
        door = self._kernel.doors.find(door_id)
        return door is not None and door.is_direct

    def refusal(self, way: Way, address: Address, port: int) -> str:
        """Why not, in a few words; empty if a connection may be made, from this machine too."""
        return way.refusal(address, port) or self._own(address)

    def hides(self, way: Way, address: Address) -> bool:
        """Whether a name may not be resolved to ``address``."""
        return bool(way.hides(address) or self._own(address))

    def refused(self, way: Way, address: Address | None, port: int) -> None:
        """Count a refused connection for the flow log."""
        self._kernel.refusals.refused(
            way.domain_id,
            way.source,
            UNKNOWN if address is None else str(address),
            "tcp",
            port,
            at=self._kernel.clock.now(),
        )

    def _own(self, address: Address) -> str:
        return "" if self._leads_away(address) else "it is this machine itself, or nowhere"

    def _made(self, door: Door) -> Way:
        unit = self._kernel.reader
        record = unit.find(door.source)
        if record is None:
            return Way(None, door.source, why="the app or job of this sandbox is gone")
        is_job = record.kind in JOBS
        placement = placing.of_job(record) if is_job else placing.of_app(unit, record)
        domain_id = placement.domain_id
        if placement.kind == "none":
            return Way(domain_id, door.source, why="it was given no network")
        return Way(domain_id, door.source, *self._reach(placement, unit))

    def _reach(self, placement: Placement, unit: Unit) -> tuple[Reach | None, str]:
        """Many sandboxes stand in one place: it is read once for all of them after a change."""
        if self._read_at != self._version:
            self._reaches.clear()
            self._read_at = self._version
        known = self._reaches.get(placement)
        if known is None:
            try:
                found = placement.reach(unit)
                known = found, "" if found is None or found.reaches_internet() else _SHUT
            except Fault as fault:
                known = None, f"its network is not whole: {fault.message}"
            self._reaches[placement] = known
        return known
