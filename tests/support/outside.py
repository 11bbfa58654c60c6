"""A piece of internet for e2e tests: a network namespace of our own with a host in it.

Needs root and ``ip``. The host has TEST-NET addresses (RFC 5737) that differ from process to
process, answers HTTP on port 80, TLS on 443, and echoes on 7000. Nothing is left behind.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

from tests.support.server import RunningServer

SECONDS = 10.0
NAME = "mirror.test"
TLS_NAME = "localhost"  # what our test authority may speak for
MIB = 1 << 20

SERVE = r"""
import http.server, socketserver, ssl, sys, threading

class Page(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        size = int(self.path.partition("size=")[2] or 0)
        told = self.command, self.path, self.headers["Host"]
        body = b"x" * size or " ".join(told).encode()
        if self.path.startswith("/repo.git/info/refs"):
            body = b"a" * 40 + b"\trefs/heads/main\n"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_POST(self):
        left = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(left)
        if self.headers.get("Transfer-Encoding") == "chunked":
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
        answer = b"%d" % len(body)
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)
    def log_message(self, *_):
        pass

class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        while data := self.request.recv(65536):
            self.request.sendall(data)

class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True

host, pem = sys.argv[1:]
plain, secure = Server((host, 80), Page), Server((host, 443), Page)
echo = Server((host, 7000), Echo)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(pem)
secure.socket = context.wrap_socket(secure.socket, server_side=True)
for server in (plain, echo, secure):
    threading.Thread(target=server.serve_forever).start()
"""


def trouble() -> str:
    """Why no piece of internet can be made here; empty if one can."""
    if os.geteuid() != 0:
        return "needs root for a network namespace"
    return "" if shutil.which("ip") else "needs the package iproute2"


def run(*argv: str) -> None:
    subprocess.run(argv, check=True, capture_output=True, timeout=SECONDS)


class Outside:
    """The namespace, its host and a link to it. ``here`` is this machine's end of the link."""

    def __init__(self, place: Path, certificate: bytes) -> None:
        number = os.getpid() % 60
        self.name = f"fh-outside-{os.getpid()}"
        self.link = f"fho{os.getpid()}"[:15]
        self.here, self.host = (f"198.51.100.{4 * number + part}" for part in (1, 2))
        pem = place / "outside.pem"
        pem.write_bytes(certificate)
        run("ip", "netns", "add", self.name)
        try:
            far = ("netns", self.name)
            run("ip", "link", "add", self.link, "type", "veth", "peer", "eth0", *far)
            run("ip", "addr", "add", f"{self.here}/30", "dev", self.link)
            run("ip", "link", "set", self.link, "up")
            for words in (
                f"addr add {self.host}/30 dev eth0",
                "link set eth0 up",
                "link set lo up",
            ):
                run("ip", "-n", self.name, *words.split())
            command = [sys.executable, "-c", SERVE, self.host, str(pem)]
            self.process = subprocess.Popen(["ip", "netns", "exec", self.name, *command])
            self._await()
        except BaseException:
            self.end()
            raise

    def _await(self) -> None:
        deadline = time.monotonic() + SECONDS
        while True:
            try:
                socket.create_connection((self.host, 443), timeout=1).close()
                return
            except OSError:
                assert time.monotonic() < deadline, "the host outside never came up"
                time.sleep(0.05)

    def end(self) -> None:
        """Take it all away."""
        process = getattr(self, "process", None)
        if process is not None:
            process.kill()
            process.wait()
        subprocess.run(["ip", "link", "del", self.link], check=False, capture_output=True)
        subprocess.run(["ip", "netns", "del", self.name], check=False, capture_output=True)


class SealedServer(RunningServer):
    """A server that cannot make network namespaces and knows the names of ``outside`` alone.

    It runs in a mount namespace of its own, where ``/etc/hosts`` is ours: as the ordinary user
    ``uid``, or as a root to whom ``/proc/sys`` is read-only.
    """

    def __init__(self, place: Path, outside: Outside, uid: int | None = None) -> None:
        super().__init__(place / "state", place / "log")
        hosts = place / "hosts"
        names = {
            "localhost": "127.0.0.1",
            NAME: outside.host,
            "loop.test": "127.0.0.1",
            "metadata.test": "169.254.169.254",
            "inner.test": "10.0.0.9",
            "myself.test": outside.here,
        }
        hosts.write_text("".join(f"{address} {name}\n" for name, address in names.items()))
        steps = ["mount --make-rprivate /", f"mount --bind {hosts} /etc/hosts"]
        if uid is None:  # an ordinary user cannot anyway, and could then mount no /proc inside
            steps += ["mount --bind /proc/sys /proc/sys", "mount -o remount,ro,bind /proc/sys"]
        steps.append('exec "$@"')
        self.prefix = ("unshare", "--mount", "sh", "-ec", "\n".join(steps), "sealed")
        if uid is not None:
            (place / "home").mkdir()
            for path in (place, place / "home"):
                os.chown(path, uid, uid)
            user = (f"--reuid={uid}", f"--regid={uid}", "--clear-groups")
            self.prefix += ("setpriv", *user, "env", f"HOME={place / 'home'}")
