"""Names for sandboxes that have a network of their own: DNS, carried by the bridge inside.

Input: a query that ``host/inside/names.py`` posts to a sandbox's own listener (as RFC 8484 does).
Output: addresses that the same sandbox may reach, and none beside them: names follow the rule that
packets follow. Who has no way out is refused before anything is looked up, so no question of his
leaves this machine.
"""

from __future__ import annotations

from collections.abc import Callable

from freehold.base.errors import Fault, Invalid, NotFound
from freehold.edge.api import Api, Receive, Scope, Send
from freehold.edge.dns import messages as dns
from freehold.edge.listen.connections import LISTENER, Listener
from freehold.edge.listen.outward import SANDBOX, Outward

NAMES = "/_freehold/names"
SECONDS = 5
"""How long an answer may be kept: short, since the rule may change."""
KIND = b"application/dns-message"


def join(api: Api, outward: Outward, is_ours: Callable[[str], bool]) -> None:
    """Add our path to the API. ``is_ours``: hosts that are reached by the proxy alone."""

    async def names(scope: Scope, receive: Receive, send: Send) -> None:
        listener: Listener | None = scope.get("state", {}).get(LISTENER)
        query = await _body(receive)
        if listener is None or listener.kind != "sandbox" or query is None:
            await _say(send, 404, b"")
            return
        said = await answered(outward, listener.id.removeprefix(SANDBOX), query, is_ours)
        await _say(send, 400 if said is None else 200, said or b"")

    api.special[NAMES] = names


async def answered(
    outward: Outward, door_id: str, query: bytes, is_ours: Callable[[str], bool]
) -> bytes | None:
    """The answer to a sandbox's query; None if it is nothing that has an answer.

    A and AAAA alone are served; there are no IPv6 addresses here, so AAAA has no records. A host
    that we serve is refused: its real address would lead past us, and who knows nothing of the
    proxy had better fail here than talk to somebody else.
    """
    try:
        asked = dns.question(query)
    except dns.Malformed as error:
        return error.answer
    way = outward.egress.way(door_id)
    is_served = asked.cls == dns.IN and asked.kind in (dns.A, dns.AAAA)
    if way.why or not is_served or is_ours(asked.name):
        return dns.answer(asked, dns.REFUSED)
    if asked.kind == dns.AAAA:
        return dns.answer(asked, dns.NOERROR)
    try:
        found = await outward.lookups.addresses(door_id, asked.name)
    except (NotFound, Invalid):
        return dns.answer(asked, dns.NXDOMAIN)
    except Fault:
        return dns.answer(asked, dns.SERVFAIL)
    way = outward.egress.way(door_id)
    seen = [address for address in found if not outward.egress.hides(way, address)]
    return dns.answer(asked, dns.NOERROR if seen else dns.REFUSED, seen, SECONDS)


async def _body(receive: Receive) -> bytes | None:
    """The request's body, None if it is longer than a query may be."""
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > dns.QUERY_BYTES_MAX:
            return None
        if not message.get("more_body"):
            return bytes(body)


async def _say(send: Send, status: int, body: bytes) -> None:
    headers = [(b"content-type", KIND), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
