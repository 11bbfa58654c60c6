"""Two patterns compared: a text that both match, and whether one matches all that the other does.

Patterns are those of Action and Resource: ``*`` and ``?`` are wild, and a variable may be anything.
Read as plain globs, so that what the engine matches is never more than what is found here.
"""

from __future__ import annotations

from collections import deque
from functools import lru_cache

from freehold.policy.match import Piece, Variable, Wild, pieces

FRESH = "x"
KEPT = 4096
STATES_MAX = 200_000  # pairs of places that one comparison looks at


@lru_cache(maxsize=KEPT)
def cut(text: str) -> tuple[Piece, ...]:
    """A pattern, one piece a character; a variable counts as any text."""
    found = pieces(text, has_variables=True)
    if found is None:
        return (Wild.ANY,)
    return tuple(Wild.ANY if isinstance(piece, Variable) else piece for piece in found)


@lru_cache(maxsize=KEPT)
def common(one: str, other: str) -> str | None:
    """A shortest text that both patterns match; None if there is none.

    Raises:
        OverflowError: They are too long to be compared.
    """
    left, right = cut(one), cut(other)
    if len(left) * len(right) > STATES_MAX:
        raise OverflowError
    start, end = (0, 0), (len(left), len(right))
    before: dict[tuple[int, int], tuple[tuple[int, int], str] | None] = {start: None}
    waiting = deque([start])
    while waiting:
        at = waiting.popleft()
        if at == end:
            return _walked(before, end)
        for following, sign in _steps(left, right, *at):
            if following not in before:
                before[following] = (at, sign)
                (waiting.append if sign else waiting.appendleft)(following)
    return None


def _steps(
    left: tuple[Piece, ...], right: tuple[Piece, ...], i: int, j: int
) -> list[tuple[tuple[int, int], str]]:
    one = left[i] if i < len(left) else None
    other = right[j] if j < len(right) else None
    found: list[tuple[tuple[int, int], str]] = []
    if one is Wild.ANY:
        found.append(((i + 1, j), ""))
    if other is Wild.ANY:
        found.append(((i, j + 1), ""))
    if one is None or other is None:
        return found
    sign = next((piece for piece in (one, other) if isinstance(piece, str)), FRESH)
    fits = [piece == sign or isinstance(piece, Wild) for piece in (one, other)]
    if all(fits):
        found.append(((i + (one is not Wild.ANY), j + (other is not Wild.ANY)), sign))
    return found


def _walked(
    before: dict[tuple[int, int], tuple[tuple[int, int], str] | None], at: tuple[int, int]
) -> str:
    signs: list[str] = []
    while (step := before[at]) is not None:
        at, sign = step
        signs.append(sign)
    return "".join(reversed(signs))


@lru_cache(maxsize=KEPT)
def covers(wide: str, narrow: str) -> bool:
    """Whether ``wide`` matches all that ``narrow`` does; False also where it is only not plain."""
    if "${" in wide:
        return wide == narrow
    left, right = cut(wide), cut(narrow)
    places = _closed(left, {0})
    for piece in right:
        following = set()
        for place in places:
            if place == len(left):
                continue
            own = left[place]
            if own is Wild.ANY:
                following.add(place)
            elif piece is not Wild.ANY and (own is Wild.ONE or own == piece):
                following.add(place + 1)
        places = _closed(left, following)
    return len(left) in places


def _closed(found: tuple[Piece, ...], places: set[int]) -> set[int]:
    """Places that are reached without a character: a ``*`` may stand for nothing."""
    result = set(places)
    for place in places:
        while place < len(found) and found[place] is Wild.ANY:
            place += 1
            result.add(place)
    return result
