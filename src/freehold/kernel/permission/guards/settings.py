"""Which guards are in force: a fact about the install, kept in its database.

Written by ``kernel/account/settings.py`` (the command ``freehold settings``); read on every call
through ``InForce``, which remembers it by the version of ``Access``: a change touches
``KIND``, which that version watches.
"""

from __future__ import annotations

from collections.abc import Mapping

from freehold.store import keys
from freehold.store.records import decode, encode
from freehold.store.unit import Unit

GUARDS = ("lists", "tags", "pass-role", "references")
PREFIX = "isolation."
KIND = "freehold:settings"  # what a change touches
_META = "guards"
_NONE: frozenset[str] = frozenset()


def guards_in_force(unit: Unit) -> frozenset[str]:
    """The guards that are on, as they were last committed: names of ``GUARDS``."""
    text = keys.meta(unit.connection, _META)
    return _NONE if text is None else frozenset(decode(text)) & frozenset(GUARDS)


class InForce:
    """The guards in force, remembered until something that permission watches changes."""

    __slots__ = ("_known", "_version")

    def __init__(self) -> None:
        self._version = -1
        self._known = _NONE

    def now(self, unit: Unit, version: int) -> frozenset[str]:
        """The guards that are on; ``version`` is that of the room of permission."""
        if version != self._version:
            self._known = guards_in_force(unit)
            self._version = version
        return self._known


def put(unit: Unit, asked: Mapping[str, bool]) -> None:
    """Switch guards in the caller's transaction; those that are not named stay as they are."""
    on = set(guards_in_force(unit))
    for guard, is_on in asked.items():
        (on.add if is_on else on.discard)(guard)
    keys.set_meta(unit.connection, _META, encode(sorted(on)))
    unit.touched.add(KIND)
