"""The guard ``isolation.lists``: what a caller may not describe is not there for its reads.

``confine`` puts a ``SeenUnit`` in the place of a read's unit. Pages of records that come through it
hold only what the caller may Describe, and are full until the end; so every list, count and search
is confined where it reads, whatever it does with what it reads. A ``Sight`` decides, once for all
records that no policy of the caller tells apart, and lets the store look only into domains that the
caller may see where policies speak of nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from freehold.base.errors import Denied
from freehold.kernel.permission import context as keys
from freehold.kernel.permission import things
from freehold.kernel.permission.guards import describing
from freehold.kernel.permission.guards.dependence import Dependence, dependence
from freehold.kernel.permission.guards.remembered import Known
from freehold.store import records
from freehold.store.records import DOMAIN_TAG, Page, Record
from freehold.store.unit import Unit

if TYPE_CHECKING:
    from freehold.kernel.call import Call
    from freehold.kernel.declare.resource import Resource
    from freehold.kernel.permission.access import Access
    from freehold.policy.decision import Decision
    from freehold.policy.evaluate import Layers

STEP = 200  # records read at a time where the store cannot choose among them
HIDDEN_MAX = 500  # sets of tags that the store is told to pass over


def confine(call: Call, access: Access, layers: Layers) -> None:
    """Let a read see only what its caller may describe. The root sees all.

    Raises:
        Denied: It lists the tags or parts of a thing that the caller may not describe.
    """
    if call.operation.mode == "write" or call.principal.kind == "root":
        return
    sight = Sight(call, access, layers)
    call.unit = SeenUnit(call.unit, sight)
    name, arn = call.operation.name, call.resource_arn
    is_of_parts = call.operation.service.prefix == "sagemaker" or "Tags" in name
    if name.startswith("List") and is_of_parts and arn not in (None, "*"):
        assert arn is not None
        sight.require(arn)


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind is decided, and how it was. ``action`` is None where nobody may see any."""

    action: str | None
    resource: Resource | None
    depends: Dependence
    may_have_policy: bool
    known: Known


