"""The AWS API's door: route, verify, parse, dispatch, serialize. One ASGI application.

Bytes come from ``edge/listen/server.py``, values go to ``kernel/dispatch.py``. No body of a
stranger is parsed, and everything unforeseen becomes ``Internal`` here and nowhere else. Bodies of
S3 objects are streamed by ``edge/s3.py``.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, NamedTuple

from freehold import wire
from freehold.auth.signature.credential import Credential
from freehold.base import ids, log
from freehold.base.errors import Fault, Internal, Invalid
from freehold.edge.strangers import Strangers
from freehold.edge.verify import Known, Verifier, is_form, same_service
from freehold.edge.writes import Writes
from freehold.kernel.call import Call
from freehold.kernel.declare.operation import Document, Operation
from freehold.kernel.declare.service import Service
from freehold.kernel.dispatch import Kernel, log_fault, refuse_unserved
from freehold.spec import model as spec
from freehold.wire.route import form_service

BODY_BYTES_MAX = 6 * 1024 * 1024  # AWS's JSON services take at most a few MiB
UNSIGNED_BYTES_MAX = 512 * 1024  # a SAML assertion of 100,000 characters, percent-encoded
INLINE_HASH_BYTES = 64 * 1024
# Whatever a browser shows of ours must not act as us: the console has this very origin, and any
# answer may hold what others wrote (design decision 13).
SAFETY = [
    (b"content-security-policy", b"sandbox"),
    (b"x-content-type-options", b"nosniff"),
]

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Special = Callable[[Scope, Receive, Send], Awaitable[None]]


class Visitor(NamedTuple):
    """A request whose signature holds, and what it asks for."""

    request: wire.Request
    model: spec.Operation
    known: Known
    request_id: str


class Api:
    """Answers AWS calls. ``special`` answers paths of our own, ``stream`` S3's objects.

    ``console`` finds who answers a request on ``/`` or ``/console``; None: it is AWS's.
    """

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self.verifier = Verifier(kernel)
        self._writes = Writes(kernel)
        self._strangers = Strangers(kernel)
        self.special: dict[str, Special] = {}
        self.console: Callable[[Scope], Special | None] | None = None
        self.stream: Callable[[Visitor, Operation, Receive, Send], Awaitable[None]] | None = None
        self._unserved: dict[tuple[str, str], Operation] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI entry of one HTTP request."""
        path = scope["path"]
        special = self.special.get(path) if path.startswith("/_freehold/") else None
        if special is None and self.console is not None and path[:8] in ("/", "/console"):
            special = self.console(scope)
        if special is not None:
            await special(scope, receive, send)
            return
        request = request_of(scope)
        request_id = ids.request_id()
        model: spec.Operation | None = None
        credential: Credential | None = None
        try:
            credential = self.verifier.claim(request)
            is_s3 = credential is not None and credential.service == "s3"
            if is_form(request.headers) and not is_s3:  # curl calls every upload a form
                request, digest = await self._whole(request, receive, credential)
                model = None if credential is not None else self._unsigned(request)
                if model is not None:
                    known = self.verifier.unsigned(scope)
                else:
                    known = self.verifier.known(
                        scope, request, credential, digest, None, request_id
                    )
                    model = wire.route(request, known.credential.service)
                    same_service(known, model)
            else:
                model = wire.route(request, None if credential is None else credential.service)
                if model.service.name == "s3" and self.stream is not None:
                    known = self.verifier.known(scope, request, credential, None, model, request_id)
                    visitor = Visitor(request, model, known, request_id)
                    await self.stream(visitor, self.operation(model), receive, send)
                    return
                request, digest = await self._whole(request, receive, credential)
                if credential is None and self.operation(model).is_unsigned:
                    known = self.verifier.unsigned(scope)
                else:
                    known = self.verifier.known(
                        scope, request, credential, digest, model, request_id
                    )
            reply = await self._answer(Visitor(request, model, known, request_id))
        except Fault as fault:
            log_fault(fault)
            reply = wire.fault(model or _guess(request, credential), fault, request_id)
        except asyncio.CancelledError:
            raise
        except Exception:
            log.logger.exception("request %s failed", request_id)
            reply = wire.fault(model or _guess(request, credential), Internal(INTERNAL), request_id)
        await respond(send, reply)

    def operation(self, model: spec.Operation) -> Operation:
        """Our declaration for a model's operation, or one that refuses by name."""
        found = self.kernel.registry.find(model)
        if found is not None:
            return found
        key = (model.service.name, model.name)
        if key not in self._unserved:
            service = self.kernel.registry.services.get(model.service.name)
            service = service or Service(model.service.name)
            self._unserved[key] = Operation(
                service=service,
                name=model.name,
                model=model,
                run=refuse_unserved,
                mode="read",
                action=f"{service.prefix}:{model.name}",
                needs_no_permission=model.auth_type == "none",
            )
        return self._unserved[key]

    def _unsigned(self, request: wire.Request) -> spec.Operation | None:
        """The operation of a form that nobody signed, if AWS takes that one unsigned."""
        try:
            model = wire.route(request, None)
        except Fault:
            return None
        return model if self.operation(model).is_unsigned else None

    async def _whole(
        self, request: wire.Request, receive: Receive, credential: Credential | None
    ) -> tuple[wire.Request, str]:
        """The request with its body, and the body's SHA-256."""
        limit = UNSIGNED_BYTES_MAX if credential is None else BODY_BYTES_MAX
        body = await read_body(receive, request.headers, limit)
        method, path, query, headers, _ = request
        return wire.Request(method, path, query, headers, body), await _digest(body)

    async def _answer(self, visitor: Visitor) -> wire.Reply:
        operation = self.operation(visitor.model)
        call = self.call(visitor, operation, {})
        self.understand(call, visitor.model, visitor.request)
        answer = await self.run(call)
        return wire.serialize(visitor.model, answer, visitor.request_id)

    def call(self, visitor: Visitor, operation: Operation, request: Document) -> Call:
        """The call of a visitor."""
        return Call(
            self.kernel,
            operation,
            visitor.known.principal,
            request,
            request_id=visitor.request_id,
            source_ip=visitor.known.source_ip,
            user_agent=visitor.request.headers.get("user-agent", "")[:256],
            transport_is_secure=visitor.known.is_secure,
        )

    def understand(self, call: Call, model: spec.Operation, request: wire.Request) -> None:
        """Read what the call asks for.

        Of what we do not serve no shape is judged: policy is asked, then it is refused by name.

        Raises:
            Fault: The request has not its operation's shape; this is audited.
        """
        try:
            call.request = wire.parse(model, request)
        except Fault as fault:
            if call.operation.run is not refuse_unserved:
                self.kernel.refused(call, fault)
                raise

    async def run(self, call: Call) -> Document:
        """Reads inline, slow reads on the pool, writes on the writer, strangers' calls apart."""
        mode = call.operation.mode
        if call.operation.is_unsigned:
            return await self._strangers.run(call)
        if self.kernel.is_quick(call.operation):
            return self.kernel.read(call)
        if mode != "write":
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self.kernel.pool, self.kernel.read_slowly, call)
        if call.operation.ahead is not None:
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self.kernel.pool, self.kernel.permit_slowly, call)
        try:
            return await self._writes.run(call)
        except Fault as fault:
            self.kernel.refused(call, fault)
            raise


