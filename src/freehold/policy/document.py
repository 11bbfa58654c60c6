"""Policy documents: from the text that a client sends to a frozen value, or IAM's own refusal.

``parse`` checks in IAM's order and refuses in IAM's words (iam-evaluation.md section 2.2): first
failure wins. That an action exists or a condition key is known is not checked, as IAM does not:
such statements never apply. ``compile.py`` turns the value into something that decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Literal, NamedTuple

from freehold.base.errors import Invalid
from freehold.policy import conditions, values
from freehold.policy.grammar import reading, shapes

PolicyKind = Literal["identity", "trust", "boundary", "session", "resource", "control"]

CODE = "MalformedPolicyDocument"
_SYNTAX = "Syntax errors in policy."
_LEGACY = "The policy failed legacy parsing"
_EFFECTS = ("Allow", "Deny")
_SPACE = re.compile(r"[\t\n\r ]+")
_SID = re.compile(r"[0-9A-Za-z]*\Z")


class Principals(NamedTuple):
    """Who a statement speaks of. ``is_everyone``: ``*``; ``named``: pairs of type and value."""

    is_everyone: bool
    named: tuple[tuple[str, str], ...]


class Line(NamedTuple):
    """One key of one operator of a Condition block."""

    operator: str
    key: str
    values: tuple[str, ...]


class Statement(NamedTuple):
    """One statement. Of each pair (Action/NotAction, ...) ``is_not_...`` tells which it was."""

    sid: str
    is_deny: bool
    actions: tuple[str, ...]
    is_not_action: bool = False
    resources: tuple[str, ...] | None = None
    is_not_resource: bool = False
    principals: Principals | None = None
    is_not_principal: bool = False
    lines: tuple[Line, ...] = ()


class Policy(NamedTuple):
    """A document that was understood. ``has_variables``: its version knows policy variables."""

    kind: PolicyKind
    has_variables: bool
    statements: tuple[Statement, ...]


class _Refused(Exception):
    """The document breaks a rule; the text is what the caller reads."""


def size(text: str) -> int:
    """Characters that count against a quota: white space does not."""
    return len(_SPACE.sub("", text))


def parse(text: str, kind: PolicyKind) -> Policy:
    """Read a policy document.

    Args:
        text: The JSON text as sent.
        kind: Where the document will stand; trust policies name principals but no resources, and so
            on. ``control`` is for service and resource control policies; the latter may say
            ``"Principal": "*"``.

    Raises:
        Invalid: With code ``MalformedPolicyDocument`` and the message of the first check that
            fails. Sizes are not checked: see ``size``.
    """
    try:
        has_variables, raw = reading.read(text)
        found = tuple([_statement(one) for one in raw])
        _check_legacy(raw, found)
        _check_sids(found, kind)
        _check_presence(found, kind)
        _check_shapes(found)
        _check_principals(found, kind)
    except reading.Misread:
        raise Invalid(_SYNTAX, code=CODE) from None
    except (_Refused, shapes.Misshapen) as refused:
        raise Invalid(str(refused), code=CODE) from None
    return Policy(kind=kind, has_variables=has_variables, statements=found)


def _require(holds: bool, message: str = _SYNTAX) -> None:
    if not holds:
        raise _Refused(message)


def _check_legacy(raw: Iterable[dict[str, Any]], found: Iterable[Statement]) -> None:
    for one, statement in zip(raw, found, strict=True):
        _require(one["Effect"] in _EFFECTS, _LEGACY)
        for line in statement.lines:
            if conditions.is_date(line.operator):
                _require(all(values.instant(text) is not None for text in line.values), _LEGACY)
    for statement in found:
        for resource in statement.resources or ():
            if shapes.is_broken_arn(resource):
                raise _Refused(_LEGACY)


def _check_sids(found: Iterable[Statement], kind: PolicyKind) -> None:
    sids = [statement.sid for statement in found if statement.sid]
    _require(len(set(sids)) == len(sids), "Statement IDs (SID) in a single policy must be unique.")
    if kind in ("identity", "boundary", "session"):
        _require(
            all(_SID.match(sid) for sid in sids),
            "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies "
            "the regular expression [0-9A-Za-z]*",
        )


def _check_presence(found: Iterable[Statement], kind: PolicyKind) -> None:
    for statement in found:
        _require(bool(statement.actions), "Policy statement must contain actions.")
    if kind != "trust":
        for statement in found:
            _require(bool(statement.resources), "Policy statement must contain resources.")


def _check_shapes(found: Iterable[Statement]) -> None:
    for statement in found:
        shapes.check_actions(statement.actions)
    for statement in found:
        if statement.resources is not None:
            shapes.check_resources(statement.resources)


def _check_principals(found: Iterable[Statement], kind: PolicyKind) -> None:
    if kind == "trust":
        for statement in found:
            element = "NotResource" if statement.is_not_resource else "Resource"
            _require(statement.resources is None, f"Has prohibited field {element}.")
    for statement in found:
        principals, is_not = statement.principals, statement.is_not_principal
        if kind == "control":
            everyone = Principals(is_everyone=True, named=())
            _require(principals is None or (not is_not and principals == everyone))
        elif kind not in ("trust", "resource"):
            _require(principals is None, "Policy document should not specify a principal.")
        else:
            _check_named(statement)
    if kind == "trust":
        for statement in found:
            shapes.check_trust_actions(statement.actions)


def _check_named(statement: Statement) -> None:
    principals = statement.principals
    if principals is None:
        raise _Refused("Missing required field Principal.")
    _require(statement.is_deny or not statement.is_not_principal)
    for type_, value in principals.named:
        if type_ == "AWS" and not shapes.is_aws_principal(value):
            raise _Refused(f'Invalid principal in policy: "{type_}":"{value}"')


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple([one if type(one) is str else _text(one) for one in value])
    return (value,) if type(value) is str else (_text(value),)


def _text(value: str | bool) -> str:
    """What was written: a number keeps its letters, a boolean is in lower case."""
    return str(value) if isinstance(value, str) else str(value).lower()


def _principals(one: dict[str, Any]) -> Principals | None:
    found = one.get("Principal", one.get("NotPrincipal"))
    if found is None:
        return None
    if found == "*":
        return Principals(is_everyone=True, named=())
    named = [(type_, value) for type_, wanted in found.items() for value in _texts(wanted)]
    return Principals(
        is_everyone=("AWS", "*") in named,
        named=tuple(pair for pair in named if pair != ("AWS", "*")),
    )


def _statement(one: dict[str, Any]) -> Statement:
    is_not_action, is_not_resource = "NotAction" in one, "NotResource" in one
    resources = one.get("NotResource" if is_not_resource else "Resource")
    condition = one.get("Condition")
    return Statement(
        one.get("Sid", ""),
        one["Effect"] == "Deny",
        _texts(one.get("NotAction" if is_not_action else "Action", [])),
        is_not_action,
        None if resources is None else _texts(resources),
        is_not_resource,
        _principals(one),
        "NotPrincipal" in one,
        _lines(condition) if condition else (),
    )


def _lines(condition: dict[str, Any]) -> tuple[Line, ...]:
    return tuple(
        [
            Line(name, key, _texts(wanted))
            for name, keys in condition.items()
            for key, wanted in keys.items()
        ]
    )
