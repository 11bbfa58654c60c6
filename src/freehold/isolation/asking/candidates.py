"""Values worth trying for what the attacker chooses, read off the policies' own conditions.

Of each key: absent, every value that a condition names, one that differs from all of them. That
is enough for each operator of IAM to hold and not to hold, so that a search over them is exact;
sets of tags are made statement by statement, since their keys come together.
"""

from __future__ import annotations

import base64
import functools
import ipaddress
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from freehold.isolation.patterns import FRESH, examples
from freehold.policy import conditions, match, values
from freehold.policy.context import Value
from freehold.policy.document import Line, Policy, Statement

VALUES_MAX = 60  # of one key
SETS_MAX = 200  # of tags
ACTIONS_KEPT_MAX = 4096
_REQUEST_TAG = "aws:requesttag/"
_ADDRESSES = ("192.0.2.10", "10.0.0.10", "2001:db8::10")
Known = Mapping[str, object]


class Said(NamedTuple):
    """One condition of a statement, and whether its values may hold variables."""

    line: Line
    has_variables: bool


class Lines:
    """The conditions of several policies, by key."""

    def __init__(self, policies: Iterable[Policy]) -> None:
        self.statements: list[tuple[Statement, bool]] = []
        self.by_key: dict[str, list[Said]] = {}
        for policy in policies:
            for statement in policy.statements:
                self.statements.append((statement, policy.has_variables))
                for line in statement.lines:
                    said = Said(line, policy.has_variables)
                    self.by_key.setdefault(line.key.lower(), []).append(said)

    def values(self, key: str, known: Known, now: float, *, is_list: bool) -> list[Value | None]:
        """What a free key may be, absent included. ``is_list``: the key holds several."""
        found: dict[str, None] = {}
        for line, has_variables in self.by_key.get(key, ()):
            for text in line.values:
                for value in _of(line.operator, text, known, now, has_variables=has_variables):
                    found.setdefault(value)
        found.setdefault(_other(key, self.by_key.get(key, ())))
        single = list(found)[:VALUES_MAX]
        if not is_list:
            return [None, *single]
        return [None, *((value,) for value in single), tuple(single[:-1])]

    def tag_sets(
        self, actions: Iterable[str], extra: Iterable[Mapping[str, str]], known: Known
    ) -> list[dict[str, str]]:
        """Sets of request tags worth trying: none, ``extra``, and what statements ask for."""
        tests = list(actions)
        asked = [
            one
            for statement, has_variables in self.statements
            if any(speaks_of(statement, action) for action in tests)
            for one in _asked(statement, known, has_variables=has_variables)
        ]
        bases: list[dict[str, str]] = [{}, *map(dict, extra), {FRESH: FRESH}]
        found: dict[tuple[tuple[str, str], ...], dict[str, str]] = {}
        for size in range(3):
            for parts in itertools.combinations(asked, size):
                for base in bases:
                    made: dict[str, str] = {}
                    for part in parts:
                        made |= part
                    made |= base
                    found.setdefault(tuple(sorted(made.items())), made)
                    if len(found) >= SETS_MAX:
                        return list(found.values())
        return list(found.values())


def speaks_of(statement: Statement, action: str) -> bool:
    """Whether a statement's Action or NotAction lets an action in."""
    test, is_broken = _actions(statement.actions)
    return is_broken or test(action.lower()) != statement.is_not_action


@functools.lru_cache(maxsize=ACTIONS_KEPT_MAX)
def _actions(entries: tuple[str, ...]) -> match.Actions:
    return match.actions(entries)


def _asked(statement: Statement, known: Known, *, has_variables: bool) -> list[dict[str, str]]:
    """Sets that satisfy, or touch, what one statement says of request tags."""
    by_key: dict[str, dict[str, None]] = {}
    for line in statement.lines:
        lowered = line.key.lower()
        if lowered.startswith(_REQUEST_TAG):
            key = line.key[len(_REQUEST_TAG) :]
            found = by_key.setdefault(key, {})
            for text in line.values:
                for value in _of(line.operator, text, known, 0, has_variables=has_variables):
                    found.setdefault(value)
            found.setdefault(FRESH)
        elif lowered == "aws:tagkeys":
            for text in line.values:
                for key in _of(line.operator, text, known, 0, has_variables=has_variables):
                    by_key.setdefault(key, {}).setdefault(FRESH)
    if not by_key:
        return []
    whole = itertools.islice(itertools.product(*by_key.values()), 16)
    sets = [dict(zip(by_key, chosen, strict=True)) for chosen in whole]
    sets += [{key: value} for key, found in by_key.items() for value in found]
    return sets


def _of(name: str, text: str, known: Known, now: float, *, has_variables: bool) -> Iterator[str]:
    found = conditions.operator(name)
    if found is None:
        return
    make = _MAKERS.get(found.base)
    if make is not None:
        yield from make(text, now)
        return
    if "Like" in found.base or found.base.startswith("Arn"):
        yield from examples(text, known, has_variables=has_variables)
        return
    yield from _exact(text, known, has_variables=has_variables)


def _exact(text: str, known: Known, *, has_variables: bool) -> Iterator[str]:
    if "${" in text and has_variables:
        yield from examples(text, known, has_variables=True)
    else:
        yield text


def _number(text: str, _now: float) -> Iterator[str]:
    number = values.number(text)
    if number is not None:
        for step in (Decimal(0), Decimal(-1), Decimal(1)):
            yield str(number + step)


def _date(text: str, now: float) -> Iterator[str]:
    """Instants about that of the condition that have not passed: the attacker can wait."""
    instant = values.instant(text)
    if instant is not None:
        for step in (-1, 0, 1):
            if instant + step >= Decimal(int(now)):
                yield str(instant + step)


def _address(text: str, _now: float) -> Iterator[str]:
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return
    yield str(network.network_address)
    yield (
        str(network.broadcast_address + 1)
        if int(network.broadcast_address) + 1 < (1 << network.max_prefixlen)
        else str(network.network_address - 1)
    )
    yield from _ADDRESSES


def _truth(_text: str, _now: float) -> Iterator[str]:
    yield from ("true", "false")


def _nothing(_text: str, _now: float) -> Iterator[str]:
    yield from ()


_MAKERS: dict[str, Callable[[str, float], Iterator[str]]] = {
    **{
        f"Numeric{how}": _number
        for how in (
            *("Equals", "NotEquals", "LessThan", "LessThanEquals"),
            *("GreaterThan", "GreaterThanEquals"),
        )
    },
    **{
        f"Date{how}": _date
        for how in (
            *("Equals", "NotEquals", "LessThan", "LessThanEquals"),
            *("GreaterThan", "GreaterThanEquals"),
        )
    },
    "IpAddress": _address,
    "NotIpAddress": _address,
    "Bool": _truth,
    "Null": _nothing,
}


def _other(key: str, said: Sequence[Said]) -> str:
    """A value of the key's own kind that no condition names."""
    bases = {
        found.base for line, _ in said if (found := conditions.operator(line.operator)) is not None
    }
    if any(base.startswith("Arn") for base in bases):
        return f"arn:aws:iam::000000000000:role/{FRESH}"
    if "BinaryEquals" in bases:
        return base64.b64encode(FRESH.encode()).decode()
    if bases & {"IpAddress", "NotIpAddress"}:
        return "198.51.100.77"
    if any(base.startswith("Numeric") for base in bases):
        return "7"
    if key == "aws:currenttime" or any(base.startswith("Date") for base in bases):
        return "4102444800"
    return FRESH
