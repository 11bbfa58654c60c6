"""Condition operators: from one line of a Condition block to a test over the request context.

``compile.py`` hands in operator, key and values; the test answers whether the line holds. The truth
table is iam-evaluation.md section 4.3. What is not understood never holds in an Allow and always in
a Deny; so a test is made for one effect.
"""

from __future__ import annotations

import operator as compare
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from freehold.policy import match, values
from freehold.policy.context import Clash, Context, Value

# Does the line hold?
Holds = Callable[[Context], bool]
# Does this request value match any policy value?
_Hits = Callable[[str, Context], bool]

_EACH = "ForAllValues:"
_SOME = "ForAnyValue:"
_IF_EXISTS = "IfExists"
_OPERATORS_KEPT = 512


class Operator(NamedTuple):
    """An operator's name, taken apart. ``quantifier`` is empty for plain operators."""

    quantifier: str
    base: str
    is_if_exists: bool


class _Matcher(NamedTuple):
    """The values of one line, compiled. A request value that cannot be read matches nothing.

    ``is_broken``: some policy value was not understood. ``can_read``: whether a request value can
    be, None if all can. ``literals``: all that matches, where whole texts are compared.
    """

    matches: _Hits
    is_broken: bool
    slots: tuple[match.Slot, ...] = ()
    literals: frozenset[str] | None = None
    can_read: Callable[[str], bool] | None = None


class _Family(NamedTuple):
    build: Callable[[Sequence[str], bool], _Matcher]
    is_negated: bool = False


@lru_cache(maxsize=_OPERATORS_KEPT)
def operator(name: str) -> Operator | None:
    """Take an operator's name apart; None if there is no such operator. Case counts."""
    quantifier = next((prefix for prefix in (_EACH, _SOME) if name.startswith(prefix)), "")
    base = name[len(quantifier) :]
    is_if_exists = base.endswith(_IF_EXISTS)
    base = base.removesuffix(_IF_EXISTS)
    if base == "Null":
        return None if quantifier or is_if_exists else Operator("", "Null", is_if_exists=False)
    return Operator(quantifier, base, is_if_exists) if base in _FAMILIES else None


def is_date(name: str) -> bool:
    """Whether the operator compares instants."""
    found = operator(name)
    return found is not None and found.base.startswith("Date")


def condition(
    name: str, key: str, wanted: Sequence[str], *, is_deny: bool, has_variables: bool
) -> Holds:
    """Compile one key of one operator.

    Args:
        name: The operator, such as ``ForAnyValue:StringLikeIfExists``.
        key: The condition key, in any case.
        wanted: The policy's values; any of them may match (negated operators: none may).
        is_deny: The statement's effect, which settles every doubt.
        has_variables: The document's version knows policy variables.
    """
    found = operator(name)
    if found is None:
        return _always if is_deny else _never
    if found.base == "Null":
        return _null(key.lower(), wanted, is_deny=is_deny)
    family = _FAMILIES[found.base]
    matcher = family.build(wanted, has_variables)
    is_negated = family.is_negated
    if matcher.is_broken and is_deny and not is_negated:
        return _always
    if is_negated and not is_deny and (matcher.is_broken or not wanted):
        return _never
    hits = _hits(matcher, is_negated=is_negated, is_deny=is_deny)
    holds = _holds(found, key.lower(), hits, is_negated=is_negated, is_deny=is_deny)
    if not found.quantifier and matcher.literals is not None:
        holds = _whole(
            key.lower(),
            matcher.literals,
            holds,
            is_negated=is_negated,
            is_held_absent=is_negated or found.is_if_exists,
        )
    if is_negated and not is_deny and matcher.slots:
        slots = matcher.slots
        return lambda context: match.are_resolved(slots, context) and holds(context)
    return holds


def _always(_: Context) -> bool:
    return True


def _never(_: Context) -> bool:
    return False


