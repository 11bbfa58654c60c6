"""Asks an app how it is, over its own socket.

Input: an app's record. Output: whether it is well. The app may be hostile: what it says is bounded
and believed for itself alone.
"""

from __future__ import annotations

import http.client
import socket
from pathlib import Path

from freehold.host.unix_sockets import reachable
from freehold.kernel import doors
from freehold.kernel.call import Record
from freehold.kernel.studio.app_types import APP_TYPES


def answers(state: Path, app: Record) -> bool:
    """Whether the app's health page answers 200."""
    kind = APP_TYPES[app.document["AppType"]]
    path = doors.place(state, app.document["_Door"]) / "app" / doors.APP_SOCKET
    connection = _UnixConnection(path)
    try:
        connection.request("GET", kind.base_path + kind.health)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=2.0)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        with reachable(self._path) as path:
            self.sock.connect(path)
