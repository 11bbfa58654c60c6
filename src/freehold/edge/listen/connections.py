"""What uvicorn's protocol leaves open, closed: one connection of HTTP/1.1, and its upgrade.

Input: bytes of one connection, after ``forward.py`` has looked whether it is a CONNECT. Output:
ASGI calls, with the listener in ``scope["state"]``. Added to uvicorn: a bound on the head, the
absolute form of a proxied request, `Expect` answered as S3 clients need it, and an upgrade that
hands over the transport instead of speaking WebSocket (so that no library for it is needed).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast
from urllib.parse import unquote

import httptools
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

HEAD_BYTES_MAX = 64 * 1024
"""Of target and headers. A presigned Studio URL is 4.5 kB; proxies commonly allow 8-64 kB."""
HEAD_SECONDS_MAX = 60.0
"""From a connection's first sign of a request to the end of its head."""
EARLY_BYTES_MAX = 64 * 1024

LISTENER = "freehold.listener"
ABORT = "freehold.abort"
TRANSPORT = "freehold.transport"


@dataclass(frozen=True, slots=True)
class Listener:
    """A door. Reaches the app as ``scope["state"]["freehold.listener"]``.

    ``id`` is unique in the server. ``kind`` is ``plain`` (API, forward proxy, app host names),
    ``tls`` (the same without the proxy), ``app`` (one app's own address; nothing else is served
    there) or ``sandbox`` (``id`` tells which). ``place`` is a host and port, or a unix socket.
    """

    id: str
    kind: Literal["plain", "tls", "app", "sandbox"]
    place: tuple[str, int] | Path
    mode: int = 0o666


