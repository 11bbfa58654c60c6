"""Bytes between two connections, in both directions, with back-pressure and nothing else.

Input: two transports that somebody else opened. Output: the same bytes on the other side, at the
pace of the slower one. Used by the pass-through of ``forward.py`` and, with an eye on the session,
by the WebSockets of ``proxy.py``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

VALID_SECONDS = 5.0
"""How long a silent WebSocket may outlive its session."""
LINGER_SECONDS = 1.0
"""How long the browser has to read a close frame of ours and to answer it."""
HANDSHAKE_BYTES_MAX = 64 * 1024


class Tunnel:
    """Joins ``near`` (who called us) and ``far`` (whom we called).

    Memory is bounded by the transports' own buffers: the side that writes too fast is not read.
    Ends when both sides have ended, when nothing moved for ``idle_seconds``, or by `end`.
    """

    def __init__(
        self,
        near: asyncio.Transport,
        far: asyncio.Transport,
        *,
        idle_seconds: float | None,
        on_end: Callable[[], None] | None = None,
    ) -> None:
        self.near = near
        self.far = far
        self.has_ended = False
        self._idle_seconds = idle_seconds
        self._on_end = on_end
        self._has_moved = True
        self._sides_at_end = 0
        self._timer: asyncio.TimerHandle | None = None

    def start(self, early: bytes = b"", greeting: bytes = b"") -> None:
        """Take both over; ``early`` and ``greeting`` are what near and far have said already."""
        self.near.set_protocol(_End(self, self.far, is_near=True))
        self.far.set_protocol(_End(self, self.near, is_near=False))
        if early:
            self.moved(early, is_near=True)
            self.far.write(early)
        if greeting:
            self.moved(greeting, is_near=False)
            self.near.write(greeting)
        for transport in (self.near, self.far):
            if not transport.is_closing():
                transport.resume_reading()
        if self._idle_seconds is not None:
            self._wait(self._idle_seconds)

    def moved(self, data: bytes, *, is_near: bool) -> bool:
        """Called for all that passes; False stops it."""
        self._has_moved = True
        return not self.has_ended

    def heard_the_end(self) -> bool:
        """One side will say no more. True while the other still may."""
        self._sides_at_end += 1
        return self._sides_at_end < 2

    def end(self) -> None:
        """Close both sides once what was written has been sent."""
        if self._ends():
            self.near.close()
            self.far.close()

    def _ends(self) -> bool:
        """Whether this is the first time that it ends; then nothing passes any more."""
        if self.has_ended:
            return False
        self.has_ended = True
        if self._timer is not None:
            self._timer.cancel()
        if self._on_end is not None:
            self._on_end()
        return True

    shutdown = end

    def abort(self) -> None:
        """Break both sides at once: what was written and not yet sent is lost."""
        self.near.abort()
        self.far.abort()
        self.end()

    def _wait(self, seconds: float) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, self._tick, seconds)

    def _tick(self, seconds: float) -> None:
        if not self._has_moved:
            self.end()
            return
        self._has_moved = False
        self._wait(seconds)


class _End(asyncio.Protocol):
    """One side of a tunnel: what it hears is written to ``other``."""

    def __init__(self, tunnel: Tunnel, other: asyncio.Transport, *, is_near: bool) -> None:
        self._tunnel = tunnel
        self._other = other
        self._is_near = is_near

    def data_received(self, data: bytes) -> None:
        if self._tunnel.moved(data, is_near=self._is_near) and not self._other.is_closing():
            self._other.write(data)

    def eof_received(self) -> bool:
        if self._other.is_closing() or not self._other.can_write_eof():
            return False
        self._other.write_eof()
        return self._tunnel.heard_the_end()

    def pause_writing(self) -> None:
        if not self._other.is_closing():
            self._other.pause_reading()

    def resume_writing(self) -> None:
        if not self._other.is_closing():
            self._other.resume_reading()

    def connection_lost(self, error: Exception | None) -> None:
        self._tunnel.end()


class WebSocketTunnel(Tunnel):
    """A WebSocket that we pass on without speaking it: any size, extension and close code.

    What we know of it is where the far side's frames begin, so that a session which ends can be
    told to the browser by a close frame of ours instead of a broken connection.
    """

    def __init__(
        self,
        near: asyncio.Transport,
        far: asyncio.Transport,
        *,
        is_valid: Callable[[], bool],
        on_end: Callable[[], None] | None = None,
    ) -> None:
        super().__init__(near, far, idle_seconds=VALID_SECONDS, on_end=on_end)
        self._is_valid = is_valid
        self._frames = Frames()

    def moved(self, data: bytes, *, is_near: bool) -> bool:
        """Every piece of either side asks whether the session still holds."""
        if self.has_ended or not self._holds():
            return False
        if not is_near:
            self._frames.feed(data)
        return True

    def shutdown(self) -> None:
        """The server ends: 1012, Service Restart; the browser comes back by itself."""
        self.close_with(1012, b"The server is restarting.")

    def close_with(self, code: int, reason: bytes) -> None:
        """End it with a close frame if none of the app's frames is half sent, else at once.

        A socket that is closed while the browser still speaks resets the connection, and the frame
        is lost; and clients that cannot answer it take the end for a broken one. So what still
        comes is heard and dropped for a moment first.
        """
        if not self._frames.at_boundary:
            self.abort()
        elif self.near.is_closing():
            self.end()
        elif self._ends():
            payload = code.to_bytes(2, "big") + reason[:123]
            self.near.write(bytes((0x88, len(payload))) + payload)
            self.near.resume_reading()
            self.far.close()
            asyncio.get_running_loop().call_later(LINGER_SECONDS, self.near.close)

    def _holds(self) -> bool:
        if self._is_valid():
            return True
        self.close_with(1008, b"Your session has ended.")
        return False

    def _tick(self, seconds: float) -> None:
        if not self.has_ended and self._holds():
            self._wait(seconds)


class Frames:
    """Where frames begin in a stream of unmasked WebSocket frames (RFC 6455, 5.2)."""

    def __init__(self) -> None:
        self._head = b""
        self._left = 0

    @property
    def at_boundary(self) -> bool:
        """Whether the last frame that began has ended."""
        return not self._head and self._left == 0

    def feed(self, data: bytes) -> None:
        """See the next piece of the stream, cut anywhere."""
        at, size = 0, len(data)
        while at < size:
            if self._left:
                step = min(self._left, size - at)
                self._left -= step
                at += step
                continue
            wanted = _head_bytes(self._head)
            piece = data[at : at + wanted - len(self._head)]
            self._head += piece
            at += len(piece)
            if len(self._head) == _head_bytes(self._head):
                self._left = _payload_bytes(self._head)
                self._head = b""


def _head_bytes(head: bytes) -> int:
    if len(head) < 2:
        return 2
    length = head[1] & 0x7F
    return 2 + {126: 2, 127: 8}.get(length, 0) + (4 if head[1] & 0x80 else 0)


def _payload_bytes(head: bytes) -> int:
    length = head[1] & 0x7F
    if length == 126:
        return int.from_bytes(head[2:4], "big")
    return int.from_bytes(head[2:10], "big") if length == 127 else length


class Handshake(asyncio.Protocol):
    """Waits for the head of an answer; then reads no further, so that a tunnel can go on."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport = cast("asyncio.Transport", None)
        self._heard = b""
        self._head: asyncio.Future[tuple[bytes, bytes]] = asyncio.get_running_loop().create_future()

    async def head(self, seconds: float) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        """Status, headers (lower-case names), and what came behind the head.

        Raises:
            ConnectionError: The other side closed, said something else than HTTP/1.1, or a
                head longer than `HANDSHAKE_BYTES_MAX`.
            TimeoutError: It said nothing.
        """
        async with asyncio.timeout(seconds):
            head, rest = await self._head
        first, *lines = head.split(b"\r\n")
        parts = first.split(b" ", 2)
        if not parts[0].startswith(b"HTTP/1.") or len(parts) < 2 or not parts[1].isdigit():
            raise ConnectionError("not an HTTP answer")
        pairs = [line.partition(b":") for line in lines]
        headers = [(name.strip().lower(), value.strip()) for name, _, value in pairs]
        return int(parts[1]), headers, rest

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport for whoever asked."""
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Read up to the end of the head."""
        self._heard += data
        head, end, rest = self._heard.partition(b"\r\n\r\n")
        if end and not self._head.done():
            self.transport.pause_reading()
            self._head.set_result((head, rest))
        elif len(self._heard) > HANDSHAKE_BYTES_MAX:
            self.transport.abort()

    def connection_lost(self, error: Exception | None) -> None:
        """Whoever waits need not."""
        if not self._head.done():
            self._head.set_exception(ConnectionError("closed before it answered"))
            self._head.exception()
