"""Account settings by name: four guards, switches and quotas, as ``freehold settings`` says them.

Input: words like ``isolation.lists=on`` and ``quota.domains=50``. Output: what they ask for, and a
piece of work for a writer that keeps it with an audit entry. What the settings mean stands where
they are asked: ``kernel/permission/guards``, ``switches.py``, ``kernel/studio/quotas.py``.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from freehold.base import ids
from freehold.base.errors import Invalid
from freehold.kernel.account import switches
from freehold.kernel.permission.guards import settings as guards
from freehold.kernel.studio import quotas
from freehold.store import audit
from freehold.store.records import encode
from freehold.store.unit import Unit

STATES = {"on": True, "off": False}
MODES = {"strict": True, "parity": False}
ALL_GUARDS = guards.PREFIX.rstrip(".")
QUOTA = "quota."
OFF = "off"


@dataclass(frozen=True, slots=True)
class Changes:
    """What was asked for: guards and switches on or off, quotas as numbers or None (off)."""

    guards: dict[str, bool] = field(default_factory=dict)
    quotas: dict[str, int | None] = field(default_factory=dict)
    switches: dict[str, bool] = field(default_factory=dict)


def changes(words: Iterable[str]) -> Changes:
    """What words ask for.

    Raises:
        Invalid: A setting or a value that there is not, or two words that contradict each other.
    """
    asked = Changes()
    said: dict[str, str] = {}
    for word in words:
        name, is_given, value = word.partition("=")
        if not is_given:
            raise Invalid(
                f"{word} is no setting with a value: write {guards.PREFIX}lists=on or "
                f"{QUOTA}domains=50"
            )
        if name.startswith(QUOTA):
            _put(asked.quotas, said, name.removeprefix(QUOTA), _number(name, value), word)
        elif name == ALL_GUARDS:
            is_on = _value(name, value, MODES)
            for guard in guards.GUARDS:
                _put(asked.guards, said, guard, is_on, word)
        elif name.removeprefix(guards.PREFIX) in guards.GUARDS and name.startswith(guards.PREFIX):
            is_on = _value(name, value, STATES)
            _put(asked.guards, said, name.removeprefix(guards.PREFIX), is_on, word)
        elif name in switches.SWITCHES:
            _put(asked.switches, said, name, _value(name, value, STATES), word)
        else:
            known = [ALL_GUARDS, *(guards.PREFIX + guard for guard in guards.GUARDS)]
            known += switches.SWITCHES
            known += [QUOTA + quota for quota in quotas.NAMES]
            raise Invalid(f"there is no setting {name}: the settings are {', '.join(known)}")
    return asked


def _put(known: dict[str, Any], said: dict[str, str], name: str, value: Any, word: str) -> None:
    if name in known and known[name] != value:
        raise Invalid(f"{said[name]} and {word} contradict each other: say one of them")
    known[name] = value
    said[name] = word


def _value(name: str, value: str, known: dict[str, bool]) -> bool:
    if value not in known:
        raise Invalid(f"{name} cannot be {value or 'empty'}: it is {' or '.join(known)}")
    return known[value]


def _number(name: str, value: str) -> int | None:
    quotas.check_name(name.removeprefix(QUOTA))
    if value == OFF:
        return None
    if not (value.isascii() and value.isdigit()) or int(value[:12]) > quotas.MAX:
        raise Invalid(
            f"{name} cannot be {value or 'empty'}: it is a number up to {quotas.MAX}, or {OFF}"
        )
    return int(value)


def work(asked: Changes, now: float, principal: str) -> Callable[[Unit], list[str]]:
    """What keeps settings, with an audit entry beside it: for a writer.

    Args:
        asked: Settings that are not named stay as they are.
        now: Epoch seconds.
        principal: ARN of who asks.

    Returns:
        A function of a writing unit that answers all settings as they then stand.
    """
    return functools.partial(_work, asked, now, principal)


def put(unit: Unit, asked: Changes) -> dict[str, str]:
    """Keep settings in the caller's transaction; what was asked for, by name.

    Raises:
        Invalid: A quota of a domain that there is not.
    """
    said: dict[str, str] = {}
    if asked.guards:
        guards.put(unit, asked.guards)
        said |= {guards.PREFIX + name: _state(on) for name, on in asked.guards.items()}
    if asked.switches:
        switches.put(unit, asked.switches)
        said |= {name: _state(on) for name, on in asked.switches.items()}
    if asked.quotas:
        quotas.put(unit, asked.quotas)
        said |= {QUOTA + name: _bound(number) for name, number in asked.quotas.items()}
    return said


def _work(asked: Changes, now: float, principal: str, unit: Unit) -> list[str]:
    request = put(unit, asked)
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
        request=encode(dict(sorted(request.items()))),
    )
    audit.append(unit.connection, (entry,))
    return listed(unit)


def listed(unit: Unit) -> list[str]:
    """Every setting with its value: all guards, switches and plain quotas, and what else is set."""
    on, bounds = guards.guards_in_force(unit), quotas.in_force(unit)
    switched = switches.in_force(unit)
    names = [*quotas.NAMES, *sorted(bounds.keys() - set(quotas.NAMES))]
    return [
        *(f"{guards.PREFIX}{guard}={_state(guard in on)}" for guard in guards.GUARDS),
        *(f"{name}={_state(name in switched)}" for name in switches.SWITCHES),
        *(f"{QUOTA}{name}={_bound(bounds.get(name))}" for name in names if _is_plain(name, bounds)),
    ]


def is_one(name: str) -> bool:
    """Whether there is a setting of this name."""
    if not name.startswith(QUOTA):
        return name in switches.SWITCHES or name in (guards.PREFIX + one for one in guards.GUARDS)
    try:
        quotas.check_name(name.removeprefix(QUOTA))
    except Invalid:
        return False
    return True


def value(unit: Unit, name: str) -> str:
    """How one of them stands: ``on``, ``off`` or a number."""
    return dict(line.rsplit("=", 1) for line in listed(unit)).get(name, OFF)


def told(prefix: str = "") -> str:
    """All names in a sentence."""
    names = [*(guards.PREFIX + one for one in guards.GUARDS), *switches.SWITCHES]
    names += [QUOTA + one for one in quotas.NAMES]
    return f"there are {', '.join(prefix + name for name in names)}"


def _is_plain(name: str, bounds: dict[str, int]) -> bool:
    return "." not in name or name in bounds


def _state(is_on: bool) -> str:
    return "on" if is_on else OFF


def _bound(number: int | None) -> str:
    return OFF if number is None else str(number)
