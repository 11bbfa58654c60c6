"""The only way out of a sandbox: TCP on 127.0.0.1 inside, a unix socket outside.

Path sockets cross network namespaces. The directory is bound, not the socket, so that a server
that was restarted is found again; while it is away a connection waits up to RETRY_SECONDS.
One process, one epoll, bounded buffers: a slow reader slows its writer and nobody else. Where the
sandbox has a network of its own, ``direct.py`` and ``names.py`` join it.
"""

from __future__ import annotations

import contextlib
import select
import socket
import time
from collections.abc import Callable
from functools import partial

BUFFER_BYTES = 256 * 1024
RETRY_SECONDS = 20.0
RETRY_EVERY_SECONDS = 0.1
CONNECTIONS_MAX = 512


class Side:
    """One end of a connection: its socket, and the bytes that wait to be written to it."""

    __slots__ = ("done", "mask", "other", "socket", "waiting")

    def __init__(self, sock: socket.socket, waiting: bytes = b"") -> None:
        self.socket = sock
        self.other: Side | None = None
        self.waiting = waiting
        self.done = False  # the peer has sent all; nothing more will be read from here
        self.mask = 0


class Bridge:
    """Carries bytes between accepted connections and the sockets behind them.

    Attributes:
        pending: What is tried again at every tick, until it has come about.
        heard: What to do when another descriptor, entered by `hear`, has something to say.
        accepted: What is done with a new connection, instead of connecting it at once.
    """

    def __init__(self, listeners: list[tuple[socket.socket, str]]) -> None:
        self.poll = select.epoll()
        self.listeners = {sock.fileno(): (sock, path) for sock, path in listeners}
        self.sides: dict[int, Side] = {}
        self.pending: list[Callable[[], None]] = []
        self.heard: dict[int, Callable[[], None]] = {}
        self.accepted: Callable[[socket.socket, str], None] = self.connect
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
            elif handler := self.heard.get(descriptor):
                handler()
        if self.pending:
            waiting, self.pending = self.pending, []
            for again in waiting:
                again()

    def hear(self, descriptor: int, handler: Callable[[], None]) -> None:
        """Call ``handler`` whenever the descriptor can be read or has ended."""
        self.heard[descriptor] = handler
        self.poll.register(descriptor, select.EPOLLIN)

    def forget(self, descriptor: int) -> None:
        """Hear it no more; to be called before it is closed."""
        if self.heard.pop(descriptor, None) is not None:
            self.poll.unregister(descriptor)

    def _accept(self, listener: socket.socket, path: str) -> None:
        with contextlib.suppress(OSError):
            connection, _ = listener.accept()
            connection.setblocking(False)
            taken = len(self.sides) + 2 * len(self.pending) + 2 * len(self.heard)
            if taken >= 2 * CONNECTIONS_MAX:
                connection.close()
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.accepted(connection, path)

    def connect(self, near: socket.socket, path: str, early: bytes = b"") -> None:
        """Connect ``near`` to the socket at ``path``; ``early`` is what it has said already."""
        self._connect(near, path, early, time.monotonic() + RETRY_SECONDS)

    def _connect(self, near: socket.socket, path: str, early: bytes, deadline: float) -> None:
        far = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            far.setblocking(False)
            far.connect(path)
        except OSError:
            far.close()
            if time.monotonic() < deadline:
                self.pending.append(partial(self._connect, near, path, early, deadline))
            else:
                near.close()
            return
        self.join(Side(near), Side(far, early))

    def join(self, near: Side, far: Side) -> None:
        """Carry between the two from now on; what waits on either is written first."""
        near.other, far.other = far, near
        for side in (near, far):
            self.sides[side.socket.fileno()] = side
        for side in (near, far):
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