def _null(key: str, wanted: Sequence[str], *, is_deny: bool) -> Holds:
    answers = [values.truth(text) for text in wanted]
    if not answers or None in answers:
        return _always if is_deny else _never
    holds_absent, holds_present = "true" in answers, "false" in answers

    def test(context: Context) -> bool:
        value = context.get(key)
        return holds_absent if value is None or value == () else holds_present

    return test


def _hits(matcher: _Matcher, *, is_negated: bool, is_deny: bool) -> _Hits:
    """What one request value says. Where a negated operator cannot tell, a Deny applies."""
    matches, can_read = matcher.matches, matcher.can_read
    if not is_negated:
        return matches
    if is_deny or can_read is None:
        return lambda value, context: not matches(value, context)
    readable = can_read
    return lambda value, context: readable(value) and not matches(value, context)


def _whole(
    key: str, literals: frozenset[str], others: Holds, *, is_negated: bool, is_held_absent: bool
) -> Holds:
    """The commonest line of all, made short: one value, compared whole."""
    if is_negated:

        def differs(context: Context) -> bool:
            value = context.get(key)
            return value not in literals if isinstance(value, str) else others(context)

        return differs

    def equals(context: Context) -> bool:
        value = context.get(key)
        if value is None:
            return is_held_absent
        return value in literals if isinstance(value, str) else others(context)

    return equals


def _holds(found: Operator, key: str, hits: _Hits, *, is_negated: bool, is_deny: bool) -> Holds:
    if found.quantifier == _EACH:
        return _each(key, hits)
    if found.quantifier == _SOME:
        return _some(key, hits, is_held_absent=found.is_if_exists and is_deny)
    is_held_absent = is_negated or found.is_if_exists

    def plain(context: Context) -> bool:
        value = context.get(key)
        if isinstance(value, str):
            return hits(value, context)
        if not value:
            return is_held_absent
        if is_deny:  # a list under a plain operator is misuse: a Deny reads it as ForAnyValue
            return any(hits(one, context) for one in value)
        return isinstance(value, Clash) and all(hits(one, context) for one in value)

    return plain


def _each(key: str, hits: _Hits) -> Holds:
    def each(context: Context) -> bool:
        for value in _listed(context.get(key)):  # noqa: SIM110 - on the road of every request
            if not hits(value, context):
                return False
        return True

    return each


def _some(key: str, hits: _Hits, *, is_held_absent: bool) -> Holds:
    def some(context: Context) -> bool:
        listed = _listed(context.get(key))
        for value in listed:
            if hits(value, context):
                return True
        return is_held_absent and not listed

    return some


def _listed(value: Value | None) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else value


def _from_entries(entries: match.Entries) -> _Matcher:
    test = entries.test or (lambda _, __: True)
    return _Matcher(test, entries.is_broken, entries.slots, entries.literals)


def _exact(wanted: Sequence[str], has_variables: bool) -> _Matcher:
    return _from_entries(match.texts(wanted, has_variables=has_variables, has_wildcards=False))


def _like(wanted: Sequence[str], has_variables: bool) -> _Matcher:
    return _from_entries(match.texts(wanted, has_variables=has_variables, has_wildcards=True))


def _ignoring_case(wanted: Sequence[str], has_variables: bool) -> _Matcher:
    inner = _from_entries(
        match.texts(wanted, has_variables=has_variables, has_wildcards=False, fold=True)
    )
    matches = inner.matches
    return inner._replace(
        matches=lambda value, context: matches(value.lower(), context), literals=None
    )


def _bool(wanted: Sequence[str], has_variables: bool) -> _Matcher:
    is_broken = any("${" not in text and values.truth(text) is None for text in wanted)
    understood = [text for text in wanted if "${" in text or values.truth(text) is not None]
    inner = _ignoring_case(understood, has_variables)
    matches = inner.matches
    return inner._replace(
        matches=lambda value, context: _is_truth(value) and matches(value, context),
        is_broken=is_broken or inner.is_broken,
        can_read=_is_truth,
    )


