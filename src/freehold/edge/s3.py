"""S3's door: bodies streamed in and out, everything else answered like any other call.

``edge/api.py`` hands over a request whose signature holds and whose body nobody has read. An
upload is authorized first, then its bytes pass through a few threads of their own into the
object store, then the operation commits the index; a download answers first and then streams.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, TypeVar
from urllib.parse import unquote

from freehold import wire
from freehold.auth.signature import bounds, sigv2
from freehold.base import log
from freehold.base.errors import Denied, Fault, Invalid, NotFound
from freehold.edge import bodies
from freehold.edge.api import (
    BODY_BYTES_MAX,
    INLINE_HASH_BYTES,
    SAFETY,
    Api,
    Receive,
    Send,
    Visitor,
    respond,
)
from freehold.edge.bodies import Body, incoming
from freehold.kernel.call import Call
from freehold.kernel.declare.operation import Document, Operation
from freehold.kernel.dispatch import DATA_THREADS, log_fault
from freehold.objects.get import Reader
from freehold.objects.put import Blob, Writer
from freehold.wire.rest import pairs

UPLOADS = frozenset({"PutObject", "UploadPart"})
DOWNLOADS = frozenset({"GetObject", "HeadObject"})
SUMS_OF_OBJECTS = frozenset({"CompleteMultipartUpload"})  # not of the request's own body
PIECE_BYTES = 512 * 1024  # handed to a thread at once; see objects/put.py
COPIES_MAX = DATA_THREADS // 2  # so that long copies never take all threads
# What a browser runs or styles a page with, as it says itself (Fetch Metadata).
PROGRAMS = frozenset(
    {"script", "style", "worker", "sharedworker", "serviceworker", "audioworklet", "paintworklet"}
)
T = TypeVar("T")


class S3:
    """Answers S3's requests; ``answer`` is what ``Api.stream`` is set to."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._kernel = api.kernel
        self._copying = asyncio.Semaphore(COPIES_MAX)

    async def answer(
        self, visitor: Visitor, operation: Operation, receive: Receive, send: Send
    ) -> None:
        """Answer one request, refusals included."""
        if visitor.known.credential.is_presigned:
            visitor = _with_headers_of_url(visitor)
        try:
            _not_a_part_of_our_pages(visitor)
            if operation.name in UPLOADS:
                reply = await self._upload(visitor, operation, receive)
            elif operation.name in DOWNLOADS:
                await self._download(visitor, operation, receive, send)
                return
            else:
                reply = await self._small(visitor, operation, receive)
        except bodies.Gone:
            return
        except Fault as fault:
            log_fault(fault)
            path = unquote(visitor.request.path)
            reply = wire.fault(visitor.model, fault, visitor.request_id, resource=path)
        await respond(send, reply)

    # -- everything with a small body -----------------------------------------------------------

    async def _small(self, visitor: Visitor, operation: Operation, receive: Receive) -> wire.Reply:
        call = self._call(visitor, operation)
        try:
            payload = await self._payload(visitor, receive)
        except Fault as fault:
            self._kernel.refused(call, fault)
            raise
        self._api.understand(call, visitor.model, visitor.request._replace(body=payload))
        if operation.mode == "slow":
            work = self._kernel.read_slowly
            return await self._on(self._kernel.pool, lambda: _reply(visitor, work(call)))
        if operation.ahead is not None:
            async with self._copying:
                await self._in_data(lambda: self._kernel.permit(call, self._kernel.own_unit()))
        return _reply(visitor, await self._run(call))

    async def _payload(self, visitor: Visitor, receive: Receive) -> bytes:
        body = self._body(visitor)
        if (body.size or 0) > BODY_BYTES_MAX:
            raise _too_long()
        parts: list[bytes] = []
        size = 0
        async for data in incoming(receive):
            parts.append(body.feed(data))
            size += len(parts[-1])
            if size > BODY_BYTES_MAX:
                raise _too_long()
        payload = b"".join(parts)
        if len(payload) <= INLINE_HASH_BYTES:
            bodies.check_whole(body, payload)
        else:
            await self._in_data(lambda: bodies.check_whole(body, payload))
        return payload

    # -- up -------------------------------------------------------------------------------------

    async def _upload(self, visitor: Visitor, operation: Operation, receive: Receive) -> wire.Reply:
        """Authorize, then read: a refused body is never asked for (``Expect: 100-continue``)."""
        kernel = self._kernel
        call = self._call(visitor, operation)
        try:
            body = self._body(visitor)
            if body.size is None:
                raise bodies.missing_length()
            call.request = wire.parse(visitor.model, visitor.request)
        except Fault as fault:
            kernel.refused(call, fault)
            raise
        call.internal |= {"Trailers": body.trailers, "Size": body.size}
        kernel.permit(call, kernel.reader)
        wanted = body.algorithms | {call.internal["Algorithm"]}
        writer = await self._in_data(lambda: kernel.blobs.writer(wanted))
        try:
            await self._take(receive, body, writer)
            blob = await self._in_data(lambda: writer.finish(body.end()))
        except BaseException as error:
            kernel.data.submit(writer.abort)
            if isinstance(error, Fault):
                kernel.refused(call, error)
            raise
        call.internal["Blob"] = blob
        return _reply(visitor, await self._run(call))

    async def _take(self, receive: Receive, body: Body, writer: Writer) -> None:
        """Hand the body to the threads in pieces: while one is stored, the next is read."""
        waiting: list[bytes] = []
        size = 0
        storing: asyncio.Future[None] | None = None
        try:
            async for data in incoming(receive):
                waiting.append(data)
                size += len(data)
                if size >= PIECE_BYTES:
                    if storing is not None:
                        await asyncio.shield(storing)
                    storing = self._store(body, writer, waiting)
                    waiting, size = [], 0
            if storing is not None:
                await asyncio.shield(storing)
            storing = self._store(body, writer, waiting)
            await asyncio.shield(storing)
        finally:
            if storing is not None and not storing.done():
                await asyncio.wait((storing,))

    def _store(self, body: Body, writer: Writer, pieces: list[bytes]) -> asyncio.Future[None]:
        def store() -> None:
            payload = body.feed(b"".join(pieces))
            if payload:
                writer.write(payload)

        return self._in_data(store)

    async def _run(self, call: Call) -> Document:
        """Run a call; bytes that were stored for it go again if it is refused."""
        try:
            return await self._api.run(call)
        except Fault:
            blob: Blob | None = call.internal.get("Blob")
            if blob is not None:
                self._kernel.data.submit(self._kernel.blobs.remove, (blob.id,))
            raise

    # -- down -----------------------------------------------------------------------------------

    async def _download(
        self, visitor: Visitor, operation: Operation, receive: Receive, send: Send
    ) -> None:
        call = self._call(visitor, operation)
        try:
            call.request = wire.parse(visitor.model, visitor.request)
        except Fault as fault:
            self._kernel.refused(call, fault)
            raise
        answer, reader = self._opened(call)
        with nullcontext() if reader is None else reader:
            top = wire.serialize(visitor.model, answer, visitor.request_id).headers + SAFETY
            await send({"type": "http.response.start", "status": answer["_Status"], "headers": top})
            if reader is None:
                await send({"type": "http.response.body", "body": b""})
            else:
                await self._give(reader, receive, send)

    def _opened(self, call: Call) -> tuple[Document, Reader | None]:
        """The answer and what reads its bytes; asked again if they are just being removed."""
        for attempt in (1, 2):
            answer = self._kernel.read(call)
            if "_Parts" not in answer or call.operation.name == "HeadObject":
                break
            try:
                start, stop = answer["_Start"], answer["_Stop"]
                return answer, Reader(self._kernel.blobs, answer["_Parts"], start, stop)
            except NotFound:
                if attempt == 2:
                    raise
        return answer, None

    async def _give(self, reader: Reader, receive: Receive, send: Send) -> None:
        """Send chunk after chunk: while one is sent, the next is read.

        Where the bytes fail in the midst, the answer ends short of its length: the server then
        closes the connection, which is all that HTTP lets one say so late.
        """
        leaving: asyncio.Task[bool] | None = None
        coming = self._next(reader)
        try:
            while (chunk := await asyncio.shield(coming)) is not None:
                coming = self._next(reader)
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
                if leaving is None:
                    leaving = asyncio.ensure_future(_left(receive))
                elif leaving.done() and leaving.result():
                    return
            await send({"type": "http.response.body", "body": b""})
        except Fault as fault:
            log_fault(fault)
            log.event("s3.download_cut", level=40, why=fault.message)
        finally:
            if leaving is not None:
                leaving.cancel()
            if not coming.done():
                await asyncio.wait((coming,))

    def _next(self, reader: Reader) -> asyncio.Future[bytes | None]:
        return self._in_data(lambda: next(reader, None))

    # -- what all need --------------------------------------------------------------------------

    def _call(self, visitor: Visitor, operation: Operation) -> Call:
        call = self._api.call(visitor, operation, {})
        credential = visitor.known.credential
        call.internal["Signature"] = {
            "authType": "REST-QUERY-STRING" if credential.is_presigned else "REST-HEADER",
            "signatureversion": "AWS" if sigv2.is_mine(credential) else "AWS4-HMAC-SHA256",
        }
        if credential.amz_date:
            age = call.now - bounds.instant(credential.amz_date)
            call.internal["Signature"]["signatureAge"] = str(int(age * 1000))
        return call

    def _body(self, visitor: Visitor) -> Body:
        known = visitor.known
        key = self._api.verifier.signing_keys.key(known.credential, known.secret)
        has_sums = visitor.model.name not in SUMS_OF_OBJECTS
        return Body(visitor.request, known.credential, key, has_sums=has_sums)

    def _in_data(self, work: Callable[[], T]) -> asyncio.Future[T]:
        return self._on(self._kernel.data, work)

    def _on(self, pool: Any, work: Callable[[], T]) -> asyncio.Future[T]:
        return asyncio.get_running_loop().run_in_executor(pool, work)


