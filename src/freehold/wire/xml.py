"""XML in and out: a small tree from a hostile body, and text from a document and its shape.

Input: bytes of a request, or a document with its output shape. Output: ``Node``, or text.
Documents with a DOCTYPE are refused (no entity can be declared, so none can expand), and depth
is bounded. Names lose their namespaces. Used by query, EC2 and S3.
"""

from __future__ import annotations

from typing import Any
from xml.parsers import expat

from freehold.base.errors import Invalid
from freehold.spec.model import Member, Shape
from freehold.wire import values

Document = dict[str, Any]

DEPTH_MAX = 64
MALFORMED = (
    "The XML you provided was not well-formed or did not validate against our published schema"
)
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
        Invalid: ``MalformedXML``: not XML, with a DOCTYPE, or deeper than DEPTH_MAX.
    """
    top = Node("", {})
    stack = [top]
    texts: list[list[str]] = [[]]

    def start(name: str, attributes: dict[str, str]) -> None:
        if len(stack) > DEPTH_MAX:
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
    except (expat.ExpatError, _Refused, ValueError):
        raise Invalid(MALFORMED, code="MalformedXML") from None
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
    if shape.kind == "structure":
        parts.append(f"<{name}{top}{_attributes(shape, value)}>")
        write_members(parts, shape, value, item=item)
        parts.append(f"</{name}>")
    elif shape.kind == "list":
        assert shape.item is not None
        inner = shape.item.shape
        inner_name = shape.item.location_name or item
        parts.append(f"<{name}{top}>")
        for each in value:
            write(parts, inner, each, inner_name, item=item)
        parts.append(f"</{name}>")
    elif shape.kind == "map":
        parts.append(f"<{name}{top}>")
        _write_entries(parts, shape, value, "entry", item)
        parts.append(f"</{name}>")
    else:
        text = values.to_text(shape, value, "iso8601")
        parts.append(f"<{name}{top}>{escape(text)}</{name}>")


def write_members(
    parts: list[str], shape: Shape, document: Document, *, item: str = "member"
) -> None:
    """Append the members of a structure that belong in the body, in the model's order."""
    for name, member in shape.members.items():
        value = document.get(name)
        if value is not None and not member.location and not member.is_attribute:
            _write_member(parts, member, value, item)


def _write_member(parts: list[str], member: Member, value: Any, item: str) -> None:
    inner, name = member.shape, member.serialized
    if member.is_flattened and inner.kind == "list":
        assert inner.item is not None
        for each in value:
            write(parts, inner.item.shape, each, inner.item.location_name or name, item=item)
    elif member.is_flattened and inner.kind == "map":
        _write_entries(parts, inner, value, name, item)
    elif inner.kind == "timestamp":
        text = values.to_text(inner, value, member.timestamp_format or "iso8601")
        parts.append(f"<{name}>{escape(text)}</{name}>")
    else:
        write(parts, inner, value, name, item=item)


def _write_entries(parts: list[str], shape: Shape, value: Document, name: str, item: str) -> None:
    assert shape.key is not None
    assert shape.value is not None
    key_name = shape.key.location_name or "key"
    value_name = shape.value.location_name or "value"
    for key, each in value.items():
        parts.append(f"<{name}><{key_name}>{escape(str(key))}</{key_name}>")
        write(parts, shape.value.shape, each, value_name, item=item)
        parts.append(f"</{name}>")


def _attributes(shape: Shape, value: Document) -> str:
    """``xmlns`` of the shape's own, and members that are attributes (S3's ``Grantee``)."""
    text = ""
    namespace = shape.namespace
    if namespace:
        prefix = f":{namespace['prefix']}" if "prefix" in namespace else ""
        text += f' xmlns{prefix}="{escape(namespace["uri"])}"'
    for name, member in shape.members.items():
        if member.is_attribute and value.get(name) is not None:
            text += f' {member.serialized}="{escape(str(value[name]))}"'
    return text


# XML 1.0 has no spelling for these at all; S3 answers such keys only under encoding-type=url.
_FORBIDDEN = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF), "�")
_SPECIAL = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;"}
    | {chr(point): text for point, text in _FORBIDDEN.items()}
)


def escape(text: str) -> str:
    """Text as it may stand in an element or an attribute."""
    return text.translate(_SPECIAL) if not text.isalnum() else text
