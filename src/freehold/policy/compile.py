"""Compiled policies: a parsed document made ready to be asked, once per version.

``document.parse`` gives the policy; the kernel keeps the ``Compiled`` by policy version;
``evaluate`` asks it for the statements that speak of an action. Nothing is compiled before it is
first asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from freehold.base.errors import Invalid
from freehold.policy import conditions, match
from freehold.policy.context import Context
from freehold.policy.document import Policy, PolicyKind, Statement, parse
from freehold.policy.finding import marks
from freehold.policy.finding.speaking import Speaking
from freehold.policy.finding.tables import Applies, Marks
from freehold.policy.principals import Grant, Request, Who, everyone, who

ACTIONS_KEPT_MAX = 4096
_NOTHING: Mapping[str, str] = {}


class Rule:
    """One statement, ready to be asked. ``label`` is its Sid, or ``#`` and its place from 0.

    ``applies`` tells whether resource and conditions hold; the action does, or it would not be
    asked.
    """

    __slots__ = ("applies", "is_deny", "label", "marks", "place", "who")

    def __init__(
        self,
        place: int,
        label: str,
        applies: Applies,
        *,
        is_deny: bool,
        who_: Who = everyone,
        marks_: Marks = marks.NONE,
    ) -> None:
        self.place = place
        self.label = label
        self.applies = applies
        self.is_deny = is_deny
        self.who = who_
        self.marks = marks_

    def grant(self, request: Request, parts: Sequence[str], *, has_boundary: bool) -> Grant:
        """As ``applies``, and how directly the statement names the caller."""
        found = self.who(request, has_boundary)
        if found and self.applies(request.resource, parts, request.context):
            return found
        return Grant.NONE


class Candidates(NamedTuple):
    """The statements of one policy that speak of one action."""

    denies: tuple[Rule, ...]
    allows: tuple[Rule, ...]


class Compiled:
    """One version of one policy, ready to be asked. Immutable but for what it remembers."""

    __slots__ = ("_bound", "_by_action", "_policy", "_rules", "_speaking")

    def __init__(self, policy: Policy, bound: Mapping[str, str] = _NOTHING) -> None:
        self._policy = policy
        self._bound = bound
        self._speaking: Speaking | None = None
        self._rules: dict[int, Rule] = {}
        self._by_action: dict[str, Candidates] = {}

    @property
    def policy(self) -> Policy:
        """What was parsed, for whoever looks at statements instead of asking."""
        return self._policy

    def candidates(self, action: str) -> Candidates:
        """Every statement whose Action or NotAction lets ``action`` in, resources not yet asked."""
        found = self._by_action.get(action)
        if found is None:
            if len(self._by_action) >= ACTIONS_KEPT_MAX:
                self._by_action.clear()
            if self._speaking is None:
                self._speaking = Speaking(self._policy.statements)
            rules = [self.rule(place) for place in self._speaking.of(action)]
            denies = tuple(rule for rule in rules if rule.is_deny)
            allows = tuple(rule for rule in rules if not rule.is_deny)
            found = self._by_action[action] = Candidates(denies, allows)
        return found

    def rule(self, place: int) -> Rule:
        """One statement by its place in ``policy.statements``, compiled now if it was not."""
        rule = self._rules.get(place)
        if rule is None:
            statement = self._policy.statements[place]
            rule = self._rules[place] = _rule(statement, place, self._policy, self._bound)
        return rule


# Stands for a stored document that cannot be read: it denies everything to everyone.
_CORRUPT = Policy(
    "identity",
    has_variables=False,
    statements=(Statement("#corrupt", is_deny=True, actions=("*",)),),
)


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
        return Compiled(_CORRUPT)


def _rule(statement: Statement, place: int, policy: Policy, bound: Mapping[str, str]) -> Rule:
    has_variables = policy.has_variables
    holds = [
        conditions.condition(
            line.operator,
            line.key,
            line.values,
            is_deny=statement.is_deny,
            has_variables=has_variables,
        )
        for line in statement.lines
    ]
    return Rule(
        place,
        statement.sid or f"#{place}",
        _applies(_covers(statement, has_variables=has_variables), holds),
        is_deny=statement.is_deny,
        who_=_who(statement, policy, bound),
        marks_=marks.of(statement, has_variables=has_variables),
    )


def _anything(_: str, __: Sequence[str], ___: Context) -> bool:
    return True


def _applies(covers: Applies | None, holds: Sequence[conditions.Holds]) -> Applies:
    """Resource and conditions in one test, as short as it can be."""
    if not holds:
        return covers or _anything
    if len(holds) == 1:
        only = holds[0]
        if covers is None:
            return lambda _, __, context: only(context)
        asked = covers
        return lambda resource, parts, context: asked(resource, parts, context) and only(context)

    def test(resource: str, parts: Sequence[str], context: Context) -> bool:
        if covers is not None and not covers(resource, parts, context):
            return False
        for one in holds:  # noqa: SIM110 - on the road of every request
            if not one(context):
                return False
        return True

    return test


def _covers(statement: Statement, *, has_variables: bool) -> Applies | None:
    """A test of the resource; None where every resource is covered."""
    if statement.resources is None:
        return None
    is_deny, is_not = statement.is_deny, statement.is_not_resource
    test, is_broken, slots = match.arn_entries(
        statement.resources, has_variables=has_variables, is_completed=is_deny is not is_not
    )
    if is_broken and is_deny and test is not None:
        return None
    if not is_not:
        return test
    if test is None or is_broken:
        return lambda _, __, ___: False
    asked = test
    if is_deny or not slots:
        return lambda resource, parts, context: not asked(resource, parts, context)
    return lambda resource, parts, context: (
        match.are_resolved(slots, context) and not asked(resource, parts, context)
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
