"""The forward proxy (``HTTPS_PROXY``): what a new connection is, and where a CONNECT leads.

Input: new connections of plain and sandbox listeners. Output: a CONNECT to a host that we serve
is decrypted and answered by our own app; any other is passed through untouched, on a sandbox's
listener only where ``outward.py`` allows it; what is no CONNECT goes to ``connections.py`` with no
byte lost.
Written down in: decision 3 and 11; RFC 9110, 9.3.6.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

from uvicorn.config import Config
from uvicorn.server import ServerState

from freehold.base import log
from freehold.base.errors import Denied, Fault, Invalid, LimitExceeded, Throttled
from freehold.edge.listen import hosts
from freehold.edge.listen.connections import (
    App,
    Connection,
    Listener,
    Message,
    Receive,
    Scope,
    Send,
)
from freehold.edge.listen.connections import plain_answer as answer
from freehold.edge.listen.outward import SANDBOX, Outward, Quiet, connection
from freehold.edge.listen.plain import Plain
from freehold.edge.listen.tls import Authority
from freehold.edge.listen.tunnels import Tunnel

CONNECT = b"CONNECT "
CONNECT_BYTES_MAX = 8 * 1024
CONNECT_SECONDS_MAX = 10.0
HANDSHAKE_SECONDS_MAX = 10.0
TUNNELS_MAX = 256
"""Passed through at one time; each costs two descriptors."""
TUNNEL_IDLE_SECONDS = 900.0


@dataclass
class Forward:
    """What the proxy may do.

    Attributes:
        authority: Makes the certificates of the hosts that we answer for.
        serves: Whether we answer for a host (lower case, no port); see `hosts.served`.
        ports: Our own TCP ports: tunnels to ourselves are refused.
        is_open: Whether hosts that we do not serve are passed through, for callers on this
            machine outside of sandboxes. Never for others: we are no open proxy.
        outward: Connects sandboxes to what their network allows; without it, to nothing.
    """

    authority: Authority
    serves: Callable[[str], bool]
    ports: set[int] = field(default_factory=set)
    is_open: bool = True
    outward: Outward | None = None
    tunnels: set[Tunnel] = field(default_factory=set)
    pending: int = 0

    def plain(self, listener: Listener) -> Plain | None:
        """Who answers a sandbox's requests for ``http://`` addresses that are not ours."""
        if listener.kind != "sandbox" or self.outward is None:
            return None
        return Plain(self.outward, listener.id.removeprefix(SANDBOX))


