"""Requests made from a statement, so that the engine can be asked whether it allows them.

An example proves what it proves only because the engine allowed it: what is guessed here may be
wrong, and then proves nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from freehold.policy import conditions
from freehold.policy.compile import Compiled
from freehold.policy.context import Value
from freehold.policy.document import Line, Policy, Statement, parse
from freehold.policy.evaluate import Attached, Layers, Request, decide
from freehold.policy.principals import PrincipalKind

ACCOUNT, OTHER = "999900001111", "999900002222"  # nobody's: policies name neither
ELSE = "freehold-example"
VALUES_MAX = 64  # of one condition, each of which may be the one that makes the difference
_EVERYTHING = (
    '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}'
)
_ALL = Attached("all", None, "identity", Compiled(parse(_EVERYTHING, "identity")))
Keys = dict[str, Value]


class Undecided(Exception):
    """Neither proven nor disproven; the text says by which statement."""


class Reason(NamedTuple):
    """A statement that grants. ``example``: an action and a resource that it lets through."""

    place: int
    sid: str
    example: tuple[str, str]


def asked(policy: Policy, action: str, resource: str, keys: Keys, by: Statement) -> bool:
    """Whether a policy, standing alone, lets a request through."""
    attached = Attached("policy", None, policy.kind, Compiled(policy))
    kind, arn, account = _caller(by)
    if policy.kind == "identity":
        layers, owner = Layers((attached,)), account
    else:  # from another account, where the resource's policy has to allow as well
        layers, owner = Layers((_ALL,), resource=attached), OTHER
    request = Request(arn, arn, kind, account, action, resource or "*", owner, keys)
    return decide(request, layers).is_allowed


def _caller(by: Statement) -> tuple[PrincipalKind, str, str]:
    anybody: tuple[PrincipalKind, str, str] = (
        "user",
        f"arn:aws:iam::{ACCOUNT}:user/{ELSE}",
        ACCOUNT,
    )
    if by.principals is None or by.principals.is_everyone or by.is_not_principal:
        return anybody
    type_, value = by.principals.named[0]
    if type_ == "Service":
        return "service", value, ""
    if ":user/" in value:
        return "user", value, value.split(":")[4]
    if ":role/" in value:
        return "role", value, value.split(":")[4]
    account = value.split(":")[4] if value.startswith("arn:") else value
    return "user", f"arn:aws:iam::{account}:user/{ELSE}", account


def contexts(allowing: Statement, *denying: Statement) -> Iterator[Keys]:
    """Condition keys under which a statement may hold, and under which others may not."""
    for keys in _holding(allowing.lines):
        yield keys
        avoided = dict(keys)
        for statement in denying:
            for line in statement.lines[:1]:
                avoided = _failing(line) | avoided
        if avoided != keys:
            yield avoided


def _holding(lines: tuple[Line, ...]) -> Iterator[Keys]:
    """Each value of each line once, beside the first ones of all others."""
    base: Keys = {}
    for line in lines:
        base |= _with(line, 0)
    yield base
    for line in lines:
        for place in range(1, min(len(line.values), VALUES_MAX)):
            yield base | _with(line, place)


def _with(line: Line, place: int) -> Keys:
    found = conditions.operator(line.operator)
    key = line.key.lower()
    if found is None or found.quantifier == "ForAllValues:":
        return {}
    value = line.values[place] if place < len(line.values) else ELSE
    if found.base == "Null":
        return {} if value == "true" else {key: ELSE}
    if "Not" in found.base:
        return {}
    if found.base.endswith("Like"):
        value = value.replace("*", ELSE).replace("?", "x")
    elif found.base == "IpAddress":
        value = value.partition("/")[0]
    return {key: (value,) if found.quantifier else value}


def _failing(line: Line) -> Keys:
    found = conditions.operator(line.operator)
    key, value = line.key.lower(), line.values[0] if line.values else ELSE
    if found is None:
        return {}
    if found.base == "Null":
        return {key: ELSE} if value == "true" else {}
    if found.base == "Bool":
        value = "true" if value == "false" else "false"
    elif "Not" in found.base:
        value = value.replace("*", ELSE).replace("?", "x").partition("/")[0]
    else:
        value = ELSE
    return {key: (value,) if found.quantifier else value}
