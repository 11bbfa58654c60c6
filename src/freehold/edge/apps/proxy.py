"""The door of a notebook app: an ASGI app for requests on apps' own origins, and for nothing else.

Input: requests that ``server.py`` found to be for an app's origin; a `Gate` that knows tokens,
sessions and apps. Output: the app's answers from its unix socket, or a page that says why not.
A notebook is hostile: to the console, to the API and to other notebooks (decision 19).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs

from freehold.base import log
from freehold.base.errors import Fault, Internal, Invalid, Unauthenticated
from freehold.edge.apps import pages
from freehold.edge.apps.pages import NotReady
from freehold.edge.apps.upstreams import AppGone, Upstreams
from freehold.edge.apps.visitors import COOKIE, COOKIE_TLS, Visitor, cleaned, landing
from freehold.edge.listen.connections import TRANSPORT, Receive, Scope, Send, Taken
from freehold.edge.listen.relaying import Headers
from freehold.edge.listen.tunnels import Handshake, WebSocketTunnel
from freehold.host.unix_sockets import reachable

COOKIES_TRIED_MAX = 4
"""A page can set a second cookie of our name for a longer path, so more than one is tried."""
TOKEN_BYTES_MAX = 8192
HANDSHAKE_SECONDS_MAX = 30.0


@dataclass(frozen=True, slots=True)
class Session:
    """What a redeemed token is worth. ``landing`` is a path on the same origin."""

    cookie: str
    max_age: int
    landing: str


@dataclass(frozen=True, slots=True)
class Upstream:
    """An app that runs.

    ``base_path`` is where it serves, such as ``/jupyterlab/default``. ``still_valid`` costs next
    to nothing: it is asked for every piece that passes. ``acted``: told when a person does
    something, rather than a page that is merely open.
    """

    socket: Path
    base_path: str
    still_valid: Callable[[], bool]
    acted: Callable[[], None] = lambda: None


class Gate(Protocol):
    """Who may visit which app.

    ``host`` is lower case, without port; ``client`` an address; ``is_secure`` whether TLS is used.
    """

    async def redeem(self, token: str, host: str, client: str, *, is_secure: bool) -> Session:
        """Use a presigned URL's token, once. Raises Unauthenticated or Denied."""
        ...

    def admit(
        self, cookie: str, host: str, client: str, method: str, *, is_secure: bool
    ) -> Upstream | NotReady:
        """Let a request in. Raises Unauthenticated, Denied or NotFound. Takes microseconds."""
        ...


