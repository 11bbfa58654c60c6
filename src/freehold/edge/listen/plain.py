"""A sandbox's request for ``http://`` somebody else: made for it, where its network allows.

Input: a request in absolute form that ``connections.py`` has taken apart, so that every request
on a connection is asked for by itself. Output: the other host's answer as it comes. Nothing is
cached or kept; a connection to another host serves one request.
"""

from __future__ import annotations

import aiohttp

from freehold.base.errors import Denied, Fault, Invalid, Throttled
from freehold.edge.listen.connections import ABORT, App, Receive, Scope, Send
from freehold.edge.listen.outward import CONNECT_SECONDS_MAX, Flow, Outward
from freehold.edge.listen.relaying import Broken, Headers, Visit, exchange, without_hops

IDLE_SECONDS = 300.0
READ_BYTES = 256 * 1024
HEAD_BYTES_MAX = 64 * 1024

_STATUS: dict[type[Fault], int] = {Invalid: 400, Denied: 403, Throttled: 503}


class Plain:
    """Makes the app for each request of one sandbox: called with its host and port."""

    def __init__(self, outward: Outward, door_id: str) -> None:
        self._outward = outward
        self._door_id = door_id

    def __call__(self, host: str, port: int) -> App:
        """The ASGI app that answers one request for ``http://host:port``."""

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            try:
                await self._answer(host, port, scope, receive, send)
            except Fault as fault:
                status, text = _STATUS.get(type(fault), 502), fault.message.encode() + b"\n"
                headers = [
                    (b"content-type", b"text/plain; charset=utf-8"),
                    (b"content-length", b"%d" % len(text)),
                ]
                await send({"type": "http.response.start", "status": status, "headers": headers})
                await send({"type": "http.response.body", "body": text})

        return answer

    async def _answer(
        self, host: str, port: int, scope: Scope, receive: Receive, send: Send
    ) -> None:
        outward, door_id = self._outward, self._door_id
        if outward.egress.is_direct(door_id):
            raise Invalid("This sandbox has a network of its own: unset http_proxy.")
        if not 0 < port < 65536:
            raise Invalid("There is no such port.")
        flow = outward.enter(door_id, port)
        flow.end = scope["state"][ABORT]  # the client's side; ours follows when it is gone
        try:
            async with _session() as session, Visit(receive) as visit:
                await outward.dialled(
                    door_id, flow, host, lambda at: _passed(session, at, flow, scope, send, visit)
                )
        except Broken as error:
            if not visit.has_begun:
                raise Fault(f"{host}:{port} closed the connection") from error
            scope["state"][ABORT]()
        finally:
            outward.leave(door_id, flow)


async def _passed(
    session: aiohttp.ClientSession, at: str, flow: Flow, scope: Scope, send: Send, visit: Visit
) -> None:
    """Ask the host at one address and pass its answer on.

    Raises:
        OSError: It took no connection; another address may be tried.
        Broken: Either side broke off.
    """
    try:
        await exchange(
            session,
            f"http://{at}:{flow.port}",
            [*without_hops(scope["headers"], frozenset({b"expect"})), (b"connection", b"close")],
            scope,
            send,
            visit,
            answered=_cleaned,
            is_valid=lambda: not flow.is_cut,
        )
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
        raise ConnectionError from error
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise Broken from error


def _cleaned(headers: Headers) -> Headers:
    return without_hops(headers, frozenset({b"date"}))  # the connection writes one itself


def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(force_close=True),
        auto_decompress=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(
            total=None, sock_connect=CONNECT_SECONDS_MAX, sock_read=IDLE_SECONDS
        ),
        skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
        trust_env=False,
        read_bufsize=READ_BYTES,
        max_line_size=HEAD_BYTES_MAX,
        max_field_size=HEAD_BYTES_MAX,
    )
