"""REST-JSON and REST-XML: parts of a document in path, query string, headers and body.

Input: a request whose operation is known. Output: a checked document; or a document in, a
reply out. Streaming bodies never stand in a document: the edge carries them both ways.
"""

from __future__ import annotations

import base64
import functools
import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import unquote, unquote_plus

import msgspec

from freehold.base.errors import Invalid
from freehold.spec import wording
from freehold.spec.check import check
from freehold.spec.model import Member, Operation, Shape
from freehold.wire import buckets, values, xml
from freehold.wire.request import Reply, Request

Document = dict[str, Any]

_encode = msgspec.json.Encoder().encode
_CONTROLS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_NOT_OF_NAMES = re.compile(rb'[\x00-\x20\x7f()<>@,;:\\"/\[\]?={}]')  # RFC 9110, 5.6.2
_LABEL = re.compile(r"\{(\w+)(\+?)\}")
_S3_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"


class Places(NamedTuple):
    """Where the members of a shape stand: (member's name, name on the wire, member)."""

    uri: tuple[tuple[str, str, Member], ...]
    query: tuple[tuple[str, str, Member], ...]
    header: tuple[tuple[str, str, Member], ...]
    prefix: tuple[tuple[str, str, Member], ...]
    status: str | None
    payload: Member | None
    has_body: bool


@functools.cache
def places(shape: Shape | None) -> Places:
    """The members of a shape by location, found once."""
    by: dict[str | None, list[tuple[str, str, Member]]] = {}
    for name, member in (shape.members if shape else {}).items():
        is_header = member.location in {"header", "headers"}
        wire_name = member.serialized.lower() if is_header else member.serialized
        by.setdefault(member.location, []).append((name, wire_name, member))
    payload = shape.members[shape.payload] if shape and shape.payload else None
    status = by.get("statusCode")
    return Places(
        tuple(by.get("uri", ())),
        tuple(by.get("querystring", ())),
        tuple(by.get("header", ())),
        tuple(by.get("headers", ())),
        status[0][0] if status else None,
        payload,
        payload is None and None in by,
    )


def pairs(query: str) -> dict[str, list[str]]:
    """A raw query string, decoded; a name without ``=`` has an empty value."""
    found: dict[str, list[str]] = {}
    for part in query.split("&"):
        if part:
            name, _, value = part.partition("=")
            found.setdefault(unquote_plus(name), []).append(unquote_plus(value))
    return found


def parse(operation: Operation, request: Request) -> Document:
    """Path, query string, headers and body as the operation's input, checked.

    Raises:
        Invalid: All violations; ``MalformedXML`` or ``SerializationException`` for a body that
            cannot be read.
    """
    shape = operation.input
    if shape is None:
        return {}
    at = places(shape)
    document: Document = {}
    try:
        _read_labels(operation, at, request, document)
        _read_query(at, request, document)
        _read_headers(at, request, document)
    except UnicodeDecodeError:
        raise Invalid("Couldn't parse the specified URI.", code="InvalidURI") from None
    except ValueError as error:
        code = wording.CODES.get(operation.service.name, "ValidationException")
        raise Invalid(str(error), code=code) from None
    _read_body(operation, shape, at, request, document)
    return check(operation, document)


def _read_labels(operation: Operation, at: Places, request: Request, document: Document) -> None:
    if not at.uri:
        return
    if operation.service.name == "s3":
        bucket, key = buckets.address(request)
        found = {"Bucket": bucket, "Key": key}
    else:
        match = template(operation.uri).fullmatch(request.path)
        found = match.groupdict() if match else {}
    for name, label, member in at.uri:
        text = found.get(label)
        if text is not None:
            document[name] = values.from_text(member.shape, unquote(text, errors="strict"))


@functools.cache
def template(uri: str) -> re.Pattern[str]:
    """A model's URI as a pattern over raw paths; ``{Key+}`` takes slashes too."""
    path = uri.partition("?")[0]
    text, at = "", 0
    for label in _LABEL.finditer(path):
        inner = ".+" if label[2] else "[^/]+"
        text += re.escape(path[at : label.start()]) + f"(?P<{label[1]}>{inner})"
        at = label.end()
    return re.compile(text + re.escape(path[at:]) + "/?")


def _read_query(at: Places, request: Request, document: Document) -> None:
    if not at.query or not request.query:
        return
    given = pairs(request.query)
    for name, wire_name, member in at.query:
        texts = given.get(wire_name)
        if texts is None:
            continue
        shape = member.shape
        if shape.kind == "list":
            assert shape.item is not None
            document[name] = [_scalar(shape.item.shape, text, wire_name) for text in texts]
        elif texts[0] or shape.kind == "string":
            document[name] = _scalar(shape, texts[0], wire_name)


def _scalar(shape: Shape, text: str, name: str) -> Any:
    try:
        return values.from_text(shape, text)
    except ValueError as error:
        raise ValueError(f"Provided {name} cannot be read: {error}.") from None


def _read_headers(at: Places, request: Request, document: Document) -> None:
    headers = request.headers
    for name, wire_name, member in at.header:
        text = headers.get(wire_name)
        if text is None:
            continue
        shape = member.shape
        if shape.kind == "list":
            assert shape.item is not None
            document[name] = [
                _scalar(shape.item.shape, part.strip(), wire_name) for part in text.split(",")
            ]
        elif member.is_json_value:
            document[name] = base64.b64decode(text).decode()
        elif text or shape.kind == "string":
            document[name] = _scalar(shape, text, wire_name)
    for name, prefix, _ in at.prefix:
        start = len(prefix)
        found = {key[start:]: value for key, value in headers.items() if key.startswith(prefix)}
        if found:
            document[name] = found


