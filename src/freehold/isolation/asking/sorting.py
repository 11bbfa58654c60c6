"""Things that policy cannot tell apart, so that one decision speaks for all of them.

Read off the statements that speak of an action: which resources they name, which tags and keys
they look at. Too fine costs time; too coarse would miss a leak, so every doubt makes it finer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from freehold.isolation import patterns
from freehold.isolation.account.things import Thing
from freehold.isolation.asking.actors import Member
from freehold.isolation.asking.field import Alike
from freehold.isolation.asking.forms import Form
from freehold.isolation.asking.requests import Requests, tag_action
from freehold.kernel import tagging
from freehold.policy import match
from freehold.policy.document import Statement

FRESH = patterns.FRESH
PREFIX = "s3:prefix"
_RESOURCE_TAG = "resourcetag/"
_VISIBILITY = "sagemaker:searchvisibilitycondition/"
_OWN_TAG = f"{_VISIBILITY}tags.{tagging.DOMAIN_TAG}/equalsifexists"


class Sorting(Requests):
    """An actor that knows which things are alike to it."""

    def _alike(self, form: Form, bits: int) -> Iterator[Alike]:
        """Parts of the things that no statement about the action can tell apart, and for whom.

        What no Allow covers is left out: nobody may do it.
        """
        actor = self.actor
        spoken = actor.statements(form.action)
        beside = actor.statements(tag_action(form.first)) if form.first.is_create else []
        always = [one for one, _ in beside]
        for members in self._by_variables(spoken, bits):
            parts, single = [bits], 0
            covered: list[int] = []
            for statement, has_variables in spoken:
                mask, doubtful = 0, 0
                for text in statement.resources or ():
                    found, is_plain = self._mask(text, members[0], has_variables=has_variables)
                    doubtful |= 0 if is_plain else found
                    mask |= found
                    parts = [
                        some for part in parts for some in (part & found, part & ~found) if some
                    ]
                single |= doubtful
                if statement.is_not_resource:
                    mask = ~(mask & ~doubtful)
                covered.append(mask if statement.resources is not None else -1)
            for part in parts:
                met = [one for (one, _), mask in zip(spoken, covered, strict=True) if mask & part]
                if all(statement.is_deny for statement in met):
                    continue
                met += always
                matters = frozenset().union(*(_in_conditions(one, actor.varying) for one in met))
                if single & part:
                    matters |= actor.varying
                for things in self._told_apart(part, single, _names(met)):
                    yield Alike(members, things, matters)

    def _mask(self, text: str, member: Member, *, has_variables: bool) -> tuple[int, bool]:
        """The things that a resource may match, and whether it is plain which those are."""
        plain = patterns.resolved(text, member.keys, has_variables=has_variables)
        if plain is not None:
            return self.field.arns.matching(plain), True
        return self.field.arns.matching(_widened(text)), False

    def _told_apart(self, part: int, single: int, names: frozenset[str]) -> Iterator[list[Thing]]:
        by_tags: dict[tuple[Any, ...], list[Thing]] = {}
        for place in patterns.places(part):
            thing = self.field.things[place]
            told: tuple[Any, ...] = ()
            if thing.is_region or single >> place & 1 or thing.request:
                told = (place,) if single >> place & 1 else (thing.kind, thing.is_region)
            if names:
                told += tuple(
                    sorted((key, v) for key, v in thing.tags.items() if key.lower() in names)
                )
            if thing.request and "*" in names:
                told += tuple(sorted(thing.request.items()))
            by_tags.setdefault(told, []).append(thing)
        yield from by_tags.values()

    def _by_variables(
        self, spoken: Sequence[tuple[Statement, bool]], bits: int
    ) -> Iterator[Sequence[Member]]:
        """Callers for whom variables in resources lead to the same things."""
        texts = dict.fromkeys(
            text
            for statement, has_variables in spoken
            if has_variables
            for text in statement.resources or ()
            if any(f"${{{key}" in text.lower() for key in self.actor.varying)
        )
        if not texts:
            yield self.actor.members
            return
        parts: dict[tuple[int, ...], list[Member]] = {}
        for member in self.actor.members:
            masks = (self._mask(text, member, has_variables=True)[0] & bits for text in texts)
            parts.setdefault(tuple(masks), []).append(member)
        yield from parts.values()


def _widened(text: str) -> str:
    """A pattern with all its variables as wildcards."""
    found = patterns.pieces(text, has_variables=True)
    return "".join(
        one.value if isinstance(one, match.Wild) else one if isinstance(one, str) else "*"
        for one in found
    )


def _names(statements: Iterable[Statement]) -> frozenset[str]:
    """Tag keys, in lower case, that a statement looks at; ``*``: keys worked out of records."""
    found: set[str] = set()
    for statement in statements:
        texts = list(statement.resources or ())
        for line in statement.lines:
            key = line.key.lower()
            texts += line.values
            if _RESOURCE_TAG in key:
                found.add(key.partition("/")[2])
            elif key.startswith(("sagemaker:owner", "sagemaker:spaces", "iam:")):
                found.add("*")
        for lowered in map(str.lower, texts):
            if "${" in lowered and _RESOURCE_TAG in lowered:
                found |= {
                    piece.partition("}")[0].partition(",")[0]
                    for piece in lowered.split(_RESOURCE_TAG)[1:]
                }
    return frozenset(found)


def _in_conditions(statement: Statement, varying: frozenset[str]) -> frozenset[str]:
    """The keys among ``varying`` that conditions of a statement look at."""
    found = {line.key.lower() for line in statement.lines}
    for line in statement.lines:
        for text in line.values:
            lowered = text.lower()
            if "${" in lowered:
                found |= {key for key in varying if f"${{{key}" in lowered}
    return frozenset(found & varying)
