"""The two doors of the wire: a request in, a document out; a document in, a reply out.

Input and output are values; the operation's service says which protocol is spoken. ``route``
hands out an operation of the protocol that the request used.
"""

from __future__ import annotations

from typing import Any

from freehold.spec.model import Operation
from freehold.wire import json, query, rest
from freehold.wire.request import Reply, Request

Document = dict[str, Any]

_PARSE = {
    "json": json.parse,
    "query": query.parse,
    "ec2": query.parse,
    "rest-json": rest.parse,
    "rest-xml": rest.parse,
}
_SERIALIZE = {
    "json": json.serialize,
    "query": query.serialize,
    "ec2": query.serialize,
    "rest-json": rest.serialize,
    "rest-xml": rest.serialize,
}


def parse(operation: Operation, request: Request) -> Document:
    """What the request asks, in canonical form, checked against the model.

    Streaming bodies are left out: the edge carries them.

    Raises:
        Invalid: All violations at once, in the service's own words and code.
    """
    return _PARSE[operation.service.protocol](operation, request)


def serialize(operation: Operation, document: Document, request_id: str) -> Reply:
    """The answer. Members that the output does not know are the caller's mistake in JSON.

    ``msgspec.Raw`` values pass through, in JSON only.
    """
    return _SERIALIZE[operation.service.protocol](operation, document, request_id)
