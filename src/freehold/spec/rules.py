"""The slow road of a document: what the fast pass refused is forgiven here, or explained.

Input: a document that ``spec/shapes.py`` could not take. Output: the same in canonical form
with known members only, or ``Invalid`` that lists every violation at once in AWS's wording.
"""

from __future__ import annotations

import base64
import binascii
import math
from typing import Any

from freehold.spec import wording
from freehold.spec.model import Operation, Shape

Document = dict[str, Any]

# Faults are answers too: this many violations are listed, with values cut in wording.py.
VIOLATIONS_MAX = 100
# Deeper documents are refused; AWS's own services stop at 100 or fewer.
DEPTH_MAX = 100


def forgive(operation: Operation, document: Any) -> Document:
    """The slow road: null members are absent, whole floats are integers, dates may be text."""
    shape = operation.input
    if shape is None:
        return {}
    cleaned: Document = _clean(shape, document, 0)
    found = violations(shape, cleaned)
    if found:
        raise wording.refusal(operation.service.name, shape, cleaned, found)
    return cleaned


def violations(shape: Shape, document: Any) -> list[str]:
    """Every rule that a canonical document breaks, one sentence each, in the model's order.

    At most VIOLATIONS_MAX. A sentence reads ``Value '..' at 'a.b' failed to satisfy
    constraint: Member must ..``.
    """
    found: list[str] = []
    _walk(shape, document, "", found)
    return found[:VIOLATIONS_MAX]


def _walk(shape: Shape, value: Any, path: str, found: list[str]) -> None:
    if len(found) >= VIOLATIONS_MAX:
        return
    broken = wording.constraints(shape, value)
    found.extend(wording.sentence(shape, value, path, words) for words in broken)
    if shape.kind == "structure":
        _walk_structure(shape, value, path, found)
    elif shape.kind == "list" and shape.item:
        _walk_list(shape, shape.item.shape, value, path, found)
    elif shape.kind == "map" and shape.key and shape.value:
        _walk_map(shape, value, path, found)


def _walk_structure(shape: Shape, value: Document, path: str, found: list[str]) -> None:
    for name, member in shape.members.items():
        at = f"{path}.{wording.lower(name)}" if path else wording.lower(name)
        inner = value.get(name)
        if inner is not None:
            if not member.is_json_value:
                _walk(member.shape, inner, at, found)
        elif name in shape.required:
            found.append(f"Value null at '{at}' failed to satisfy constraint: {wording.NOT_NULL}")


def _walk_list(shape: Shape, inner: Shape, value: list[Any], path: str, found: list[str]) -> None:
    """Lists of scalars are named whole, lists of anything else by index, as AWS does."""
    if None in value:
        at = f"{path}.{value.index(None) + 1}.member"
        found.append(f"Value null at '{at}' failed to satisfy constraint: {wording.NOT_NULL}")
        return
    if inner.kind in {"structure", "list", "map"}:
        for index, item in enumerate(value, 1):
            _walk(inner, item, f"{path}.{index}.member", found)
        return
    for item in value:
        if broken := wording.constraints(inner, item, full=True):
            words = f"Member must satisfy constraint: [{', '.join(broken)}]"
            found.append(wording.sentence(shape, value, path, words))
            return


def _walk_map(shape: Shape, value: Document, path: str, found: list[str]) -> None:
    assert shape.key is not None
    assert shape.value is not None
    for key in value:
        if broken := wording.constraints(shape.key.shape, key, full=True):
            words = f"Map keys must satisfy constraint: [{', '.join(broken)}]"
            found.append(wording.sentence(shape, value, path, words))
            break
    inner = shape.value.shape
    for key, item in value.items():
        if inner.kind in {"structure", "list", "map"}:
            _walk(inner, item, f"{path}.{key}.member", found)
        elif broken := wording.constraints(inner, item, full=True):
            words = f"Map value must satisfy constraint: [{', '.join(broken)}]"
            found.append(wording.sentence(shape, value, path, words))
            return


def _clean(shape: Shape, value: Any, depth: int) -> Any:
    """The value in canonical form. Raises ``SerializationException`` on another JSON type."""
    if depth > DEPTH_MAX:
        raise wording.mistyped("The document is nested too deeply")
    if shape.kind == "structure":
        if not isinstance(value, dict):
            raise wording.wrong_type(shape, value)
        return {
            name: inner if member.is_json_value else _clean(member.shape, inner, depth + 1)
            for name, member in shape.members.items()
            if (inner := value.get(name)) is not None
        }
    if shape.kind == "list":
        if not isinstance(value, list):
            raise wording.wrong_type(shape, value)
        assert shape.item is not None
        inner_shape = shape.item.shape
        return [None if item is None else _clean(inner_shape, item, depth + 1) for item in value]
    if shape.kind == "map":
        if not isinstance(value, dict):
            raise wording.wrong_type(shape, value)
        assert shape.value is not None
        inner_shape = shape.value.shape
        return {
            key: _clean(inner_shape, item, depth + 1)
            for key, item in value.items()
            if item is not None
        }
    return _CLEANERS.get(shape.kind, _clean_string)(shape, value)


def _clean_string(shape: Shape, value: Any) -> Any:
    if not isinstance(value, str):
        raise wording.wrong_type(shape, value)
    return value


def _clean_boolean(shape: Shape, value: Any) -> Any:
    if not isinstance(value, bool):
        raise wording.wrong_type(shape, value)
    return value


def _clean_integer(shape: Shape, value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise wording.wrong_type(shape, value)
    bits = 31 if shape.kind == "integer" else 63
    if not -(2**bits) <= value < 2**bits:
        raise wording.mistyped(f"{value} can not be converted to {wording.article(shape)}")
    return value


def _clean_float(shape: Shape, value: Any) -> Any:
    if isinstance(value, str) and value in {"NaN", "Infinity", "-Infinity"}:
        return float(value)
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise wording.wrong_type(shape, value)
    try:
        return float(value)
    except OverflowError:
        raise wording.wrong_type(shape, value) from None


def _clean_timestamp(shape: Shape, value: Any) -> Any:
    if isinstance(value, str):
        moment = wording.instant(value)
        if moment is None:
            raise wording.mistyped(f"{wording.shown(value)} can not be converted to a Timestamp")
        return moment
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise wording.wrong_type(shape, value)
    try:
        moment = float(value)
    except OverflowError:
        moment = math.inf
    if not math.isfinite(moment):
        raise wording.wrong_type(shape, value)
    return moment


def _clean_blob(shape: Shape, value: Any) -> Any:
    if not isinstance(value, str):
        raise wording.wrong_type(shape, value)
    try:
        base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise wording.mistyped("The value of a blob is no base64") from None
    return value


_CLEANERS = {
    "string": _clean_string,
    "boolean": _clean_boolean,
    "integer": _clean_integer,
    "long": _clean_integer,
    "float": _clean_float,
    "double": _clean_float,
    "timestamp": _clean_timestamp,
    "blob": _clean_blob,
}
