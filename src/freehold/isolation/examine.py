"""The whole examination: who is at home where, whom they can become, what of others they reach.

From a reading unit to a ``Report``; called by ``cli/isolation.py``. Actors that several domains
can become are asked about once; progress is told after each actor.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from freehold.base.settings import Settings
from freehold.isolation.account import ground, homes, things
from freehold.isolation.account.ground import Ground
from freehold.isolation.account.homes import Caller
from freehold.isolation.account.things import Thing
from freehold.isolation.asking import actors as acting
from freehold.isolation.asking import forms
from freehold.isolation.asking.actors import Actor
from freehold.isolation.asking.field import Field
from freehold.isolation.becoming.reach import People, Reach, reach
from freehold.isolation.report import Finding, Report
from freehold.kernel.declare.service import Registry
from freehold.kernel.permission import identity
from freehold.kernel.permission.access import Access
from freehold.store.unit import Unit

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the admin asks.

    Attributes:
        domain: Only pairs with this domain (id, ARN or name); None: all.
        homes: ARN of a user, role or group to domain.
        guards: Guards in force: lists, tags, pass-role, references.
    """

    domain: str | None = None
    homes: Mapping[str, str] = field(default_factory=dict)
    guards: frozenset[str] = frozenset()


def examine(
    unit: Unit,
    settings: Settings,
    registry: Registry,
    wanted: Wanted,
    now: float,
    progress: Progress = lambda _done, _of, _what: None,
) -> Report:
    """Answer for every ordered pair of domains whether the first reaches the second.

    Args:
        unit: Reads the state; nothing is written.
        settings: Account, region, partition.
        registry: Every operation that is served.
        wanted: What is asked.
        now: Epoch seconds.
        progress: Told (actors done, actors known, what comes next).

    Raises:
        Invalid: ``wanted`` names a domain or principal that does not exist.
    """
    found = ground.read(unit)
    at_home = homes.callers(unit, found, settings, wanted.homes, now)
    every = things.of(found, settings)
    every += _principals(found, at_home)
    made, unexamined = forms.of(registry)
    house = Field(
        *(unit, settings, registry, found, Access(), every, made, wanted.guards, now),
        execution_roles={
            id_: frozenset(one.holder.arn for one in callers if one.holder.kind == identity.ROLE)
            for id_, callers in at_home.items()
        },
    )
    only = None if wanted.domain is None else homes.named(found, wanted.domain).id
    people = People(house)
    starts = {id_: _actors(people, callers) for id_, callers in at_home.items()}
    reaches = {id_: reach(people, actors) for id_, actors in starts.items()}
    report = Report(
        domains={domain.id: domain.name for domain in found.domains.values()},
        only=only,
        guards=wanted.guards,
        unexamined=unexamined,
        homeless=_homeless(found, at_home),
        principals=len({one.holder.arn for some in at_home.values() for one in some}),
        things=len(every),
        operations=len(registry.operations()),
    )
    why = {one.holder.arn: one.why for some in at_home.values() for one in some}
    _ask_all(house, people, reaches, report, why, progress)
    report.asked = house.asked
    return report


def _ask_all(
    house: Field,
    people: People,
    reaches: Mapping[str, Reach],
    report: Report,
    why: Mapping[str, str],
    progress: Progress,
) -> None:
    """Ask each actor once, and tell what it does to each domain that can become it."""
    by_actor: dict[Actor, list[str]] = defaultdict(list)
    for id_, found in reaches.items():
        for actor in found.steps:
            by_actor[actor].append(id_)
    for done, (actor, domains) in enumerate(by_actor.items()):
        progress(done, len(by_actor), actor.arn)
        asking = people.asking(actor)
        crossings = list(asking.crossings())
        for home in domains:
            own = [one for one in asking.hand_overs(home) if one.owner != home]
            for one in (*crossings, *own):
                if one.owner != home and report.concerns(home, one.owner):
                    chain = reaches[home].chain(actor)
                    first = chain[0].source if chain else actor
                    report.add(
                        Finding(home, one.owner, first, chain, actor, one, why.get(first.arn, ""))
                    )
    progress(len(by_actor), len(by_actor), "")


def _actors(people: People, callers: Iterable[Caller]) -> list[Actor]:
    """The actors at home in a domain."""
    roles: dict[tuple[str, bool], list[Caller]] = defaultdict(list)
    users: list[Actor] = []
    for caller in callers:
        if caller.holder.kind == identity.ROLE:
            has_origin = caller.principal.origin is not None
            roles[caller.holder.arn, has_origin].append(caller)
        else:
            users.append(people.fresh_user(caller.holder))
    found = [
        people.role(some[0].holder, [one.principal.origin for one in some])
        for some in roles.values()
    ]
    return [*found, *acting.merge(users)]


def _principals(found: Ground, at_home: Mapping[str, list[Caller]]) -> list[Thing]:
    """Users and roles that are at home in one domain are things of it, too."""
    owners: dict[str, set[str]] = defaultdict(set)
    for id_, callers in at_home.items():
        for caller in callers:
            owners[caller.holder.arn].add(id_)
    return [
        Thing(record.kind, arn, frozenset(owners[arn]), record.tags, record, request={})
        for arn, record in found.identities.items()
        if len(owners.get(arn, ())) == 1
    ]


def _homeless(found: Ground, at_home: Mapping[str, list[Caller]]) -> list[str]:
    """Users and roles that belong to no domain: administrators, and whoever was forgotten."""
    housed = {one.holder.arn for some in at_home.values() for one in some}
    return sorted(
        arn
        for arn, record in found.identities.items()
        if record.kind in (identity.USER, identity.ROLE) and arn not in housed
    )
