"""``POST /_freehold/storage``: what is stored, by domain and person, for ``freehold volumes``.

The body names domains (``["d-..."]``) or none (``[]``): all, and file systems without a domain.
AWS's API tells sizes of whole file systems only. Figures are those that metering counted
last. Only for the root, from this machine (``administrator.py``).
"""

from __future__ import annotations

import asyncio

import msgspec

from freehold.base.errors import Fault, Invalid
from freehold.edge.administrator import body_of_root, status_of
from freehold.edge.api import Api, Receive, Scope, Send
from freehold.edge.inside import send_json
from freehold.kernel.dispatch import Kernel
from freehold.kernel.studio import storage

STORAGE = "/_freehold/storage"
BODY_BYTES_MAX = 64 * 1024


def join(api: Api, kernel: Kernel) -> None:
    """Add our path to the API."""

    async def tell(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = await body_of_root(api, scope, receive, BODY_BYTES_MAX)
            asked = _names(body)
            found = await asyncio.get_running_loop().run_in_executor(
                kernel.pool,
                lambda: [msgspec.to_builtins(one) for one in storage.told(kernel, asked)],
            )
        except Fault as fault:
            answer = {"code": type(fault).__name__, "message": fault.message}
            await send_json(send, status_of(fault), answer)
            return
        await send_json(send, 200, {"Storage": found})

    api.special[STORAGE] = tell


def _names(body: bytes) -> list[str]:
    try:
        return msgspec.json.decode(body or b"[]", type=list[str])
    except msgspec.DecodeError as error:
        raise Invalid('the body must be a list of domain ids: ["d-..."], or []') from error