class Door(asyncio.Protocol):
    """The first protocol of a connection: reads just enough to know what it is."""

    def __init__(
        self, config: Config, state: ServerState, listener: Listener, forward: Forward | None
    ) -> None:
        self._config = config
        self._state = state
        self._listener = listener
        self._forward = forward
        self._heard = b""
        self._transport: asyncio.Transport = cast("asyncio.Transport", None)
        self._is_deciding = False
        self.waiting_since: float | None = asyncio.get_running_loop().time()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the first bytes; ``server.py`` ends those who never speak."""
        self._transport = cast("asyncio.Transport", transport)
        self._state.connections.add(cast("Any", self))

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        self.waiting_since = None
        self._state.connections.discard(cast("Any", self))

    def shutdown(self) -> None:
        """The server ends; nothing was asked yet."""
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        """Decide as soon as the first bytes allow it."""
        self._heard = self._heard + data if self._heard else data
        if self._is_deciding:
            return
        if not self._heard.startswith(CONNECT[: len(self._heard)]):
            self._hand_over(self._transport, None)
            return
        head, end, rest = self._heard.partition(b"\r\n\r\n")
        if end:
            self._is_deciding = True
            self.waiting_since = None
            self._transport.pause_reading()
            self._heard = rest
            task = asyncio.get_running_loop().create_task(self._connect(head))
            self._state.tasks.add(task)
            task.add_done_callback(self._state.tasks.discard)
        elif len(self._heard) > CONNECT_BYTES_MAX:
            self._refuse(Invalid("The head of this CONNECT is too long."))

    def _hand_over(self, transport: asyncio.Transport, app: App | None) -> None:
        """From here on it is ordinary HTTP; what was heard is heard again."""
        serves = self._forward.serves if self._forward else _nothing
        plain = self._forward.plain(self._listener) if self._forward and app is None else None
        protocol = Connection(self._config, self._state, self._listener, serves, app, plain)
        self._state.connections.discard(cast("Any", self))
        self.waiting_since = None
        transport.set_protocol(protocol)
        protocol.connection_made(transport)
        if self._heard:
            protocol.data_received(self._heard)

    async def _connect(self, head: bytes) -> None:
        try:
            if self._forward is None:
                raise Invalid("This listener is not a proxy.")
            host, port = target(head)
            if port == 443 and (hosts.is_telemetry(host) or self._forward.serves(host)):
                await self._answer_for(host, self._forward)
            elif self._listener.kind == "sandbox":
                await self._lead_out(host, port, self._forward)
            else:
                await self._pass_through(host, port, self._forward)
        except Fault as fault:
            self._refuse(fault)
        except UnicodeError:
            self._refuse(Invalid("The name of this host cannot be looked up."))
        except (OSError, TimeoutError) as error:
            log.event("proxy.ended", reason=type(error).__name__)
            self._transport.abort()

    def _refuse(self, fault: Fault) -> None:
        if not self._transport.is_closing():
            text = fault.message.encode("latin-1", "replace").replace(b"\r", b"").split(b"\n")[0]
            status = _STATUS.get(type(fault), b"502")
            self._transport.write(answer(status + b" " + text[:200], text))
            self._transport.close()

    async def _answer_for(self, host: str, forward: Forward) -> None:
        """End TLS here, as ``host``, and serve what comes out."""
        if self._heard:
            raise Invalid("Wait for the answer to CONNECT before starting TLS.")
        context = forward.authority.context(host)
        self._transport.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        secure = await asyncio.get_running_loop().start_tls(
            self._transport,
            self,
            context,
            server_side=True,
            ssl_handshake_timeout=HANDSHAKE_SECONDS_MAX,
        )
        if secure is None or secure.is_closing():
            return
        self._hand_over(secure, telemetry if hosts.is_telemetry(host) else None)

    async def _pass_through(self, host: str, port: int, forward: Forward) -> None:
        if not forward.is_open or not _is_local(self._transport):
            raise Denied(f"{host} is not a host that this server answers for")
        if len(forward.tunnels) + forward.pending >= TUNNELS_MAX:
            raise Throttled(f"{TUNNELS_MAX} tunnels are open already: try again later")
        forward.pending += 1
        try:
            far = await _reached(host, port, forward.ports)
        finally:
            forward.pending -= 1
        tunnel = self._join(far, lambda tunnel: forward.tunnels.discard(tunnel))
        if tunnel is not None:
            forward.tunnels.add(tunnel)

    async def _lead_out(self, host: str, port: int, forward: Forward) -> None:
        """Connect a sandbox to what its network allows, or tell it to do so itself."""
        door_id, outward = self._listener.id.removeprefix(SANDBOX), forward.outward
        if outward is None:
            raise Denied(f"{host} cannot be reached from this sandbox: it has no way out")
        if forward.serves(host):
            raise Denied(f"{host} is answered for here, at port 443 alone")
        if outward.egress.is_direct(door_id):
            raise Misdirected(f"{host} is not a host that this server answers for")
        flow = outward.enter(door_id, port)
        tunnel = None
        try:
            far = await outward.dialled(
                door_id, flow, host, lambda address: connection(address, port)
            )
            tunnel = self._join(far, lambda _: outward.leave(door_id, flow))
        finally:
            if tunnel is None:
                outward.leave(door_id, flow)
        if tunnel is not None:
            flow.end = tunnel.abort
            if flow.is_cut:  # while we connected
                tunnel.abort()

    def _join(self, far: asyncio.Transport, on_end: Callable[[Tunnel], None]) -> Tunnel | None:
        """Say that it is connected and carry bytes from now on; None if the caller has left."""
        if self._transport.is_closing():
            far.close()
            return None

        def ended() -> None:
            on_end(tunnel)
            self._state.connections.discard(cast("Any", tunnel))

        tunnel = Tunnel(self._transport, far, idle_seconds=TUNNEL_IDLE_SECONDS, on_end=ended)
        self._state.connections.discard(cast("Any", self))
        self._state.connections.add(cast("Any", tunnel))
        self._transport.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        tunnel.start(self._heard)
        return tunnel


class Misdirected(Fault):
    """Not ours, and the sandbox has a network of its own: the bridge inside dials by itself."""


_STATUS: dict[type[Fault], bytes] = {
    Invalid: b"400",
    Denied: b"403",
    Throttled: b"503",
    LimitExceeded: b"508",
    Misdirected: b"421",
}


def target(head: bytes) -> tuple[str, int]:
    """Host (lower case, no brackets, no closing dot) and port of a CONNECT's first line."""
    parts = head.split(b"\r\n", 1)[0].split(b" ")
    host, colon, port = parts[1].decode("ascii", "replace").rpartition(":")
    host = host.strip("[]").rstrip(".").lower()
    if (
        len(parts) != 3
        or not colon
        or not host
        or not port.isdecimal()
        or not 0 < int(port) < 65536
    ):
        raise Invalid("CONNECT takes host:port, as in CONNECT sts.us-east-1.amazonaws.com:443.")
    return host, int(port)


async def _reached(host: str, port: int, own_ports: set[int]) -> asyncio.Transport:
    """Open the far side, paused.

    Raises:
        Fault: Nobody answers there (plain Fault), or it is ourselves.
    """
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(CONNECT_SECONDS_MAX):
            far, _ = await loop.create_connection(Quiet, host, port)
    except (OSError, TimeoutError) as error:
        raise Fault(f"{host}:{port} cannot be reached from here") from error
    there, here = far.get_extra_info("peername"), far.get_extra_info("sockname")
    is_here = there[0] == here[0] or _is_loopback(there[0])
    if port in own_ports and is_here:
        far.abort()
        raise LimitExceeded(f"{host}:{port} is this server itself: put it into NO_PROXY")
    return far


def _is_local(transport: asyncio.Transport) -> bool:
    peer = transport.get_extra_info("peername")
    return bool(peer) and _is_loopback(peer[0])


def _is_loopback(address: str) -> bool:
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback


def _nothing(_: str) -> bool:
    return False


async def telemetry(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer the SDK's telemetry at once: nothing is read, kept or sent on.

    Source: reference jobs-and-sdk.md, fact 2: a slow answer hangs the client.
    """
    head: Message = {"type": "http.response.start", "status": 200}
    await send({**head, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})
