"""Wildcard patterns the other way round: texts that match them, and which of many ARNs do.

From the resources and condition values of policies to examples that the engine is then asked
about. An example proves nothing by itself: it only has to be among those that are tried.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterator, Mapping, Sequence

from freehold.policy import match
from freehold.policy.context import Context
from freehold.policy.match import Piece, Variable, Wild

FRESH = "freehold-example"
EXAMPLES_MAX = 64
_END = "\U0010ffff"


def pieces(text: str, *, has_variables: bool) -> tuple[Piece, ...]:
    """A pattern cut up; one that is malformed stands for nothing and gives no pieces."""
    return match.pieces(text, has_variables=has_variables) or ()


def resolved(text: str, known: Mapping[str, object], *, has_variables: bool) -> str | None:
    """A pattern with the variables of ``known`` put in, so that it is plain; None if some lack.

    What is put in is literal: a value that holds a wildcard cannot be said so, and gives None.
    """
    if not has_variables or "${" not in text:
        return text
    found = []
    for piece in pieces(text, has_variables=True):
        if isinstance(piece, Variable):
            value = known.get(piece.key, piece.default)
            if not isinstance(value, str) or any(sign in value for sign in "*?$"):
                return None
            found.append(value)
        elif isinstance(piece, Wild):
            found.append(piece.value)
        elif piece in ("*", "?", "$"):
            return None
        else:
            found.append(piece)
    return "".join(found)


def examples(text: str, known: Mapping[str, object], *, has_variables: bool) -> Iterator[str]:
    """Texts that match a pattern: its wildcards as nothing, and as something."""
    cut = pieces(text, has_variables=has_variables)
    for filled in dict.fromkeys(("", FRESH)):
        found = _written(cut, known, filled)
        if found is not None:
            yield found


def _written(cut: Sequence[Piece], known: Mapping[str, object], filled: str) -> str | None:
    parts = []
    for piece in cut:
        if piece is Wild.ANY:
            parts.append(filled)
        elif piece is Wild.ONE:
            parts.append("x")
        elif isinstance(piece, Variable):
            value = known.get(piece.key, piece.default)
            if not isinstance(value, str):
                return None
            parts.append(value)
        elif isinstance(piece, str):
            parts.append(piece)
    return "".join(parts)


def below(
    text: str, prefix: str, known: Mapping[str, object], *, has_variables: bool
) -> Iterator[str]:
    """Texts that begin with ``prefix`` and match the pattern; none if no text does both."""
    cut = _plain(pieces(text, has_variables=has_variables), known)
    if cut is None:
        return
    head = ""
    for piece in cut:
        if not isinstance(piece, str):
            break
        head += piece
    if not (head.startswith(prefix) or prefix.startswith(head)):
        return
    places = {0}
    for character in prefix:
        places = set(_steps(cut, places, character))
        if not places:
            return
    for place in sorted(_closed(cut, places)):
        for filled in ("", FRESH):
            rest = _written(cut[place:], known, filled)
            if rest is not None:
                yield prefix + rest


def _plain(cut: Sequence[Piece], known: Mapping[str, object]) -> list[Piece] | None:
    """One piece a character, variables written out; None if one has no value."""
    found: list[Piece] = []
    for piece in cut:
        if isinstance(piece, Variable):
            value = known.get(piece.key, piece.default)
            if not isinstance(value, str):
                return None
            found.extend(value)
        else:
            found.append(piece)
    return found


def _closed(cut: Sequence[Piece], places: set[int]) -> set[int]:
    """Places reached without a character: a ``*`` may stand for nothing."""
    found = set(places)
    for place in places:
        at = place
        while at < len(cut) and cut[at] is Wild.ANY:
            at += 1
            found.add(at)
    return found


def _steps(cut: Sequence[Piece], places: set[int], character: str) -> Iterator[int]:
    for place in _closed(cut, places):
        if place < len(cut):
            piece = cut[place]
            if piece is Wild.ANY:
                yield place
            elif piece is Wild.ONE or piece == character:
                yield place + 1


class Arns:
    """Many ARNs, asked which of them match a pattern; answers are bits by their place."""

    def __init__(self, arns: Sequence[str]) -> None:
        self._sorted = sorted((arn, place) for place, arn in enumerate(arns))
        self._names = [arn for arn, _ in self._sorted]
        self.all = (1 << len(arns)) - 1
        self._known: dict[str, int] = {}

    def matching(self, pattern: str) -> int:
        """The bits of the ARNs that a pattern without variables matches."""
        bits = self._known.get(pattern)
        if bits is None:
            bits = self._known[pattern] = self._look(pattern)
        return bits

    def _look(self, pattern: str) -> int:
        test = match.arns([pattern], has_variables=False).test
        if test is None:
            return self.all
        nothing: Context = {}
        head = min((pattern.find(sign) for sign in "*?" if sign in pattern), default=len(pattern))
        start = bisect.bisect_left(self._names, pattern[:head])
        end = bisect.bisect_right(self._names, pattern[:head] + _END)
        bits = 0
        for arn, place in self._sorted[start:end]:
            if test(arn, nothing):
                bits |= 1 << place
        return bits


def places(bits: int) -> Iterator[int]:
    """The places of the set bits, from the lowest."""
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low