async def _left(receive: Receive) -> bool:
    """Wait for the client's end: behind the (empty) body of a GET comes only that."""
    for _ in range(2):
        message = await receive()
        if message["type"] == "http.disconnect":
            return True
    return False


def _not_a_part_of_our_pages(visitor: Visitor) -> None:
    """The console has this very origin: none of its pages runs what somebody put into a bucket."""
    headers = visitor.request.headers
    if headers.get("sec-fetch-site") == "same-origin" and headers.get("sec-fetch-dest") in PROGRAMS:
        raise Denied("A page of this server takes no program out of a bucket.")


def _with_headers_of_url(visitor: Visitor) -> Visitor:
    """What a presigned URL says in its query in place of a header counts as one."""
    request = visitor.request
    more = {
        name.lower(): values[0]
        for name, values in pairs(request.query).items()
        if name.lower().startswith("x-amz-") and not name.startswith("X-Amz-")
    }
    if not more:
        return visitor
    return visitor._replace(request=request._replace(headers=more | request.headers))


def _reply(visitor: Visitor, answer: Document) -> wire.Reply:
    return wire.serialize(visitor.model, answer, visitor.request_id)


def _too_long() -> Fault:
    return Invalid(
        f"The request body is longer than {BODY_BYTES_MAX} bytes.",
        code="MaxMessageLengthExceeded",
    )
