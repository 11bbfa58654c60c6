"""Which of many statements may apply: found by the resource's name or a condition's value.

``evaluate.py`` puts in the statements that speak of one action; ``first`` asks those of them that
the request may meet, in the order of the documents. What is left out cannot
apply; what is asked is asked whole: an index saves time and never decides.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from freehold.policy.context import Context

# Resource, its parts, context.
Applies = Callable[[str, Sequence[str], Context], bool]
# Place in the documents, the test, and what to answer where it holds.
Entry = tuple[int, Applies, Any]
# A key and its value; ("", prefix) for the beginning of an ARN's last part.
Mark = tuple[str, str]

LISTED_MAX = 3  # so few are asked one by one
STEP = 4  # lengths of prefixes are cut to multiples: fewer tables to look into
_NAME = ""
_NOWHERE = sys.maxsize


# What a request must show for a statement to apply: of each choice, one mark.
Marks = tuple[tuple[Mark, ...], ...]


def name_mark(prefix: str) -> Mark | None:
    """The mark of a beginning; None if it is too short to tell anything apart."""
    length = len(prefix) - len(prefix) % STEP
    return (_NAME, prefix[:length]) if length else None


class Index(NamedTuple):
    """Statements by what the request must show. ``always``: those of which nothing is known."""

    always: tuple[Entry, ...]
    by_name: tuple[tuple[int, Mapping[str, tuple[Entry, ...]]], ...]
    by_key: tuple[tuple[str, Mapping[str, tuple[Entry, ...]]], ...]


EMPTY = Index((), (), ())


def listed(found: Sequence[tuple[Entry, Marks]]) -> Index:
    """No index: all are asked. Good for few statements, and for few questions."""
    return Index(tuple([entry for entry, _ in found]), (), ()) if found else EMPTY


def build(found: Sequence[tuple[Entry, Marks]]) -> Index:
    """Index statements, given in the order of the documents."""
    if len(found) <= LISTED_MAX:
        return listed(found)
    common = Counter([mark for _, marks in found for choice in marks for mark in choice])
    always: list[Entry] = []
    tables: dict[tuple[str, int], dict[str, list[Entry]]] = {}
    for entry, marks in found:
        choice = _rarest(marks, common, len(found))
        if choice is None:
            always.append(entry)
            continue
        for key, value in choice:
            table = tables.setdefault((key, len(value) if key == _NAME else 0), {})
            table.setdefault(value, []).append(entry)
    return Index(
        tuple(always),
        tuple((length, _frozen(table)) for (key, length), table in tables.items() if key == _NAME),
        tuple((key, _frozen(table)) for (key, _), table in tables.items() if key != _NAME),
    )


def _frozen(table: Mapping[str, list[Entry]]) -> dict[str, tuple[Entry, ...]]:
    return {value: tuple(entries) for value, entries in table.items()}


def _rarest(marks: Marks, common: Counter[Mark], total: int) -> tuple[Mark, ...] | None:
    """The choice that the fewest share; None if none tells statements apart."""
    best, best_shared = None, total
    for choice in marks:
        shared = common[choice[0]] if len(choice) == 1 else sum([common[mark] for mark in choice])
        if shared < best_shared:
            best, best_shared = choice, shared
    return best


def first(index: Index, resource: str, parts: Sequence[str], context: Context) -> Any:
    """The answer of the first statement that applies; None if none does."""
    always, by_name, by_key = index
    if not by_name and not by_key:
        for _, applies, answer in always:
            if applies(resource, parts, context):
                return answer
        return None
    best, limit = None, _NOWHERE
    for bucket in _buckets(index, parts[-1], context):
        for place, applies, answer in bucket:
            if place > limit:
                break
            if applies(resource, parts, context):
                best, limit = answer, place
                break
    return best


def _buckets(index: Index, name: str, context: Context) -> list[tuple[Entry, ...]]:
    always, by_name, by_key = index
    found = [always]
    for length, table in by_name:
        more = table.get(name[:length])
        if more is not None:
            found.append(more)
    for key, named in by_key:
        value = context.get(key)
        for one in (value,) if isinstance(value, str) else value or ():
            more = named.get(one)
            if more is not None:
                found.append(more)
    return found
