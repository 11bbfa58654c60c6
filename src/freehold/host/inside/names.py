"""The resolver inside a sandbox: DNS on 127.0.0.1:53, answered by the server outside.

Every query is posted to the server's socket by itself, which says what this sandbox may know of a
name; nothing is kept here and nothing is read of a query. While the server is away UDP queries are
dropped, so that clients ask again. Source of the framing over TCP: RFC 1035, 4.2.2.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable

from freehold.host.inside.bridge import Bridge

PATH = b"/_freehold/names"
QUERY_BYTES_MAX = 512
ANSWER_BYTES_MAX = 16 * 1024
ASKED_MAX = 64
CONNECTIONS_MAX = 32
_HEAD = (
    b"POST %s HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/dns-message\r\n"
    b"content-length: %d\r\nconnection: close\r\n\r\n"
)


class Names:
    """Answers on ``sockets`` (UDP, TCP) by asking the server at the unix socket ``path``."""

    def __init__(
        self, bridge: Bridge, sockets: tuple[socket.socket, socket.socket], path: str
    ) -> None:
        self.bridge, self.path = bridge, path
        self.udp, self.tcp = sockets
        self.asked = self.connections = 0
        bridge.hear(self.udp.fileno(), self._datagram)
        bridge.hear(self.tcp.fileno(), self._connection)

    def _datagram(self) -> None:
        with contextlib.suppress(OSError):
            query, who = self.udp.recvfrom(QUERY_BYTES_MAX + 1)

            def reply(answer: bytes) -> None:
                if answer:
                    with contextlib.suppress(OSError):
                        self.udp.sendto(answer, who)

            self._ask(query, reply)

    def _connection(self) -> None:
        with contextlib.suppress(OSError):
            made, _ = self.tcp.accept()
            made.setblocking(False)
            if self.connections >= CONNECTIONS_MAX:
                made.close()
                return
            self.connections += 1
            self._read(made, b"")

    def _read(self, made: socket.socket, heard: bytes) -> None:
        """Wait for a whole query behind its two bytes of length; then for the next one."""

        def ready() -> None:
            nonlocal heard
            try:
                data = made.recv(QUERY_BYTES_MAX + 2)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            heard += data
            size = int.from_bytes(heard[:2], "big")
            if not data or (len(heard) >= 2 and size > QUERY_BYTES_MAX):
                self._end(made)
            elif len(heard) >= 2 + size > 2:
                self.bridge.forget(made.fileno())
                query, rest = heard[2 : 2 + size], heard[2 + size :]
                self._ask(query, lambda answer: self._reply(made, answer, rest))

        self.bridge.hear(made.fileno(), ready)

    def _reply(self, made: socket.socket, answer: bytes, rest: bytes) -> None:
        try:
            if answer:
                made.sendall(len(answer).to_bytes(2, "big") + answer)
        except OSError:
            answer = b""
        # A client that pipelines asks again: we take one query of a connection at a time.
        if answer and not rest:
            self._read(made, b"")
        else:
            self._end(made)

    def _end(self, made: socket.socket) -> None:
        self.bridge.forget(made.fileno())
        made.close()
        self.connections -= 1

    def _ask(self, query: bytes, reply: Callable[[bytes], None]) -> None:
        """Post a query; ``reply`` is given the answer, or nothing where there is none."""
        far = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            if len(query) > QUERY_BYTES_MAX or self.asked >= ASKED_MAX:
                raise OSError("too long, or too many")
            far.setblocking(False)
            far.connect(self.path)
            far.sendall(_HEAD % (PATH, len(query)) + query)
        except OSError:
            far.close()
            reply(b"")
            return
        self.asked += 1
        heard = bytearray()

        def ready() -> None:
            try:
                data = far.recv(ANSWER_BYTES_MAX)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            heard.extend(data)
            if data and len(heard) <= ANSWER_BYTES_MAX:
                return
            self.bridge.forget(far.fileno())
            far.close()
            self.asked -= 1
            head, _, answer = bytes(heard).partition(b"\r\n\r\n")
            reply(answer if head.startswith(b"HTTP/1.1 200 ") else b"")

        self.bridge.hear(far.fileno(), ready)
