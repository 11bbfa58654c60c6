"""Scalars as text, both ways: for query strings, headers and XML; dates of JSON bodies too.

Input: text and a shape, or a value and a shape. Output: the canonical value (dates are float
epoch seconds, blobs base64 text), or text in the format that the protocol wants.
"""

from __future__ import annotations

import functools
import math
import re
from datetime import UTC, datetime
from email.utils import formatdate
from typing import Any

from freehold.spec import wording
from freehold.spec.model import Shape

_INTEGER = re.compile(r"[+-]?[0-9]{1,20}")
_FLOAT = re.compile(r"[+-]?([0-9]{1,400}(\.[0-9]{0,400})?|\.[0-9]{1,400})([eE][+-]?[0-9]{1,4})?")
_NAMED = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def from_text(shape: Shape, text: str) -> Any:
    """The value that the text spells.

    Raises:
        ValueError: It spells none of that kind; the message says so in a sentence.
    """
    kind = shape.kind
    if kind in {"string", "blob"}:
        return text
    if kind == "boolean":
        lowered = text.lower()
        if lowered in {"true", "false"}:
            return lowered == "true"
    elif kind in {"integer", "long"}:
        if _INTEGER.fullmatch(text):
            return int(text)
    elif kind in {"float", "double", "bigdecimal"}:
        if text in _NAMED:
            return _NAMED[text]
        if _FLOAT.fullmatch(text):
            return float(text)
    elif kind == "timestamp":
        moment = wording.instant(text)
        if moment is not None and math.isfinite(moment):
            return moment
    raise ValueError(f"'{wording.shown(text)}' is not {wording.article(shape)}")


def to_text(shape: Shape, value: Any, timestamp_format: str) -> str:
    """The text of a scalar. ``timestamp_format`` is what the protocol wants by itself."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if shape.kind == "timestamp":
        return instant(value, shape.timestamp_format or timestamp_format)
    if isinstance(value, float):
        return _number(value)
    return value if isinstance(value, str) else str(value)


def instant(at: float, timestamp_format: str) -> str:
    """``iso8601`` (milliseconds where there are any), ``rfc822`` or ``unixTimestamp``."""
    if timestamp_format == "rfc822":
        return formatdate(math.floor(at), usegmt=True)
    if timestamp_format == "unixTimestamp":
        return _number(float(at))
    moment = datetime.fromtimestamp(round(at * 1000) / 1000 + 5e-7, UTC)
    digits = "milliseconds" if moment.microsecond >= 1000 else "seconds"
    return moment.isoformat(timespec=digits)[:-6] + "Z"


def dated(shape: Shape, value: Any) -> Any:
    """A value for a JSON body: dates that the model spells as text, such as ISO 8601, spelt so."""
    if not _has_dates_as_text(shape):
        return value
    if shape.kind == "timestamp":
        return _dated(shape.timestamp_format, value)
    if isinstance(value, list) and shape.item is not None:
        return [dated(shape.item.shape, one) for one in value]
    if not isinstance(value, dict) or shape.kind != "structure":
        return value
    found = {}
    for name, one in value.items():
        member = shape.members.get(name)
        if member is not None and member.shape.kind == "timestamp":
            one = _dated(member.timestamp_format, one)
        elif member is not None:
            one = dated(member.shape, one)
        found[name] = one
    return found


def _dated(timestamp_format: str | None, at: Any) -> Any:
    is_number = isinstance(at, (int, float))
    is_text = timestamp_format in ("iso8601", "rfc822")
    return instant(at, str(timestamp_format)) if is_number and is_text else at


@functools.cache
def _has_dates_as_text(shape: Shape) -> bool:
    """Whether such a date stands anywhere below a shape; shapes may hold themselves."""
    waiting, seen = [shape], set()
    while waiting:
        one = waiting.pop()
        if one.name in seen:
            continue
        seen.add(one.name)
        members = [*one.members.values(), *([one.item] if one.item is not None else [])]
        for member in members:
            if member.shape.kind == "timestamp" and member.timestamp_format in (
                "iso8601",
                "rfc822",
            ):
                return True
            waiting.append(member.shape)
    return False


def _number(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return str(int(value)) if value.is_integer() and abs(value) < 1e16 else repr(value)
