"""ARN patterns: six parts, each with wildcards and variables, none reaching over its colon.

From the entries of a Resource or the values of an ARN condition to one test over a text and its
parts. Variables are resolved part by part, behind the splitting, so that a value with a colon
cannot move the parts (iam-evaluation.md section 3.3).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from freehold.policy.context import Context
from freehold.policy.patterns import wildcards
from freehold.policy.patterns.pieces import (
    ARN_PARTS,
    Piece,
    Slot,
    Variable,
    Wild,
    arn_parts,
    runs,
)

# Text, and the text split at its first five colons.
PlainArn = Callable[[str, Sequence[str]], bool]
ArnTest = Callable[[str, Sequence[str], Context], bool]
_ANYTHING = (Wild.ANY,)


class ArnEntries(NamedTuple):
    """The entries of one element, compiled. ``test`` is None where a lone ``*`` matches everything.

    ``is_broken``: some entry is malformed, and left out of ``test``.
    ``slots``: the variables of all entries. An entry whose variable has no value matches nothing.
    """

    test: ArnTest | None
    is_broken: bool
    slots: tuple[Slot, ...] = ()


def arn_entries(
    entries: Iterable[str], *, has_variables: bool, is_completed: bool = False
) -> ArnEntries:
    """Compile the entries of a Resource, or the values of an ARN condition.

    A lone ``*`` matches everything, also a request whose resource is ``*``; nothing else matches
    that. An entry of fewer than six parts is filled up if it ends in ``*``; any other matches
    nothing, or with ``is_completed`` is filled up too.
    """
    exact: list[str] = []
    prefixes: list[str] = []
    plains: list[PlainArn] = []
    dynamic: list[ArnTest] = []
    slots: list[Slot] = []
    is_broken = is_any = False
    for entry in entries:
        if entry == "*":
            is_any = True
            continue
        parts = arn_parts(entry) if has_variables else entry.split(":", ARN_PARTS - 1)
        if len(parts) < ARN_PARTS:
            if not (is_completed or entry.endswith("*")):
                continue
            parts += ["*"] * (ARN_PARTS - len(parts))
        cut = [runs(part, has_variables=has_variables) for part in parts]
        found = [one for one in cut if one is not None]
        if len(found) < ARN_PARTS:
            is_broken = True
        elif own := _slots(found):
            slots += own
            dynamic.append(_dynamic(found))
        elif (whole := _whole(found)) is not None:
            exact.append(whole)
        elif (prefix := _prefix(found)) is not None:
            prefixes.append(prefix)
        else:
            plains.append(_plain(found))
    if is_any:
        return ArnEntries(None, is_broken, tuple(slots))
    test = _one_of(frozenset(exact), tuple(prefixes), plains, dynamic)
    return ArnEntries(test, is_broken, tuple(slots))


def _slots(found: Sequence[Sequence[Piece]]) -> list[Slot]:
    return [
        Slot(piece, number == ARN_PARTS - 1)
        for number, one in enumerate(found)
        for piece in one
        if isinstance(piece, Variable)
    ]


def _literal(found: Sequence[Piece]) -> str | None:
    """What a part is, if it is plain text."""
    plain = [piece for piece in found if isinstance(piece, str)]
    return "".join(plain) if len(plain) == len(found) else None


def _whole(found: Sequence[tuple[Piece, ...]]) -> str | None:
    """The one ARN that matches, if all parts are text."""
    known = [text for part in found if (text := _literal(part)) is not None]
    return ":".join(known) if len(known) == len(found) else None


def _prefix(found: Sequence[tuple[Piece, ...]]) -> str | None:
    """How the whole text must begin, if no more is demanded: all parts but the last are text."""
    head = [_literal(part) for part in found[:-1]]
    last = wildcards.prefix(found[-1])
    known = [part for part in head if part is not None]
    return ":".join([*known, last]) if last is not None and len(known) == len(head) else None


def _plain(found: Sequence[tuple[Piece, ...]]) -> PlainArn:
    head = ""
    for one in found[:-1]:
        text = _literal(one)
        if text is None:
            break
        head += text + ":"
    else:  # the wildcards are in the last part only: it reaches over everything
        whole = wildcards.plain((head, *found[-1]))
        return lambda text, _: whole(text)
    first = head.count(":")
    asked = [
        (number, wildcards.plain(found[number]))
        for number in range(first, ARN_PARTS)
        if wildcards.ordered(found[number]) != _ANYTHING
    ]
    if len(asked) == 1:
        place, last = asked[0]
        return lambda text, parts: (
            text.startswith(head) and len(parts) == ARN_PARTS and last(parts[place])
        )

    def test(text: str, parts: Sequence[str]) -> bool:
        if not text.startswith(head) or len(parts) != ARN_PARTS:
            return False
        for number, one in asked:  # noqa: SIM110 - on the road of every request
            if not one(parts[number]):
                return False
        return True

    return test


def _dynamic(found: Sequence[tuple[Piece, ...]]) -> ArnTest:
    """The parts without variables are asked first: the cheap ones."""
    plains: list[tuple[int, wildcards.Plain]] = []
    others: list[tuple[int, wildcards.Test]] = []
    for number, one in enumerate(found):
        if any(isinstance(piece, Variable) for piece in one):
            is_last = number == ARN_PARTS - 1
            test = wildcards.with_variables(one, may_hold_colon=is_last, fold=False)
            others.append((number, test))
        elif wildcards.ordered(one) != _ANYTHING:
            plains.append((number, wildcards.plain(one)))

    def asked(_: str, parts: Sequence[str], context: Context) -> bool:
        if len(parts) != ARN_PARTS:
            return False
        for number, plain in plains:
            if not plain(parts[number]):
                return False
        for number, dynamic in others:  # noqa: SIM110 - on the road of every request
            if not dynamic(parts[number], context):
                return False
        return True

    return asked


def _one_of(
    exact: frozenset[str],
    prefixes: tuple[str, ...],
    plains: Sequence[PlainArn],
    dynamic: Sequence[ArnTest],
) -> ArnTest:
    if not plains and not dynamic:
        if not prefixes:
            return lambda text, _, __: text in exact
        return lambda text, _, __: text.startswith(prefixes) or text in exact
    if len(plains) == 1 and not (exact or prefixes or dynamic):
        only = plains[0]
        return lambda text, parts, _: only(text, parts)

    def test(text: str, parts: Sequence[str], context: Context) -> bool:
        if text.startswith(prefixes) or text in exact:
            return True
        for plain in plains:
            if plain(text, parts):
                return True
        for one in dynamic:  # noqa: SIM110 - on the road of every request
            if one(text, parts, context):
                return True
        return False

    return test
