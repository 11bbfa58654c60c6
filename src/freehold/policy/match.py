"""Matching: wildcards, actions, the six parts of an ARN, policy variables.

From policy text, once, to small callables that the decision asks. ``*`` is any run of characters,
``?`` is one, everything else is itself (iam-evaluation.md section 3). Patterns become escaped,
anchored regular expressions whose groups are atomic, so that matching takes length of text times
length of pattern at most. Variables become back-references to values put before the text: a value
is never read as a pattern.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from freehold.policy.context import Context

# Answers True (an entry matches), False (none does), None (none does, but one had no value for a
# variable).
Test = Callable[[str, Context], bool | None]

ARN_PARTS = 6
_COMPILED_KEPT = 8192
_VARIABLE = re.compile(r"([^\s,'{}$*?]+)(?:, '([^']*)')?\Z")
_VENDOR = re.compile(r"[a-z0-9.\-]+\Z")
_END = "\0"  # ends each value put before the text; a value that holds it is refused


class Wild(Enum):
    """What stands for other characters."""

    ANY = "*"
    ONE = "?"


class Variable(NamedTuple):
    """``${key, 'default'}``; ``key`` is lower-cased."""

    key: str
    default: str | None


Piece = str | Wild | Variable


class Slot(NamedTuple):
    """A variable at its place. ``may_hold_colon`` is false in the first five parts of an ARN."""

    variable: Variable
    may_hold_colon: bool


class Entries(NamedTuple):
    """The entries of one element, compiled. ``test`` is None where a lone ``*`` matches everything.

    ``is_broken``: some entry could not be understood; it is left out of ``test``.
    ``slots``: the variables of all entries; where one has no value, ``test`` may answer None.
    """

    test: Test | None
    is_broken: bool
    slots: tuple[Slot, ...] = ()


@lru_cache(maxsize=_COMPILED_KEPT)
def _compiled(expression: str) -> re.Pattern[str]:
    return re.compile(expression, re.DOTALL)


def pieces(
    text: str, *, has_variables: bool, has_wildcards: bool = True
) -> tuple[Piece, ...] | None:
    """Cut policy text into plain text, wildcards and variables.

    Args:
        text: One entry of a Resource or one condition value.
        has_variables: The document is of version 2012-10-17 and this element may hold variables.
        has_wildcards: False for ``StringEquals`` and the like, where ``*`` is a plain character.

    Returns:
        None if a variable is not closed or not well-formed.
    """
    found: list[Piece] = []
    at = 0
    while at < len(text):
        character = text[at]
        if has_variables and text.startswith("${", at):
            end = text.find("}", at)
            piece = _variable(text[at + 2 : end]) if end > 0 else None
            if piece is None:
                return None
            found.append(piece)
            at = end + 1
            continue
        found.append(Wild(character) if has_wildcards and character in "*?" else character)
        at += 1
    return tuple(found)


def _variable(inside: str) -> Piece | None:
    if inside in ("*", "?", "$"):
        return inside
    found = _VARIABLE.match(inside)
    return Variable(found[1].lower(), found[2]) if found else None


def arn_parts(text: str) -> list[str]:
    """Split at the first five colons that do not stand inside ``${...}``."""
    parts: list[str] = []
    start = at = 0
    while at < len(text) and len(parts) < ARN_PARTS - 1:
        if text.startswith("${", at):
            end = text.find("}", at)
            at = end if end > 0 else at
        elif text[at] == ":":
            parts.append(text[start:at])
            start = at + 1
        at += 1
    return [*parts, text[start:]]


def _expression(
    found: Sequence[Piece], slots: list[Slot], *, dot: str, end: str, fold: bool
) -> str:
    """Translate; appends to ``slots`` the variables met: the first is the group ``v0``."""
    segments = [""]
    for piece in found:
        if piece is Wild.ANY:
            segments.append("")
        elif piece is Wild.ONE:
            segments[-1] += dot
        elif isinstance(piece, Variable):
            segments[-1] += f"(?P=v{len(slots)})"
            slots.append(Slot(piece, may_hold_colon=dot == "."))
        elif isinstance(piece, str):
            segments[-1] += re.escape(piece.lower() if fold else piece)
    head, *rest = segments
    if not rest:
        return head + end
    middle = "".join(f"(?>{dot}*?{segment})" for segment in rest[:-1] if segment)
    return f"{head}{middle}{dot}*{rest[-1]}{end}"


def _arn_expression(text: str, slots: list[Slot], *, has_variables: bool) -> str | None:
    parts = arn_parts(text)
    if len(parts) < ARN_PARTS:
        if not text.endswith("*"):
            return None
        parts += ["*"] * (ARN_PARTS - len(parts))
    expression = ""
    for number, part in enumerate(parts, start=1):
        found = pieces(part, has_variables=has_variables)
        if found is None:
            return None
        if number < ARN_PARTS:
            expression += f"(?>{_expression(found, slots, dot='[^:]', end=':', fold=False)})"
        else:
            expression += _expression(found, slots, dot=".", end="\\Z", fold=False)
    return expression


def _with_values(expression: str, slots: Sequence[Slot], *, fold: bool) -> Test:
    """A test that puts the values before the text and lets the expression refer to them."""
    before = "".join(f"(?P<v{number}>[^{_END}]*){_END}" for number in range(len(slots)))
    whole = before + expression

    def test(text: str, context: Context) -> bool | None:
        values = _values(slots, context)
        if values is None:
            return None
        return _compiled(whole).match((values.lower() if fold else values) + text) is not None

    return test


def _values(slots: Sequence[Slot], context: Context) -> str | None:
    values = ""
    for (key, default), may_hold_colon in slots:
        value = context.get(key, default)
        if not isinstance(value, str) or _END in value or (":" in value and not may_hold_colon):
            return None
        values += value + _END
    return values


def are_resolved(slots: Sequence[Slot], context: Context) -> bool:
    """Whether every variable has one value that may stand at its place."""
    return _values(slots, context) is not None


def _joined(exact: Iterable[str], expressions: Sequence[str], dynamic: Sequence[Test]) -> Test:
    literals = frozenset(exact)
    match = _compiled("|".join(expressions)).match if expressions else None
    if not dynamic:
        if match is None:
            return lambda text, _: text in literals
        if not literals:
            return lambda text, _: match(text) is not None
        return lambda text, _: text in literals or match(text) is not None

    def test(text: str, context: Context) -> bool | None:
        if text in literals or (match is not None and match(text) is not None):
            return True
        answer: bool | None = False
        for one in dynamic:
            found = one(text, context)
            if found:
                return True
            if found is None:
                answer = None
        return answer

    return test


def arns(entries: Iterable[str], *, has_variables: bool) -> Entries:
    """Compile the entries of a Resource, or the values of an ARN condition.

    A lone ``*`` matches everything, also a request whose resource is ``*``; nothing else matches
    that. Variables are resolved part by part, so that a value with a colon cannot move the parts.
    """
    exact: list[str] = []
    expressions: list[str] = []
    dynamic: list[Test] = []
    all_slots: list[Slot] = []
    is_broken = False
    for entry in entries:
        if entry == "*":
            return Entries(None, is_broken)
        if entry.count(":") >= ARN_PARTS - 1 and not any(sign in entry for sign in "*?$"):
            exact.append(entry)
            continue
        slots: list[Slot] = []
        expression = _arn_expression(entry, slots, has_variables=has_variables)
        if expression is None:
            is_broken = True
        elif slots:
            dynamic.append(_with_values(expression, slots, fold=False))
            all_slots += slots
        else:
            expressions.append(expression)
    return Entries(_joined(exact, expressions, dynamic), is_broken, tuple(all_slots))


def texts(
    entries: Iterable[str], *, has_variables: bool, has_wildcards: bool, fold: bool = False
) -> Entries:
    """Compile the values of a string condition. With ``fold`` the caller lowers what it asks."""
    exact: list[str] = []
    expressions: list[str] = []
    dynamic: list[Test] = []
    all_slots: list[Slot] = []
    is_broken = is_any = False
    for entry in entries:
        found = pieces(entry, has_variables=has_variables, has_wildcards=has_wildcards)
        if found is None:
            is_broken = True
            continue
        slots: list[Slot] = []
        expression = _expression(found, slots, dot=".", end="\\Z", fold=fold)
        if slots:
            dynamic.append(_with_values(expression, slots, fold=fold))
            all_slots += slots
        elif found == (Wild.ANY,):
            is_any = True
        elif any(isinstance(piece, Wild) for piece in found):
            expressions.append(expression)
        else:
            text = "".join(piece for piece in found if isinstance(piece, str))
            exact.append(text.lower() if fold else text)
    test = None if is_any else _joined(exact, expressions, dynamic)
    return Entries(test, is_broken, tuple(all_slots))


class Actions(NamedTuple):
    """The entries of an Action, compiled; ``test`` is asked in lower case."""

    test: Callable[[str], bool]
    is_broken: bool


def actions(entries: Iterable[str]) -> Actions:
    """Compile the entries of an Action or NotAction. Wildcards work behind the colon only."""
    exact: set[str] = set()
    heads: list[str] = []
    expressions: list[str] = []
    is_broken = is_any = False
    for entry in entries:
        lowered = entry.lower()
        vendor, colon, name = lowered.partition(":")
        if lowered == "*":
            is_any = True
        elif not colon or ":" in name or not _VENDOR.match(vendor):
            is_broken = True
        elif "*" not in name and "?" not in name:
            exact.add(lowered)
        elif name.endswith("*") and "*" not in name[:-1] and "?" not in name:
            heads.append(lowered[:-1])
        else:
            found = pieces(name, has_variables=False) or ()
            expressions.append(
                re.escape(vendor + ":") + _expression(found, [], dot=".", end="\\Z", fold=False)
            )
    if is_any:
        return Actions(lambda _: True, is_broken)
    starts = tuple(heads)
    whole = "|".join(expressions)

    def test(action: str) -> bool:
        if action in exact or action.startswith(starts):
            return True
        return bool(whole) and _compiled(whole).match(action) is not None

    return Actions(test, is_broken)
