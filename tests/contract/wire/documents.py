"""Documents made up from shapes, and services whose shapes forbid nothing.

Input: a shape. Output: a Hypothesis strategy of canonical documents. The bounds and patterns
of the models are taken away: what travels is tested here, not what is allowed.
"""

from __future__ import annotations

import base64
import functools
from typing import Any

import msgspec
from hypothesis import strategies as st

from freehold.spec import load
from freehold.spec.model import Operation, Service, Shape

DEPTH = 4


@functools.cache
def relaxed(name: str, protocol: str | None = None) -> Service:
    """The service without bounds, patterns and enums."""
    model = load.trimmed(name)
    for shape in model["shapes"].values():
        for rule in ("min", "max", "pattern", "enum"):
            shape.pop(rule, None)
    if protocol:
        model["metadata"]["protocol"] = protocol
    packed = [
        {key: msgspec.Raw(msgspec.msgpack.encode(value)) for key, value in model[part].items()}
        for part in ("operations", "shapes")
    ]
    return Service(name, model["metadata"], *packed)


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Zl", "Zp")), max_size=12).map(
    str.strip
)
HEADER_TEXT = st.text(st.sampled_from("abcXYZ019-_./"), min_size=1, max_size=12)
MOMENTS = st.integers(0, 4_000_000_000).map(float)
_SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "string": TEXT,
    "boolean": st.booleans(),
    "integer": st.integers(-(2**31), 2**31 - 1),
    "long": st.integers(-(2**63), 2**63 - 1),
    "float": st.floats(allow_nan=False, allow_infinity=False, width=32),
    "double": st.floats(allow_nan=False, allow_infinity=False),
    "timestamp": MOMENTS,
    "blob": st.binary(min_size=1, max_size=8).map(lambda raw: base64.b64encode(raw).decode()),
}


@st.composite
def documents(draw: st.DrawFn, shape: Shape, depth: int = DEPTH, *, places: bool = True) -> Any:
    """A canonical value of a shape: members come and go, below ``depth`` only required ones."""
    if shape.kind == "structure":
        return _structure(draw, shape, depth, places=places)
    if shape.kind == "list":
        size = draw(st.integers(1, 2))
        return [draw(documents(shape.item.shape, depth - 1)) for _ in range(size)]
    if shape.kind == "map":
        keys = draw(st.lists(HEADER_TEXT, min_size=1, max_size=2, unique=True))
        return {key: draw(documents(shape.value.shape, depth - 1)) for key in keys}
    return draw(_SCALARS[shape.kind])


def _structure(draw: st.DrawFn, shape: Shape, depth: int, *, places: bool) -> dict[str, Any]:
    found: dict[str, Any] = {}
    chance = st.integers(0, 99)
    limit = 40 if len(shape.members) < 20 else 15
    for name, member in shape.members.items():
        if member.is_streaming or member.shape.is_event_stream or member.is_json_value:
            continue
        is_wanted = name in shape.required or (depth > 0 and draw(chance) < limit)
        if not is_wanted or depth < -4:
            continue
        inner = member.shape
        if places and member.location:
            found[name] = draw(_placed(inner, member.location))
        elif name == shape.payload and inner.kind == "string":
            found[name] = draw(HEADER_TEXT)
        else:
            found[name] = draw(documents(inner, depth - 1))
    if shape.is_union:
        found = dict(list(found.items())[:1])
    return found or _least(draw, shape)


def _least(draw: st.DrawFn, shape: Shape) -> dict[str, Any]:
    """One member, for forms and XML have no word for an empty structure."""
    free = {name: member.shape for name, member in shape.members.items() if not member.location}
    scalars = [name for name, inner in free.items() if inner.kind in _SCALARS]
    for name in (scalars or list(free))[:1]:
        return {name: draw(documents(free[name], 0))}
    return {}


def _placed(shape: Shape, location: str) -> st.SearchStrategy[Any]:
    """Values that a header, a path or a query string can carry."""
    if shape.kind == "string":
        return HEADER_TEXT
    if shape.kind == "list":
        return st.lists(HEADER_TEXT, min_size=1, max_size=3)
    if shape.kind == "map":
        return st.dictionaries(
            st.text(st.sampled_from("abcdef-"), min_size=1, max_size=5).map(lambda t: f"x{t}y"),
            HEADER_TEXT, min_size=1, max_size=2,
        )  # fmt: skip
    return _SCALARS[shape.kind]


def operation(service: Service, name: str) -> Operation:
    return service.operations[name]
