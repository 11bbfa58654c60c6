"""Everything that listens: one loop, one set of limits, one way to stop.

Input: listeners (fixed ones at start, sandboxes' and apps' while it runs) and the two ASGI apps,
from ``compose``. Output: each request at exactly one of them: on an app's origin the app proxy and
nothing else, everywhere else the API and never the app proxy (decision 19).
"""

from __future__ import annotations

import asyncio
import contextlib
import email.utils
import gc
import logging
import signal
import time
from collections.abc import Callable, Coroutine, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, cast

import uvloop
from uvicorn.config import Config
from uvicorn.server import ServerState

from freehold.base import log
from freehold.base.errors import Conflict
from freehold.edge.listen import sockets
from freehold.edge.listen.connections import (
    HEAD_SECONDS_MAX,
    LISTENER,
    App,
    Connection,
    Listener,
    Receive,
    Scope,
    Send,
    Upgrade,
    bare,
)
from freehold.edge.listen.forward import Door, Forward
from freehold.edge.listen.tls import Authority

KEEP_ALIVE_SECONDS = 75
"""Longer than clients keep idle connections in their pools, so that they close first."""
SHUTDOWN_SECONDS = 5.0
CONNECTIONS_MAX = 8192
HANDSHAKE_SECONDS_MAX = 10.0

T = TypeVar("T")


class Server:
    """Listeners of one process, and what is open on them.

    Args:
        api: Answers everything but app origins. Gets only ``http`` scopes.
        proxy: Answers app origins (``http`` and ``websocket``).
        is_app_origin: Whether a host (lower case, no port) or a local address can only be an
            app's, told from the name alone; see `origins.Origins.is_app`.
        authority: Makes certificates for ``tls`` listeners.
        forward: The forward proxy on ``plain`` and ``sandbox`` listeners, if there is one.
    """

    def __init__(
        self,
        api: App,
        *,
        proxy: App | None = None,
        is_app_origin: Callable[[str], bool] | None = None,
        authority: Authority | None = None,
        forward: Forward | None = None,
    ) -> None:
        self._state = ServerState()
        self._config = Config(
            cast("Any", Switch(api, proxy, is_app_origin)),
            http=Connection,
            ws=Upgrade,
            lifespan="off",
            interface="asgi3",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            limit_concurrency=CONNECTIONS_MAX,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
        )
        self._config.load()
        self._authority = authority
        self._forward = forward
        self._open: dict[str, tuple[Listener, list[asyncio.AbstractServer], int]] = {}
        self._stopping = asyncio.Event()
        self._is_hurried = False
        self._clockwork: asyncio.TimerHandle | None = None
        self._seconds = 0
        _log_like_us()

    async def listen(self, listener: Listener) -> tuple[str, int] | Path:
        """Open a listener, now or while others serve; says where it listens (port 0 is chosen).

        Raises:
            Fault: In one line, why it cannot: see `sockets`.
            Conflict: A listener of this id is open already.
        """
        if listener.id in self._open:
            raise Conflict(f"The listener {listener.id} is open already.")
        place = listener.place
        if isinstance(place, Path):
            bound = [sockets.unix(place, listener.mode)]
            inode = place.stat().st_ino
        elif listener.kind == "app" and self._covers(place[1]):
            bound, inode = [], 0
        else:
            bound, inode = sockets.tcp(*place), 0
        loop = asyncio.get_running_loop()
        options: dict[str, Any] = {}
        if listener.kind == "tls":
            assert self._authority is not None
            host = place[0] if isinstance(place, tuple) else "localhost"
            known = host if self._authority.speaks_for(host) else "localhost"
            options["ssl"] = self._authority.listener_context(known)
            options["ssl_handshake_timeout"] = HANDSHAKE_SECONDS_MAX
        servers: list[asyncio.AbstractServer] = []
        for one in bound:
            make = loop.create_unix_server if isinstance(place, Path) else loop.create_server
            servers.append(await make(lambda: self._protocol(listener), sock=one, **options))
        self._open[listener.id] = (listener, servers, inode)
        if isinstance(place, Path) or not bound:
            return place
        address: tuple[str, int] = bound[0].getsockname()[:2]
        if self._forward is not None:
            self._forward.ports.add(address[1])
        self._wind()
        return address

    def _covers(self, port: int) -> bool:
        """Whether a listener on all addresses hears this port on apps' addresses already."""
        open_now = [one for _, servers, _ in self._open.values() for one in servers]
        bound = [s.getsockname() for one in open_now for s in cast("Any", one).sockets]
        return any(name[:2] == ("0.0.0.0", port) for name in bound)  # noqa: S104

    def _protocol(self, listener: Listener) -> asyncio.Protocol:
        if listener.kind in ("plain", "sandbox"):
            return Door(self._config, self._state, listener, self._forward)
        return Connection(self._config, self._state, listener, lambda _: False)

    def is_open(self, listener_id: str) -> bool:
        """Whether a listener of this id is open."""
        return listener_id in self._open

    def forget(self, listener_id: str) -> None:
        """Close a listener; what is under way on it is finished. Unknown ids are let pass."""
        listener, servers, inode = self._open.pop(listener_id, (None, [], 0))
        for server in servers:
            server.close()
        if listener is not None and isinstance(listener.place, Path):
            with contextlib.suppress(OSError):
                if listener.place.stat().st_ino == inode:
                    listener.place.unlink()

    def _wind(self) -> None:
        """Each second: the Date header, and every fifth one those who never finish a head."""
        if self._stopping.is_set():
            return
        if self._clockwork is not None:
            self._clockwork.cancel()
        date = email.utils.formatdate(time.time(), usegmt=True).encode()
        self._state.default_headers = [(b"date", date)]
        self._seconds += 1
        if self._seconds % 5 == 0:
            self._end_the_silent()
        self._clockwork = asyncio.get_running_loop().call_later(1.0, self._wind)

    def _end_the_silent(self) -> None:
        oldest = asyncio.get_running_loop().time() - HEAD_SECONDS_MAX
        for connection in list(self._state.connections):
            since = getattr(connection, "waiting_since", None)
            if since is not None and since < oldest:
                connection.shutdown()

    def stop(self) -> None:
        """Ask `run` to end; a second time, to end without waiting for calls under way."""
        self._is_hurried = self._stopping.is_set()
        self._stopping.set()

    async def run(self) -> None:
        """Serve until `stop`, then close: no new connections, `SHUTDOWN_SECONDS` for the rest."""
        await self._stopping.wait()
        if self._clockwork is not None:
            self._clockwork.cancel()
        for listener_id in list(self._open):
            self.forget(listener_id)
        for connection in list(self._state.connections):
            connection.shutdown()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SHUTDOWN_SECONDS):
                while not self._is_hurried and (self._state.connections or self._state.tasks):
                    await asyncio.sleep(0.01)
        left = list(self._state.tasks)
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # what we cut is no error
        for task in left:
            task.cancel()
        for connection in list(self._state.connections):
            _abort(connection)
        if left:
            log.event("server.cut_short", calls=len(left))
            await asyncio.wait(left, timeout=1.0)


