"""Account settings that are on or off and guard nothing: kept in the install's database.

Written by ``settings.py`` beside; read where each is meant.
"""

from __future__ import annotations

from collections.abc import Mapping

from freehold.store import keys
from freehold.store.records import decode, encode
from freehold.store.unit import Unit

IDLE_BY_PRICE = "idle.by-price"  # dear instances are idle for less (kernel/studio/idle.py)
SWITCHES = (IDLE_BY_PRICE,)
_META = "switches"


def in_force(unit: Unit) -> frozenset[str]:
    """The names of ``SWITCHES`` that are on."""
    text = keys.meta(unit.connection, _META)
    return frozenset() if text is None else frozenset(decode(text)) & frozenset(SWITCHES)


def put(unit: Unit, asked: Mapping[str, bool]) -> None:
    """Switch in the caller's transaction; those that are not named stay as they are."""
    on = set(in_force(unit))
    for name, is_on in asked.items():
        (on.add if is_on else on.discard)(name)
    keys.set_meta(unit.connection, _META, encode(sorted(on)))