def _is_truth(value: str) -> bool:
    return values.truth(value) is not None


def _arn(wanted: Sequence[str], has_variables: bool) -> _Matcher:
    test, is_broken, slots = match.arn_entries(wanted, has_variables=has_variables)

    def matches(value: str, context: Context) -> bool:
        parts = value.split(":", match.ARN_PARTS - 1)
        if len(parts) < match.ARN_PARTS or parts[0] != "arn":
            return False
        return test is None or test(value, parts, context)

    return _Matcher(matches, is_broken, slots, can_read=_is_arn)


def _is_arn(value: str) -> bool:
    return value.startswith("arn:") and value.count(":") >= match.ARN_PARTS - 1


def _no_arn(wanted: Sequence[str], has_variables: bool) -> _Matcher:
    """Negated: a pattern that is no ARN matches nothing, and must not let all else in for that."""
    inner = _arn(wanted, has_variables)
    is_short = any(
        len(match.arn_parts(text)) < match.ARN_PARTS and not text.endswith("*") for text in wanted
    )
    return inner._replace(is_broken=inner.is_broken or is_short)


def _typed(
    read: Callable[[str], Any], read_wanted: Callable[[str], Any], fits: Callable[[Any, Any], bool]
) -> Callable[[Sequence[str], bool], _Matcher]:
    """A family whose values are read before they are compared, and know no variables."""

    def can_read(value: str) -> bool:
        return read(value) is not None

    def build(wanted: Sequence[str], _: bool) -> _Matcher:
        readings = [read_wanted(text) for text in wanted]
        understood = tuple(reading for reading in readings if reading is not None)

        def matches(value: str, _: Context) -> bool:
            reading = read(value)
            if reading is None:
                return False
            for one in understood:  # noqa: SIM110 - on the road of every request
                if fits(reading, one):
                    return True
            return False

        return _Matcher(matches, None in readings, can_read=can_read)

    return build


def _is_within(address: tuple[int, int], network: values.Network) -> bool:
    version, number = address
    return version == network.version and number & network.mask == network.bits


def _ordered(prefix: str, read: Callable[[str], Any]) -> dict[str, _Family]:
    return {
        f"{prefix}Equals": _Family(_typed(read, read, compare.eq)),
        f"{prefix}NotEquals": _Family(_typed(read, read, compare.eq), is_negated=True),
        f"{prefix}LessThan": _Family(_typed(read, read, compare.lt)),
        f"{prefix}LessThanEquals": _Family(_typed(read, read, compare.le)),
        f"{prefix}GreaterThan": _Family(_typed(read, read, compare.gt)),
        f"{prefix}GreaterThanEquals": _Family(_typed(read, read, compare.ge)),
    }


_ADDRESS = _typed(values.address, values.network, _is_within)
_FAMILIES: dict[str, _Family] = {
    "StringEquals": _Family(_exact),
    "StringNotEquals": _Family(_exact, is_negated=True),
    "StringEqualsIgnoreCase": _Family(_ignoring_case),
    "StringNotEqualsIgnoreCase": _Family(_ignoring_case, is_negated=True),
    "StringLike": _Family(_like),
    "StringNotLike": _Family(_like, is_negated=True),
    "Bool": _Family(_bool),
    "BinaryEquals": _Family(_typed(values.octets, values.octets, compare.eq)),
    "IpAddress": _Family(_ADDRESS),
    "NotIpAddress": _Family(_ADDRESS, is_negated=True),
    "ArnEquals": _Family(_arn),
    "ArnLike": _Family(_arn),
    "ArnNotEquals": _Family(_no_arn, is_negated=True),
    "ArnNotLike": _Family(_no_arn, is_negated=True),
    **_ordered("Numeric", values.number),
    **_ordered("Date", values.instant),
}
