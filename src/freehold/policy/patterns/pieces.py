"""Policy text cut into plain text, wildcards and variables; the values that variables take.

``wildcards.py`` makes tests of it. ``*`` is any run of characters, ``?`` is one, everything else is
itself; variables are ``${key}`` or ``${key, 'default'}`` (iam-evaluation.md sections 3.1 and 3.4).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import Enum
from typing import NamedTuple

from freehold.policy.context import Context

ARN_PARTS = 6
_VARIABLE = re.compile(r"([^\s,'{}$*?]+)(?:, '([^']*)')?\Z")
_QUOTED = re.compile(r"\$\{[^\s,'{}$*?]+, '[^']*'\}")
_SIGN = re.compile(r"\$\{|[*?]")
_OPENING = re.compile(r"\$\{")
_COLON = re.compile(r"\$\{|:")


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


def runs(text: str, *, has_variables: bool, has_wildcards: bool = True) -> tuple[Piece, ...] | None:
    """Cut policy text into runs of plain text, wildcards and variables.

    Args:
        text: One entry of a Resource or one condition value.
        has_variables: The document is of version 2012-10-17 and this element may hold variables.
        has_wildcards: False for ``StringEquals`` and the like, where ``*`` is a plain character.

    Returns:
        None if a variable is not closed or not well-formed.
    """
    found: list[Piece] = []
    sign = _SIGN if has_wildcards else _OPENING
    at = start = 0
    while (met := sign.search(text, at)) is not None:
        at = met.end()
        is_variable = met[0] == "${"
        if is_variable and not has_variables:
            continue
        if met.start() > start:
            found.append(text[start : met.start()])
        if is_variable:
            at = end_of_variable(text, met.start())
            piece = _variable(text[met.end() : at - 1]) if at else None
            if piece is None:
                return None
            found.append(piece)
        else:
            found.append(Wild(met[0]))
        start = at
    if start < len(text):
        found.append(text[start:])
    return tuple(found)


def pieces(
    text: str, *, has_variables: bool, has_wildcards: bool = True
) -> tuple[Piece, ...] | None:
    """As ``runs``, with one piece for each plain character."""
    found = runs(text, has_variables=has_variables, has_wildcards=has_wildcards)
    return None if found is None else tuple(_characters(found))


def _characters(found: Iterable[Piece]) -> Iterable[Piece]:
    for piece in found:
        if isinstance(piece, str):
            yield from piece
        else:
            yield piece


def end_of_variable(text: str, at: int) -> int:
    """The place behind the brace that closes the variable at ``at``; 0 if none does.

    A default in quotes may hold braces.
    """
    quoted = _QUOTED.match(text, at)
    return quoted.end() if quoted else text.find("}", at) + 1


def _variable(inside: str) -> Piece | None:
    if inside in ("*", "?", "$"):
        return inside
    found = _VARIABLE.match(inside)
    return Variable(found[1].lower(), found[2]) if found else None


def arn_parts(text: str) -> list[str]:
    """Split at the first five colons that do not stand inside ``${...}``."""
    if "${" not in text:
        return text.split(":", ARN_PARTS - 1)
    parts: list[str] = []
    start = at = 0
    while len(parts) < ARN_PARTS - 1 and (met := _COLON.search(text, at)) is not None:
        if met[0] == ":":
            parts.append(text[start : met.start()])
            at = start = met.end()
        else:
            at = end_of_variable(text, met.start()) or met.end()
    return [*parts, text[start:]]


def resolve(slot: Slot, context: Context) -> str | None:
    """The one value of a variable that may stand at its place; None if there is none."""
    (key, default), may_hold_colon = slot
    value = context.get(key, default)
    if value == () and default is not None:
        value = default  # an empty list is absent
    if not isinstance(value, str) or (":" in value and not may_hold_colon):
        return None
    return value


def are_resolved(slots: Sequence[Slot], context: Context) -> bool:
    """Whether every variable has one value that may stand at its place."""
    for slot in slots:  # noqa: SIM110 - on the road of every request
        if resolve(slot, context) is None:
            return False
    return True
