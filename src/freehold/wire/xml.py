"""XML in and out: a small tree from a hostile body, and text from a document and its shape.

Input: bytes of a request, or a document with its output shape. Output: ``Node``, or text.
Documents with a DOCTYPE are refused (no entity can be declared, so none can expand), and depth
is bounded. Names lose their namespaces. Used by query, EC2 and S3.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Callable
from typing import Any
from xml.parsers import expat

from freehold.base.errors import Invalid
from freehold.spec import wording
from freehold.spec.model import Member, Shape
from freehold.wire import values

Document = dict[str, Any]
Writer = Callable[[list[str], Any], None]

DEPTH_MAX = 64
# CompleteMultipartUpload may name 10,000 parts of eight elements each; no call has more.
NODES_MAX = 200_000
_SEPARATOR = "\n"


class Node:
    """An element: its local name, attributes by local name, children in order, and its text."""

    __slots__ = ("attributes", "children", "name", "text")

    def __init__(self, name: str, attributes: dict[str, str]) -> None:
        self.name = name
        self.attributes = attributes
        self.children: list[Node] = []
        self.text = ""

    def named(self, name: str) -> list[Node]:
        """The children of that name."""
        return [child for child in self.children if child.name == name]


class _Refused(Exception):
    pass


def tree(body: bytes) -> Node:
    """Read a body.

    Raises:
        Invalid: ``MalformedXML``: not XML, with a DOCTYPE, deeper than DEPTH_MAX, or of more
            than NODES_MAX elements.
    """
    top = Node("", {})
    stack = [top]
    texts: list[list[str]] = [[]]
    room = itertools.repeat(None, NODES_MAX)

    def start(name: str, attributes: dict[str, str]) -> None:
        if len(stack) > DEPTH_MAX or next(room, False) is False:
            raise _Refused
        plain = {_local(key): value for key, value in attributes.items()}
        node = Node(_local(name), plain)
        stack[-1].children.append(node)
        stack.append(node)
        texts.append([])

    def end(_: str) -> None:
        stack.pop().text = "".join(texts.pop())

    def refuse(*_: Any) -> None:
        raise _Refused

    parser = expat.ParserCreate(namespace_separator=_SEPARATOR)
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = lambda text: texts[-1].append(text)
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, _Refused, ValueError, LookupError):
        raise Invalid(wording.MALFORMED_XML, code="MalformedXML") from None
    return top.children[0]


def _local(name: str) -> str:
    return name.rpartition(_SEPARATOR)[2]


def read(shape: Shape, node: Node) -> Any:
    """The value of an element as a shape; members that the shape does not know are passed over.

    Raises:
        ValueError: A text is not of the kind that the shape wants.
    """
    if shape.kind == "structure":
        return _read_structure(shape, node)
    if shape.kind == "list":
        assert shape.item is not None
        return [read(shape.item.shape, child) for child in node.children]
    if shape.kind == "map":
        return _read_map(shape, node.named("entry"))
    return values.from_text(shape, node.text if shape.kind == "string" else node.text.strip())


def _read_structure(shape: Shape, node: Node) -> Document:
    found: Document = {}
    for name, member in shape.members.items():
        if member.location:
            continue
        if member.is_attribute:
            text = node.attributes.get(member.serialized.rpartition(":")[2])
            if text is not None:
                found[name] = text
            continue
        nodes = node.named(member.serialized)
        if nodes:
            found[name] = _read_member(member, nodes)
    return found


def _read_member(member: Member, nodes: list[Node]) -> Any:
    inner = member.shape
    if member.is_flattened and inner.kind == "list":
        assert inner.item is not None
        item = inner.item.shape
        return [read(item, node) for node in nodes]
    if member.is_flattened and inner.kind == "map":
        return _read_map(inner, nodes)
    return read(inner, nodes[0])


def _read_map(shape: Shape, entries: list[Node]) -> Document:
    assert shape.key is not None
    assert shape.value is not None
    key_name = shape.key.location_name or "key"
    value_name = shape.value.location_name or "value"
    found: Document = {}
    for entry in entries:
        keys, items = entry.named(key_name), entry.named(value_name)
        if not keys or not items:
            raise ValueError("a map's entry has no key or no value")
        found[keys[0].text] = read(shape.value.shape, items[0])
    return found


def write(
    parts: list[str], shape: Shape, value: Any, name: str, *, item: str = "member", top: str = ""
) -> None:
    """Append the element ``name`` holding ``value`` to ``parts``.

    Args:
        parts: Text so far.
        shape: What the value is.
        value: From an answer; None members are left out.
        name: The element's name.
        item: What an item of a list is called where the model does not say.
        top: Attributes of the element, with a leading blank.
    """
    _element(shape, name, item, top, None)(parts, value)


def write_members(
    parts: list[str], shape: Shape, document: Document, *, item: str = "member"
) -> None:
    """Append the members of a structure that belong in the body, in the model's order."""
    for name, append in _members(shape, item):
        value = document.get(name)
        if value is not None:
            append(parts, value)


