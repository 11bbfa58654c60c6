"""Who may use the paths of our own that change the install: its root, from this machine.

Asked by ``reset.py`` and ``settings.py``: a POST to a listener of the API's own, from a loopback
address, signed with the root's keys (for any service name, in the server's region).
"""

from __future__ import annotations

import hashlib
import ipaddress

from freehold.base import ids
from freehold.base.errors import Denied, Fault, Invalid, NotFound, Unauthenticated
from freehold.edge.api import Api, Receive, Scope, read_body, request_of
from freehold.edge.listen.connections import LISTENER, Listener


async def body_of_root(api: Api, scope: Scope, receive: Receive, most: int) -> bytes:
    """The body of a request that the root of this install sent.

    Args:
        api: Whose verifier knows the keys.
        scope: ASGI's.
        receive: ASGI's.
        most: Bytes that the body may have.

    Raises:
        NotFound: Not a POST, or asked from inside a sandbox: there is no such path there.
        Denied: From another machine, or signed by somebody else.
        Unauthenticated: The signature does not hold.
    """
    listener: Listener | None = scope.get("state", {}).get(LISTENER)
    is_inside = listener is not None and listener.kind not in ("plain", "tls")
    if scope["method"] != "POST" or is_inside:
        raise NotFound("There is nothing here: this path takes a POST to the API's own address.")
    if not _is_loopback(scope.get("client")):
        raise Denied("This is only accepted from this machine itself.")
    request = request_of(scope)
    body = await read_body(receive, request.headers, most)
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
        raise Denied("This must be signed with the root's keys.")
    return body


def status_of(fault: Fault) -> int:
    """The HTTP status of a refusal on such a path."""
    if isinstance(fault, NotFound):
        return 404
    if isinstance(fault, Invalid):
        return 400
    return 403 if isinstance(fault, (Denied, Unauthenticated)) else 503


def _is_loopback(client: tuple[str, int] | None) -> bool:
    try:
        return client is not None and ipaddress.ip_address(client[0]).is_loopback
    except ValueError:
        return False