class AppProxy:
    """The ASGI app. One for all apps; `close` ends its connections to them."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._upstreams = Upstreams()

    async def close(self) -> None:
        """Close all connections to apps."""
        await self._upstreams.close()

    async def forget(self, socket: Path) -> None:
        """Close the connections to an app that has ended."""
        await self._upstreams.forget(socket)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or open one WebSocket."""
        try:
            visit = Visitor.of(scope)
            if scope["raw_path"] == b"/auth":
                await self._enter(visit, scope, send)
                return
            visit.check_origin()
            upstream = self._admitted(visit)
            if isinstance(upstream, NotReady):
                await pages.waiting(scope, send, upstream)
            elif scope["type"] == "websocket":
                await self._open(visit, upstream, scope, send)
            elif scope["raw_path"] == b"/" and upstream.base_path.strip("/"):
                await _redirect(send, upstream.base_path.rstrip("/") + "/")
            else:
                if visit.is_persons:
                    upstream.acted()
                await self._upstreams.relay(
                    upstream.socket,
                    visit.forwarded(),
                    scope,
                    receive,
                    send,
                    answered=cleaned,
                    is_valid=upstream.still_valid,
                )
        except AppGone as gone:
            log.event("app.no_answer", host=visit.host, reason=gone)
            await pages.waiting(scope, send, pages.SILENT)
        except Fault as fault:
            await pages.refused(scope, send, fault)

    async def _enter(self, visit: Visitor, scope: Scope, send: Send) -> None:
        """A presigned URL: trade its token for a cookie of this origin, and go to the app.

        Further query parameters are let pass: the SDK adds ``redirect`` and ``state``.
        """
        if scope["type"] != "http" or scope["method"] != "GET":
            raise Invalid("Open a presigned URL with GET.")
        query = parse_qs(scope["query_string"][:TOKEN_BYTES_MAX].decode("latin-1"))
        token = query.get("token", [""])[0]
        if not token:
            raise Unauthenticated("This URL holds no token: ask for a new presigned URL.")
        session = await self._gate.redeem(
            token, visit.host, visit.client, is_secure=visit.is_secure
        )
        if not _COOKIE_VALUE.match(session.cookie):
            raise Internal("The session cannot be kept.", detail="cookie value")
        named = f"{COOKIE_TLS if visit.is_secure else COOKIE}={session.cookie}; Path=/; HttpOnly"
        named += f"; SameSite=Lax; Max-Age={session.max_age}"
        named += "; Secure" if visit.is_secure else ""
        await _redirect(send, landing(session.landing), [(b"set-cookie", named.encode())])

    def _admitted(self, visit: Visitor) -> Upstream | NotReady:
        refusal: Fault = Unauthenticated(
            "You are not signed in to this app: open it again by a new presigned URL."
        )
        for cookie in visit.sessions[:COOKIES_TRIED_MAX]:
            try:
                return self._gate.admit(
                    cookie, visit.host, visit.client, visit.method, is_secure=visit.is_secure
                )
            except Fault as fault:
                refusal = fault
        raise refusal

    async def _open(self, visit: Visitor, upstream: Upstream, scope: Scope, send: Send) -> None:
        """Ask the app for a WebSocket; if it agrees, join the two connections."""
        query = scope["query_string"]
        target = scope["raw_path"] + (b"?" + query if query else b"")
        asked = [b"GET " + target + b" HTTP/1.1", b"connection: Upgrade", b"upgrade: websocket"]
        asked += [name + b": " + value for name, value in visit.forwarded()]
        try:
            with reachable(upstream.socket) as path:
                _, far = await asyncio.get_running_loop().create_unix_connection(Handshake, path)
        except OSError as error:
            raise AppGone("nothing listens on the app's socket") from error
        try:
            far.transport.write(b"\r\n".join([*asked, b"", b""]))
            status, headers, rest = await far.head(HANDSHAKE_SECONDS_MAX)
        except (OSError, TimeoutError) as error:
            far.transport.abort()
            raise AppGone("the app closed the connection") from error
        if status != 101:
            far.transport.abort()
            answer = {"type": "websocket.http.response.start", "status": status, "headers": []}
            await send(answer)
            await send({"type": "websocket.http.response.body", "body": b"Refused by the app."})
            return
        taken: Taken = scope["state"][TRANSPORT]()
        tunnel = WebSocketTunnel(
            taken.transport,
            far.transport,
            is_valid=upstream.still_valid,
            on_end=lambda: taken.connections.discard(tunnel),
        )
        taken.connections.add(tunnel)
        kept = [b"HTTP/1.1 101 Switching Protocols", b"connection: Upgrade", b"upgrade: websocket"]
        kept += [name + b": " + value for name, value in cleaned(headers) if name in _AGREED]
        taken.transport.write(b"\r\n".join([*kept, b"", b""]))
        tunnel.start(taken.early, rest)


_AGREED = frozenset(
    {
        b"sec-websocket-accept",
        b"sec-websocket-protocol",
        b"sec-websocket-extensions",
        b"set-cookie",
    }
)
_COOKIE_VALUE = re.compile(r"[A-Za-z0-9!#$%&'()*+./:<=>?@\[\]^_`{|}~-]+\Z")


async def _redirect(send: Send, path: str, extra: Headers | None = None) -> None:
    headers = [
        (b"location", path.encode("ascii")),
        (b"cache-control", b"no-store"),
        (b"referrer-policy", b"no-referrer"),
        (b"content-length", b"0"),
        *(extra or []),
    ]
    await send({"type": "http.response.start", "status": 302, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