@functools.cache
def _members(shape: Shape, item: str) -> tuple[tuple[str, Writer], ...]:
    """One writer for each member of the body, made when the shape is first written."""
    return tuple(
        (name, _member(member, item))
        for name, member in shape.members.items()
        if not member.location and not member.is_attribute
    )


def _member(member: Member, item: str) -> Writer:
    inner, name = member.shape, member.serialized
    if member.is_flattened and inner.kind == "list":
        assert inner.item is not None
        each = _element(inner.item.shape, inner.item.location_name or name, item, "", None)

        def write_flat(parts: list[str], value: Any) -> None:
            for one in value:
                each(parts, one)

        return write_flat
    if member.is_flattened and inner.kind == "map":
        return _entries(inner, name, item)
    return _element(inner, name, item, "", member.timestamp_format)


@functools.cache
def _element(shape: Shape, name: str, item: str, top: str, form: str | None) -> Writer:
    """The writer of an element. Structures find their members late: shapes hold themselves."""
    opening, closing = f"<{name}{top}>", f"</{name}>"
    if shape.kind == "structure":
        return _structure(shape, name, item, top)
    if shape.kind in {"list", "map"}:
        inner = _items(shape, item) if shape.kind == "list" else _entries(shape, "entry", item)

        def write_wrapped(parts: list[str], value: Any) -> None:
            parts.append(opening)
            inner(parts, value)
            parts.append(closing)

        return write_wrapped
    if shape.kind == "string":

        def write_text(parts: list[str], value: Any) -> None:
            parts.append(f"{opening}{escape(str(value))}{closing}")

        return write_text
    wanted = form or "iso8601"

    def write_scalar(parts: list[str], value: Any) -> None:
        parts.append(f"{opening}{escape(values.to_text(shape, value, wanted))}{closing}")

    return write_scalar


def _structure(shape: Shape, name: str, item: str, top: str) -> Writer:
    has_attributes = any(member.is_attribute for member in shape.members.values())
    start, closing = f"<{name}{top}{_namespace(shape)}", f"</{name}>"

    def write_structure(parts: list[str], value: Any) -> None:
        parts.append(f"{start}{_attributes(shape, value) if has_attributes else ''}>")
        write_members(parts, shape, value, item=item)
        parts.append(closing)

    return write_structure


def _items(shape: Shape, item: str) -> Writer:
    assert shape.item is not None
    inner, name = shape.item.shape, shape.item.location_name or item

    def write_items(parts: list[str], value: Any) -> None:
        each = _element(inner, name, item, "", None)
        for one in value:
            each(parts, one)

    return write_items


def _entries(shape: Shape, name: str, item: str) -> Writer:
    assert shape.key is not None
    assert shape.value is not None
    inner = shape.value.shape
    key_name = shape.key.location_name or "key"
    value_name = shape.value.location_name or "value"

    def write_entries(parts: list[str], value: Any) -> None:
        each = _element(inner, value_name, item, "", None)
        for key, one in value.items():
            parts.append(f"<{name}><{key_name}>{escape(str(key))}</{key_name}>")
            each(parts, one)
            parts.append(f"</{name}>")

    return write_entries


def _namespace(shape: Shape) -> str:
    if not shape.namespace:
        return ""
    prefix = f":{shape.namespace['prefix']}" if "prefix" in shape.namespace else ""
    return f' xmlns{prefix}="{escape(shape.namespace["uri"])}"'


def _attributes(shape: Shape, value: Document) -> str:
    """Members that are attributes (S3's ``Grantee``)."""
    return "".join(
        f' {member.serialized}="{escape(str(value[name]))}"'
        for name, member in shape.members.items()
        if member.is_attribute and value.get(name) is not None
    )


# XML 1.0 has no spelling for these at all; S3 answers such keys only under encoding-type=url.
_FORBIDDEN = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF), "�")
_SPECIAL = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;"}
    | {chr(point): text for point, text in _FORBIDDEN.items()}
)


_is_special = re.compile(f"[{re.escape(''.join(map(chr, _SPECIAL)))}]").search


def escape(text: str) -> str:
    """Text as it may stand in an element or an attribute."""
    return text.translate(_SPECIAL) if _is_special(text) else text
