"""Listeners: opening, closing, refusing and ending, over real sockets."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest
from tests.support.edge import RunningEdge

from freehold.base.errors import Conflict, InUse, Invalid
from freehold.edge.apps import origins
from freehold.edge.listen.connections import Listener

pytestmark = pytest.mark.e2e


@pytest.fixture
def edge(tmp_path):
    edge = RunningEdge(tmp_path, origins.Origins(7070, lambda *_: True, has_names=True).is_app)
    yield edge
    edge.stop()


def listen(edge, *given):
    return edge.thread.call(edge.server.listen(Listener(*given)))


def ask_unix(path, text=b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"):
    with socket.socket(socket.AF_UNIX) as raw:
        raw.settimeout(5)
        raw.connect(str(path))
        raw.sendall(text)
        answer = b""
        while piece := raw.recv(65536):
            answer += piece
    return answer


def test_sandbox_listeners_come_and_go_and_tell_who_calls(edge, tmp_path):
    for turn in range(2):
        path = tmp_path / "job.sock"
        listen(edge, f"job-{turn}", "sandbox", path)
        assert path.stat().st_mode & 0o777 == 0o666
        assert b'"listener": "job-%d"' % turn in ask_unix(path)
        edge.thread.soon(edge.server.forget, f"job-{turn}")
        deadline = time.monotonic() + 5
        while path.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert not path.exists()


def test_socket_paths_may_be_long_and_may_be_left_over(edge, tmp_path):
    deep = tmp_path / ("d" * 100) / ("e" * 100)
    deep.mkdir(parents=True)
    listen(edge, "deep", "sandbox", deep / "api.sock")
    (tmp_path / "short").symlink_to(deep)
    assert b"200 OK" in ask_unix(tmp_path / "short" / "api.sock")
    stale = tmp_path / "stale.sock"
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(stale))
    listen(edge, "stale", "sandbox", stale)
    assert b"200 OK" in ask_unix(stale)


def test_what_cannot_be_opened_is_refused_in_one_line(edge, tmp_path):
    with pytest.raises(InUse, match="is in use by another program"):
        listen(edge, "again", "plain", edge.plain)
    with pytest.raises(Conflict, match="open already"):
        listen(edge, "plain", "plain", ("127.0.0.1", 0))
    with pytest.raises(Invalid, match="not an address of this machine"):
        listen(edge, "elsewhere", "plain", ("192.0.2.1", 0))
    with pytest.raises(Invalid, match="directory does not exist"):
        listen(edge, "nowhere", "sandbox", tmp_path / "no" / "api.sock")
    (tmp_path / "file").write_text("precious")
    with pytest.raises(Invalid, match="not a socket"):
        listen(edge, "file", "sandbox", tmp_path / "file")


def test_a_server_on_all_addresses_hears_apps_addresses_without_a_further_listener(edge):
    _, port = listen(edge, "all", "plain", ("0.0.0.0", 0))
    edge.thread.call(edge.server.listen(Listener("known", "app", ("127.64.0.9", port))))
    assert edge.server.is_open("known")
    with socket.create_connection(("127.64.0.9", port), timeout=5) as raw:
        raw.sendall(b"GET / HTTP/1.1\r\nHost: 127.64.0.9\r\nConnection: close\r\n\r\n")
        assert raw.recv(100).startswith(b"HTTP/1.1 401")


def test_a_body_is_asked_for_only_when_it_is_wanted(edge):
    head = "PUT {} HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"
    with socket.create_connection(edge.plain, timeout=5) as raw:
        raw.sendall(head.format("/take").encode())
        assert raw.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        raw.sendall(b"12345")
        answer = raw.recv(1000)
        assert b'"body_bytes": 5' in answer
        assert b"connection: close" not in answer
        raw.sendall(head.format("/refuse").encode())
        answer = b""
        while piece := raw.recv(1000):
            answer += piece
    assert answer.startswith(b"HTTP/1.1 200")
    assert b"connection: close" in answer


def test_calls_under_way_are_finished_and_idle_connections_closed(edge):
    idle = http.client.HTTPConnection(*edge.plain, timeout=5)
    idle.request("GET", "/")
    idle.getresponse().read()
    slow = http.client.HTTPConnection(*edge.plain, timeout=5)
    slow.request("GET", "/slow")
    silent = socket.create_connection(edge.plain, timeout=5)
    tunnel = socket.create_connection(edge.plain, timeout=5)
    with socket.create_server(("127.0.0.1", 0)) as far:
        tunnel.sendall(b"CONNECT 127.0.0.1:%d HTTP/1.1\r\n\r\n" % far.getsockname()[1])
        assert b"200" in tunnel.recv(100)
        start = time.monotonic()
        edge.thread.soon(edge.server.stop)
        reply = slow.getresponse()
        assert json.loads(reply.read())["path"] == "/slow"
        edge.thread.join()
        assert time.monotonic() - start < 3
        assert silent.recv(10) == b""
        assert tunnel.recv(10) == b""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(edge.plain)
    for one in (idle, slow, silent, tunnel):
        one.close()


MAIN = """
import asyncio, sys
from freehold.edge.listen import server
from freehold.edge.apps import origins
from freehold.edge.listen.connections import Listener

async def api(scope, receive, send):
    print("asked", flush=True)
    await asyncio.sleep(60)

made = server.Server(api)
listeners = [Listener("plain", "plain", ("127.0.0.1", 0))]

async def main():
    made = server.Server(api)
    place = []
    listen = made.listen
    async def noted(listener):
        place.append(await listen(listener))
    made.listen = noted
    await server.serve(made, listeners, lambda: print(place[0][1], flush=True))

server.run(main())
print("ended", flush=True)
"""


@pytest.mark.parametrize("signals", [1, 2])
def test_sigterm_ends_it_in_bounded_time_and_twice_at_once(signals):
    environment = {**os.environ, "PYTHONWARNINGS": "error"}
    with subprocess.Popen(
        [sys.executable, "-c", MAIN], stdout=subprocess.PIPE, env=environment, text=True
    ) as child:
        port = int(child.stdout.readline())
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        hang = threading.Thread(target=_ask_and_wait, args=(client,))
        hang.start()
        assert child.stdout.readline() == "asked\n"
        start = time.monotonic()
        child.send_signal(signal.SIGTERM)
        if signals == 2:
            time.sleep(0.3)
            child.send_signal(signal.SIGTERM)
        assert child.stdout.readline() == "ended\n"
        seconds = time.monotonic() - start
        hang.join(10)
    assert child.returncode == 0
    assert seconds < (8 if signals == 1 else 3)


def _ask_and_wait(client):
    try:
        client.request("GET", "/")
        client.getresponse().read()
    except (OSError, http.client.HTTPException):
        pass
    finally:
        client.close()


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\nA: ",
        b"GET / HTTP/1.1\r\nHost: x\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nA: ",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;a=",
        b"\r\n" * 10,
    ],
    ids=["value", "name", "trailer", "extension", "nothing"],
)
def test_what_never_ends_is_not_hoarded(edge, head):
    without_end = (b"\r\n" if head.startswith(b"\r") else b"aa") * 16 * 1024**2
    with socket.create_connection(edge.plain, 5) as raw, pytest.raises(ConnectionError):
        raw.sendall(head + without_end)
