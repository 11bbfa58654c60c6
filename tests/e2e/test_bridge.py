"""The bridge inside of sandboxes, by real sockets: whole, half, slow and hostile connections."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.support.server import until

from freehold.host.inside import bridge as bridges
from freehold.host.inside.bridge import Bridge
from freehold.host.inside.direct import HEAD_BYTES_MAX, Direct
from freehold.host.inside.names import Names

pytestmark = pytest.mark.e2e
MIB = 1 << 20


class Inside:
    """A bridge that turns on a thread, and the server's socket behind it."""

    def __init__(self, place: Path) -> None:
        self.path = place / "api.sock"
        self.near = socket.create_server(("127.0.0.1", 0))
        self.near.setblocking(False)
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", 0))
        self.udp.setblocking(False)
        self.tcp = socket.create_server(("127.0.0.1", 0))
        self.tcp.setblocking(False)
        self.bridge = Bridge([(self.near, str(self.path))])
        self.far: socket.socket | None = None
        self.ends = False

    def turn(self) -> None:
        stop, self.stopper = socket.socketpair()
        self.bridge.hear(stop.fileno(), lambda: None)

        def run() -> None:
            while not self.ends:
                self.bridge.turn()
            stop.close()

        self.thread = threading.Thread(target=run)
        self.thread.start()

    def serve(self) -> None:
        self.far = socket.socket(socket.AF_UNIX)
        self.far.bind(str(self.path))
        self.far.listen()
        self.far.settimeout(10)

    def client(self) -> socket.socket:
        made = socket.create_connection(self.near.getsockname(), timeout=10)
        made.settimeout(10)
        return made

    def server(self) -> socket.socket:
        assert self.far is not None
        made, _ = self.far.accept()
        made.settimeout(10)
        return made

    def end(self) -> None:
        self.ends = True
        self.stopper.close()
        self.thread.join(10)
        for side in list(self.bridge.sides.values()):
            side.socket.close()
        for sock in (self.near, self.udp, self.tcp, self.far):
            if sock is not None:
                sock.close()
        self.bridge.poll.close()
        assert not self.thread.is_alive()


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[Inside]:
    made = Inside(tmp_path)
    made.turn()
    yield made
    made.end()


@pytest.fixture
def inside(tmp_path: Path) -> Iterator[Inside]:
    """Of a sandbox with a network of its own; its server is there."""
    made = Inside(tmp_path)
    Direct(made.bridge)
    Names(made.bridge, (made.udp, made.tcp), str(made.path))
    made.serve()
    made.turn()
    yield made
    made.end()


def everything(made: socket.socket) -> bytes:
    heard = b""
    with contextlib.suppress(ConnectionResetError):
        while data := made.recv(65536):
            heard += data
    return heard


def exactly(made: socket.socket, size: int) -> bytes:
    heard = b""
    while len(heard) < size:
        data = made.recv(size - len(heard))
        assert data, heard
        heard += data
    return heard


@pytest.fixture(params=["plain", "inside"])
def either(request: pytest.FixtureRequest) -> Inside:
    made: Inside = request.getfixturevalue(request.param)
    if made.far is None:
        made.serve()
    return made


def test_a_side_that_has_said_all_still_hears(either: Inside) -> None:
    with either.client() as client:
        client.sendall(b"POST / HTTP/1.1\r\n\r\nhello")
        client.shutdown(socket.SHUT_WR)
        with either.server() as server:
            assert everything(server).endswith(b"hello")
            server.sendall(b"answer")
        assert everything(client) == b"answer"


def test_a_slow_reader_slows_its_writer_and_nobody_else(either: Inside) -> None:
    with either.client() as slow, either.client() as quick:
        slow.sendall(b"GET /slow")
        sent = 0
        with either.server() as to_slow:
            assert to_slow.recv(100)
            to_slow.setblocking(False)
            while sent < 64 * MIB and select.select([], [to_slow], [], 0.3)[1]:
                sent += to_slow.send(b"x" * 65536)
            quick.sendall(b"GET /quick")
            with either.server() as to_quick:
                assert to_quick.recv(100) == b"GET /quick"
                to_quick.sendall(b"here")
                assert exactly(quick, 4) == b"here"
            assert sent < 64 * MIB, "the bridge takes everything"
            to_slow.setblocking(True)
            finish = threading.Thread(target=to_slow.shutdown, args=(socket.SHUT_WR,))
            finish.start()
            assert len(everything(slow)) == sent
            finish.join(10)


def test_a_server_that_comes_back_is_found_again(plain: Inside) -> None:
    with plain.client() as client:
        client.sendall(b"hello")
        plain.serve()
        with plain.server() as server:
            assert server.recv(100) == b"hello"


def test_more_connections_than_the_bound_are_closed_at_once(inside: Inside) -> None:
    before = len(inside.bridge.heard)
    many = [inside.client() for _ in range(bridges.CONNECTIONS_MAX)]
    try:
        assert everything(many[-1]) == b""
    finally:
        for one in many:
            one.close()
    until(lambda: len(inside.bridge.heard) <= before)  # it closes its own ends as well


# -- connections that the server does not serve ------------------------------------------------


