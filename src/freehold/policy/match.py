"""Matching: what the entries of an Action, a Resource and a condition's values match.

From policy text, once, to small callables that the decision asks. How patterns are read and
tested is ``patterns/``; iam-evaluation.md section 3.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from freehold.policy.context import Context
from freehold.policy.patterns import wildcards
from freehold.policy.patterns.arns import ArnEntries, arn_entries
from freehold.policy.patterns.pieces import (
    ARN_PARTS,
    Piece,
    Slot,
    Variable,
    Wild,
    are_resolved,
    arn_parts,
    pieces,
    runs,
)
from freehold.policy.patterns.wildcards import Test

__all__ = [
    "ARN_PARTS",
    "Actions",
    "ArnEntries",
    "Entries",
    "Piece",
    "Slot",
    "Test",
    "Variable",
    "Wild",
    "actions",
    "are_resolved",
    "arn_entries",
    "arn_parts",
    "arns",
    "pieces",
    "texts",
]

# Entries of many policies are the same few names.
_ACTIONS_KEPT = 8192
_VENDOR = re.compile(r"[a-z0-9.\-]+\Z")


class Entries(NamedTuple):
    """The entries of one element, compiled. ``test`` is None where everything matches.

    ``is_broken``: some entry could not be understood; it is left out of ``test``.
    ``slots``: the variables of all entries. An entry whose variable has no value matches nothing.
    ``literals``: all that matches, where the entries are plain text.
    """

    test: Test | None
    is_broken: bool
    slots: tuple[Slot, ...] = ()
    literals: frozenset[str] | None = None


def arns(entries: Iterable[str], *, has_variables: bool) -> Entries:
    """As ``arn_entries``, with a test that splits the text itself."""
    test, is_broken, slots = arn_entries(entries, has_variables=has_variables)
    if test is None:
        return Entries(None, is_broken, slots)
    by_parts = test
    return Entries(
        lambda text, context: by_parts(text, text.split(":", ARN_PARTS - 1), context),
        is_broken,
        slots,
    )


def texts(
    entries: Iterable[str], *, has_variables: bool, has_wildcards: bool, fold: bool = False
) -> Entries:
    """Compile the values of a string condition. With ``fold`` the caller lowers what it asks."""
    exact: set[str] = set()
    plains: list[wildcards.Plain] = []
    dynamic: list[Test] = []
    slots: list[Slot] = []
    is_broken = is_any = False
    for entry in entries:
        found = runs(entry, has_variables=has_variables, has_wildcards=has_wildcards)
        if found is None:
            is_broken = True
            continue
        own = [Slot(piece, may_hold_colon=True) for piece in found if isinstance(piece, Variable)]
        if own:
            slots += own
            dynamic.append(wildcards.with_variables(found, may_hold_colon=True, fold=fold))
        elif found == (Wild.ANY,):
            is_any = True
        elif any(isinstance(piece, Wild) for piece in found):
            plains.append(wildcards.plain(found))
        else:
            text = "".join(piece for piece in found if isinstance(piece, str))
            exact.add(text.lower() if fold else text)
    literals = frozenset(exact)
    if is_any:
        return Entries(None, is_broken, tuple(slots))
    if not plains and not dynamic:
        return Entries(lambda text, _: text in literals, is_broken, literals=literals)
    return Entries(_one_of(literals, plains, dynamic), is_broken, tuple(slots))


def _one_of(
    literals: frozenset[str], plains: Sequence[wildcards.Plain], dynamic: Sequence[Test]
) -> Test:
    if not literals:
        if len(plains) == 1 and not dynamic:
            only = plains[0]
            return lambda text, _: only(text)
        if len(dynamic) == 1 and not plains:
            return dynamic[0]

    def test(text: str, context: Context) -> bool:
        if text in literals:
            return True
        for plain in plains:
            if plain(text):
                return True
        for one in dynamic:  # noqa: SIM110 - on the road of every request
            if one(text, context):
                return True
        return False

    return test


class Actions(NamedTuple):
    """The entries of an Action, compiled; ``test`` is asked in lower case."""

    test: Callable[[str], bool]
    is_broken: bool


class ActionEntries(NamedTuple):
    """The entries of an Action, sorted by how they are found; all in lower case.

    ``exact``: whole names. ``by_vendor``: pairs of the service's prefix and a test of the whole.
    """

    is_any: bool
    is_broken: bool
    exact: tuple[str, ...]
    by_vendor: tuple[tuple[str, wildcards.Plain], ...]

    def lets_in(self, action: str) -> bool:
        """Whether some entry matches an action in lower case."""
        if self.is_any or action in self.exact:
            return True
        return any(test(action) for _, test in self.by_vendor)


def action_entries(entries: Iterable[str]) -> ActionEntries:
    """Sort the entries of an Action or NotAction. Wildcards work behind the colon only."""
    exact: list[str] = []
    by_vendor: list[tuple[str, wildcards.Plain]] = []
    is_broken = is_any = False
    for entry in entries:
        lowered, vendor, test = _action_entry(entry)
        if lowered == "*":
            is_any = True
        elif test is not None:
            by_vendor.append((vendor, test))
        elif vendor:
            exact.append(lowered)
        else:
            is_broken = True
    return ActionEntries(is_any, is_broken, tuple(exact), tuple(by_vendor))


@lru_cache(maxsize=_ACTIONS_KEPT)
def _action_entry(entry: str) -> tuple[str, str, wildcards.Plain | None]:
    """The entry in lower case, its vendor (empty if it is malformed), and a test if it is wild."""
    lowered = entry.lower()
    vendor, colon, name = lowered.partition(":")
    if not colon or ":" in name or not _VENDOR.match(vendor):
        return lowered, "", None
    if "*" not in name and "?" not in name:
        return lowered, vendor, None
    return lowered, vendor, wildcards.plain(runs(lowered, has_variables=False) or ())


def actions(entries: Iterable[str]) -> Actions:
    """Compile the entries of an Action or NotAction."""
    found = action_entries(entries)
    return Actions(found.lets_in, found.is_broken)
