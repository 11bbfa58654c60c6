"""Where statements stand in the text of a policy document.

Asked by IAM's simulator and by Access Analyzer, which count otherwise: ``spans`` is the former's
way, ``offsets`` is for the latter.
"""

from __future__ import annotations

import json
import re
from typing import NamedTuple

_DECODER = json.JSONDecoder()
_SPACE = re.compile(r"[ \t\n\r]*")


class Position(NamedTuple):
    """A place in a text."""

    line: int
    column: int


Span = tuple[Position, Position]


def spans(text: str) -> list[Span]:
    """Start and end of each statement, in order, as IAM's simulator counts.

    Lines and columns begin at 1. A statement starts behind its opening brace and ends behind its
    closing one, as AWS's own examples of SimulateCustomPolicy show it.

    Args:
        text: A document that was parsed before.
    """
    return [(place(text, start + 1), place(text, end)) for start, end in offsets(text)]


def offsets(text: str) -> list[tuple[int, int]]:
    """Where each statement begins and ends, braces included; ``text`` was parsed before."""
    at = _skip(text, 0) + 1
    while True:
        key, at = _DECODER.raw_decode(text, _skip(text, at))
        at = _skip(text, _skip(text, at) + 1)
        if key == "Statement":
            return _found(text, at)
        _, at = _DECODER.raw_decode(text, at)
        at = _skip(text, at) + 1


def _found(text: str, at: int) -> list[tuple[int, int]]:
    """Offsets of the statement at ``at``, or of those in the list there."""
    if text[at] == "{":
        return [(at, _DECODER.raw_decode(text, at)[1])]
    found: list[tuple[int, int]] = []
    while text[at] != "]":
        at = _skip(text, at + 1)
        _, end = _DECODER.raw_decode(text, at)
        found.append((at, end))
        at = _skip(text, end)
    return found


def _skip(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return at if space is None else space.end()


def place(text: str, offset: int) -> Position:
    """Line and column of an offset, both from 1."""
    before = text.rfind("\n", 0, offset) + 1
    return Position(text.count("\n", 0, offset) + 1, offset - before + 1)