def _read_body(
    operation: Operation, shape: Shape, at: Places, request: Request, document: Document
) -> None:
    payload = at.payload
    if payload is not None:
        if payload.is_streaming or payload.shape.is_event_stream:
            return
        is_blob = payload.shape.kind == "blob" and payload.name in shape.required
        if request.body or is_blob:
            document[payload.name] = _read_payload(operation, payload.shape, request.body)
    elif at.has_body and request.body:
        document.update(_read_structure(operation, shape, request.body))


def _read_payload(operation: Operation, shape: Shape, body: bytes) -> Any:
    if shape.kind == "blob":
        return base64.b64encode(body).decode()
    if shape.kind == "string":
        try:
            return body.decode()
        except UnicodeDecodeError:
            raise Invalid("The body is not UTF-8.", code="MalformedPolicy") from None
    return _read_structure(operation, shape, body)


def _read_structure(operation: Operation, shape: Shape, body: bytes) -> Document:
    if operation.service.protocol == "rest-xml":
        return _read_xml(shape, body)
    try:
        document = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise wording.mistyped("Unable to parse the request body as a JSON document")
    known = {member.serialized: name for name, member in shape.members.items()
             if not member.location}  # fmt: skip
    return {known[key]: value for key, value in document.items() if key in known}


def _read_xml(shape: Shape, body: bytes) -> Document:
    try:
        document: Document = xml.read(shape, xml.tree(body))
    except ValueError:
        raise Invalid(wording.MALFORMED_XML, code="MalformedXML") from None
    return document


def serialize(operation: Operation, document: Document, request_id: str) -> Reply:
    """Status, headers and body of the answer; a streaming member is left to the edge."""
    output = operation.output
    at = places(output)
    status = document.get(at.status) if at.status else None
    is_xml = operation.service.protocol == "rest-xml"
    id_name = b"x-amz-request-id" if is_xml else b"x-amzn-requestid"
    headers = [(id_name, request_id.encode()), *_write_headers(at, document)]
    body = _write_body(operation, output, at, document) if operation.method != "HEAD" else b""
    if body and not any(name == b"content-type" for name, _ in headers):
        is_text = at.payload is not None and at.payload.shape.kind == "string"  # a policy
        kind = b"application/xml" if is_xml and not is_text else b"application/json"
        headers.append((b"content-type", kind))
    return Reply(int(status) if status else operation.status, headers, body)


def _write_headers(at: Places, document: Document) -> Iterator[tuple[bytes, bytes]]:
    for name, wire_name, member in at.header:
        value = document.get(name)
        if value is not None:
            yield wire_name.encode(), _header_text(member, value)
    for name, prefix, _ in at.prefix:
        for key, value in (document.get(name) or {}).items():
            yield _NOT_OF_NAMES.sub(b"_", _safe(prefix + key)), _safe(str(value))


def _header_text(member: Member, value: Any) -> bytes:
    shape = member.shape
    if member.is_json_value:
        return base64.b64encode(str(value).encode())
    if shape.kind == "timestamp":
        return values.instant(value, member.timestamp_format or "rfc822").encode()
    if isinstance(value, list):
        return _safe(",".join(str(item) for item in value))
    return _safe(values.to_text(shape, value, "rfc822"))


def _safe(text: str) -> bytes:
    """A header's name or value: no control characters, whoever chose the text (RFC 9110, 5.5)."""
    return _CONTROLS.sub(" ", text).encode("utf-8", "replace")


def _write_body(
    operation: Operation, output: Shape | None, at: Places, document: Document
) -> bytes:
    if output is None:
        return b""
    payload = at.payload
    if payload is not None:
        value = document.get(payload.name)
        if value is None or payload.is_streaming or payload.shape.is_event_stream:
            return b""
        return _write_payload(operation, payload, value)
    if not at.has_body:
        return b""
    if operation.service.protocol == "rest-xml":
        return _write_xml(operation, output, document)
    document = values.dated(output, document)
    body = {
        member.serialized: document[name]
        for name, member in output.members.items()
        if not member.location and document.get(name) is not None
    }
    return _encode(body)


def _write_payload(operation: Operation, payload: Member, value: Any) -> bytes:
    shape = payload.shape
    if shape.kind == "blob":
        return base64.b64decode(value)
    if shape.kind == "string":
        return str(value).encode()
    if operation.service.protocol == "rest-json":
        return _encode(value)
    name = payload.location_name or shape.location_name or shape.name
    return _xml_document(shape, value, name)


def _write_xml(operation: Operation, output: Shape, document: Document) -> bytes:
    if operation.name == "GetBucketLocation":
        # The root element holds the text itself (botocore: parse_get_bucket_location).
        text = xml.escape(document.get("LocationConstraint") or "")
        root = f'<LocationConstraint xmlns="{_S3_NAMESPACE}">{text}</LocationConstraint>'
        return _PROLOGUE + root.encode()
    return _xml_document(output, document, buckets.root(operation.name, output))


_PROLOGUE = b'<?xml version="1.0" encoding="UTF-8"?>\n'


def _xml_document(shape: Shape, document: Document, name: str) -> bytes:
    parts: list[str] = []
    xml.write(parts, shape, document, name, top=f' xmlns="{_S3_NAMESPACE}"')
    return _PROLOGUE + "".join(parts).encode("utf-8", "replace")
