"""The AWS API's door: route, verify, parse, dispatch, serialize. One ASGI application.

Bytes come from ``edge/server.py``, values go to ``kernel/dispatch.py``. No body of a stranger
is parsed, and everything unforeseen becomes ``Internal`` here and nowhere else. Bodies of S3
objects are streamed by ``edge/s3.py``.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, NamedTuple

from freehold import wire
from freehold.auth import credential as credentials
from freehold.auth import sigv4
from freehold.auth.credential import Credential
from freehold.auth.principal import Principal
from freehold.auth.refusals import Family, refusal
from freehold.auth.signing_keys import SigningKeys
from freehold.base import ids, log
from freehold.base.errors import Fault, Internal, Invalid, Unauthenticated
from freehold.edge.connections import LISTENER, Listener
from freehold.kernel.audit import entry
from freehold.kernel.call import Call
from freehold.kernel.dispatch import Kernel, log_fault, refuse_unserved
from freehold.kernel.operation import Document, Operation
from freehold.kernel.service import Service
from freehold.spec import model as spec

BODY_BYTES_MAX = 6 * 1024 * 1024  # AWS's JSON services take at most a few MiB
INLINE_HASH_BYTES = 64 * 1024

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Special = Callable[[Scope, Receive, Send], Awaitable[None]]


class Visitor(NamedTuple):
    """A request whose signature holds: who asks, and what was signed."""

    request: wire.Request
    model: spec.Operation
    principal: Principal
    credential: Credential
    secret: str
    source_ip: str
    is_secure: bool
    request_id: str


class Api:
    """Answers AWS calls. ``special`` answers paths of our own, ``stream`` S3's objects."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self.signing_keys = SigningKeys()
        self.special: dict[str, Special] = {}
        self.stream: Callable[[Visitor, Operation, Receive, Send], Awaitable[None]] | None = None
        self._unserved: dict[tuple[str, str], Operation] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI entry of one HTTP request."""
        path = scope["path"]
        special = self.special.get(path) if path.startswith("/_freehold/") else None
        if special is not None:
            await special(scope, receive, send)
            return
        request = request_of(scope)
        request_id = ids.request_id()
        model: spec.Operation | None = None
        try:
            credential = credentials.scope_of(
                request.headers, request.query, _family(request.headers)
            )
            model = wire.route(request, None if credential is None else credential.service)
            if model.service.name == "s3" and self.stream is not None:
                visitor = self._known(scope, request, model, credential, request_id, None)
                await self.stream(visitor, self.operation(model), receive, send)
                return
            body = await read_body(receive, request.headers)
            request = request._replace(body=body)
            digest = await _digest(body)
            visitor = self._known(scope, request, model, credential, request_id, digest)
            reply = await self._answer(visitor)
        except Fault as fault:
            log_fault(fault)
            reply = wire.fault(model or _guess(request), fault, request_id)
        except asyncio.CancelledError:
            raise
        except Exception:
            log.logger.exception("request %s failed", request_id)
            reply = wire.fault(model or _guess(request), Internal(INTERNAL), request_id)
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
            )
        return self._unserved[key]

    def _known(
        self,
        scope: Scope,
        request: wire.Request,
        model: spec.Operation,
        credential: Credential | None,
        request_id: str,
        digest: str | None,
    ) -> Visitor:
        """Verify the signature and find the principal behind it."""
        kernel = self.kernel
        now = kernel.clock.now()
        family = FAMILIES[
            model.service.name if model.service.name == "s3" else model.service.protocol
        ]
        client = scope.get("client")
        source_ip = client[0] if client else ""
        try:
            if credential is None:
                raise refusal(family, "missing")
            credential = credential._replace(family=family)
            secret, principal = kernel.identities.look_up(
                kernel.reader, credential, now, kernel.access.version
            )
            sigv4.verify(
                request.method,
                request.path,
                request.query,
                request.headers,
                digest,
                credential,
                secret,
                now,
                None if model.service.name in GLOBAL else kernel.settings.region,
                (model.service.signing_name,),
                keys=self.signing_keys,
            )
            self._same_sandbox(scope, principal, family)
        except Unauthenticated as fault:
            raise self._stranger(fault, model, credential, source_ip, request_id) from None
        return Visitor(
            request,
            model,
            principal,
            credential,
            secret,
            source_ip,
            scope["scheme"] == "https",
            request_id,
        )

    def _same_sandbox(self, scope: Scope, principal: Principal, family: Family) -> None:
        """A sandbox's socket carries only calls of the profile or space that it was opened for."""
        listener: Listener | None = scope.get("state", {}).get(LISTENER)
        if listener is None or listener.kind != "sandbox":
            return
        door = self.kernel.doors.find(listener.id.removeprefix("sandbox/"))
        mine = None if principal.origin is None else principal.origin.arn
        if door is None or mine != door.origin:
            words = "These credentials belong to another place than the sandbox that uses them."
            raise refusal(family, "unknown_key", words)

    def _stranger(
        self,
        fault: Unauthenticated,
        model: spec.Operation,
        credential: Credential | None,
        source_ip: str,
        request_id: str,
    ) -> Unauthenticated:
        """Remember a failed signature, within bounds."""
        nobody = Principal(
            kind="service",
            arn="unauthenticated",
            account_id=self.kernel.settings.account_id,
            unique_id="",
            access_key_id="" if credential is None else credential.access_key_id[:128],
        )
        call = Call(
            self.kernel,
            self.operation(model),
            nobody,
            {},
            request_id=request_id,
            source_ip=source_ip,
        )
        self.kernel.waiting.add(entry(call, fault), is_stranger=True)
        return fault

    async def _answer(self, visitor: Visitor) -> wire.Reply:
        operation = self.operation(visitor.model)
        call = self.call(visitor, operation, {})
        try:
            call.request = wire.parse(visitor.model, visitor.request)
        except Fault as fault:
            self.kernel.refused(call, fault)
            raise
        answer = await self.run(call)
        return wire.serialize(visitor.model, answer, visitor.request_id)

    def call(self, visitor: Visitor, operation: Operation, request: Document) -> Call:
        """The call of a visitor."""
        return Call(
            self.kernel,
            operation,
            visitor.principal,
            request,
            request_id=visitor.request_id,
            source_ip=visitor.source_ip,
            user_agent=visitor.request.headers.get("user-agent", "")[:256],
            transport_is_secure=visitor.is_secure,
        )

    async def run(self, call: Call) -> Document:
        """Reads inline, slow reads on the pool, writes on the writer."""
        mode = call.operation.mode
        if mode == "read":
            return self.kernel.read(call)
        if mode == "slow":
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self.kernel.pool, self.kernel.read_slowly, call)
        try:
            return await asyncio.wrap_future(self.kernel.write(call))
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
    headers = [*reply.headers, (b"content-length", b"%d" % len(reply.body))]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})


async def _digest(body: bytes) -> str:
    if len(body) <= INLINE_HASH_BYTES:
        return hashlib.sha256(body).hexdigest()
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(None, lambda: hashlib.sha256(body).hexdigest())


INTERNAL = "We encountered an internal error. Please try again."
GLOBAL = frozenset({"iam", "ce", "budgets", "sts", "s3"})


FAMILIES: dict[str, Family] = {
    "json": "json",
    "rest-json": "json",
    "query": "query",
    "ec2": "ec2",
    "s3": "s3",
    "rest-xml": "s3",
}


def _family(headers: dict[str, str]) -> Family:
    """The words of a request that is not routed yet."""
    if "x-amz-target" in headers:
        return "json"
    form = headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    return "query" if form else "s3"


def _guess(request: wire.Request) -> str:
    """The service whose error format a request that cannot be routed would understand."""
    if "x-amz-target" in request.headers:
        return "sagemaker"
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return "iam"
    return "s3"
