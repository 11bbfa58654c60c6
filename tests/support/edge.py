"""A running edge for e2e tests: our server in a thread, an app behind a unix socket in another.

Real sockets on loopback and real TLS; the API is an ASGI app that tells what it was asked.
"""

from __future__ import annotations

import asyncio
import json
import queue
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from aiohttp import WSMsgType, web

from freehold.base.errors import Denied, Fault, Unauthenticated
from freehold.edge.apps.proxy import AppProxy, NotReady, Session, Upstream
from freehold.edge.listen import forward, hosts, server, tls
from freehold.edge.listen.connections import LISTENER, Listener

REGION = "us-east-1"
MIB = 1 << 20


async def telling_api(scope, receive, send):
    """Answer with what was asked, as JSON; ``/refuse`` answers before it reads the body."""
    if scope["path"] == "/slow":
        await asyncio.sleep(0.5)
    size = 0
    while scope["path"] != "/refuse":
        message = await receive()
        size += len(message.get("body", b""))
        if not message.get("more_body"):
            break
    said = {
        "method": scope["method"],
        "path": scope["raw_path"].decode(),
        "query": scope["query_string"].decode(),
        "host": dict(scope["headers"]).get(b"host", b"").decode(),
        "listener": scope["state"][LISTENER].id,
        "scheme": scope["scheme"],
        "body_bytes": size,
    }
    body = json.dumps(said).encode()
    asked = {name: value.decode() for name, value in scope["headers"]}
    if b"x-amz-content-sha256" in asked:  # S3 clients take a body for an error
        body = b""
    headers = [
        (b"x-said", json.dumps(said).encode()),
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(body)),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class InThread:
    """Runs ``main(started)`` on a loop of its own until `stop`."""

    def __init__(self, main: Callable[[Callable[[], None]], Coroutine[Any, Any, None]]) -> None:
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._main = main
        self.loop: Any = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        assert self._ready.wait(20)
        if self._failure is not None:
            self._thread.join(10)
            raise self._failure

    def _run(self) -> None:
        async def main() -> None:
            self.loop = asyncio.get_running_loop()
            await self._main(self._ready.set)

        try:
            server.run(main())
        except BaseException as error:
            self._failure = error
        finally:
            self._ready.set()

    def call(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(20)

    def soon(self, function: Callable[..., object], *given: object) -> None:
        self.loop.call_soon_threadsafe(function, *given)

    def join(self, seconds: float = 15) -> None:
        self._thread.join(seconds)
        assert not self._thread.is_alive()


class Gate:
    """Sessions in a dictionary: cookie -> (host, what it admits to)."""

    def __init__(self) -> None:
        self.apps: dict[str, Upstream | NotReady] = {}
        self.cookies: dict[str, str] = {}
        self.tokens: dict[str, str] = {}
        self.ended: set[str] = set()
        self.asked = 0

    def open(self, host: str, socket: Path, base_path: str = "/lab") -> str:
        """Make a session of ``host``; the answer is its cookie."""
        cookie = f"cookie-{len(self.cookies)}"
        self.cookies[cookie] = host
        self.apps[cookie] = Upstream(socket, base_path, lambda: cookie not in self.ended)
        return cookie

    async def redeem(self, token: str, host: str, client: str, *, is_secure: bool) -> Session:
        cookie = self.tokens.pop(token, None)
        if cookie is None or self.cookies[cookie] != host:
            raise Unauthenticated("This URL was used already, or is not for this app.")
        return Session(cookie, 3600, "/lab/tree?x=1")

    def admit(
        self, cookie: str, host: str, client: str, method: str, *, is_secure: bool
    ) -> Upstream | NotReady:
        self.asked += 1
        if cookie not in self.cookies or cookie in self.ended:
            raise Unauthenticated("Your session has ended.")
        if self.cookies[cookie] != host:
            raise Denied("This session is for another app.")
        return self.apps[cookie]


class RunningEdge:
    """Server, proxy and gate, with the plain, TLS and one sandbox listener open."""

    def __init__(
        self,
        state: Path,
        is_app: Callable[[str], bool] = lambda _: False,
        api: Callable[..., Coroutine[Any, Any, None]] = telling_api,
    ) -> None:
        self.state = state
        self.gate = Gate()
        self.authority = tls.authority(state)
        self.bundle = tls.bundle(state)
        self.forward = forward.Forward(
            self.authority, hosts.served(REGION, lambda bucket: bucket == "ours")
        )
        self.sandbox_socket = state / "sandbox" / "api.sock"
        self.sandbox_socket.parent.mkdir()

        async def main(started: Callable[[], None]) -> None:
            self.proxy = AppProxy(self.gate)
            self.server = server.Server(
                api,
                proxy=self.proxy,
                is_app_origin=is_app,
                authority=self.authority,
                forward=self.forward,
            )
            self.plain = await self.server.listen(Listener("plain", "plain", ("127.0.0.1", 0)))
            self.tls = await self.server.listen(Listener("tls", "tls", ("127.0.0.1", 0)))
            await self.server.listen(Listener("sb-1", "sandbox", self.sandbox_socket))
            started()
            await self.server.run()
            await self.proxy.close()

        self.thread = InThread(main)

    def stop(self) -> None:
        if not self.thread.loop.is_closed():
            self.thread.soon(self.server.stop)
        self.thread.join()


class Notebook:
    """A tiny app behind a unix socket: echo WebSockets, downloads, uploads, redirects, cookies."""

    def __init__(self, socket: Path) -> None:
        self.socket = socket
        self.dropped = threading.Event()
        self.closed_with: queue.SimpleQueue[int] = queue.SimpleQueue()
        self.upload_begun = threading.Event()
        self.broken_uploads = threading.Event()

        async def main(started: Callable[[], None]) -> None:
            app = web.Application(client_max_size=1 << 30)
            app.router.add_route("*", "/lab/{rest:.*}", self._answer)
            runner = web.AppRunner(app, shutdown_timeout=0.2, handler_cancellation=True)
            await runner.setup()
            await web.UnixSite(runner, str(socket)).start()
            self._stopping = asyncio.Event()
            started()
            await self._stopping.wait()
            await runner.cleanup()

        self.thread = InThread(main)

    def stop(self) -> None:
        self.thread.soon(self._stopping.set)
        self.thread.join()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["rest"]
        made = getattr(self, f"_{name.partition('/')[0]}", None)
        return await (made or self._tell)(request)

    async def _tell(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        answer = web.json_response(
            {
                "method": request.method,
                "path": request.raw_path,
                "headers": [[k.lower(), v] for k, v in request.headers.items()],
                "body_bytes": len(body),
            }
        )
        answer.headers["Connection"] = "keep-alive, X-Hop"
        answer.headers["X-Hop"] = "1"
        return answer

    async def _cookies(self, _: web.Request) -> web.StreamResponse:
        answer = web.Response(text="ok")
        for cookie in (
            "_xsrf=1; Path=/lab; Domain=studio.localhost; HttpOnly",
            "freehold-app=stolen; Path=/",
            "__HOST-freehold-app=stolen; Path=/; Secure",
            "=freehold-app=stolen",
        ):
            answer.headers.add("Set-Cookie", cookie)
        answer.headers["Clear-Site-Data"] = '"cookies"'
        return answer

    async def _redirect(self, _: web.Request) -> web.StreamResponse:
        raise web.HTTPFound("/lab/elsewhere")

    async def _download(self, request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Length": str(64 * MIB)})
        await answer.prepare(request)
        try:
            for _ in range(64):
                await answer.write(b"x" * MIB)
        except ConnectionError:
            self.dropped.set()
        return answer

    async def _endless(self, request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        try:
            while True:
                await answer.write(b"tick\n")
                await asyncio.sleep(0.01)
        except (ConnectionError, asyncio.CancelledError):
            self.dropped.set()
            raise

    async def _hanging(self, _: web.Request) -> web.StreamResponse:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            self.dropped.set()
            raise
        return web.Response()

    async def _truncated(self, request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Length": "1000"})
        await answer.prepare(request)
        await answer.write(b"half")
        assert request.transport is not None
        request.transport.abort()
        return answer

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        size = 0
        try:
            async for piece in request.content.iter_any():
                size += len(piece)
                self.upload_begun.set()
        except BaseException:
            self.broken_uploads.set()
            raise
        return web.json_response(
            {
                "body_bytes": size,
                "chunked": "chunked" in request.headers.get("Transfer-Encoding", ""),
            }
        )

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        websocket = web.WebSocketResponse(protocols=("v1.kernel",), max_msg_size=0)
        await websocket.prepare(request)
        async for message in websocket:
            if message.type is WSMsgType.TEXT and message.data == "close":
                await websocket.close(code=4321, message=b"as you wish")
            elif message.type is WSMsgType.TEXT:
                await websocket.send_str(message.data)
            elif message.type is WSMsgType.BINARY:
                await websocket.send_bytes(message.data)
        self.closed_with.put(websocket.close_code or 0)
        return websocket


def fault_of(work: Callable[[], object]) -> Fault:
    """The fault that ``work`` raises."""
    try:
        work()
    except Fault as fault:
        return fault
    raise AssertionError("no fault")
