"""AWS JSON 1.0 and 1.1: one POST, the operation in ``X-Amz-Target``, a document each way.

Input: a body. Output: a checked document; or a document in, a reply out. The hottest road of
the server: reading and checking is one pass in C, and so is writing.
"""

from __future__ import annotations

from typing import Any

import msgspec

from freehold.spec import shapes
from freehold.spec.model import Operation
from freehold.wire.request import Reply, Request

Document = dict[str, Any]

_encode = msgspec.json.Encoder().encode
_TYPES = {version: f"application/x-amz-json-{version}".encode() for version in ("1.0", "1.1")}


def parse(operation: Operation, request: Request) -> Document:
    """The body, checked.

    Raises:
        Invalid: See ``spec/shapes.py``.
    """
    return shapes.decode(operation, request.body)


def serialize(operation: Operation, document: Document, request_id: str) -> Reply:
    """A reply with the document as it is: ``msgspec.Raw`` values pass through unread.

    An operation without output answers an empty body, as AWS does.
    """
    body = b"" if operation.output_name is None else _encode(document)
    return Reply(200, headers(operation.service.json_version, request_id), body)


def headers(version: str, request_id: str) -> list[tuple[bytes, bytes]]:
    """What every JSON answer carries, faults included."""
    return [
        (b"content-type", _TYPES[version]),
        (b"x-amzn-requestid", request_id.encode()),
    ]
