"""Actors: all callers of one domain who are bound by the same policies, decided about together.

``homes.py`` gives the callers, ``reach.py`` those they can become. Where a decision looks at
something in which they differ (a name in a variable, a tag), they are asked one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from freehold.auth.principal import Principal
from freehold.isolation.asking.candidates import Lines, speaks_of
from freehold.isolation.asking.choices import Choice, Lazy
from freehold.kernel.permission.access import Access
from freehold.kernel.permission.context import of_caller
from freehold.policy.context import Value
from freehold.policy.decision import Decision
from freehold.policy.document import Policy, Statement
from freehold.policy.evaluate import Attached, Layers

VARYING_HEAD = "aws:principaltag/"
# What an attacker has or can bring about: taken to be whatever policy asks (docs say so).
FREE_ELSEWHERE = frozenset({"s3:authtype", "s3:signatureage", "s3:signatureversion"})
# Keys of AWS that this server fills itself or never fills.
_SETTLED_HEADS = ("aws:principal", "aws:resource", "aws:token", "aws:calledvia")
_SETTLED = frozenset(
    {"aws:username", "aws:userid", "aws:requestedregion", "aws:viaawsservice"}
    | {"aws:sourceidentity", "aws:federatedprovider", "aws:sourcearn", "aws:sourceaccount"}
)


@dataclass(frozen=True, slots=True)
class Question:
    """One thing that policy is asked: as ``Access`` would, with what the attacker may choose.

    Attributes:
        fixed: Condition keys that the thing itself gives.
        free: Keys of the service that the request gives.
        is_tagging: The request brings tags.
        resource: The policy on the thing, or a role's trust policy.
        limits: Values of free keys where not all would reach the thing.
    """

    action: str
    arn: str
    fixed: Mapping[str, Value] = field(default_factory=dict)
    free: frozenset[str] = frozenset()
    free_heads: tuple[str, ...] = ()
    is_tagging: bool = False
    resource: Attached | None = None
    limits: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Member:
    """One caller, and the keys that it brings to every request."""

    principal: Principal
    keys: Mapping[str, Value]


@dataclass(eq=False)
class Actor:
    """Callers with the same policies.

    Attributes:
        arn: Of the user or role that stands for them.
        domain: Id of the domain that their sessions were handed out in; None: no origin.
        has_free_tags: Their session tags were chosen by the attacker.
        is_doubtful: They are taken to be more than they may be.
    """

    arn: str
    layers: Layers
    members: list[Member]
    domain: str | None
    has_free_tags: bool = False
    is_doubtful: bool = False

    @cached_property
    def policies(self) -> list[Policy]:
        """Every document that binds them, parsed."""
        return [attached.compiled.policy for attached in self.attached]

    @property
    def attached(self) -> list[Attached]:
        """Every policy that binds them."""
        found = [*self.layers.identity, *(self.layers.sessions or ())]
        return found + ([self.layers.boundary] if self.layers.boundary else [])

    @cached_property
    def lines(self) -> Lines:
        """The conditions of all their policies."""
        return Lines(self.policies)

    @cached_property
    def varying(self) -> frozenset[str]:
        """Keys in which the members differ."""
        first = self.members[0].keys
        return frozenset(
            key
            for member in self.members
            for key in member.keys.keys() | first.keys()
            if member.keys.get(key) != first.get(key)
        )

    @cached_property
    def known(self) -> dict[str, Value]:
        """Keys in which they are alike."""
        first = self.members[0].keys
        return {key: value for key, value in first.items() if key not in self.varying}

    def may_at_all(self, action: str) -> bool:
        """Whether any statement of theirs allows the action on something."""
        return any(one.compiled.candidates(action).allows for one in self.layers.identity)

    def statements(self, action: str) -> list[tuple[Statement, bool]]:
        """Statements that speak of an action, with whether they may hold variables."""
        known = self._spoken.get(action)
        if known is None:
            known = [
                (statement, policy.has_variables)
                for policy in self.policies
                for statement in policy.statements
                if speaks_of(statement, action)
            ]
            self._spoken[action] = known
        return known

    @cached_property
    def _spoken(self) -> dict[str, list[tuple[Statement, bool]]]:
        return {}

    def is_free(self, question: Question, key: str) -> bool:
        """Whether the attacker has a say in a key that nothing settles."""
        if key in question.free or key in FREE_ELSEWHERE or key in question.limits:
            return True
        if key.startswith(VARYING_HEAD):
            return self.has_free_tags
        if question.free_heads and key.startswith(question.free_heads):
            return True
        if not key.startswith("aws:"):
            return False
        return key not in _SETTLED and not key.startswith(_SETTLED_HEADS)

    def decide(
        self, access: Access, member: Member, question: Question, choice: Choice
    ) -> Decision:
        """The engine's decision about one question."""
        layers = self.layers
        if question.resource is not None:
            layers = layers._replace(resource=question.resource)
        context = Lazy(
            member.keys,
            question.fixed,
            choice,
            lambda key: self.is_free(question, key),
            has_tags=question.is_tagging,
        )
        # A Lazy is no Mapping: it cannot be walked, and the engine only looks keys up.
        return access.ask(member.principal, layers, question.action, question.arn, context)  # type: ignore[arg-type]


def member_of(principal: Principal, tags: dict[str, str], region: str) -> Member:
    """A caller with the keys that all its requests have."""
    keys = dict(of_caller(principal, tags))
    keys["aws:requestedregion"] = region
    keys["aws:viaawsservice"] = "false"
    keys.pop("aws:multifactorauthpresent", None)  # who has a device can sign in with it
    return Member(principal, keys)


def name_of(attached: Attached) -> tuple[str, str | None, int]:
    """Equal for the same version of the same policy."""
    return attached.name, attached.arn, id(attached.compiled)


def likeness(layers: Layers) -> tuple[Any, ...]:
    """Equal for layers of the same policies."""
    return (
        tuple(map(name_of, layers.identity)),
        layers.boundary and (layers.boundary.arn, id(layers.boundary.compiled)),
        layers.sessions and tuple(id(one.compiled) for one in layers.sessions),
    )


def merge(found: Iterable[Actor]) -> list[Actor]:
    """Put actors that are bound alike into one."""
    by_key: dict[tuple[Any, ...], Actor] = {}
    for actor in found:
        key = (*likeness(actor.layers), actor.domain, actor.has_free_tags)
        known = by_key.setdefault(key, actor)
        if known is not actor:
            known.members.extend(actor.members)
    return list(by_key.values())