class Connection(HttpToolsProtocol):
    """One connection that speaks HTTP/1.1 to us.

    Args:
        config: Shared by all listeners; holds the app.
        server_state: Shared by all listeners; what is open and what runs.
        listener: Where the connection came in.
        serves: Whether a host named in an absolute-form target is ours to answer for.
        app: Answers instead of ``config``'s app, if given.
        plain: Makes the app that answers for a host and port which are not ours, named in an
            absolute-form target; without it such a request is refused.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        listener: Listener,
        serves: Callable[[str], bool],
        app: App | None = None,
        plain: Callable[[str, int], App] | None = None,
    ) -> None:
        super().__init__(config=config, server_state=server_state, app_state={LISTENER: listener})
        if app is not None:
            self.app = cast("Any", app)
        self._own_app = self.app
        self._serves = serves
        self._plain = plain
        self._head_bytes = 0
        self._mute_bytes = 0
        self.waiting_since: float | None = self.loop.time()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Let the app end the connection where no answer would be true."""
        super().connection_made(transport)
        self.app_state[ABORT] = transport.abort

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is awaited any more."""
        self.waiting_since = None
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """The parser hoards a header or trailer until it ends, however long: that is bounded."""
        self._mute_bytes += len(data)
        super().data_received(data)
        if self._mute_bytes > HEAD_BYTES_MAX and not self.transport.is_closing():
            self._head_bytes = self._mute_bytes
            self.send_400_response("")

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        self._mute_bytes = 0
        super().on_body(body)

    def on_message_begin(self) -> None:
        """A request begins: its head is counted and timed."""
        self._head_bytes = 0
        self.waiting_since = self.loop.time()
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """A piece of the target."""
        self.url += url
        self._head_bytes += len(url)
        if self._head_bytes > HEAD_BYTES_MAX:
            raise ValueError("head too long")

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header, as uvicorn keeps it."""
        self._head_bytes += len(name) + len(value) + 4
        if self._head_bytes > HEAD_BYTES_MAX:
            raise ValueError("head too long")
        name = name.lower()
        if name == b"expect" and value.lower() == b"100-continue":
            self.expect_100_continue = True
        self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """The head is whole: the app may start."""
        self.waiting_since = None
        self._mute_bytes = 0
        self.app = self._own_app
        if not self.url.startswith(b"/"):
            self._made_relative()
        super().on_headers_complete()

    def _made_relative(self) -> None:
        """``GET http://host/path``: a request to a proxy. Its host outranks the Host header.

        Source: RFC 9112, 3.2.2.
        """
        if self.url == b"*":
            self.url = b"/*"
            return
        target = httptools.parse_url(self.url)
        host = (target.host or b"").lower()
        if target.schema != b"http" or not self._serves(host.decode("ascii")):
            is_http = target.schema == b"http" and host and not self.parser.should_upgrade()
            if self._plain is None or not is_http:
                self._refused = b"421 Misdirected Request", _NOT_A_PLAIN_PROXY
                raise ValueError("not a host of ours")
            self.app = cast("Any", self._plain(host.decode("ascii").rstrip("."), target.port or 80))
        authority = host + (b":%d" % target.port if target.port not in (None, 80) else b"")
        self.headers[:] = [
            (b"host", authority),
            *(pair for pair in self.headers if pair[0] != b"host"),
        ]
        self.url = (target.path or b"/") + (b"?" + target.query if target.query else b"")

    _refused: tuple[bytes, bytes] | None = None

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no request that we take, and close."""
        status, text = self._refused or (b"400 Bad Request", msg.encode("ascii", "replace"))
        if self._head_bytes > HEAD_BYTES_MAX:
            status = b"431 Request Header Fields Too Large"
            text = b"The request line and headers are longer than %d bytes." % HEAD_BYTES_MAX
        self.transport.write(plain_answer(status, text))
        self.transport.close()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        if cycle.waiting_for_100_continue:
            app = _closing_unless_continued(cycle, app)
        super()._start_asgi_task(cycle, app)

    def handle_websocket_upgrade(self) -> None:
        """Let the app answer an upgrade; it gets the transport if it wants it."""
        if self.cycle is not None and not self.cycle.response_complete:
            self.send_400_response("An upgrade may not be pipelined behind another request.")
            return
        target = httptools.parse_url(self.url)
        self.connections.discard(self)
        scope: Scope = cast("Scope", self.scope)
        protocols = [v for k, v in self.headers if k == b"sec-websocket-protocol"]
        scope.update(
            type="websocket",
            scheme="wss" if self.scheme == "https" else "ws",
            raw_path=target.path or b"/",
            path=unquote((target.path or b"/").decode("ascii")),
            query_string=target.query or b"",
            subprotocols=[p.strip().decode("latin-1") for v in protocols for p in v.split(b",")],
            extensions={"websocket.http.response": {}},
        )
        Upgrade(self.server_state, self.transport, scope, cast("App", self.app)).start()


_NOT_A_PLAIN_PROXY = (
    b"This address forwards plain HTTP only to the AWS hosts that it serves itself; "
    b"use HTTPS_PROXY for everything else."
)


def _closing_unless_continued(cycle: RequestResponseCycle, app: App) -> App:
    """Close after an answer that came before the body was asked for.

    The client then holds its body back, and the next bytes on the connection could be either
    (RFC 9110, 10.1.1); botocore would reuse the connection as if nothing were owed.
    """

    async def answered(scope: Scope, receive: Receive, send: Send) -> None:
        async def noticed(message: Message) -> None:
            if message["type"] == "http.response.start" and cycle.waiting_for_100_continue:
                cycle.keep_alive = False
            await send(message)

        await app(scope, receive, noticed)

    return answered


class Taken(NamedTuple):
    """A connection handed over: ``early`` is what the client said before it was answered.

    Whoever takes it enters itself into ``connections`` while it holds it, with a ``shutdown()``
    for the server's end.
    """

    transport: asyncio.Transport
    early: bytes
    connections: set[Any]


class Upgrade(asyncio.Protocol):
    """A connection that asked for a WebSocket and waits for the app's word.

    The app either refuses by ASGI's ``websocket.close`` or ``websocket.http.response.*``, or
    takes ``scope["state"]["freehold.transport"]()``: then the connection is its own, with
    reading paused, and it must answer and close it.
    """

    def __init__(
        self, state: ServerState, transport: asyncio.Transport, scope: Scope, app: App
    ) -> None:
        self._state = state
        self._transport = transport
        self._scope = scope
        self._app = app
        self._early = bytearray()
        self._is_taken = False
        self._is_answered = False
        self._lost = asyncio.Event()
        self._is_connected = False

    def start(self) -> None:
        """Take the connection over from the HTTP protocol and ask the app."""
        self._transport.set_protocol(self)
        self._transport.pause_reading()
        self._state.connections.add(cast("Any", self))
        self._scope["state"] = {**self._scope["state"], TRANSPORT: self._take}
        task = asyncio.get_running_loop().create_task(self._run())
        self._state.tasks.add(task)
        task.add_done_callback(self._state.tasks.discard)

    def _take(self) -> Taken:
        assert not self._is_taken
        self._is_taken = True
        connections = cast("set[Any]", self._state.connections)
        connections.discard(self)
        return Taken(self._transport, bytes(self._early), connections)

    async def _run(self) -> None:
        try:
            await self._app(self._scope, self._receive, self._send)
        finally:
            if not self._is_taken:
                if not self._is_answered:
                    self._answer(500, [], b"Internal Server Error")
                self._transport.close()

    async def _receive(self) -> Message:
        if not self._is_connected:
            self._is_connected = True
            return {"type": "websocket.connect"}
        await self._lost.wait()
        return {"type": "websocket.disconnect", "code": 1006}

    async def _send(self, message: Message) -> None:
        match message["type"]:
            case "websocket.close":
                self._answer(403, [], b"")
            case "websocket.http.response.start":
                self._pending = message["status"], list(message.get("headers", ()))
            case "websocket.http.response.body":
                self._answer(*self._pending, message.get("body", b""))
            case kind:
                raise RuntimeError(f"{kind} is not understood: take the transport instead.")

    _pending: tuple[int, list[tuple[bytes, bytes]]] = (500, [])

    def _answer(self, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
        if self._is_answered or self._transport.is_closing():
            return
        self._is_answered = True
        self._transport.write(plain_answer(b"%d Refused" % status, body, headers))
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        """The client spoke before it was answered."""
        self._early += data
        if len(self._early) > EARLY_BYTES_MAX:
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client went away."""
        self._lost.set()
        self._state.connections.discard(cast("Any", self))

    def shutdown(self) -> None:
        """The server ends: refuse, so that the client tries the next one."""
        self._answer(503, [], b"The server is shutting down.")


def plain_answer(
    status: bytes, text: bytes, headers: list[tuple[bytes, bytes]] | None = None
) -> bytes:
    """A whole last answer on a connection; ``status`` is code and reason."""
    lines = [b"HTTP/1.1 " + status]
    given = headers or [(b"content-type", b"text/plain; charset=utf-8")]
    lines += [name + b": " + value for name, value in given]
    lines += [b"content-length: %d" % len(text), b"connection: close", b"", text]
    return b"\r\n".join(lines)


def bare(authority: bytes) -> str:
    """The host of a Host header: lower case, without port, brackets and closing dot."""
    text = authority.decode("latin-1").lower()
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0].rstrip(".")
