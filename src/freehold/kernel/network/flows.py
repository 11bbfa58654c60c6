"""Flow logs: what the network refused, as lines of a log group for each domain, and in sum.

Input: ``Flow`` values from ``loops/networks``. Output: lines in ``/freehold/flow-logs/DOMAIN-ID``
in the default format of VPC flow logs, version 2, REJECT alone. A stream is a sandbox; its name
says which app or job it is, then the interface that its lines name. The sums stand in the group's
record. Source: VPC User Guide, "Flow log records" (``-``: not known).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

from freehold.base.settings import Settings
from freehold.kernel import logs
from freehold.kernel.network.refusals import UNKNOWN
from freehold.store.records import DOMAIN_TAG, Record
from freehold.store.unit import Unit

GROUPS = "/freehold/flow-logs/"
OUTSIDE = "no-domain"  # the group of jobs that belong to none
KEPT_DAYS = 30
PROTOCOLS = {"icmp": 1, "tcp": 6, "udp": 17}


class Flow(NamedTuple):
    """Refused packets of one sandbox. Times are epoch seconds, UTC; ``protocol`` is a number."""

    domain_id: str | None
    arn: str
    source: str
    target: str
    protocol: int
    port: int | None
    packets: int
    bytes: int
    first_at: float
    last_at: float


class Totals(NamedTuple):
    """All that a domain was refused since its log group was made."""

    flows: int = 0
    packets: int = 0


def group_of(domain_id: str | None) -> str:
    """The log group of a domain."""
    return f"{GROUPS}{domain_id or OUTSIDE}"


def interface_of(arn: str) -> str:
    """The network interface of an app or a job, as flow logs name it."""
    return f"eni-{hashlib.sha256(arn.encode()).hexdigest()[:17]}"


def stream_of(arn: str) -> str:
    """The stream of an app's or a job's lines."""
    return f"{arn.split(':', 5)[-1]}/{interface_of(arn)}-reject"


def line(account_id: str, flow: Flow) -> str:
    """A record of the default format."""
    port = UNKNOWN if flow.port is None else str(flow.port)
    counted = f"{flow.packets} {flow.bytes} {int(flow.first_at)} {int(flow.last_at)}"
    return (
        f"2 {account_id} {interface_of(flow.arn)} {flow.source} {flow.target} {UNKNOWN} {port} "
        f"{flow.protocol} {counted} REJECT OK"
    )


def append(unit: Unit, settings: Settings, flows: Iterable[Flow], now: float) -> None:
    """Keep flows, each in its domain's log group, and add them to its sums."""
    ordered = sorted(flows, key=lambda flow: (flow.domain_id or "", flow.arn, flow.last_at))
    for domain_id, given in groupby(ordered, key=lambda flow: flow.domain_id):
        of_domain = list(given)
        group = _group(unit, settings, domain_id, of_domain[0].arn, now)
        for arn, found in groupby(of_domain, key=lambda flow: flow.arn):
            stream = stream_of(arn)
            if unit.find(logs.stream_arn(settings, group.name, stream)) is None:
                logs.create_stream(unit, settings, group.name, stream, now)
            lines = [(int(now * 1000), line(settings.account_id, flow)) for flow in found]
            logs.add_events(unit, group.name, stream, lines, now)
        _add(unit, group, of_domain, now)


def totals(unit: Unit, settings: Settings, domain_id: str) -> Totals:
    """What a domain was refused so far; all zero if nothing ever was."""
    group = unit.find(logs.group_arn(settings, group_of(domain_id)))
    return Totals() if group is None else Totals(**group.document.get("_Refused", {}))


def _group(unit: Unit, settings: Settings, domain_id: str | None, arn: str, now: float) -> Record:
    """A domain's group, made now if need be: tagged as the domain's, whoever may read that."""
    name = group_of(domain_id)
    found = unit.find(logs.group_arn(settings, name))
    if found is None:
        place = ":".join(arn.split(":")[:5])
        tags = {DOMAIN_TAG: f"{place}:domain/{domain_id}"} if domain_id else {}
        found = logs.create_group(unit, settings, name, now, tags)
        found.document["retentionInDays"] = KEPT_DAYS
    return found


def _add(unit: Unit, group: Record, flows: Sequence[Flow], now: float) -> None:
    known = Totals(**group.document.get("_Refused", {}))
    packets = known.packets + sum(flow.packets for flow in flows)
    group.document["_Refused"] = {"flows": known.flows + len(flows), "packets": packets}
    unit.save(group, now)
