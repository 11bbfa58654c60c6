"""Connections that the server makes for sandboxes, to hosts that are not ours: asked, dialled, cut.

Input: what a sandbox asks its listener for (``forward.py``: CONNECT; ``plain.py``: http), and the
rule of ``kernel/network/egress.py``. Output: a connection to an address that the rule allows, and
its end within a second after the rule no longer does. A name is resolved once and the address that
was asked for is dialled: there is nothing to rebind.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar, cast

from freehold.base import log
from freehold.base.errors import Denied, Fault, NotFound, Throttled
from freehold.edge.listen.lookups import Lookups
from freehold.kernel.network.egress import Egress, Way

Address = ipaddress.IPv4Address

EACH_MAX = 64
"""Connections of one sandbox at one time, those under way to be made included."""
ALL_MAX = 1024
CONNECT_SECONDS_MAX = 10.0
TRIES_MAX = 3
"""Of a name's addresses, so that one dead mirror is no end."""
SLICE_SECONDS = 0.005
"""How long a check may keep the event loop to itself."""
SANDBOX = "sandbox/"

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class Flow:
    """One connection, or one that is about to be made. ``end`` is how it is cut."""

    way: Way
    port: int
    address: Address | None = None
    end: Callable[[], None] | None = None
    is_cut: bool = False


class Outward:
    """All connections of all sandboxes. For one event loop; `begin` is called on it."""

    def __init__(self, egress: Egress, lookups: Lookups) -> None:
        self.egress = egress
        self.lookups = lookups
        self._flows: dict[str, set[Flow]] = {}
        self._count = 0
        self._is_due = False
        self._unchecked: list[str] = []

    def begin(self) -> None:
        """Hear of changes from now on."""
        loop = asyncio.get_running_loop()

        def changed() -> None:
            if not self._is_due:
                self._is_due = True
                with contextlib.suppress(RuntimeError):  # the server ends
                    loop.call_soon_threadsafe(self.check)

        self.egress.changed = changed

    def check(self) -> None:
        """Cut what may no longer be, a slice at a time, from the beginning after each change.

        A flow whose way is as it was costs one comparison.
        """
        self._is_due = False
        self._unchecked = list(self._flows)
        self._go_on()

    def _go_on(self) -> None:
        ends = time.perf_counter() + SLICE_SECONDS
        while self._unchecked:
            self._check(self._unchecked.pop())
            if time.perf_counter() > ends:
                asyncio.get_running_loop().call_soon(self._go_on)
                return

    def _check(self, door_id: str) -> None:
        way = self.egress.way(door_id)
        for flow in list(self._flows.get(door_id, ())):
            if flow.way == way or flow.address is None:
                continue
            if why := self.egress.refusal(way, flow.address, flow.port):
                self._cut(flow, way, why)
            flow.way = way

    def _cut(self, flow: Flow, way: Way, why: str) -> None:
        log.event("egress.cut", source=way.source, to=f"{flow.address}:{flow.port}", why=why)
        self.egress.refused(way, flow.address, flow.port)
        flow.is_cut = True
        if flow.end is not None:
            flow.end()

    def enter(self, door_id: str, port: int) -> Flow:
        """Take a place for one connection; `leave` gives it back.

        Raises:
            Throttled: The sandbox has too many, or all have.
        """
        flows = self._flows.setdefault(door_id, set())
        if len(flows) >= EACH_MAX or self._count >= ALL_MAX:
            most = EACH_MAX if len(flows) >= EACH_MAX else ALL_MAX
            raise Throttled(f"{most} connections to other hosts are open already: close some first")
        flow = Flow(self.egress.way(door_id), port)
        flows.add(flow)
        self._count += 1
        return flow

    def leave(self, door_id: str, flow: Flow) -> None:
        """A connection has ended. Twice is once."""
        flows = self._flows.get(door_id, set())
        if flow in flows:
            flows.discard(flow)
            self._count -= 1
        if not flows:
            self._flows.pop(door_id, None)

    async def dialled(
        self, door_id: str, flow: Flow, host: str, dial: Callable[[str], Awaitable[T]]
    ) -> T:
        """Resolve, ask the rule, and connect by ``dial``, which is given an address.

        ``dial`` raises OSError or TimeoutError where nobody answers: then the next one is tried.

        Raises:
            Denied: The sandbox may not go there; counted for the flow log.
            Fault: It may, and nobody answers there, or the name does not exist.
        """
        way = flow.way
        if way.why:  # refused before anything is looked up
            self.egress.refused(way, None, flow.port)
            raise Denied(_sentence(way, f"{host}:{flow.port}", way.why))
        try:
            found = await self.lookups.addresses(door_id, host)
        except NotFound as fault:
            raise Fault(fault.message) from fault
        way = flow.way = self.egress.way(door_id)  # it may have changed while we waited
        allowed: list[Address] = []
        why = ""
        for address in found:
            if refusal := self.egress.refusal(way, address, flow.port):
                why = why or refusal
            else:
                allowed.append(address)
        if not allowed:
            self.egress.refused(way, found[0], flow.port)
            at = "" if host == str(found[0]) else f" ({found[0]})"
            raise Denied(_sentence(way, f"{host}:{flow.port}{at}", why))
        return await self._first(door_id, flow, host, allowed[:TRIES_MAX], dial)

    async def _first(
        self,
        door_id: str,
        flow: Flow,
        host: str,
        addresses: list[Address],
        dial: Callable[[str], Awaitable[T]],
    ) -> T:
        failure: Exception | None = None
        for address in addresses:
            if self.egress.refusal(self.egress.way(door_id), address, flow.port):
                continue  # meanwhile
            flow.address = address  # from here on a change of the rule finds it
            try:
                return await dial(str(address))
            except (OSError, TimeoutError) as error:
                failure = error
        raise Fault(f"{host}:{flow.port} does not answer") from failure


def _sentence(way: Way, where: str, why: str) -> str:
    who = "This job" if way.domain_id is None else f"Domain {way.domain_id}"
    return f"{who} may not connect to {where}: {why}."


async def connection(address: str, port: int) -> asyncio.Transport:
    """Open a TCP connection that reads nothing until a tunnel takes over.

    Raises:
        OSError: Nobody answers there.
        TimeoutError: Not in time.
    """
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(CONNECT_SECONDS_MAX):
        far, _ = await loop.create_connection(Quiet, address, port)
    return far


class Quiet(asyncio.Protocol):
    """Reads nothing until a tunnel takes over: some servers speak first."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Stop at once."""
        cast("asyncio.Transport", transport).pause_reading()
