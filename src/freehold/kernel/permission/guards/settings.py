"""Which guards are in force: a fact about the install, kept in its database.

Written by ``work`` (the command ``freehold settings``, directly or through the server); read on
every call through ``InForce``, which remembers it by the version of ``Access``: a change touches
``KIND``, which that version watches.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable

from freehold.base import ids
from freehold.base.errors import Invalid
from freehold.store import audit, keys
from freehold.store.records import decode, encode
from freehold.store.unit import Unit

GUARDS = ("lists", "tags", "pass-role", "references")
PREFIX = "isolation."
KIND = "freehold:settings"  # what a change touches
STATES = {"on": True, "off": False}
_MODES = {"strict": True, "parity": False}
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


def changes(words: Iterable[str]) -> dict[str, bool]:
    """What words like ``isolation.lists=on`` and ``isolation=strict`` ask for, by guard.

    Raises:
        Invalid: A setting or a value that there is not; the message says which there are.
    """
    asked: dict[str, bool] = {}
    for word in words:
        name, is_given, value = word.partition("=")
        if not is_given:
            raise Invalid(f"{word} is no setting with a value: write {PREFIX}lists=on")
        if name == PREFIX.rstrip("."):
            asked |= dict.fromkeys(GUARDS, _value(name, value, _MODES))
        elif name.startswith(PREFIX) and name.removeprefix(PREFIX) in GUARDS:
            asked[name.removeprefix(PREFIX)] = _value(name, value, STATES)
        else:
            known = ", ".join(["isolation", *(PREFIX + guard for guard in GUARDS)])
            raise Invalid(f"there is no setting {name}: the settings are {known}")
    return asked


def _value(name: str, value: str, known: dict[str, bool]) -> bool:
    if value not in known:
        raise Invalid(f"{name} cannot be {value or 'empty'}: it is {' or '.join(known)}")
    return known[value]


def work(asked: dict[str, bool], now: float, principal: str) -> Callable[[Unit], frozenset[str]]:
    """What switches guards on and off, with an audit entry beside it: for a writer.

    Args:
        asked: By guard; those that are not named stay as they are.
        now: Epoch seconds.
        principal: ARN of who asks.

    Returns:
        A function of a writing unit that answers the guards which are then in force.
    """
    return functools.partial(_put, asked, now, principal)


def _put(asked: dict[str, bool], now: float, principal: str, unit: Unit) -> frozenset[str]:
    on = set(guards_in_force(unit))
    for guard, is_on in asked.items():
        (on.add if is_on else on.discard)(guard)
    keys.set_meta(unit.connection, _META, encode(sorted(on)))
    unit.touched.add(KIND)
    request = {PREFIX + guard: _word(is_on=is_on) for guard, is_on in sorted(asked.items())}
    entry = audit.Entry(
        at=now,
        request_id=ids.request_id(),
        service="freehold",
        operation="PutSettings",
        principal=principal,
        access_key="",
        origin=None,
        source_ip=None,
        user_agent="freehold settings",
        resource=None,
        error_code=None,
        error=None,
        request=encode(request),
    )
    audit.append(unit.connection, (entry,))
    return frozenset(on)


def listed(on: frozenset[str]) -> list[str]:
    """Every setting with its value, as ``freehold settings list`` prints them."""
    return [f"{PREFIX}{guard}={_word(is_on=guard in on)}" for guard in GUARDS]


def _word(*, is_on: bool) -> str:
    return "on" if is_on else "off"