class Switch:
    """Sends each request to the API or to the app proxy, by where it came in and for whom."""

    def __init__(
        self, api: App, proxy: App | None, is_app_origin: Callable[[str], bool] | None
    ) -> None:
        self._api = api
        self._proxy = proxy
        decide = is_app_origin or (lambda _: False)
        # The same few names in every request: half a microsecond saved on each.
        self._is_app = lru_cache(1024)(
            lambda authority, here: decide(bare(authority)) or decide(here)
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or one wish for a WebSocket."""
        listener: Listener = scope["state"][LISTENER]
        authority: bytes | None = None
        for name, value in scope["headers"]:
            if name == b"host":
                if authority is not None:
                    await refuse(scope, send, 400, "A request names one Host.")
                    return
                authority = value
        server = scope["server"]
        is_app = self._is_app(authority or b"", server[0] if server else "")
        if listener.kind == "sandbox" and is_app:
            await refuse(scope, send, 403, "Apps cannot be opened from inside a sandbox.")
            return
        is_app = is_app or listener.kind == "app"
        if is_app and self._proxy is not None:
            await self._proxy(scope, receive, send)
        elif is_app or scope["type"] != "http":
            await refuse(scope, send, 404, "Nothing is served here.")
        else:
            await self._api(scope, receive, send)


async def refuse(scope: Scope, send: Send, status: int, text: str) -> None:
    """Answer ``text``, whether the caller asked for a page or for a WebSocket."""
    prefix = "websocket." if scope["type"] == "websocket" else ""
    body = text.encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", b"%d" % len(body)),
    ]
    if prefix:
        headers.pop()
    await send({"type": f"{prefix}http.response.start", "status": status, "headers": headers})
    await send({"type": f"{prefix}http.response.body", "body": body})


async def serve(
    server: Server, listeners: Iterable[Listener], on_ready: Callable[[], None] | None = None
) -> None:
    """Open ``listeners``, say so, and serve until SIGTERM or SIGINT.

    Raises:
        Fault: A listener cannot be opened; none is left open.
    """
    loop = asyncio.get_running_loop()
    try:
        for listener in listeners:
            await server.listen(listener)
    except BaseException:
        server.stop()
        await server.run()
        raise
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.stop)
    try:
        _rest_garbage_collection()
        if on_ready is not None:
            on_ready()
        await server.run()
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


def _rest_garbage_collection() -> None:
    """What was made at start stays for good: never look at it again, and at the rest less often.

    A tenth of the time of a call (docs/reference/performance.md).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run ``main`` on a fresh uvloop."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main)


def _abort(connection: object) -> None:
    transport = getattr(connection, "transport", None) or getattr(connection, "_transport", None)
    if transport is not None:
        transport.abort()
    elif (end := getattr(connection, "end", None)) is not None:
        end()


def _log_like_us() -> None:
    """Uvicorn's complaints go where ours go; what strangers send wrongly is not worth a line."""
    theirs = logging.getLogger("uvicorn.error")
    theirs.handlers[:] = log.logger.handlers
    theirs.propagate = False
    theirs.setLevel(logging.ERROR)
