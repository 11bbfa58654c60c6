"""Policy documents: from the text that a client sends to a frozen value, or IAM's own refusal.

``parse`` checks in IAM's order and refuses in IAM's words (iam-evaluation.md section 2.2): first
failure wins. That an action exists or a condition key is known is not checked, as IAM does not:
such statements never apply. ``compile.py`` turns the value into something that decides.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any, Literal, NamedTuple

from freehold.base.errors import Invalid
from freehold.policy import conditions, shapes, values

PolicyKind = Literal["identity", "trust", "boundary", "session", "resource", "control"]

CODE = "MalformedPolicyDocument"
VERSION_WITH_VARIABLES = "2012-10-17"
_VERSIONS = ("2008-10-17", VERSION_WITH_VARIABLES)
_TOP = frozenset({"Version", "Id", "Statement"})
_STATEMENT = frozenset(
    {"Sid", "Effect", "Condition"}
    | {"Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal"}
)
_PAIRS = (("Action", "NotAction"), ("Resource", "NotResource"), ("Principal", "NotPrincipal"))
_PRINCIPAL_TYPES = frozenset({"AWS", "Service", "Federated", "CanonicalUser"})
_EFFECTS = ("Allow", "Deny")
_SPACE = re.compile(r"[\t\n\r ]+")
_ALLOWED_TEXT = re.compile("[\t\n\r\u0020-\u00ff]*\\Z")


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


class _Scalar(str):
    """A JSON number or boolean, kept as its text: legal as a condition value only."""

    __slots__ = ()


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
        fails.
            Sizes are not checked: see ``size``.
    """
    try:
        top = _read(text)
        raw = _statements(top)
        _check_syntax(top, raw)
        _check_legacy(raw)
        _check_sids(raw, kind)
        _check_presence(raw, kind)
        shapes.check_actions(_entries(raw, "Action", "NotAction"), is_trust=kind == "trust")
        shapes.check_resources(_entries(raw, "Resource", "NotResource"))
        _check_principals(raw, kind)
    except (_Refused, shapes.Misshapen) as refused:
        raise Invalid(str(refused), code=CODE) from None
    return Policy(
        kind=kind,
        has_variables=top.get("Version") == VERSION_WITH_VARIABLES,
        statements=tuple(_statement(one) for one in raw),
    )


_SYNTAX = "Syntax errors in policy."
_LEGACY = "The policy failed legacy parsing"


def _require(holds: bool, message: str = _SYNTAX) -> None:
    if not holds:
        raise _Refused(message)


def _read(text: str) -> dict[str, Any]:
    _require(_ALLOWED_TEXT.match(text) is not None)
    try:
        top = json.loads(
            text,
            object_pairs_hook=_without_duplicates,
            parse_int=_Scalar,
            parse_float=_Scalar,
            parse_constant=_no_constant,
        )
    except (ValueError, RecursionError):
        raise _Refused(_SYNTAX) from None
    _require(isinstance(top, dict))
    return dict(top)


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    _require(len(found) == len(pairs))
    return found


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _statements(top: dict[str, Any]) -> list[dict[str, Any]]:
    found = top.get("Statement")
    raw = [found] if isinstance(found, dict) else found
    _require(isinstance(raw, list) and bool(raw) and all(isinstance(one, dict) for one in raw))
    return list(raw or ())


def _check_syntax(top: dict[str, Any], raw: list[dict[str, Any]]) -> None:
    _require(top.keys() <= _TOP)
    _require("Version" not in top or top["Version"] in _VERSIONS)
    _require("Id" not in top or _is_text(top["Id"]))
    for one in raw:
        _require(one.keys() <= _STATEMENT)
        _require(all(not (first in one and second in one) for first, second in _PAIRS))
        effect = one.get("Effect")
        _require(_is_text(effect) and str(effect).lower() in ("allow", "deny"))
        _require("Sid" not in one or _is_text(one["Sid"]))
        for element in ("Action", "NotAction", "Resource", "NotResource"):
            _require(element not in one or _is_text_or_list(one[element]))
        for element in ("Principal", "NotPrincipal"):
            _require(element not in one or _is_principal(one[element]))
        _check_condition(one.get("Condition", {}))


def _is_text(value: object) -> bool:
    return isinstance(value, str) and not isinstance(value, _Scalar)


