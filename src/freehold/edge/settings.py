"""``POST /_freehold/settings``: account settings of a running server, for ``freehold settings``.

The body names settings and values as the command does: ``["isolation.lists=on"]``; the answer is
all settings as they then stand. Only for the root, from this machine (``administrator.py``).
"""

from __future__ import annotations

import asyncio

import msgspec

from freehold.base.errors import Fault, Invalid
from freehold.edge.administrator import body_of_root, status_of
from freehold.edge.api import Api, Receive, Scope, Send
from freehold.edge.inside import send_json
from freehold.kernel.account import settings
from freehold.kernel.dispatch import Kernel
from freehold.kernel.permission import identity

SETTINGS = "/_freehold/settings"
BODY_BYTES_MAX = 4096


def join(api: Api, kernel: Kernel) -> None:
    """Add our path to the API."""

    async def put(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = await body_of_root(api, scope, receive, BODY_BYTES_MAX)
            asked = settings.changes(_words(body))
            lines = await asyncio.wrap_future(
                kernel.writer.submit(
                    settings.work(asked, kernel.clock.now(), identity.root_arn(kernel.settings))
                )
            )
        except Fault as fault:
            answer = {"code": type(fault).__name__, "message": fault.message}
            await send_json(send, status_of(fault), answer)
            return
        await send_json(send, 200, dict(line.split("=") for line in lines))

    api.special[SETTINGS] = put


def _words(body: bytes) -> list[str]:
    try:
        return msgspec.json.decode(body, type=list[str])
    except msgspec.DecodeError as error:
        raise Invalid('the body must be a list of settings: ["isolation.lists=on"]') from error