def request_of(scope: Scope) -> wire.Request:
    """The wire's request of an ASGI scope, without its body. Repeated headers are joined."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    raw_path = scope.get("raw_path") or scope["path"].encode()
    return wire.Request(
        scope["method"],
        raw_path.decode("latin-1"),
        scope["query_string"].decode("latin-1"),
        headers,
        b"",
    )


async def read_body(
    receive: Receive, headers: dict[str, str], limit: int = BODY_BYTES_MAX
) -> bytes:
    """The whole body.

    Raises:
        Invalid: Longer than ``limit`` bytes.
    """
    length = headers.get("content-length", "")
    too_long = Invalid(
        f"The request body is longer than {limit} bytes.", code="RequestEntityTooLargeException"
    )
    if length.isdigit() and int(length) > limit:
        raise too_long
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        return body
    chunks, size = [body], len(body)
    while message.get("more_body"):
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Invalid("The client went away before the whole body was read.")
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > limit:
            raise too_long
    return b"".join(chunks)


async def respond(send: Send, reply: wire.Reply) -> None:
    """Send a whole reply."""
    headers = [*reply.headers, *SAFETY, (b"content-length", b"%d" % len(reply.body))]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})


async def _digest(body: bytes) -> str:
    if len(body) <= INLINE_HASH_BYTES:
        return hashlib.sha256(body).hexdigest()
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(None, lambda: hashlib.sha256(body).hexdigest())


INTERNAL = "We encountered an internal error. Please try again."


def _guess(request: wire.Request, credential: Credential | None) -> spec.Service | str:
    """The service whose error format a request that cannot be routed would understand."""
    if "x-amz-target" in request.headers:
        return "sagemaker"
    if not is_form(request.headers):
        return "s3"
    return form_service(request, None if credential is None else credential.service) or "iam"
