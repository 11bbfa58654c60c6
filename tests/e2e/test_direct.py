"""A sandbox with a network of its own: what we serve by the server, the rest and names by itself.

The sandbox runs in the network namespace of ``tests/support/outside.py``; the server does not.
"""

from __future__ import annotations

import ipaddress
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.support import outside as support
from tests.support.edge import RunningEdge, telling_api
from tests.support.outside import NAME, Outside
from tests.support.server import until

from freehold.edge.dns import answers
from freehold.edge.listen import hosts, tls
from freehold.edge.listen.lookups import Lookups
from freehold.edge.listen.outward import Outward
from freehold.host.sandboxes import probe
from freehold.host.sandboxes.sandbox import Bind, Bridge, Sandbox
from freehold.kernel.network.egress import Way
from freehold.runners.local import LocalRunner
from freehold.runners.runner import Work

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.root,
    pytest.mark.skipif(bool(probe.bubblewrap().trouble), reason="needs sandboxes"),
    pytest.mark.skipif(bool(support.trouble()), reason=support.trouble() or "it can be had"),
]

CODE = """
import json, socket, urllib.request
said = {}
def connect(target):
    made = socket.create_connection(("127.0.0.1", 9000), timeout=15)
    made.sendall(f"CONNECT {target} HTTP/1.1\\r\\n\\r\\n".encode())
    head = b""
    while b"\\r\\n\\r\\n" not in head:
        head += made.recv(1)
    status = int(head.split()[1])
    return made, status, b"" if status == 200 else rest(made)
def rest(made):
    heard = b""
    while data := made.recv(100):
        heard += data
    return heard
made, status, _ = connect("NAME:7000")
made.sendall(b"hello")
made.shutdown(socket.SHUT_WR)
said["echo"] = [status, rest(made).decode()]
for target in ("HOST:7001", "nowhere.test:80", "sts.us-east-1.amazonaws.com:80"):
    _, status, text = connect(target)
    said[target] = [status, text.decode()]
said["ours"] = connect("sts.us-east-1.amazonaws.com:443")[1]
said["by itself"] = urllib.request.urlopen("http://NAME/a").read().decode()
for name in ("NAME", "inner.test", "nowhere.test", "sts.us-east-1.amazonaws.com"):
    try:
        found = socket.getaddrinfo(name, 80, socket.AF_INET, socket.SOCK_STREAM)
        said["name " + name] = [one[4][0] for one in found]
    except socket.gaierror as error:
        said["name " + name] = error.errno
said["resolv.conf"] = open("/etc/resolv.conf").read()
print(json.dumps(said))
"""


class Rules:
    """Every sandbox is direct and public."""

    def way(self, _: str) -> Way:
        return Way("d-1", "app")

    def hides(self, way: Way, address: ipaddress.IPv4Address) -> bool:
        return bool(way.hides(address))

    def is_direct(self, _: str) -> bool:
        return True


@pytest.fixture
def place() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="fh-direct-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture
def outside(place: Path) -> Iterator[Outside]:
    made = Outside(place, tls.authority(place).leaf("localhost"))
    yield made
    made.end()


@pytest.fixture
def edge(place: Path, outside: Outside) -> Iterator[RunningEdge]:
    known = {NAME: outside.host, "inner.test": "10.0.0.9"}

    def resolve(host: str) -> tuple[ipaddress.IPv4Address, ...]:
        return (ipaddress.IPv4Address(known[host]),) if host in known else ()

    outward = Outward(Rules(), Lookups(resolve))  # type: ignore[arg-type]
    api = SimpleNamespace(special={})
    answers.join(api, outward, hosts.served("us-east-1", lambda _: False))  # type: ignore[arg-type]

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        await api.special.get(scope["path"], telling_api)(scope, receive, send)

    made = RunningEdge(place, api=answer)
    made.forward.outward = outward
    yield made
    made.stop()


def test_a_sandbox_dials_by_itself_what_we_do_not_serve_and_asks_us_for_names(
    edge: RunningEdge, outside: Outside, place: Path
) -> None:
    code = CODE.replace("NAME", NAME).replace("HOST", outside.host)
    runner = LocalRunner(place / "state")
    sandbox = Sandbox(
        binds=(Bind(str(edge.sandbox_socket.parent), "/run/in"),),
        bridges=(Bridge(9000, "/run/in/api.sock"),),
        netns=f"/run/netns/{outside.name}",
        direct=True,
    )
    python = os.path.realpath(sys._base_executable)  # type: ignore[attr-defined]
    runner.start(
        Work(id="one", kind="test", argv=(python, "-I", "-c", code), uid=200_001, sandbox=sandbox)
    )
    until(lambda: runner.look("one").state in ("ended", "lost"))
    lines = [(line.stream, line.text) for line in runner.logs("one").lines]
    assert runner.look("one").exit_code == 0, (runner.look("one"), lines)
    said = json.loads(next(text for stream, text in lines if stream == "out"))
    assert said["resolv.conf"] == "nameserver 127.0.0.1\n"
    assert said["echo"] == [200, "hello"]
    assert said[f"{outside.host}:7001"][0] == 502
    assert said["nowhere.test:80"][0] == 502
    assert "cannot be looked up" in said["nowhere.test:80"][1]
    assert said["sts.us-east-1.amazonaws.com:80"][0] == 403
    assert said["ours"] == 200
    assert said["by itself"] == f"GET /a {NAME}"
    assert said[f"name {NAME}"] == [outside.host]
    for name in ("inner.test", "nowhere.test", "sts.us-east-1.amazonaws.com"):
        assert said[f"name {name}"] < 0
