"""What stays the same while actors change: every thing, every form, and who guards what.

Made once by ``examine.py``; asked by ``requests.py`` and all that stands on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from freehold.base.clock import FakeClock
from freehold.base.settings import Settings
from freehold.isolation import patterns
from freehold.isolation.account.ground import Ground
from freehold.isolation.account.things import Thing
from freehold.isolation.asking.actors import Actor, Member
from freehold.isolation.asking.forms import Form
from freehold.kernel.call import Call
from freehold.kernel.declare.operation import Operation
from freehold.kernel.declare.service import Registry
from freehold.kernel.permission import things as guarded
from freehold.kernel.permission.access import Access
from freehold.policy.decision import Decision
from freehold.policy.evaluate import Attached
from freehold.store.unit import Unit

FRESH = patterns.FRESH


@dataclass(slots=True)
class Answer:
    """That something is allowed: to whom, by which decisions, with which choices."""

    member: Member
    decisions: list[Decision]
    witness: dict[str, Any]
    is_exact: bool


@dataclass(frozen=True, slots=True)
class Alike:
    """Things and callers that policy treats alike, but for the keys that ``matters`` names."""

    members: Sequence[Member]
    things: list[Thing]
    matters: frozenset[str]


@dataclass(slots=True)
class Field:
    """Everything that stays the same while actors change."""

    unit: Unit
    settings: Settings
    registry: Registry
    ground: Ground
    access: Access
    things: list[Thing]
    forms: list[Form]
    guards: frozenset[str]
    now: float
    arns: patterns.Arns = field(init=False)
    masks: dict[str, int] = field(init=False)
    regions: int = 0
    guarding: dict[int, Attached] = field(init=False)
    execution_roles: dict[str, frozenset[str]] = field(default_factory=dict)
    asked: int = 0
    _below: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    _owned: dict[str, int] = field(default_factory=dict)
    _kernel: Any = None

    def __post_init__(self) -> None:
        self.arns = patterns.Arns([thing.arn for thing in self.things])
        self.masks = {}
        self.guarding = {}
        for place, thing in enumerate(self.things):
            self.masks[thing.kind] = self.masks.get(thing.kind, 0) | 1 << place
            self.regions |= int(thing.is_region) << place
        for service in self.registry.services.values():
            if service.policy_holder is not None:
                self._find_guards(service.policy_holder)
        self._kernel = SimpleNamespace(
            settings=self.settings, clock=FakeClock(), registry=self.registry
        )

    def _find_guards(self, holder: Any) -> None:
        known: dict[str, Attached | None] = {}
        for place, thing in enumerate(self.things):
            arn = holder(thing.arn)
            if arn and arn not in known:
                known[arn] = guarded.layer(self.unit, self.unit.find(arn))
            found = known.get(arn or "")
            if found is not None:
                self.guarding[place] = found

    def owned_by(self, domain: str | None) -> int:
        """The bits of the things that are one domain's alone."""
        if domain is None:
            return 0
        bits = self._owned.get(domain)
        if bits is None:
            owners = frozenset({domain})
            bits = 0
            for place, thing in enumerate(self.things):
                if thing.owners == owners:
                    bits |= 1 << place
            self._owned[domain] = bits
        return bits

    def call(self, operation: Operation, principal: Any, request: dict[str, Any]) -> Call:
        """A call that is never run: for what declarations work out of a request."""
        made = Call(self._kernel, operation, principal, request)
        made.unit = self.unit
        return made

    def below(
        self, text: str, prefix: str, actor: Actor, *, has_variables: bool
    ) -> tuple[str, ...]:
        """``patterns.below``, remembered where no variable is in it."""
        if has_variables and "${" in text:
            found: list[str] = []
            for member in actor.members:
                found += patterns.below(text, prefix, member.keys, has_variables=True)
            return tuple(dict.fromkeys(found))[: patterns.EXAMPLES_MAX]
        known = self._below.get((text, prefix))
        if known is None:
            made = patterns.below(text, prefix, {}, has_variables=has_variables)
            known = self._below[text, prefix] = tuple(made)[: patterns.EXAMPLES_MAX]
        return known
