"""Pieces made into tests: does this text match, in time that nobody can blow up?

Input is what ``pieces.py`` cut. A run of plain text between two ``*`` is looked for once, from
the left: the first place where it stands is as good as any later one, so nothing is ever tried
twice. Only patterns with ``?`` become expressions, escaped and with atomic groups, for the same
bound: length of text times length of pattern. A variable's value is never read as a pattern.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from freehold.policy.context import Context
from freehold.policy.patterns.pieces import Piece, Slot, Variable, Wild, resolve

Plain = Callable[[str], bool]
# A pattern with a variable that has no value matches nothing.
Test = Callable[[str, Context], bool]
# What stands between two "*": text and variables.
Segment = tuple[str | Slot, ...]

_EXPRESSIONS_KEPT = 1024
_END = "\0"  # ends each value put before the text; a value that holds it is refused


def ordered(found: Sequence[Piece]) -> tuple[Piece, ...]:
    """The same pattern with each run of wildcards in one form: all ``?`` first, then one ``*``."""
    result: list[Piece] = []
    is_any = False
    for piece in found:
        if piece is Wild.ANY:
            is_any = True
            continue
        if is_any and piece is not Wild.ONE:
            result.append(Wild.ANY)
            is_any = False
        result.append(piece)
    if is_any:
        result.append(Wild.ANY)
    return tuple(result)


def prefix(found: Sequence[Piece]) -> str | None:
    """What a text must begin with, if that is all that the pattern demands; else None."""
    found = ordered(found)
    texts = [piece for piece in found if isinstance(piece, str)]
    is_prefix = len(texts) == len(found) - 1 and found[-1] is Wild.ANY
    return "".join(texts) if is_prefix else None


def plain(found: Sequence[Piece]) -> Plain:
    """A test for a pattern without variables."""
    found = ordered(found)
    if Wild.ONE in found:
        expression = _expression(found)
        return lambda text: _compiled(expression).match(text) is not None
    segments = [""]
    for piece in found:
        if piece is Wild.ANY:
            segments.append("")
        elif isinstance(piece, str):
            segments[-1] += piece
    if len(segments) == 1:
        whole = segments[0]
        return lambda text: text == whole
    if len(segments) == 2:
        return _of_two(*segments)
    middle = tuple(segments[1:-1])
    return lambda text: matches(text, segments[0], middle, segments[-1])


def _of_two(head: str, tail: str) -> Plain:
    if not tail:
        return lambda text: text.startswith(head)
    if not head:
        return lambda text: text.endswith(tail)
    least = len(head) + len(tail)
    return lambda text: len(text) >= least and text.startswith(head) and text.endswith(tail)


def matches(text: str, head: str, middle: Sequence[str], tail: str) -> bool:
    """Whether ``head*middle*...*tail`` matches."""
    stop = len(text) - len(tail)
    at = len(head)
    if stop < at or not text.startswith(head) or not text.endswith(tail):
        return False
    for segment in middle:
        at = text.find(segment, at, stop)
        if at < 0:
            return False
        at += len(segment)
    return True


def with_variables(found: Sequence[Piece], *, may_hold_colon: bool, fold: bool) -> Test:
    """A test for a pattern with variables. ``fold``: the text comes in lower case."""
    found = ordered(found)
    if Wild.ONE in found:
        return _by_expression(found, may_hold_colon=may_hold_colon)
    segments = _segments(found, may_hold_colon=may_hold_colon)
    if len(found) == 1 and isinstance(found[0], Variable) and not fold:
        return _of_one_variable(Slot(found[0], may_hold_colon))

    def test(text: str, context: Context) -> bool:
        values = []
        for segment in segments:
            value = _joined(segment, context)
            if value is None:
                return False
            values.append(value.lower() if fold else value)
        if len(values) == 1:
            return text == values[0]
        return matches(text, values[0], values[1:-1], values[-1])

    return test


def _of_one_variable(slot: Slot) -> Test:
    def test(text: str, context: Context) -> bool:
        return text == resolve(slot, context)

    return test


def _segments(found: Sequence[Piece], *, may_hold_colon: bool) -> tuple[Segment, ...]:
    segments: list[list[str | Slot]] = [[]]
    for piece in found:
        if piece is Wild.ANY:
            segments.append([])
        elif isinstance(piece, Variable):
            segments[-1].append(Slot(piece, may_hold_colon))
        elif isinstance(piece, str):
            segments[-1].append(piece)
    return tuple(tuple(segment) for segment in segments)


def _joined(segment: Segment, context: Context) -> str | None:
    found = ""
    for piece in segment:
        value = piece if isinstance(piece, str) else resolve(piece, context)
        if value is None:
            return None
        found += value
    return found


# -- patterns with "?" ----------------------------------------------------------------------------


@lru_cache(maxsize=_EXPRESSIONS_KEPT)
def _compiled(expression: str) -> re.Pattern[str]:
    return re.compile(expression, re.DOTALL)


def _expression(found: Sequence[Piece]) -> str:
    """Translate; a variable becomes a reference to the group ``v`` of its place among them."""
    segments = [""]
    number = 0
    for piece in found:
        if piece is Wild.ANY:
            segments.append("")
        elif piece is Wild.ONE:
            segments[-1] += "."
        elif isinstance(piece, Variable):
            segments[-1] += f"(?P=v{number})"
            number += 1
        elif isinstance(piece, str):
            segments[-1] += re.escape(piece)
    head, *rest = segments
    if not rest:
        return head + "\\Z"
    middle = "".join(f"(?>.*?{segment})" for segment in rest[:-1] if segment)
    return f"{head}{middle}.*{rest[-1]}\\Z"


def _by_expression(found: Sequence[Piece], *, may_hold_colon: bool) -> Test:
    """The values are put before the text, and the expression refers to them."""
    slots = [Slot(piece, may_hold_colon) for piece in found if isinstance(piece, Variable)]
    before = "".join(f"(?P<v{number}>[^{_END}]*){_END}" for number in range(len(slots)))
    whole = before + _expression(found)

    def test(text: str, context: Context) -> bool:
        values = ""
        for slot in slots:
            value = resolve(slot, context)
            if value is None or _END in value:
                return False
            values += value + _END
        return _compiled(whole).match(values + text) is not None

    return test
