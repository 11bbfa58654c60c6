"""HTTP to a notebook app's unix socket: a bounded pool for each, streaming both ways.

Input: an admitted request of ``proxy.py``, with headers already cleaned. Output: the app's answer,
as it comes and as fast as the client reads. Nothing is decompressed, followed, retried once a body
has begun, or kept.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from freehold.edge.listen.connections import ABORT, Receive, Scope, Send
from freehold.host.unix_sockets import pinned

CONNECTIONS_MAX = 100
"""To one app; further requests wait. A JupyterLab page opens six at most."""
POOLS_MAX = 512
IDLE_SECONDS = 30.0
CONNECT_SECONDS_MAX = 5.0
READ_BYTES = 256 * 1024
HEAD_BYTES_MAX = 64 * 1024

Headers = list[tuple[bytes, bytes]]


class AppGone(Exception):
    """The app took no connection, or ended it before it began to answer."""


class _Pool:
    """Connections to one socket."""

    def __init__(self, path: Path) -> None:
        self.in_use = 0
        try:
            self._socket = pinned(path)
        except OSError as error:
            raise AppGone("there is no socket of the app") from error
        self.session = aiohttp.ClientSession(
            connector=aiohttp.UnixConnector(
                path=f"/proc/self/fd/{self._socket}",
                limit=CONNECTIONS_MAX,
                keepalive_timeout=IDLE_SECONDS,
            ),
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS_MAX),
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
            read_bufsize=READ_BYTES,
            max_line_size=HEAD_BYTES_MAX,
            max_field_size=HEAD_BYTES_MAX,
        )

    def is_at(self, path: Path) -> bool:
        """Whether ``path`` is still this socket: an app that is started again makes another."""
        try:
            there = os.lstat(path)
        except OSError:
            return False
        return os.path.samestat(there, os.fstat(self._socket))

    async def close(self) -> None:
        await self.session.close()
        os.close(self._socket)


class Upstreams:
    """The pools of all apps; the ones longest unused are closed when there are too many."""

    def __init__(self) -> None:
        self._pools: OrderedDict[Path, _Pool] = OrderedDict()

    async def close(self) -> None:
        """Close all connections."""
        for path in list(self._pools):
            await self.forget(path)

    async def forget(self, path: Path) -> None:
        """Close the connections to one app, for instance when it has ended."""
        pool = self._pools.pop(path, None)
        if pool is not None:
            await pool.close()

    async def relay(
        self,
        path: Path,
        headers: Headers,
        scope: Scope,
        receive: Receive,
        send: Send,
        *,
        answered: Callable[[Headers], Headers],
        is_valid: Callable[[], bool],
    ) -> None:
        """Ask the app behind ``path`` and pass its answer on.

        Ends early, without a whole answer, when the client goes away, when the app breaks off,
        or when ``is_valid`` says no in between: the client then sees a broken connection, never
        an answer that looks whole.

        Args:
            path: The app's socket.
            headers: What to send; without hop-by-hop headers.
            scope: ASGI's; for method, target and connection.
            receive: ASGI's.
            send: ASGI's.
            answered: Cleans the app's headers.
            is_valid: Whether the session still holds; asked for every piece.

        Raises:
            AppGone: The app did not answer; nothing was sent to the client.
        """
        pool = await self._pool(path)
        pool.in_use += 1
        try:
            async with _Visit(receive) as visit:
                await _exchange(
                    pool.session, headers, scope, send, visit, answered=answered, is_valid=is_valid
                )
        except aiohttp.ClientConnectorError as error:
            await self.forget(path)
            raise AppGone("nothing listens on the app's socket") from error
        except (aiohttp.ClientError, TimeoutError, _Broken) as error:
            if not visit.has_begun:
                raise AppGone("the app closed the connection") from error
            scope["state"][ABORT]()
        finally:
            pool.in_use -= 1

    async def _pool(self, path: Path) -> _Pool:
        pool = self._pools.get(path)
        if pool is not None and not pool.is_at(path):
            await self.forget(path)
            pool = self._pools.get(path)
        if pool is None:
            pool = self._pools[path] = _Pool(path)
            if len(self._pools) > POOLS_MAX:
                for old, idle in list(self._pools.items()):
                    if idle.in_use == 0 and idle is not pool:
                        await self.forget(old)
                        break
        self._pools.move_to_end(path)
        return pool


class _Broken(Exception):
    """The client or the session ended in the midst of it."""


class _Visit:
    """One request: its body, and a watch on the client while the answer is under way."""

    def __init__(self, receive: Receive) -> None:
        self.has_begun = False
        self.is_done = False
        self._receive = receive
        self._is_read = asyncio.Event()
        self._has_left = False
        self._task = asyncio.current_task()
        self._watch: asyncio.Task[None] | None = None

    async def __aenter__(self) -> _Visit:
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
                raise _Broken
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


async def _exchange(
    session: aiohttp.ClientSession,
    headers: Headers,
    scope: Scope,
    send: Send,
    visit: _Visit,
    *,
    answered: Callable[[Headers], Headers],
    is_valid: Callable[[], bool],
) -> None:
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
        URL("http://app" + target.decode("ascii"), encoded=True),
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
                raise _Broken
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        visit.is_done = True
    await send({"type": "http.response.body", "body": b""})


def text(value: bytes) -> str:
    """A header's value for aiohttp, which writes UTF-8."""
    with contextlib.suppress(UnicodeDecodeError):
        return value.decode()
    return value.decode("latin-1")
