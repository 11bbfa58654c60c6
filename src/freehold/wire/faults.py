"""A fault in the caller's own protocol: the service's name for it, its status, its envelope.

Input: a ``Fault`` with a meaning, and where it happened. Output: a ``Reply``.
``Fault.code`` overrides the name; the status then is the model's for that name, or AWS's
usual one. The names stand in ``wire/names.py``.
"""

from __future__ import annotations

import msgspec

from freehold.base.errors import Fault, Internal
from freehold.spec import load
from freehold.spec.model import Operation, Service
from freehold.wire import names
from freehold.wire.json import headers as json_headers
from freehold.wire.request import Reply
from freehold.wire.xml import escape

_XML = b'<?xml version="1.0" encoding="UTF-8"?>\n'
# Answers to conditional requests carry no body whatever their code.
_WITHOUT_BODY = frozenset({304})


def fault(
    where: Operation | Service | str | None,
    fault: Fault,
    request_id: str,
    *,
    resource: str | None = None,
) -> Reply:
    """The reply for a fault.

    Args:
        where: The operation; its service, or that one's name, if that is all we know; None
            where not even that is known (then AWS JSON).
        fault: What went wrong. Its ``detail`` never leaves the server.
        request_id: Ours, in the answer's header or body.
        resource: S3's ``Resource`` element: the path that was asked for.
    """
    service = _service(where)
    spoken = service.protocol if service else "json"
    code = names.code(service, spoken, fault)
    status = names.status(service, spoken, fault, code)
    if spoken == "rest-xml":
        is_head = isinstance(where, Operation) and where.method == "HEAD"
        return _s3(code, status, fault.message, request_id, resource, is_head=is_head)
    if spoken == "ec2":
        return _ec2(code, status, fault.message, request_id)
    if spoken == "query":
        return _query(service, code, status, fault, request_id)
    return _json(service, spoken, code, status, fault, request_id)


def _service(where: Operation | Service | str | None) -> Service | None:
    if isinstance(where, str):
        return load.service(where)
    return where.service if isinstance(where, Operation) else where


def _json(
    service: Service | None, spoken: str, code: str, status: int, fault: Fault, request_id: str
) -> Reply:
    if spoken == "json":
        top = json_headers(service.json_version if service else "1.1", request_id)
    else:
        top = [
            (b"content-type", b"application/json"),
            (b"x-amzn-requestid", request_id.encode()),
        ]
    top.append((b"x-amzn-errortype", code.encode()))
    if service and "query" in service.protocols:
        # What botocore reads as the code where a service once spoke query (CloudWatch).
        side = b"Receiver" if isinstance(fault, Internal) else b"Sender"
        top.append((b"x-amzn-query-error", code.encode() + b";" + side))
    body = {"__type": code, "message": fault.message, "Message": fault.message}
    if service and service.name == "efs":
        body["ErrorCode"] = code
    return Reply(status, top, msgspec.json.encode(body))


def _query(service: Service | None, code: str, status: int, fault: Fault, request_id: str) -> Reply:
    namespace = service.xml_namespace if service and service.xml_namespace else ""
    opening = f' xmlns="{namespace}"' if namespace else ""
    side = "Receiver" if isinstance(fault, Internal) else "Sender"
    body = (
        f"<ErrorResponse{opening}><Error><Type>{side}</Type><Code>{escape(code)}</Code>"
        f"<Message>{escape(fault.message)}</Message></Error>"
        f"<RequestId>{escape(request_id)}</RequestId></ErrorResponse>"
    )
    return _reply(status, body, b"text/xml", b"x-amzn-requestid", request_id)


def _ec2(code: str, status: int, message: str, request_id: str) -> Reply:
    body = (
        f"<Response><Errors><Error><Code>{escape(code)}</Code>"
        f"<Message>{escape(message)}</Message></Error></Errors>"
        f"<RequestID>{escape(request_id)}</RequestID></Response>"
    )
    return _reply(status, body, b"text/xml;charset=UTF-8", b"x-amzn-requestid", request_id)


def _s3(
    code: str, status: int, message: str, request_id: str, resource: str | None, *, is_head: bool
) -> Reply:
    """HEAD and 304 have no body: there the status alone says what is wrong."""
    if is_head or status in _WITHOUT_BODY:
        return Reply(status, [(b"x-amz-request-id", request_id.encode())], b"")
    where = f"<Resource>{escape(resource)}</Resource>" if resource else ""
    body = (
        f"<Error><Code>{escape(code)}</Code><Message>{escape(message)}</Message>{where}"
        f"<RequestId>{escape(request_id)}</RequestId><HostId>{escape(request_id)}</HostId></Error>"
    )
    return _reply(status, body, b"application/xml", b"x-amz-request-id", request_id)


def _reply(status: int, body: str, kind: bytes, id_header: bytes, request_id: str) -> Reply:
    top = [(b"content-type", kind), (id_header, request_id.encode())]
    return Reply(status, top, _XML + body.encode("utf-8", "replace"))
