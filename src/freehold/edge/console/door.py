"""Which requests on the API's own address are the console's, and who answers them.

Asked by ``edge/api.py`` for each request on ``/`` and ``/console``; a bucket's host name, a
sandbox's socket and whatever is signed for AWS stay the API's.
"""

from __future__ import annotations

from freehold.base.errors import Fault
from freehold.edge.api import Api, Receive, Scope, Send, Special, request_of
from freehold.edge.console import exchange
from freehold.edge.console.exchange import Exchange
from freehold.edge.console.files import Files
from freehold.edge.listen.connections import LISTENER, Listener
from freehold.kernel.dispatch import Kernel
from freehold.wire import buckets

ROOT = "/console"
HOME = "/console/"


def join(api: Api, kernel: Kernel) -> None:
    """Put the console before the API."""
    api.console = Door(api, kernel).find


class Door:
    """The console of one server."""

    def __init__(self, api: Api, kernel: Kernel) -> None:
        settings = kernel.settings
        sends_mail = "yes" if settings.smtp is not None else "no"
        self._files = Files(facts={"freehold-region": settings.region, "freehold-mail": sends_mail})
        self._exchange = Exchange(api, kernel)

    def find(self, scope: Scope) -> Special | None:
        """Who answers this request; None: it is a call of AWS's."""
        path = scope["path"]
        if path == "/":
            return _go_home if _is_a_browser(scope) else None
        if path != ROOT and not path.startswith(HOME):
            return None
        listener: Listener | None = scope.get("state", {}).get(LISTENER)
        if listener is not None and listener.kind not in ("plain", "tls"):
            return None
        if _is_in_a_bucket(scope):
            return None
        if path in (exchange.PATH, exchange.RENEW, exchange.END):
            return self._exchange
        return _go_home if path == ROOT else self._show

    async def _show(self, scope: Scope, _receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        if scope["method"] not in ("GET", "HEAD"):
            await _empty(send, 405, [(b"allow", b"GET, HEAD")])
            return
        path = scope["path"].removeprefix(HOME)
        file = self._files.answer(path, headers.get(b"accept-encoding", b""))
        body = b"" if scope["method"] == "HEAD" else file.body
        start = {"type": "http.response.start", "status": file.status, "headers": file.headers}
        await send(start)
        await send({"type": "http.response.body", "body": body})


def _is_a_browser(scope: Scope) -> bool:
    """A person who typed the address: a page is wanted, and nothing is signed."""
    if scope["method"] != "GET" or b"X-Amz-" in scope["query_string"]:
        return False
    headers = dict(scope["headers"])
    wants_page = b"text/html" in headers.get(b"accept", b"")
    return wants_page and b"authorization" not in headers and not _is_in_a_bucket(scope)


def _is_in_a_bucket(scope: Scope) -> bool:
    """Whether the host names a bucket: then the path is a key."""
    try:
        return buckets.is_virtual(request_of(scope))
    except Fault:
        return True


async def _go_home(_scope: Scope, _receive: Receive, send: Send) -> None:
    await _empty(send, 302, [(b"location", HOME.encode())])


async def _empty(send: Send, status: int, headers: list[tuple[bytes, bytes]]) -> None:
    headers = [*headers, (b"content-length", b"0"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
