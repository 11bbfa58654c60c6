"""An internet of one host for e2e tests: a network namespace beside this machine, in TEST-NET-3.

Needs root. The host echoes what it gets on TCP ports and on a UDP port; nothing else is there.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

PORTS = (8001, 8002)
UDP = 8003
_SERVER = """
import select, socket, sys
listeners = {}
for port in map(int, sys.argv[1].split(",")):
    one = socket.create_server(("0.0.0.0", port))
    listeners[one] = None
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind(("0.0.0.0", int(sys.argv[2])))
print("ready", flush=True)
talks = set()
while True:
    for one in select.select([*listeners, udp, *talks], [], [])[0]:
        if one in listeners:
            talks.add(one.accept()[0])
        elif one is udp:
            data, peer = udp.recvfrom(4096)
            udp.sendto(data, peer)
        else:
            try:
                data = one.recv(4096)
                one.sendall(data)
            except OSError:
                data = b""
            if not data:
                talks.discard(one)
                one.close()
"""


class Internet(NamedTuple):
    """``address`` is the one host's, ``own`` this machine's on the way there."""

    address: str
    own: str


@contextmanager
def internet() -> Iterator[Internet]:
    """Make it, and take it away."""
    number = os.getpid() % 62 + 1  # of the 64 blocks of four: tests of two people do not meet
    own, address = (f"203.0.113.{4 * number + last}" for last in (1, 2))
    name, end = f"fht-{os.getpid()}", f"fht{number}"
    _ip(f"netns add {name}", f"link add {end} type veth peer name eth0 netns {name}",
        f"addr add {own}/30 dev {end}", f"link set {end} up")  # fmt: skip
    try:
        _ip("link set lo up", f"addr add {address}/30 dev eth0", "link set eth0 up", within=name)
        ports = ",".join(map(str, PORTS))
        command = ["ip", "netns", "exec", name, sys.executable, "-c", _SERVER, ports, str(UDP)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            try:
                assert server.stdout is not None
                assert server.stdout.readline() == "ready\n"
                yield Internet(address, own)
            finally:
                server.kill()
    finally:
        _ip(f"netns del {name}", f"link del {end}", check=False)


def _ip(*lines: str, within: str = "", check: bool = True) -> None:
    options = ["-n", within] if within else []
    force = [] if check else ["-force"]
    subprocess.run(
        ["ip", *options, *force, "-batch", "-"],
        input="\n".join(lines),
        text=True,
        check=check,
        capture_output=True,
    )
