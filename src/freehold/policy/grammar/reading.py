"""From the text of a policy document to its elements, their JSON types checked.

Input is what a client sent; ``document.py`` takes the elements on. Whatever is wrong here is, in
IAM's words, one thing: a syntax error (iam-evaluation.md sections 2.1 and 2.2).
"""

from __future__ import annotations

import json
import re
from typing import Any

from freehold.policy import conditions

VERSION_WITH_VARIABLES = "2012-10-17"
_VERSIONS = ("2008-10-17", VERSION_WITH_VARIABLES)
_TOP = frozenset({"Version", "Id", "Statement"})
_STATEMENT = frozenset(
    {"Sid", "Effect", "Condition"}
    | {"Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal"}
)
_PAIRS = (("Action", "NotAction"), ("Resource", "NotResource"), ("Principal", "NotPrincipal"))
_LISTS = ("Action", "NotAction", "Resource", "NotResource")
_PRINCIPAL_TYPES = frozenset({"AWS", "Service", "Federated", "CanonicalUser"})
_ALLOWED_TEXT = re.compile("[\t\n\r\u0020-\u00ff]*\\Z")
_SURROGATE = re.compile("[\ud800-\udfff]")


class Misread(Exception):
    """The text is not a policy document."""


class _Scalar(str):
    """A JSON number, kept as its text: legal as a condition value only."""

    __slots__ = ()


def read(text: str) -> tuple[bool, list[dict[str, Any]]]:
    """Take a document apart.

    Returns:
        Whether its version knows variables, and its statements. In these all elements have the
        right JSON types, and of each pair (Action, NotAction) one at most is there. Values of
        conditions are texts, booleans or lists of them.

    Raises:
        Misread: At the first syntax error.
    """
    top = _load(text)
    found = top.get("Statement")
    raw = [found] if isinstance(found, dict) else found
    _require(isinstance(raw, list) and bool(raw))
    assert isinstance(raw, list)
    _require(top.keys() <= _TOP)
    version = top.get("Version", _VERSIONS[0])
    _require(is_text(version) and version in _VERSIONS)
    _require(is_text(top.get("Id", "")))
    for one in raw:
        _require(isinstance(one, dict))
        _check(one)
    return version == VERSION_WITH_VARIABLES, raw


def _require(holds: bool) -> None:
    if not holds:
        raise Misread


def _load(text: str) -> dict[str, Any]:
    _require(_ALLOWED_TEXT.match(text) is not None)
    try:
        top = json.loads(
            text,
            object_pairs_hook=_without_duplicates,
            parse_int=_Scalar,
            parse_float=_Scalar,
            parse_constant=_no_constant,
        )
        if "\\u" in text:  # a lone half of a character could not be stored or sent back
            _require(_SURROGATE.search(json.dumps(top, ensure_ascii=False)) is None)
    except (ValueError, RecursionError):
        raise Misread from None
    _require(isinstance(top, dict))
    return dict(top)


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Misread
    return found


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _check(one: dict[str, Any]) -> None:
    _require(one.keys() <= _STATEMENT)
    for first, second in _PAIRS:
        if first in one and second in one:
            raise Misread
    effect = one.get("Effect")
    _require(is_text(effect) and str(effect).lower() in ("allow", "deny"))
    _require(is_text(one.get("Sid", "")))
    for element in _LISTS:
        if element in one and not _is_text_or_list(one[element]):
            raise Misread
    for element in ("Principal", "NotPrincipal"):
        if element in one and not _is_principal(one[element]):
            raise Misread
    if "Condition" in one:
        _check_condition(one["Condition"])


def is_text(value: object) -> bool:
    """Whether a JSON value was written as a string."""
    return type(value) is str


def _is_text_or_list(value: object) -> bool:
    if type(value) is str:
        return True
    if not isinstance(value, list):
        return False
    for one in value:  # noqa: SIM110 - on the road of a thousand roles
        if type(one) is not str:
            return False
    return True


def _is_principal(value: object) -> bool:
    if not isinstance(value, dict):
        return value == "*" and is_text(value)
    return (
        bool(value)
        and value.keys() <= _PRINCIPAL_TYPES
        and all(_is_text_or_list(one) and bool(one) for one in value.values())
    )


def _check_condition(condition: object) -> None:
    _require(isinstance(condition, dict))
    assert isinstance(condition, dict)
    for name, keys in condition.items():
        _require(isinstance(keys, dict) and conditions.operator(name) is not None)
        for key, wanted in keys.items():
            _require(bool(key))
            if isinstance(wanted, list):
                for one in wanted:
                    if not isinstance(one, str | bool):
                        raise Misread
            elif not isinstance(wanted, str | bool):
                raise Misread
