"""Which statements speak of an action: by whole names and by service, not one after the other.

Built from the statements of one or several policies; ``compile.py`` and ``evaluate.py`` ask it
when an action is met for the first time.
"""

from __future__ import annotations

from collections.abc import Iterable

from freehold.policy import match
from freehold.policy.document import Statement
from freehold.policy.patterns import wildcards


class Speaking:
    """Places of statements by the actions that their Action or NotAction lets in."""

    def __init__(self, statements: Iterable[Statement]) -> None:
        self._always: list[int] = []
        self._exact: dict[str, list[int]] = {}
        self._by_vendor: dict[str, list[tuple[wildcards.Plain, int]]] = {}
        self._others: list[tuple[match.ActionEntries, int]] = []
        for place, statement in enumerate(statements):
            self._add(statement, match.action_entries(statement.actions), place)

    def _add(self, statement: Statement, entries: match.ActionEntries, place: int) -> None:
        if entries.is_broken and (statement.is_deny or statement.is_not_action):
            if statement.is_deny:
                self._always.append(place)
        elif statement.is_not_action:
            if not entries.is_any:
                self._others.append((entries, place))
        elif entries.is_any:
            self._always.append(place)
        else:
            for name in entries.exact:
                self._exact.setdefault(name, []).append(place)
            for vendor, test in entries.by_vendor:
                self._by_vendor.setdefault(vendor, []).append((test, place))

    def of(self, action: str) -> list[int]:
        """The places of the statements that let an action in, in order."""
        action = action.lower()
        found = {*self._always, *self._exact.get(action, ())}
        for test, place in self._by_vendor.get(action.partition(":")[0], ()):
            if place not in found and test(action):
                found.add(place)
        for entries, place in self._others:
            if not entries.lets_in(action):
                found.add(place)
        return sorted(found)
