"""A mail server for tests: takes what it is given on a port of loopback, or refuses for a while."""

from __future__ import annotations

import socketserver
import threading
from email import message_from_bytes
from email.message import Message
from typing import Any


class _Conversation(socketserver.StreamRequestHandler):
    server: Post

    def handle(self) -> None:
        self._say("220 post.test ESMTP")
        while line := self.rfile.readline():
            word = line.strip().upper()
            if word.startswith(b"EHLO"):
                self._say("250-post.test\r\n250 8BITMIME")
            elif word == b"DATA":
                self._take()
            elif word.startswith(b"QUIT"):
                self._say("221 bye")
                return
            elif word.startswith(b"MAIL") and self.server.refusals > 0:
                self.server.refusals -= 1
                self._say("451 later")
            else:
                self._say("250 ok")

    def _take(self) -> None:
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        self.server.taken.append(message_from_bytes(b"".join(lines)))
        self._say("250 taken")

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


class Post(socketserver.ThreadingTCPServer):
    """``taken``: what arrived. ``refusals``: how many messages it will not take at first."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, refusals: int = 0) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.taken: list[Message[str, str]] = []
        self.refusals = refusals

    def __enter__(self) -> Post:
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: Any) -> None:
        self.shutdown()
        self.server_close()

    @property
    def place(self) -> str:
        """``host:port``."""
        return f"127.0.0.1:{self.server_address[1]}"
