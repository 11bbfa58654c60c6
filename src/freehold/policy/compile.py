"""Compiled policies: a parsed document made ready to be asked, once per version.

``document.parse`` gives the policy; the kernel keeps the ``Compiled`` by policy version;
``evaluate`` asks it for the statements that speak of an action. Those are found once per action
name and kept, and the parts of a statement are compiled when it is first found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from freehold.base.errors import Invalid
from freehold.policy import conditions, match
from freehold.policy.context import Context
from freehold.policy.document import Policy, PolicyKind, Statement, parse
from freehold.policy.principals import Grant, Request, Who, everyone, who

ACTIONS_KEPT_MAX = 4096
_NOTHING: Mapping[str, str] = {}
_Covers = Callable[[str, Context], bool]


class Rule:
    """One statement, ready to be asked. ``label`` is its Sid, or ``#`` and its place from 0."""

    __slots__ = ("_covers", "_holds", "_who", "label")

    def __init__(
        self, label: str, covers: _Covers | None, holds: tuple[conditions.Holds, ...], who_: Who
    ) -> None:
        self.label = label
        self._covers = covers
        self._holds = holds
        self._who = who_

    def applies(self, request: Request) -> bool:
        """Whether resource and every condition hold; the action does, or it would not be asked."""
        context = request.context
        if self._covers is not None and not self._covers(request.resource, context):
            return False
        for holds in self._holds:  # noqa: SIM110 - a generator would cost half a microsecond
            if not holds(context):
                return False
        return True

    def grant(self, request: Request, *, has_boundary: bool) -> Grant:
        """As ``applies``, and how directly the statement names the caller."""
        found = self._who(request, has_boundary)
        return found if found and self.applies(request) else Grant.NONE


class Candidates(NamedTuple):
    """The statements of one policy that speak of one action."""

    denies: tuple[Rule, ...]
    allows: tuple[Rule, ...]


class Compiled:
    """One version of one policy, ready to be asked. Immutable but for what it remembers."""

    __slots__ = ("_bound", "_by_action", "_entries", "_policy", "_rules")

    def __init__(self, policy: Policy, bound: Mapping[str, str] = _NOTHING) -> None:
        self._policy = policy
        self._bound = bound
        self._entries = tuple(_speaks_of(statement) for statement in policy.statements)
        self._rules: dict[int, Rule] = {}
        self._by_action: dict[str, Candidates] = {}

    def candidates(self, action: str) -> Candidates:
        """Every statement whose Action or NotAction lets ``action`` in, resources not yet asked."""
        found = self._by_action.get(action)
        return self._find(action) if found is None else found

    def _find(self, action: str) -> Candidates:
        lowered = action.lower()
        denies: list[Rule] = []
        allows: list[Rule] = []
        for index, speaks_of in enumerate(self._entries):
            if speaks_of(lowered):
                is_deny = self._policy.statements[index].is_deny
                (denies if is_deny else allows).append(self._rule(index))
        if len(self._by_action) >= ACTIONS_KEPT_MAX:
            self._by_action.clear()
        found = self._by_action[action] = Candidates(tuple(denies), tuple(allows))
        return found

    def _rule(self, index: int) -> Rule:
        rule = self._rules.get(index)
        if rule is None:
            statement = self._policy.statements[index]
            rule = self._rules[index] = _rule(statement, index, self._policy, self._bound)
        return rule


class _Corrupt(Compiled):
    """Stands for a stored document that cannot be read: it denies everything to everyone."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(Policy("identity", has_variables=False, statements=()))

    def _find(self, action: str) -> Candidates:
        return Candidates((Rule("#corrupt", None, (), everyone),), ())


def compile_policy(policy: Policy, bound: Mapping[str, str] = _NOTHING) -> Compiled:
    """Make a parsed policy ready to be asked. Never raises.

    Args:
        policy: What ``document.parse`` gave.
        bound: For trust and resource policies: unique id (``AIDA...``, ``AROA...``) by ARN, for the
            users and roles that the policy named when it was written. Those ARNs then match by
            ``aws:userid``, so that a new user or role of an old name inherits nothing.
    """
    return Compiled(policy, bound)


def compile_stored(text: str, kind: PolicyKind, bound: Mapping[str, str] = _NOTHING) -> Compiled:
    """Parse and compile what the store holds; what no longer parses denies all. Never raises."""
    try:
        return Compiled(parse(text, kind), bound)
    except Invalid:
        return _Corrupt()


def _speaks_of(statement: Statement) -> Callable[[str], bool]:
    test, is_broken = match.actions(statement.actions)
    is_deny = statement.is_deny
    if is_broken and (is_deny or statement.is_not_action):
        return lambda _: is_deny
    if statement.is_not_action:
        return lambda action: not test(action)
    return test


def _rule(statement: Statement, index: int, policy: Policy, bound: Mapping[str, str]) -> Rule:
    return Rule(
        label=statement.sid or f"#{index}",
        covers=_covers(statement, has_variables=policy.has_variables),
        holds=tuple(_conditions(statement, has_variables=policy.has_variables)),
        who_=_who(statement, policy, bound),
    )


def _covers(statement: Statement, *, has_variables: bool) -> _Covers | None:
    """A test of the resource; None where every resource is covered."""
    if statement.resources is None:
        return None
    test, is_broken, _ = match.arns(statement.resources, has_variables=has_variables)
    is_deny, is_not = statement.is_deny, statement.is_not_resource
    if is_broken and is_deny:
        return None
    if is_not:
        if is_broken or test is None:
            return lambda _resource, _context: False
        if is_deny:
            return lambda resource, context: not test(resource, context)
        return lambda resource, context: test(resource, context) is False
    if test is None:
        return None
    return lambda resource, context: bool(test(resource, context))


def _conditions(statement: Statement, *, has_variables: bool) -> Iterable[conditions.Holds]:
    for line in statement.lines:
        yield conditions.condition(
            line.operator,
            line.key,
            line.values,
            is_deny=statement.is_deny,
            has_variables=has_variables,
        )


def _who(statement: Statement, policy: Policy, bound: Mapping[str, str]) -> Who:
    if statement.principals is None:
        return everyone
    return who(
        statement.principals,
        is_not=statement.is_not_principal,
        is_deny=statement.is_deny,
        is_trust=policy.kind == "trust",
        bound=bound,
    )
