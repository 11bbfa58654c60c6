"""The other side of the wire, unmodified: botocore's serializers and parsers.

Input: documents in canonical form. Output: our ``Request`` made from what botocore would send,
and what botocore reads in our ``Reply``.
"""

from __future__ import annotations

import base64
import functools
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import botocore.model
import botocore.parsers
import botocore.serialize
import botocore.session

from freehold.spec.model import Operation, Shape
from freehold.wire import Reply, Request


@functools.cache
def model(service: str) -> botocore.model.ServiceModel:
    return botocore.session.get_session().get_service_model(service)


def native(shape: Shape, value: Any) -> Any:
    """A canonical value as botocore takes and gives it: datetimes and bytes."""
    if shape.kind == "structure":
        return {name: native(shape.members[name].shape, inner) for name, inner in value.items()}
    if shape.kind == "list":
        return [native(shape.item.shape, inner) for inner in value]
    if shape.kind == "map":
        return {key: native(shape.value.shape, inner) for key, inner in value.items()}
    if shape.kind == "timestamp":
        return datetime.fromtimestamp(value, UTC)
    if shape.kind == "blob":
        return base64.b64decode(value)
    return value


def sent(operation: Operation, document: dict[str, Any], protocol: str | None = None) -> Request:
    """What botocore sends for a document."""
    service = operation.service
    protocol = protocol or service.protocol
    serializer = botocore.serialize.create_serializer(protocol, include_validation=False)
    parameters = native(operation.input, document) if operation.input else {}
    raw = serializer.serialize_to_request(
        parameters, model(service.name).operation_model(operation.name)
    )
    body = raw["body"]
    if isinstance(body, dict):
        body = urlencode(body)
    if isinstance(body, str):
        body = body.encode()
    path, _, literal = raw["url_path"].partition("?")
    query = raw["query_string"]
    pairs = urlencode(query, doseq=True) if not isinstance(query, str) else query
    headers = {name.lower(): _text(value) for name, value in raw["headers"].items()}
    joined = "&".join(part for part in (literal, pairs) if part)
    return Request(raw["method"], path, joined, {"host": "127.0.0.1:7070", **headers}, body or b"")


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def read(operation: Operation, reply: Reply, protocol: str | None = None) -> dict[str, Any]:
    """What botocore reads in a reply, errors included, without its own metadata."""
    parser = botocore.parsers.create_parser(protocol or operation.service.protocol)
    headers = botocore.awsrequest.HeadersDict(
        {name.decode(): value.decode("latin-1") for name, value in reply.headers}
    )
    raw = {"status_code": reply.status, "headers": headers, "body": reply.body, "context": {}}
    shape = model(operation.service.name).operation_model(operation.name).output_shape
    parsed = parser.parse(raw, shape)
    if reply.status < 300:
        parsed.pop("ResponseMetadata", None)
    return parsed