class Sight:
    """What one caller may describe, as far as it was asked. Lives as long as one call."""

    def __init__(self, call: Call, access: Access, layers: Layers) -> None:
        self._call = call
        self._access = access
        self._layers = layers
        self._unit = call.unit
        self._registry = call.kernel.registry
        self._base = access.context(call)
        self._kinds: dict[str, Kind] = {}
        self._domains: dict[str, tuple[str | None, ...] | None] = {}

    def sees(self, record: Record) -> bool:
        """Whether the caller may describe a record."""
        if record.kind.startswith(describing.OPEN):
            is_asked = self._call.operation.service.prefix == describing.OPEN[:-1]
            return is_asked or self._decide(record.kind, record.arn, {})
        if record.kind == describing.LOG_STREAM:
            return self._sees_stream(record.arn)
        return self._decide(record.kind, record.arn, record.tags)

    def sees_line(self, arn: str, tags: Mapping[str, str]) -> bool:
        """Whether the caller may describe a thing of this ARN if it has these tags.

        For what the ledger tells of things that may be gone: its own snapshot of tags counts.
        """
        resource = describing.resource_of(self._registry, arn)
        return resource is not None and self._decide(resource.kind, arn, tags)

    def require(self, arn: str) -> None:
        """Refuse what may not be described, whether it exists or not.

        Raises:
            Denied: AWS's sentence about the Describe.
        """
        resource = describing.resource_of(self._registry, arn)
        kind = None if resource is None else self._kind(resource.kind)
        if resource is None or kind is None or kind.action is None:
            return
        record = self._unit.find(arn)
        decision = self._ask(kind, resource.kind, arn, {} if record is None else record.tags)
        if not decision.is_allowed:
            on = describing.asked_on(resource.kind, arn)
            raise Denied(
                f"{decision.message(self._call.principal.arn, kind.action, on)}; the account "
                f"setting isolation.lists asks for it"
            )

    def domains(self, kind: str) -> tuple[str | None, ...] | None:
        """The domains whose records of a kind the caller may see; None: it is not so simple."""
        if kind not in self._domains:
            self._domains[kind] = self._find_domains(kind)
        return self._domains[kind]

    def is_by_tags(self, kind: str) -> bool:
        """Whether two records of a kind with equal tags are decided alike."""
        if kind == describing.LOG_STREAM or kind.startswith(describing.OPEN):
            return False
        found = self._kind(kind)
        return not found.depends.on_arn and not found.may_have_policy

    # -- how it is decided --------------------------------------------------------------------

    def _find_domains(self, kind: str) -> tuple[str | None, ...] | None:
        if kind == describing.LOG_STREAM or kind.startswith(describing.OPEN):
            return None
        found = self._kind(kind)
        if found.action is None:
            return ()
        depends = found.depends
        if depends.on_arn or found.may_have_policy or depends.tag_keys - {DOMAIN_TAG}:
            return None
        arn = self._call.arn_of(found.resource, {}) if found.resource is not None else "*"
        return tuple(
            domain
            for domain in (None, *records.domains(self._unit.connection))
            if self._decide(kind, arn, {} if domain is None else {DOMAIN_TAG: domain})
        )

    def _kind(self, kind: str) -> Kind:
        known = self._kinds.get(kind)
        if known is None:
            resource = self._registry.resource(kind)
            action = None if resource is None else describing.describe_action(resource)
            if resource is None or action is None:
                known = Kind(None, None, Dependence(frozenset(), on_arn=False), False, {})
            else:
                arn = self._call.arn_of(resource, {})
                depends = dependence(self._layers, action, describing.head(arn))
                if kind == "iam:policy":  # some of them are AWS's own, in another account
                    depends = depends._replace(on_arn=True)
                holder = resource.service.policy_holder
                may_have_policy = holder is not None and bool(holder(arn))
                answers: Known = {} if may_have_policy else self._answers(kind, action, depends)
                known = Kind(action, resource, depends, may_have_policy, answers)
            self._kinds[kind] = known
        return known

    def _answers(self, kind: str, action: str, depends: Dependence) -> Known:
        """What the same question was answered before."""
        who, base = self._call.principal, self._base
        values = tuple((key, base.get(key)) for key in sorted(depends.other_keys))
        caller = (self._layers, who.access_key_id, who.unique_id, who.arn)
        return self._access.sights.of((caller, kind, action, values))

    def _decide(self, name: str, arn: str, tags: Mapping[str, str]) -> bool:
        kind = self._kind(name)
        if kind.action is None:
            return False
        counted = kind.depends.tag_keys
        key = (
            arn if kind.depends.on_arn or kind.may_have_policy else None,
            *((k, v) for k, v in tags.items() if k.lower() in counted),
        )
        known = kind.known.get(key)
        if known is None:
            known = kind.known[key] = self._ask(kind, name, arn, tags).is_allowed
        return known

    def _ask(self, kind: Kind, name: str, arn: str, tags: Mapping[str, str]) -> Decision:
        assert kind.action is not None
        assert kind.resource is not None
        context, layers = self._base.copy(), self._layers
        shown = Record(name, arn, "")
        shown.tags = dict(tags)
        keys.add_resource(context, kind.resource.service.prefix, shown)
        guarding = kind.resource.service.policy_holder
        if guarding is not None and kind.may_have_policy and (holder := guarding(arn)):
            found = things.layer(self._unit, self._unit.find(holder))
            layers = layers if found is None else layers._replace(resource=found)
        on = describing.asked_on(name, arn)
        return self._access.ask(self._call.principal, layers, kind.action, on, context)

    def _sees_stream(self, arn: str) -> bool:
        """A stream of a group that all domains share is seen by who may describe its job or app."""
        thing = describing.thing_of_stream(arn)
        if thing is None:
            return True
        record = self._unit.find(thing[1])
        return self._decide(thing[0], thing[1], {} if record is None else record.tags)


class SeenUnit(Unit):
    """A reading unit that hides what a caller may not describe; ``find`` and ``named`` do not."""

    __slots__ = ("sight",)

    def __init__(self, unit: Unit, sight: Sight) -> None:
        super().__init__(unit.connection, is_writing=False)
        self.sight = sight

    def records(self, page: Page) -> list[Record]:
        """As many records as the page may hold, unless there are no more that may be seen."""
        found: list[Record] = []
        for record in self._seen(page):
            found.append(record)
            if len(found) == page.limit:
                break
        return found

    def summaries(self, page: Page) -> list[tuple[Any, int, bytes]]:
        """Ready list items of what may be seen."""
        return [
            (getattr(record, page.column), record.id, record.summary or b"")
            for record in self.records(page)
        ]

    def count(self, kind: str, scope: str | None = None) -> int:
        """How many there are that may be seen."""
        return sum(1 for _ in self._seen(Page(kind, scope=scope, limit=STEP)))

    def _seen(self, page: Page) -> Iterator[Record]:
        """Every record of a kind that may be seen, in the page's order, from where it begins."""
        sight, domains = self.sight, self.sight.domains(page.kind)
        if domains is None:
            page = page._replace(limit=max(page.limit, STEP))
        else:
            page = page._replace(domains=domains)
        learns = domains is None and sight.is_by_tags(page.kind)
        hidden: dict[bytes, None] = {}
        while True:
            batch = records.records(self.connection, page)
            for record in batch:
                if sight.sees(record):
                    yield record
                elif learns and len(hidden) < HIDDEN_MAX:
                    hidden[record.stored_tags] = None
            if len(batch) < page.limit:
                return
            page = page._replace(
                after=(getattr(batch[-1], page.column), batch[-1].id), other_tags=tuple(hidden)
            )
