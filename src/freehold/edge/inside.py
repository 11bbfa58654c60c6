"""Paths of our own, told apart from AWS's by ``/_freehold/``: credentials for sandboxes, health.

The container credentials endpoint answers only on a sandbox's own listener, and only to who
holds the sandbox's token (runtime.md section 6).
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from freehold.base.clock import iso
from freehold.base.errors import Denied, Fault, NotFound
from freehold.edge.api import Api, Receive, Scope, Send
from freehold.edge.listen.connections import LISTENER, Listener
from freehold.kernel.dispatch import Kernel

CREDENTIALS = "/_freehold/credentials"
HEALTH = "/_freehold/health"
SANDBOX = "sandbox/"


def join(api: Api, kernel: Kernel) -> None:
    """Add our paths to the API."""

    async def credentials(scope: Scope, _receive: Receive, send: Send) -> None:
        listener: Listener | None = scope.get("state", {}).get(LISTENER)
        headers = dict(scope["headers"])
        token = headers.get(b"authorization", b"").decode("latin-1")
        try:
            if listener is None or listener.kind != "sandbox":
                raise NotFound("Credentials are only given inside a sandbox.")
            made = kernel.doors.credentials(listener.id.removeprefix(SANDBOX), token, kernel.reader)
        except Fault as fault:
            status = 403 if isinstance(fault, Denied) else 404
            await send_json(send, status, {"code": type(fault).__name__, "message": fault.message})
            return
        answer = {
            "AccessKeyId": made.access_key_id,
            "SecretAccessKey": made.secret_access_key,
            "Token": made.session_token,
            "Expiration": iso(made.expires_at),
        }
        await send_json(send, 200, answer)

    async def health(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send_json(send, 200, {"status": "ok"})

    api.special[CREDENTIALS] = credentials
    api.special[HEALTH] = health


async def send_json(send: Send, status: int, answer: Mapping[str, object]) -> None:
    """Answer a small JSON object that nobody may keep."""
    body = msgspec.json.encode(answer)
    headers = [
        (b"content-type", b"application/json"),
        (b"cache-control", b"no-store"),
        (b"content-length", b"%d" % len(body)),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
