"""A sandbox's place in the network as a value, and what its router is to enforce for it.

Input: records, through a ``Unit``, and lines that stand. Output: ``Rules`` for
``host/networks/ruleset.py``. A workload whose place can no longer be told is cut off, never left
with the rules that it had.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network

from freehold.base import log
from freehold.base.errors import Fault
from freehold.host.networks.addresses import PUBLIC
from freehold.host.networks.namespaces import Line
from freehold.host.networks.ruleset import Hole, Member, Rules
from freehold.kernel.network import placing
from freehold.kernel.network.placing import Placement
from freehold.kernel.network.reach import Reach
from freehold.kernel.network.rules import Opening, Rule, internet
from freehold.store import records
from freehold.store.records import Record
from freehold.store.unit import Unit

APP = "sagemaker:app"
JOBS = frozenset({"sagemaker:training-job", "sagemaker:processing-job"})
LIVE_APP = frozenset({"Pending", "InService", "Deleting"})
ENDED_JOB = frozenset({"Completed", "Failed", "Stopped"})
FAR = 4_102_444_800.0  # the year 2100: whatever a loop has in hand
AT_ONCE = 100_000
PUBLIC_ROUTER = "public"


@dataclass(slots=True)
class Stand:
    """Where a workload stands. ``arn`` is its record's."""

    router: str
    line: Line
    arn: str
    domain_id: str | None


def work_of(record: Record) -> str | None:
    """The id of the work that runs, or is about to, for a record; None if there is none."""
    if record.kind in JOBS:
        kind = record.kind.partition(":")[2]
        is_live = record.mover is not None and record.status not in ENDED_JOB
        return f"{kind}-{record.uid}" if is_live else None
    run: str | None = record.document.get("_Run")
    return run if record.status in LIVE_APP else None


def arns(unit: Unit) -> dict[str, str]:
    """Every work that runs, or is about to, with its record's ARN. Reads all that loops hold."""
    found = {}
    for mover in ("apps", "jobs"):
        for record in records.due(unit.connection, mover, FAR, AT_ONCE):
            if (work := work_of(record)) is not None:
                found[work] = record.arn
    return found


def placement(unit: Unit, record: Record) -> Placement:
    """Where a workload belongs."""
    return placing.of_job(record) if record.kind in JOBS else placing.of_app(unit, record)


def router_of(place: Placement, reach: Reach | None) -> str:
    """The router that a workload is joined to."""
    return PUBLIC_ROUTER if reach is None else reach.vpc


def subnets_of(reach: Reach | None) -> list[IPv4Network]:
    """Where its address may come from."""
    if reach is None:
        return [PUBLIC]
    return [network for _, network in reach.subnets if isinstance(network, IPv4Network)]


class Reader:
    """Reads what stands may reach: one look at the records, remembered for its own life."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._reaches: dict[tuple[tuple[str, ...], tuple[str, ...]], Reach] = {}
        self._holes: dict[Reach, tuple[tuple[Hole, ...], tuple[Hole, ...]]] = {}

    def reach(self, place: Placement) -> Reach | None:
        """As ``Placement.reach``.

        Raises:
            Fault: It has none any more.
        """
        if place.kind != "vpc":
            return None
        key = (place.subnets, place.groups)
        if key not in self._reaches:
            found = place.reach(self._unit)
            assert found is not None
            self._reaches[key] = found
        return self._reaches[key]

    def rules(self, stands: Iterable[Stand], host: tuple[str, ...]) -> Rules:
        """What one router enforces for those who stand at it."""
        members, local = {}, tuple[str, ...]()
        for stand in stands:
            try:
                reach, member = self._member(stand)
            except Exception:  # one that cannot be read holds up nobody else's rules
                log.logger.exception("network of %s cut off", stand.arn)
                reach, member = None, Member(stand.line.number, stand.line.address)
            members[stand.line.number] = member
            if reach is not None:
                local = tuple(str(block) for block in reach.local)
        return Rules(members, local, host)

    def _member(self, stand: Stand) -> tuple[Reach | None, Member]:
        cut = Member(stand.line.number, stand.line.address)
        record = self._unit.find(stand.arn)
        if record is None:
            return None, cut
        place = placement(self._unit, record)
        try:
            reach = self.reach(place)
        except Fault as fault:
            log.event("networks.cut", level=40, work=stand.arn, reason=fault.message)
            return None, cut
        if place.kind == "none" or router_of(place, reach) != stand.router:
            log.event("networks.cut", level=30, work=stand.arn, reason="it belongs elsewhere now")
            return None, cut
        if reach is None:
            return None, cut._replace(egress=_INTERNET)
        if reach not in self._holes:
            self._holes[reach] = (holes(reach.openings()), holes(reach.ingress))
        egress, ingress = self._holes[reach]
        return reach, cut._replace(egress=egress, ingress=ingress, groups=reach.groups)


def holes(given: Iterable[Opening | Rule]) -> tuple[Hole, ...]:
    """Openings as packets know them: networks that are open for the same are taken together."""
    networks: dict[tuple[str, int, int], list[str]] = {}
    groups: dict[Hole, None] = {}
    for one in given:
        head = (one.protocol, one.first, one.last)
        if one.group is not None:
            groups[Hole(*head, group=one.group)] = None
        elif isinstance(one.network, IPv4Network):
            networks.setdefault(head, []).append(str(one.network))
    return (
        *(Hole(*head, networks=tuple(dict.fromkeys(found))) for head, found in networks.items()),
        *groups,
    )


_INTERNET = holes(internet())
