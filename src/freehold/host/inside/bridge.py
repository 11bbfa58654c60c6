"""The only way out of a sandbox: TCP on 127.0.0.1 inside, a unix socket outside.

Path sockets cross network namespaces. The directory is bound, not the socket, so that a server
that was restarted is found again; while it is away a connection waits up to RETRY_SECONDS.
One process, one epoll, bounded buffers: a slow reader slows its writer and nobody else.
"""

from __future__ import annotations

import contextlib
import select
import socket
import time

BUFFER_BYTES = 256 * 1024
RETRY_SECONDS = 20.0
RETRY_EVERY_SECONDS = 0.1
CONNECTIONS_MAX = 512


class Side:
    """One end of a connection: its socket, and the bytes that wait to be written to it."""

    __slots__ = ("done", "mask", "other", "socket", "waiting")

    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock
        self.other: Side | None = None
        self.waiting = b""
        self.done = False  # the peer has sent all; nothing more will be read from here
        self.mask = 0


class Bridge:
    """Carries bytes between accepted connections and the sockets behind them."""

    def __init__(self, listeners: list[tuple[socket.socket, str]]) -> None:
        self.poll = select.epoll()
        self.listeners = {sock.fileno(): (sock, path) for sock, path in listeners}
        self.sides: dict[int, Side] = {}
        self.pending: list[tuple[Side, str, float]] = []
        for descriptor in self.listeners:
            self.poll.register(descriptor, select.EPOLLIN)

    def turn(self) -> None:
        """Wait for something to happen and deal with it."""
        timeout = RETRY_EVERY_SECONDS if self.pending else -1
        for descriptor, events in self.poll.poll(timeout):
            if descriptor in self.listeners:
                self._accept(*self.listeners[descriptor])
            elif side := self.sides.get(descriptor):
                self._move(side, events)
        if self.pending:
            waiting, self.pending = self.pending, []
            for side, path, deadline in waiting:
                self._connect(side, path, deadline)

    def _accept(self, listener: socket.socket, path: str) -> None:
        with contextlib.suppress(OSError):
            connection, _ = listener.accept()
            connection.setblocking(False)
            if len(self.sides) + 2 * len(self.pending) >= 2 * CONNECTIONS_MAX:
                connection.close()
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._connect(Side(connection), path, time.monotonic() + RETRY_SECONDS)

    def _connect(self, near: Side, path: str, deadline: float) -> None:
        far = Side(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
        try:
            far.socket.setblocking(False)
            far.socket.connect(path)
        except OSError:
            far.socket.close()
            if time.monotonic() < deadline:
                self.pending.append((near, path, deadline))
            else:
                near.socket.close()
            return
        near.other, far.other = far, near
        for side in (near, far):
            self.sides[side.socket.fileno()] = side
            self._watch(side)

    def _watch(self, side: Side) -> None:
        """Read while the other end keeps up; write while something waits; else hear nothing.

        A hang-up is reported whatever one asks for, so an end that may not be read yet leaves
        the poll until the other end has caught up: nothing spins and nothing is cut short.
        """
        assert side.other is not None
        mask = 0 if side.done or side.other.waiting else select.EPOLLIN
        mask |= select.EPOLLOUT if side.waiting else 0
        if mask == side.mask:
            return
        if not mask:
            self.poll.unregister(side.socket.fileno())
        elif not side.mask:
            self.poll.register(side.socket.fileno(), mask)
        else:
            self.poll.modify(side.socket.fileno(), mask)
        side.mask = mask

    def _move(self, side: Side, events: int) -> None:
        other = side.other
        assert other is not None
        try:
            if side.mask & select.EPOLLOUT and events & ~select.EPOLLIN:
                self._write(side, b"")
            elif side.mask & select.EPOLLIN:
                if data := side.socket.recv(BUFFER_BYTES):
                    self._write(other, data)
                else:
                    side.done = True
                    self._write(other, b"")
        except BlockingIOError:
            pass
        except OSError:
            self._close(side)
            return
        if side.done and other.done and not side.waiting and not other.waiting:
            self._close(side)
            return
        self._watch(side)
        self._watch(other)

    def _write(self, side: Side, data: bytes) -> None:
        side.waiting = side.waiting + data if side.waiting else data
        with contextlib.suppress(BlockingIOError):
            if side.waiting:
                side.waiting = side.waiting[side.socket.send(side.waiting) :]
        assert side.other is not None
        if not side.waiting and side.other.done:
            side.socket.shutdown(socket.SHUT_WR)

    def _close(self, side: Side) -> None:
        for one in (side, side.other):
            assert one is not None
            self.sides.pop(one.socket.fileno(), None)
            one.socket.close()


def serve(listeners: list[tuple[socket.socket, str]]) -> None:
    """Carry until killed. ``listeners``: non-blocking listening sockets and socket paths."""
    bridge = Bridge(listeners)
    while True:
        bridge.turn()
