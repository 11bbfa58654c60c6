"""Owns the networks of workloads: one namespace each, held to the records of today.

Input: apps and jobs that are about to start (``join``, called by their loops), and records that
change (``turn``). Output: ``host/networks``. What stands is asked of the kernel once, so that a
new server goes on where the last one was cut off: what is live is taken up with today's rules,
the rest is removed. One lock: whoever reads rules and puts them in force holds it for both.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from freehold.base import log
from freehold.base.errors import Fault, Internal, LimitExceeded
from freehold.host.networks import addresses, probe
from freehold.host.networks.addresses import Address
from freehold.host.networks.namespaces import Line
from freehold.host.networks.ruleset import Rules, changes, whole
from freehold.kernel.dispatch import Kernel
from freehold.kernel.network import flows, reach
from freehold.loops.networks import flow_log, stands
from freehold.loops.networks.host import Host, Joined
from freehold.loops.networks.stands import Reader, Stand
from freehold.store.records import Record

READ_SECONDS = 5.0
TURN_SECONDS_MIN = 0.02  # writes wake the loop; more turns than this help nobody
ROUTER_REST_SECONDS = 60.0  # a router without sandboxes waits so long for the next one


class Networks:
    """The loop. ``join`` and ``is_direct`` may be called from any thread."""

    name = "networks"
    kinds = reach.KINDS | stands.JOBS | {stands.APP} | {
        "sagemaker:domain", "sagemaker:user-profile", "sagemaker:space",
    }  # fmt: skip

    def __init__(
        self,
        kernel: Kernel,
        host: Host,
        examine: Callable[[], probe.Found] = probe.examine,
        pulse: Callable[[], float] = time.monotonic,
    ) -> None:
        """Own the networks of ``kernel``'s install; ``pulse`` gives seconds that only grow."""
        self._kernel = kernel
        self._host = host
        self._examine = examine
        self._pulse = pulse
        self._lock = threading.Lock()
        self._stands: dict[str, Stand] = {}
        self._rules: dict[str, Rules | None] = {}  # by router; None: not known, so all is renewed
        self._last: dict[str, Address] = {}
        self._empty_since: dict[str, float] = {}
        self._own: tuple[str, ...] = ()
        self._left: list[flows.Flow] = []  # refused while no server ran
        self._is_adopted = self._is_closing = False
        self._turned_at = self._read_at = float("-inf")
        self._readings = flow_log.Readings(host, kernel.clock.now())

    # -- asked by the loops of apps and jobs ------------------------------------------------------

    def join(self, record: Record) -> Joined:
        """Give an app or a job its network; again the same, if it has one.

        Raises:
            Fault: Why it cannot be had. The workload must not start then.
        """
        work = stands.work_of(record)
        if self._examine().mode != "namespaces" or work is None:
            unit = self._kernel.own_unit()
            stands.placement(unit, record).reach(unit)  # a network that cannot be told is refused
            return Joined()
        with self._lock:
            self._adopt()
            if work not in self._stands:
                self._stand(work, record)
            known = self._stands.get(work)
            return Joined() if known is None else Joined(self._host.path_of(known.line))

    def is_direct(self, work: str) -> bool:
        """Whether a work stands in a network of its own."""
        with self._lock:
            self._adopt()
            return work in self._stands

    def interface(self, record: Record) -> str:
        """What a workload's network interface is called, seen from inside."""
        place = stands.placement(self._kernel.own_unit(), record)
        return "eth0" if place.kind != "none" and self._examine().mode == "namespaces" else "lo"

    # -- the loop ---------------------------------------------------------------------------------

    def turn(self) -> float:
        """Hold every workload to the records of now; seconds until flows are read again."""
        pause = self._turned_at + TURN_SECONDS_MIN - self._pulse()
        if pause > 0:
            return pause
        with self._lock:
            self._turned_at = self._pulse()
            if self._is_closing:
                return READ_SECONDS
            self._adopt()
            is_due = self._pulse() >= self._read_at + READ_SECONDS
            if is_due and self._stands:
                self._own = self._host.own_addresses()
            try:
                self._drop()
            except Internal as trouble:  # what cannot be removed holds up nobody's rules
                log.event("networks.not_removed", level=40, reason=trouble.message)
            self._enforce()
            found = [*self._left, *(self._read() if is_due else ())]
            self._left = []
        if found:
            self._keep(found)
        return max(TURN_SECONDS_MIN, self._read_at + READ_SECONDS - self._pulse())

    def close(self) -> None:
        """Networks live on with their sandboxes; where there are none, nothing stays."""
        with self._lock:
            self._is_closing = True
            if self._is_adopted and self._rules and not self._stands:
                try:
                    self._host.clear()
                except Internal as trouble:
                    log.event("networks.left", level=30, reason=trouble.message)

    # -- what stands ------------------------------------------------------------------------------

    def _adopt(self) -> None:
        """Take up what an earlier server left, once."""
        if self._is_adopted:
            return
        if self._examine().mode != "namespaces":
            self._is_adopted = True
            return
        found = self._host.found()
        known = stands.arns(self._kernel.own_unit()) if found else {}
        for router, lines in found.items():
            self._rules[router] = None
            orphans = [line for line in lines if line.id not in known]
            if orphans:
                self._host.leave(router, orphans)
            for line in lines:
                if line.id in known:
                    arn = known[line.id]
                    self._stands[line.id] = Stand(router, line, arn, self._domain(arn))
        self._is_adopted = True
        if found:
            self._left = self._read()  # their rules, and what these refused, are renewed now
            self._own = self._host.own_addresses()
            self._enforce()

    def _domain(self, arn: str) -> str | None:
        unit = self._kernel.own_unit()
        record = unit.find(arn)
        return None if record is None else stands.placement(unit, record).domain_id

    def _stand(self, work: str, record: Record) -> None:
        """Make a workload's place: its router, address and line, under its rules from the start."""
        unit = self._kernel.own_unit()
        place = stands.placement(unit, record)
        if place.kind == "none":
            return
        found = Reader(unit).reach(place)
        router = stands.router_of(place, found)
        if router not in self._rules:
            self._host.open_router(router)
            self._rules[router] = Rules()
            self._own = self._host.own_addresses()
        line, gateway = self._line(work, router, stands.subnets_of(found))
        try:
            self._host.join(router, line, gateway)
            self._stands[work] = Stand(router, line, record.arn, place.domain_id)
            self._enforce({router}, is_asked=True)
        except Fault:
            self._stands.pop(work, None)
            self._host.leave(router, [line])
            self._rules[router] = None
            if all(stand.router != router for stand in self._stands.values()):
                del self._rules[router]  # made anew for the next one, in case it is what is broken
            raise

    def _line(self, work: str, router: str, subnets: list[addresses.Network]) -> tuple[Line, str]:
        """A free number and address, of the subnet with the fewest sandboxes, and its router's."""
        there = [stand.line for stand in self._stands.values() if stand.router == router]
        taken = {Address(line.address) for line in there}
        number = addresses.first_free(line.number for line in there)
        for subnet in sorted(subnets, key=lambda one: sum(a in one for a in taken)):
            key = f"{router} {subnet}"
            within = {address for address in taken if address in subnet}
            address = addresses.free(subnet, within, self._last.get(key))
            if address is not None:
                self._last[key] = address
                gateway = addresses.gateway(subnet)
                return Line(work, number, str(address)), str(gateway)
        raise LimitExceeded(
            "There is no free IP address in the subnets "
            f"{', '.join(str(subnet) for subnet in subnets)}: end other workloads that stand in "
            "them, or give a larger subnet.",
            code="InsufficientFreeAddressesInSubnet",
        )

    def _drop(self) -> None:
        """Remove the places of workloads that ended, and routers that stand idle."""
        unit = self._kernel.own_unit()
        gone: dict[str, list[str]] = {}
        for work, stand in self._stands.items():
            record = unit.find(stand.arn)
            if record is None or stands.work_of(record) != work:
                gone.setdefault(stand.router, []).append(work)
        for router, works in gone.items():
            self._host.leave(router, [self._stands[work].line for work in works])
            for work in works:
                del self._stands[work]
        now = self._pulse()
        lived_in = {stand.router for stand in self._stands.values()}
        for router in list(self._rules):
            if router in lived_in:
                self._empty_since.pop(router, None)
            elif now >= self._empty_since.setdefault(router, now) + ROUTER_REST_SECONDS:
                self._host.close_router(router)
                del self._rules[router], self._empty_since[router]
                self._readings.forget(router)

    # -- what passes ------------------------------------------------------------------------------

    def _enforce(self, routers: set[str] | None = None, *, is_asked: bool = False) -> None:
        """Bring routers (None: all) to the rules of now.

        A router that refuses its rules is given all of them anew the next time. ``is_asked``:
        somebody waits for it, and is told.
        """
        reader = Reader(self._kernel.own_unit())
        for router in routers or list(self._rules):
            there = [stand for stand in self._stands.values() if stand.router == router]
            rules = reader.rules(there, self._own)
            old = self._rules[router]
            text = whole(rules) if old is None else changes(old, rules)
            if not text:
                continue
            self._rules[router] = None
            try:
                self._host.apply(router, text)
            except Internal as trouble:
                log.event("networks.refused_rules", level=40, router=router,
                          reason=trouble.message, detail=trouble.detail[-2000:])  # fmt: skip
                if is_asked:
                    raise
                continue
            self._rules[router] = rules

    # -- what was refused -------------------------------------------------------------------------

    def _read(self) -> list[flows.Flow]:
        self._read_at = self._pulse()
        there = list(self._stands.values())
        drained = self._kernel.refusals.drain()
        found = self._readings.take(there, self._kernel.clock.now())
        return [*found, *flow_log.of_proxy(drained, there)]

    def _keep(self, found: list[flows.Flow]) -> None:
        kernel = self._kernel
        kernel.writer.run(
            lambda unit: flows.append(unit, kernel.settings, found, kernel.clock.now())
        )
