"""``POST /_freehold/reset``: an ephemeral server begins again. For people who test against us.

Only where the server is ephemeral, only from this machine, only signed with the root's keys
(for any service name, in the server's region). The emptying itself is ``loops/reset.py``.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Awaitable, Callable

from freehold.base import ids, log
from freehold.base.errors import Denied, Fault, NotFound, Unauthenticated
from freehold.edge.api import Api, Receive, Scope, Send, read_body, request_of
from freehold.edge.inside import send_json
from freehold.edge.listen.connections import LISTENER, Listener

RESET = "/_freehold/reset"
BODY_BYTES_MAX = 1024


def join(api: Api, empty: Callable[[], Awaitable[None]]) -> None:
    """Add our path to the API. ``empty`` is back when nothing is left."""

    async def reset(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await _authorize(api, scope, receive)
            await empty()
        except Fault as fault:
            await send_json(
                send, _status(fault), {"code": type(fault).__name__, "message": fault.message}
            )
            return
        log.event("reset")
        await send_json(send, 200, {"status": "empty"})

    api.special[RESET] = reset


async def _authorize(api: Api, scope: Scope, receive: Receive) -> None:
    listener: Listener | None = scope.get("state", {}).get(LISTENER)
    is_inside = listener is not None and listener.kind not in ("plain", "tls")
    if not api.kernel.settings.is_ephemeral or scope["method"] != "POST" or is_inside:
        raise NotFound("Only a server that was started with --ephemeral can be reset, by POST.")
    if not _is_loopback(scope.get("client")):
        raise Denied("A reset is only accepted from this machine itself.")
    request = request_of(scope)
    body = await read_body(receive, request.headers, BODY_BYTES_MAX)
    known = api.verifier.known(
        scope,
        request._replace(body=body),
        api.verifier.claim(request),
        hashlib.sha256(body).hexdigest(),
        None,
        ids.request_id(),
        family="json",
    )
    if known.principal.kind != "root":
        raise Denied("A reset must be signed with the root's keys.")


def _is_loopback(client: tuple[str, int] | None) -> bool:
    try:
        return client is not None and ipaddress.ip_address(client[0]).is_loopback
    except ValueError:
        return False


def _status(fault: Fault) -> int:
    if isinstance(fault, NotFound):
        return 404
    return 403 if isinstance(fault, (Denied, Unauthenticated)) else 503