def _is_text_or_list(value: object) -> bool:
    return _is_text(value) or (isinstance(value, list) and all(_is_text(one) for one in value))


def _is_principal(value: object) -> bool:
    if not isinstance(value, dict):
        return value == "*" and _is_text(value)
    return (
        bool(value)
        and value.keys() <= _PRINCIPAL_TYPES
        and all(_is_text_or_list(one) and bool(one) for one in value.values())
    )


def _check_condition(condition: object) -> None:
    _require(isinstance(condition, dict))
    assert isinstance(condition, dict)
    for name, keys in condition.items():
        _require(conditions.operator(name) is not None and isinstance(keys, dict))
        for key, wanted in keys.items():
            _require(bool(key))
            listed = wanted if isinstance(wanted, list) else [wanted]
            _require(all(isinstance(one, str | bool) for one in listed))


def _check_legacy(raw: list[dict[str, Any]]) -> None:
    for one in raw:
        _require(one["Effect"] in _EFFECTS, _LEGACY)
        for line in _lines(one):
            if conditions.is_date(line.operator):
                _require(all(values.instant(text) is not None for text in line.values), _LEGACY)
    for resource in _entries(raw, "Resource", "NotResource"):
        _require(not shapes.is_broken_arn(resource), _LEGACY)


def _check_sids(raw: list[dict[str, Any]], kind: PolicyKind) -> None:
    sids = [one["Sid"] for one in raw if one.get("Sid")]
    _require(len(set(sids)) == len(sids), "Statement IDs (SID) in a single policy must be unique.")
    if kind in ("identity", "boundary", "session"):
        is_plain = all(sid.isascii() and sid.isalnum() for sid in sids)
        _require(
            is_plain,
            "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies "
            "the regular expression [0-9A-Za-z]*",
        )


def _check_presence(raw: list[dict[str, Any]], kind: PolicyKind) -> None:
    _require(
        all(one.get("Action") or one.get("NotAction") for one in raw),
        "Policy statement must contain actions.",
    )
    if kind == "trust":
        _require(not any("Resource" in one for one in raw), "Has prohibited field Resource.")
        _require(not any("NotResource" in one for one in raw), "Has prohibited field NotResource.")
        return
    _require(
        all(one.get("Resource") or one.get("NotResource") for one in raw),
        "Policy statement must contain resources.",
    )


def _check_principals(raw: list[dict[str, Any]], kind: PolicyKind) -> None:
    for one in raw:
        named = "Principal" in one or "NotPrincipal" in one
        if kind == "control":
            _require("NotPrincipal" not in one and one.get("Principal", "*") == "*")
        elif kind not in ("trust", "resource"):
            _require(not named, "Policy document should not specify a principal.")
        else:
            _require(named, "Missing required field Principal.")
            _require("NotPrincipal" not in one or one["Effect"] == "Deny")
            principals = _principals(one)
            for type_, value in principals.named if principals else ():
                _require(
                    type_ != "AWS" or shapes.is_aws_principal(value),
                    f'Invalid principal in policy: "{type_}":"{value}"',
                )


def _entries(raw: Iterable[dict[str, Any]], *elements: str) -> list[str]:
    return [entry for one in raw for element in elements for entry in _texts(one.get(element, []))]


def _texts(value: Any) -> tuple[str, ...]:
    listed = value if isinstance(value, list) else [value]
    return tuple(str(one).lower() if isinstance(one, bool) else str(one) for one in listed)


def _lines(one: dict[str, Any]) -> tuple[Line, ...]:
    return tuple(
        Line(name, key, _texts(wanted))
        for name, keys in one.get("Condition", {}).items()
        for key, wanted in keys.items()
    )


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
    has_resource = "Resource" in one or "NotResource" in one
    return Statement(
        sid=one.get("Sid", ""),
        is_deny=one["Effect"] == "Deny",
        actions=_texts(one.get("Action", one.get("NotAction"))),
        is_not_action="NotAction" in one,
        resources=_texts(one.get("Resource", one.get("NotResource"))) if has_resource else None,
        is_not_resource="NotResource" in one,
        principals=_principals(one),
        is_not_principal="NotPrincipal" in one,
        lines=_lines(one),
    )