def answer(server: socket.socket, status: bytes) -> bytes:
    heard = b""
    while b"\r\n\r\n" not in heard:
        heard += server.recv(65536)
    server.sendall(b"HTTP/1.1 " + status + b"\r\ncontent-length: 0\r\n\r\n")
    return heard


def told(client: socket.socket) -> tuple[bytes, bytes]:
    head = b""
    while b"\r\n\r\n" not in head:
        data = client.recv(65536)
        assert data, head
        head += data
    status, _, rest = head.partition(b"\r\n")
    return status, rest.partition(b"\r\n\r\n")[2]


def test_what_the_server_serves_goes_to_the_server(inside: Inside) -> None:
    with inside.client() as client:
        client.sendall(b"CONNECT sts.amazonaws.com:443 HTTP/1.1\r\n\r\nearly")
        with inside.server() as server:
            assert answer(server, b"200 Connection established").endswith(b"\r\n\r\n")
            assert told(client) == (b"HTTP/1.1 200 Connection established", b"")
            assert exactly(server, 5) == b"early"
            client.sendall(b"more")
            assert exactly(server, 4) == b"more"


def test_what_it_does_not_serve_is_dialled_from_inside(inside: Inside) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, inside.client() as client:
        line = b"CONNECT 127.0.0.1:%d HTTP/1.1\r\n\r\n" % other.getsockname()[1]
        for piece in (line[:4], line[4:-2], line[-2:] + b"early"):
            client.sendall(piece)
            time.sleep(0.02)
        with inside.server() as server:
            answer(server, b"421 Misdirected Request")
        far, _ = other.accept()
        with far:
            far.settimeout(10)
            assert exactly(far, 5) == b"early"
            client.sendall(b"x" * MIB)
            client.shutdown(socket.SHUT_WR)
            assert len(everything(far)) == MIB
            far.sendall(b"bye")
        assert told(client)[0] == b"HTTP/1.1 200 Connection established"
        assert everything(client) in (b"bye", b"")


def test_who_does_not_answer_and_what_is_no_name_are_told(inside: Inside) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        shut = other.getsockname()[1]
    for target, status, word in (
        (b"127.0.0.1:%d" % shut, b"502 Bad Gateway", b"Connection refused"),
        (b"no such name:1", b"400 Bad Request", b""),
        (b"a..b:80", b"502 Bad Gateway", b"cannot be looked up"),
    ):
        with inside.client() as client:
            client.sendall(b"CONNECT " + target + b" HTTP/1.1\r\n\r\n")
            with inside.server() as server:
                answer(server, b"400 Bad Request" if b" " in target else b"421 Misdirected Request")
            said, body = told(client)
            assert said == b"HTTP/1.1 " + status
            assert word in body


def test_an_endless_head_is_the_servers_to_refuse(inside: Inside) -> None:
    with inside.client() as client:
        client.sendall(b"CONNECT " + b"x" * (HEAD_BYTES_MAX + 1))
        with inside.server() as server:
            assert exactly(server, HEAD_BYTES_MAX).startswith(b"CONNECT xxx")


def test_a_client_that_leaves_early_costs_nothing(inside: Inside) -> None:
    for said in (b"", b"CON", b"CONNECT 127.0.0.1:1 HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\n"):
        client = inside.client()
        client.sendall(said)
        client.close()
    with inside.client() as client:
        client.sendall(b"GET /after")
        heard = b""
        while b"/after" not in heard:
            with inside.server() as server:
                heard = server.recv(65536)


# -- names ---------------------------------------------------------------------------------------

QUERY = b"\0\7\1\0\0\1\0\0\0\0\0\0\3www\0\0\1\0\1"


def post(inside: Inside, reply: Callable[[bytes], bytes]) -> None:
    """Be the server for one query."""
    with inside.server() as server:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += server.recv(1)
        size = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        assert head.startswith(b"POST /_freehold/names HTTP/1.1\r\n")
        server.sendall(reply(exactly(server, size)))


def test_a_query_by_udp_and_by_tcp_gets_the_servers_answer(inside: Inside) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.settimeout(10)
        udp.connect(inside.udp.getsockname())
        udp.send(QUERY)
        post(inside, lambda query: b"HTTP/1.1 200 OK\r\n\r\nanswer to " + query)
        assert udp.recv(1000) == b"answer to " + QUERY
    with socket.create_connection(inside.tcp.getsockname(), timeout=10) as tcp:
        for _ in range(2):
            framed = len(QUERY).to_bytes(2, "big") + QUERY
            for part in (framed[:1], framed[1:5], framed[5:]):
                tcp.sendall(part)
            post(inside, lambda query: b"HTTP/1.1 200 OK\r\n\r\n" + query)
            assert exactly(tcp, len(framed)) == framed


def test_what_the_server_does_not_answer_and_what_is_too_long_ends(inside: Inside) -> None:
    with socket.create_connection(inside.tcp.getsockname(), timeout=10) as tcp:
        tcp.sendall(len(QUERY).to_bytes(2, "big") + QUERY)
        post(inside, lambda _: b"HTTP/1.1 400 Bad Request\r\n\r\n")
        assert everything(tcp) == b""
    with socket.create_connection(inside.tcp.getsockname(), timeout=10) as tcp:
        tcp.sendall(b"\xff\xff")
        assert everything(tcp) == b""
