"""Shapes as msgspec types, so that reading and checking a document is one pass in C.

Input: a ``Shape``, on first use. Output: a TypedDict, list, dict, Literal or bounded scalar.
Reading gives plain dicts with the known members only. What the pass refuses is looked at
again, slowly, by ``spec/rules.py``: that finds all violations, and forgives what AWS forgives
(null members, dates as text).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Annotated, Any, Literal, TypedDict, cast

import msgspec

from freehold.base.errors import Invalid
from freehold.spec import patterns, rules
from freehold.spec.model import Operation, Shape

Document = dict[str, Any]

# A body nested deeper than the reader's stack, or cut off, or not UTF-8.
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_COMPILING = threading.RLock()
_READY: set[Shape] = set()  # compiled to the last member
_BOUNDS = {"integer": (-(2**31), 2**31 - 1), "long": (-(2**63), 2**63 - 1)}


def decode(operation: Operation, body: bytes) -> Document:
    """Read a JSON body as the operation's input, and check it; an empty body is ``{}``.

    Source: AWS JSON 1.0 and 1.1 protocols.

    Raises:
        Invalid: With all violations in AWS's wording; ``SerializationException`` where the
            body is no JSON or a value is of another JSON type.
    """
    read: Callable[[bytes], Document] = operation.reader or _compile(operation)
    try:
        return read(body or b"{}")
    except msgspec.ValidationError:
        pass
    except _UNREADABLE as error:
        raise _unreadable(error) from None
    return rules.forgive(operation, _untyped(body or b"{}"))


def convert(operation: Operation, document: Document) -> Document | None:
    """The checked document, known members only; None where the slow road must look at it."""
    shape = operation.input
    if shape is None:
        return {}
    try:
        return cast("Document", msgspec.convert(document, type_of(shape)))
    except (msgspec.ValidationError, RecursionError):
        return None


def type_of(shape: Shape) -> Any:
    """The msgspec type of a shape, compiled once.

    Nobody is given a type before all within it is filled in: several threads may ask first.
    """
    if shape not in _READY:
        with _COMPILING:
            _type(shape)
            _READY.add(shape)
    return shape.type


def _type(shape: Shape) -> Any:
    """As ``type_of``, for shapes within one that is being compiled; they may be unfinished."""
    if shape.type is None:
        shape.type = _compiled(shape)
    return shape.type


def _compile(operation: Operation) -> Callable[[bytes], Document]:
    shape = operation.input
    target = type_of(shape) if shape else TypedDict("Nothing", {})  # type: ignore[operator]
    operation.reader = msgspec.json.Decoder(target).decode
    return cast("Callable[[bytes], Document]", operation.reader)


def _untyped(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except _UNREADABLE as error:
        raise _unreadable(error) from None


def _unreadable(error: Exception) -> Invalid:
    return Invalid("Unable to parse the request body as JSON", code="SerializationException",
                   detail=str(error))  # fmt: skip


def _compiled(shape: Shape) -> Any:
    if shape.kind == "structure":
        return _structure(shape)
    if shape.kind == "list":
        assert shape.item is not None, shape
        return _bounded(list[_type(shape.item.shape)], shape)  # type: ignore[misc]
    if shape.kind == "map":
        assert shape.key is not None, shape
        assert shape.value is not None, shape
        key, value = _type(shape.key.shape), _type(shape.value.shape)
        return _bounded(dict[key, value], shape)  # type: ignore[valid-type]
    return _scalar(shape)


def _structure(shape: Shape) -> Any:
    """A TypedDict whose fields are filled in after it exists, for shapes refer to themselves."""
    made: Any = TypedDict(shape.name, {}, total=False)  # type: ignore[misc]
    shape.type = made
    made.__annotations__ = {name: _member(member) for name, member in shape.members.items()}
    made.__required_keys__ = frozenset(shape.required)
    made.__optional_keys__ = frozenset(shape.members) - made.__required_keys__
    return made


def _member(member: Any) -> Any:
    if member.is_json_value:
        return Any
    return _type(member.shape)


def _bounded(plain: Any, shape: Shape) -> Any:
    least, most = _length(shape)
    if least is None and most is None:
        return plain
    return Annotated[plain, msgspec.Meta(min_length=least, max_length=most)]


def _length(shape: Shape) -> tuple[int | None, int | None]:
    least = int(shape.min) if shape.min else None
    return least, None if shape.max is None else int(shape.max)


def _scalar(shape: Shape) -> Any:
    kind = shape.kind
    if kind == "string":
        return _string(shape)
    if kind == "boolean":
        return bool
    if kind in _BOUNDS:
        least, most = _BOUNDS[kind]
        least = least if shape.min is None else max(least, int(shape.min))
        most = most if shape.max is None else min(most, int(shape.max))
        return Annotated[int, msgspec.Meta(ge=least, le=most)]
    if kind == "blob":
        return _blob(shape)
    if kind == "timestamp" or (shape.min is None and shape.max is None):
        return float
    return Annotated[float, msgspec.Meta(ge=shape.min, le=shape.max)]


def _string(shape: Shape) -> Any:
    if shape.enum:
        return Literal[shape.enum]
    least, most = _length(shape)
    pattern = patterns.translate(shape.pattern) if shape.pattern else None
    if pattern and not patterns.is_bounded(shape.pattern or ""):
        most = min(most or patterns.PATTERN_CHARS_MAX, patterns.PATTERN_CHARS_MAX)
    if least is None and most is None and pattern is None:
        return str
    return Annotated[str, msgspec.Meta(min_length=least, max_length=most, pattern=pattern)]


def _blob(shape: Shape) -> Any:
    """Base64 text; the bounds, which count bytes, are held to within the last group of three."""
    least, most = _length(shape)
    return Annotated[
        str,
        msgspec.Meta(
            pattern=r"\A[A-Za-z0-9+/]*={0,2}\Z",
            min_length=None if least is None else 4 * -(-least // 3),
            max_length=None if most is None else 4 * -(-most // 3),
        ),
    ]
