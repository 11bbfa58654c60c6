"""``POST /_freehold/reset``: an ephemeral server begins again. For people who test against us.

Only where the server is ephemeral, only from this machine, only signed with the root's keys
(for any service name, in the server's region). The emptying itself is ``loops/reset.py``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from freehold.base import log
from freehold.base.errors import Fault, NotFound
from freehold.edge.administrator import body_of_root, status_of
from freehold.edge.api import Api, Receive, Scope, Send
from freehold.edge.inside import send_json

RESET = "/_freehold/reset"
BODY_BYTES_MAX = 1024


def join(api: Api, empty: Callable[[], Awaitable[None]]) -> None:
    """Add our path to the API. ``empty`` is back when nothing is left."""

    async def reset(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if not api.kernel.settings.is_ephemeral:
                raise NotFound("Only a server that was started with --ephemeral can be reset.")
            await body_of_root(api, scope, receive, BODY_BYTES_MAX)
            await empty()
        except Fault as fault:
            await send_json(
                send, status_of(fault), {"code": type(fault).__name__, "message": fault.message}
            )
            return
        log.event("reset")
        await send_json(send, 200, {"status": "empty"})

    api.special[RESET] = reset
