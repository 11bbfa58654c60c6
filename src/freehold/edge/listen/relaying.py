"""One request passed on to another HTTP server, and its answer back: streaming, as it comes.

Input: an ASGI request and an ``aiohttp`` session that leads to the right place, of an app's socket
(``apps/upstreams.py``) or of a host outside (``plain.py``). Output: the answer at the client's
pace. Nothing is decompressed, followed, retried once a body has begun, or kept.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from freehold.edge.listen.connections import Receive, Scope, Send

Headers = list[tuple[bytes, bytes]]

_HOP = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
"""Of one connection only (RFC 9110, 7.6.1)."""


def without_hops(headers: Headers, also: frozenset[bytes]) -> Headers:
    """The headers less those of one connection only, those that it names, and ``also``."""
    named = {
        token.strip().lower()
        for name, value in headers
        if name == b"connection"
        for token in value.split(b",")
    }
    drop = _HOP | also | named
    return [(name, value) for name, value in headers if name not in drop]


class Broken(Exception):
    """One side ended in the midst of it."""


class Visit:
    """One request: its body, and a watch on the client while the answer is under way."""

    def __init__(self, receive: Receive) -> None:
        self.has_begun = False
        self.is_done = False
        self._receive = receive
        self._is_read = asyncio.Event()
        self._has_left = False
        self._task = asyncio.current_task()
        self._watch: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Visit:
        self._watch = asyncio.get_running_loop().create_task(self._watched())
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        assert self._watch is not None
        self._watch.cancel()
        if kind is asyncio.CancelledError and self._has_left and self._task is not None:
            self._task.uncancel()
            return True
        return False

    def no_body(self) -> None:
        """There is nothing to read: watch the client at once."""
        self._is_read.set()

    async def body(self) -> AsyncIterator[bytes]:
        """The request's body, piece by piece."""
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                # Ending quietly would make the app believe that it has it all.
                raise Broken
            if message["body"]:
                yield message["body"]
            if not message.get("more_body"):
                self._is_read.set()
                return

    async def _watched(self) -> None:
        await self._is_read.wait()
        while (await self._receive())["type"] != "http.disconnect":
            pass
        if not self.is_done and self._task is not None:
            self._has_left = True
            self._task.cancel()


async def exchange(
    session: aiohttp.ClientSession,
    origin: str,
    headers: Headers,
    scope: Scope,
    send: Send,
    visit: Visit,
    *,
    answered: Callable[[Headers], Headers],
    is_valid: Callable[[], bool],
) -> None:
    """Ask ``origin``, as in ``http://127.0.0.1:80``, and pass the answer on.

    ``answered`` cleans its headers; ``is_valid`` is asked for every piece of its body.

    Raises:
        aiohttp.ClientError: It took no connection, or broke off.
        Broken: The client left, or ``is_valid`` said no.
    """
    query = scope["query_string"]
    target = scope["raw_path"] + (b"?" + query if query else b"")
    has_body = any(
        name == b"transfer-encoding" or (name == b"content-length" and value != b"0")
        for name, value in scope["headers"]
    )
    if not has_body:
        visit.no_body()
    asked = session.request(
        scope["method"],
        URL(origin + target.decode("ascii"), encoded=True),
        headers=CIMultiDict((name.decode("ascii"), text(value)) for name, value in headers),
        data=visit.body() if has_body else None,
        allow_redirects=False,
    )
    async with asked as reply:
        named = answered([(name.lower(), value) for name, value in reply.raw_headers])
        if reply.status in (204, 304):
            named = [pair for pair in named if pair[0] != b"content-length"]
        visit.has_begun = True
        await send({"type": "http.response.start", "status": reply.status, "headers": named})
        async for piece in reply.content.iter_any():
            if not is_valid():
                raise Broken
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        visit.is_done = True
    await send({"type": "http.response.body", "body": b""})


def text(value: bytes) -> str:
    """A header's value for aiohttp, which writes UTF-8."""
    with contextlib.suppress(UnicodeDecodeError):
        return value.decode()
    return value.decode("latin-1")
