"""A CONNECT to a host that the server does not serve, dialled from inside the sandbox itself.

For sandboxes with a network of their own: its rules decide, not this process, which anybody inside
could do without. The server is asked first, for only it knows what it serves; where it answers 421
(Misdirected Request) the host is dialled here. Names go the way that all names inside go.
"""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import threading
import time
from collections.abc import Callable
from functools import partial

from freehold.host.inside.bridge import BUFFER_BYTES, RETRY_SECONDS, Bridge, Side

METHOD = b"CONNECT "
MISDIRECTED = b"421"
HEAD_BYTES_MAX = 8 * 1024
DIALS_MAX = 32
DIAL_SECONDS = 10.0
ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"
_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.EHOSTUNREACH, errno.ENETUNREACH})
"""What a packet filter that refuses makes of a connection; an absent host may look the same."""


class Direct:
    """Takes part in every new connection of a bridge, until it is clear what it is."""

    def __init__(self, bridge: Bridge) -> None:
        self.bridge = bridge
        self.dials = 0
        self.ended: list[Callable[[], None]] = []
        self.wake = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        bridge.accepted = self._accepted
        bridge.hear(self.wake, self._woken)

    def _accepted(self, near: socket.socket, path: str) -> None:
        self._read_head(near, lambda heard, is_over: self._begun(near, path, heard, is_over))

    def _read_head(self, sock: socket.socket, step: Callable[[bytes, bool], bool]) -> None:
        """Read until ``step``, given all that was heard and whether that is all, says no more."""
        heard = bytearray()

        def ready() -> None:
            try:
                data = sock.recv(BUFFER_BYTES)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            heard.extend(data)
            self.bridge.forget(sock.fileno())
            if step(bytes(heard), not data):
                self.bridge.hear(sock.fileno(), ready)

        self.bridge.hear(sock.fileno(), ready)

    def _begun(self, near: socket.socket, path: str, heard: bytes, is_over: bool) -> bool:
        """Whether more must be heard to know what a connection is."""
        if is_over and not heard:
            near.close()
            return False
        is_connect = heard.startswith(METHOD[: len(heard)])
        head, end, early = heard.partition(b"\r\n\r\n")
        if is_connect and end and len(head) <= HEAD_BYTES_MAX:
            self._ask(near, path, head + end, early, time.monotonic() + RETRY_SECONDS)
            return False
        if is_connect and not is_over and len(heard) <= HEAD_BYTES_MAX:
            return True
        self.bridge.connect(near, path, heard)
        return False

    def _ask(
        self, near: socket.socket, path: str, head: bytes, early: bytes, deadline: float
    ) -> None:
        """Let the server say whether it answers for the host."""
        far = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            far.setblocking(False)
            far.connect(path)
            far.sendall(head)  # 8 KiB fit into a fresh socket's buffer
        except OSError:
            far.close()
            if time.monotonic() < deadline:
                again = partial(self._ask, near, path, head, early, deadline)
                self.bridge.pending.append(again)
            else:
                near.close()
            return

        def answered(heard: bytes, is_over: bool) -> bool:
            said, end, _ = heard.partition(b"\r\n")
            if not end and not is_over and len(heard) <= HEAD_BYTES_MAX:
                return True
            if said.split(b" ")[1:2] == [MISDIRECTED]:
                far.close()
                self._dial(near, head, early)
            else:
                self.bridge.join(Side(near, heard), Side(far, early))
            return False

        self._read_head(far, answered)

    def _dial(self, near: socket.socket, head: bytes, early: bytes) -> None:
        host, _, port = head.split(b" ")[1].decode("ascii", "replace").rpartition(":")
        if self.dials >= DIALS_MAX:
            self._refuse(near, b"503 Service Unavailable", "too many connections are being made")
            return
        self.dials += 1
        work = threading.Thread(
            target=self._dialled, args=(near, host.strip("[]"), int(port), early), daemon=True
        )
        try:
            work.start()
        except RuntimeError:  # the sandbox has as many threads as it may
            self.dials -= 1
            self._refuse(near, b"503 Service Unavailable", "no thread is left to connect with")

    def _dialled(self, near: socket.socket, host: str, port: int, early: bytes) -> None:
        """On a thread: connect, then leave the rest to the bridge."""
        then: Callable[[], None]
        where = f"{host}:{port}"
        try:
            far = _connected(host, port)
            far.setblocking(False)
            then = partial(self.bridge.join, Side(near, ESTABLISHED), Side(far, early))
        except (socket.gaierror, ValueError) as error:  # UnicodeError is one
            text = f"{host} cannot be looked up: {error}"
            then = partial(self._refuse, near, b"502 Bad Gateway", text)
        except OSError as error:
            status = b"403 Forbidden" if error.errno in _FORBIDDEN else b"502 Bad Gateway"
            why = error.strerror or str(error)
            text = f"{where} cannot be reached from this sandbox's network: {why}"
            then = partial(self._refuse, near, status, text)
        self.ended.append(then)
        os.eventfd_write(self.wake, 1)

    def _woken(self) -> None:
        os.eventfd_read(self.wake)
        while self.ended:
            self.dials -= 1
            self.ended.pop(0)()

    def _refuse(self, near: socket.socket, status: bytes, text: str) -> None:
        body = text.encode() + b"\n"
        head = b"HTTP/1.1 %s\r\ncontent-type: text/plain; charset=utf-8\r\n" % status
        head += b"content-length: %d\r\nconnection: close\r\n\r\n" % len(body)
        with contextlib.suppress(OSError):
            near.send(head + body)
            near.shutdown(socket.SHUT_WR)
        near.close()


def _connected(host: str, port: int) -> socket.socket:
    """A connection to the first of a name's IPv4 addresses that takes one.

    Raises:
        OSError: None does; ``socket.gaierror`` where the name has no address.
    """
    failure = OSError(errno.EHOSTUNREACH, os.strerror(errno.EHOSTUNREACH))
    for *_, address in socket.getaddrinfo(host, port, socket.AF_INET, socket.SOCK_STREAM):
        made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        made.settimeout(DIAL_SECONDS)
        try:
            made.connect(address)
        except OSError as error:
            made.close()
            failure = error
        else:
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return made
    raise failure
