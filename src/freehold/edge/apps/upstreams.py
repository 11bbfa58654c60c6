"""HTTP to a notebook app's unix socket: a bounded pool for each, streaming both ways.

Input: an admitted request of ``proxy.py``, with headers already cleaned. Output: the app's answer,
as it comes and as fast as the client reads. Nothing is decompressed, followed, retried once a body
has begun, or kept.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import aiohttp

from freehold.edge.listen.connections import ABORT, Receive, Scope, Send
from freehold.edge.listen.relaying import Broken, Headers, Visit, exchange
from freehold.host.unix_sockets import pinned

CONNECTIONS_MAX = 100
"""To one app; further requests wait. A JupyterLab page opens six at most."""
POOLS_MAX = 512
IDLE_SECONDS = 30.0
CONNECT_SECONDS_MAX = 5.0
READ_BYTES = 256 * 1024
HEAD_BYTES_MAX = 64 * 1024


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
            async with Visit(receive) as visit:
                await exchange(
                    pool.session,
                    "http://app",
                    headers,
                    scope,
                    send,
                    visit,
                    answered=answered,
                    is_valid=is_valid,
                )
        except aiohttp.ClientConnectorError as error:
            await self.forget(path)
            raise AppGone("nothing listens on the app's socket") from error
        except (aiohttp.ClientError, TimeoutError, Broken) as error:
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
