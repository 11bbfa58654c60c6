"""AWS query and EC2's own: a form in, XML out.

Input: ``Action=..&Version=..`` with dotted names (lists ``.member.1``, maps ``.entry.1.key``;
EC2 capitalises and never writes ``member``). Output: a checked document; or XML of one.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote_plus

from freehold.base.errors import Invalid
from freehold.spec import wording
from freehold.spec.check import check
from freehold.spec.model import Member, Operation, Shape
from freehold.wire import values, xml
from freehold.wire.request import Reply, Request

Document = dict[str, Any]

# More pairs than any AWS call has use for: 1,000 identifiers in a filter is EC2's own bound.
PAIRS_MAX = 20_000
DEPTH_MAX = 32

_Tree = dict[str, Any]


def form(request: Request) -> dict[str, str]:
    """The pairs of the body, or of the query string where there is no body.

    Raises:
        Invalid: Not UTF-8, or more than PAIRS_MAX pairs.
    """
    try:
        text = request.body.decode() if request.body else request.query
        pairs = [pair.partition("=") for pair in text.split("&", PAIRS_MAX + 1) if pair]
        if len(pairs) > PAIRS_MAX:
            raise Invalid(f"A request has at most {PAIRS_MAX} parameters.", code="MalformedInput")
        return {
            unquote_plus(name, errors="strict"): unquote_plus(value, errors="strict")
            for name, _, value in pairs
        }
    except UnicodeDecodeError:
        raise Invalid("The request's parameters are not UTF-8.", code="MalformedInput") from None


def parse(operation: Operation, request: Request) -> Document:
    """The form, as the operation's input, checked.

    Raises:
        Invalid: All violations, or the parameter that cannot be read.
    """
    shape = operation.input
    if shape is None:
        return {}
    service = operation.service
    reader = _Reader(is_ec2=service.protocol == "ec2")
    try:
        document = reader.structure(shape, _nested(form(request)), "")
    except ValueError as error:
        code = wording.CODES.get(service.name, "ValidationError")
        raise Invalid(str(error), code=code) from None
    return check(operation, document)


def _nested(pairs: dict[str, str]) -> _Tree:
    """``a.1.b=c`` as ``{"a": {"1": {"b": "c"}}}``; a text beside branches stands under ``""``."""
    top: _Tree = {}
    for name, value in pairs.items():
        parts = name.split(".", DEPTH_MAX)
        level = top
        for part in parts[:-1]:
            inner = level.setdefault(part, {})
            if not isinstance(inner, dict):
                inner = level[part] = {"": inner}
            level = inner
        last = level.get(parts[-1])
        if isinstance(last, dict):
            last[""] = value
        else:
            level[parts[-1]] = value
    return top


class _Reader:
    """Reads a tree of texts by shape, in one of the two spellings."""

    def __init__(self, *, is_ec2: bool) -> None:
        self.is_ec2 = is_ec2

    def structure(self, shape: Shape, tree: _Tree, path: str) -> Document:
        found: Document = {}
        for name, member in shape.members.items():
            key = self._key(member)
            if key in tree:
                found[name] = self.value(member, tree[key], f"{path}{key}")
        return found

    def value(self, member: Member, tree: Any, path: str) -> Any:
        shape = member.shape
        if shape.kind == "structure":
            return self.structure(shape, _branch(tree), f"{path}.")
        if shape.kind == "list":
            return self.list(shape, member, tree, path)
        if shape.kind == "map":
            return self.map(shape, member, tree, path)
        text = tree.get("", "") if isinstance(tree, dict) else tree
        try:
            return values.from_text(shape, text)
        except ValueError as error:
            raise ValueError(f"Invalid value for parameter {path}: {error}.") from None

    def list(self, shape: Shape, member: Member, tree: Any, path: str) -> list[Any]:
        """An empty text is an empty list: ``Tags=``."""
        if not isinstance(tree, dict):
            if tree == "":
                return []
            raise ValueError(f"Invalid value for parameter {path}: a list is written {path}.1.")
        assert shape.item is not None
        item = shape.item
        branch = tree
        if not self.is_ec2 and not member.is_flattened:
            branch = _branch(tree.get(item.location_name or "member", tree))
        return [self.value(item, branch[key], f"{path}.{key}") for key in _numbers(branch, path)]

    def map(self, shape: Shape, member: Member, tree: Any, path: str) -> Document:
        assert shape.key is not None
        assert shape.value is not None
        branch = _branch(tree)
        if not member.is_flattened:
            branch = _branch(branch.get("entry", {}))
        key_name = shape.key.location_name or "key"
        value_name = shape.value.location_name or "value"
        found: Document = {}
        for number in _numbers(branch, path):
            entry = _branch(branch[number])
            key = entry.get(key_name)
            if not isinstance(key, str):
                raise ValueError(f"Invalid value for parameter {path}.{number}: it has no key.")
            found[key] = self.value(shape.value, entry.get(value_name, ""), f"{path}.{key}")
        return found

    def _key(self, member: Member) -> str:
        """The name in the form.

        EC2: ``queryName``, else ``locationName`` capitalised. Flattened lists of query: the
        item's own name, as botocore's QuerySerializer writes it.
        """
        if self.is_ec2:
            if member.query_name:
                return member.query_name
            name = member.serialized
            return name[:1].upper() + name[1:]
        if member.is_flattened and member.shape.item and member.shape.item.location_name:
            return member.shape.item.location_name
        return member.serialized


def _branch(tree: Any) -> _Tree:
    return tree if isinstance(tree, dict) else {}


def _numbers(branch: _Tree, path: str) -> list[str]:
    """The keys of a list in order. Gaps are closed, as AWS closes them."""
    keys = [key for key in branch if key]
    if not all(key.isascii() and key.isdigit() and len(key) < 9 for key in keys):
        raise ValueError(f"Invalid value for parameter {path}: items are numbered from 1.")
    return sorted(keys, key=int)


def serialize(operation: Operation, document: Document, request_id: str) -> Reply:
    """The answer in the envelope of query, or of EC2."""
    is_ec2 = operation.service.protocol == "ec2"
    body = (_ec2 if is_ec2 else _query)(operation, document, request_id)
    headers = [
        (b"content-type", b"text/xml;charset=UTF-8" if is_ec2 else b"text/xml"),
        (b"x-amzn-requestid", request_id.encode()),
    ]
    return Reply(200, headers, body.encode("utf-8", "replace"))


def _query(operation: Operation, document: Document, request_id: str) -> str:
    namespace = operation.service.xml_namespace
    parts = [f'<{operation.name}Response xmlns="{namespace}">']
    output = operation.output
    if output is not None:
        wrapper = operation.output_wrapper or f"{operation.name}Result"
        parts.append(f"<{wrapper}>")
        xml.write_members(parts, output, document)
        parts.append(f"</{wrapper}>")
    parts.append(
        f"<ResponseMetadata><RequestId>{xml.escape(request_id)}</RequestId></ResponseMetadata>"
        f"</{operation.name}Response>"
    )
    return "".join(parts)


def _ec2(operation: Operation, document: Document, request_id: str) -> str:
    """EC2 answers ``<return>true</return>`` where its model has no output."""
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<{operation.name}Response xmlns="{operation.service.xml_namespace}/">'
        f"<requestId>{xml.escape(request_id)}</requestId>"
    ]
    output = operation.output
    if output is None:
        parts.append("<return>true</return>")
    else:
        xml.write_members(parts, output, document, item="item")
    parts.append(f"</{operation.name}Response>")
    return "".join(parts)
