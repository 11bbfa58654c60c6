"""Asks an app how it is and whether it works, over its own socket.

Input: an app's record. Output: a ``Report``. The app may be hostile: what it says is bounded and
believed for itself alone. How a type is asked is its declaration's ``probe``; a new one is a
function here.
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from freehold.host.unix_sockets import reachable
from freehold.kernel import doors
from freehold.kernel.call import Record
from freehold.kernel.studio.app_types import APP_TYPES

ANSWER_SECONDS = 2.0
ANSWER_BYTES_MAX = 1024**2
THINGS_MAX = 1000  # kernels or terminals that are looked at


class Report(NamedTuple):
    """``active_at``: epoch seconds of the last thing that it did for somebody, if it tells."""

    is_well: bool
    is_busy: bool = False
    active_at: float | None = None


def answers(state: Path, app: Record) -> bool:
    """Whether the app's health page answers 200."""
    kind = APP_TYPES[app.document["AppType"]]
    return _get(_socket(state, app), kind.base_path + kind.health) is not None


def report(state: Path, app: Record) -> Report:
    """Whether it is well, works, and since when it does not."""
    kind = APP_TYPES[app.document["AppType"]]
    path = _socket(state, app)
    if _get(path, kind.base_path + kind.health) is None:
        return Report(is_well=False)
    return PROBES[kind.probe](lambda below: _get(path, kind.base_path + below))


def _jupyter(ask: Callable[[str], bytes | None]) -> Report:
    """Kernels that compute, and the last time that a kernel or terminal did something.

    Not Jupyter's own ``last_activity``: a page that is merely left open moves it.
    """
    kernels = list(_things(ask("/api/kernels")))
    terminals = list(_things(ask("/api/terminals")))
    times = [at for one in (*kernels, *terminals) if (at := _instant(one.get("last_activity")))]
    is_busy = any(one.get("execution_state") == "busy" for one in kernels)
    return Report(True, is_busy, max(times, default=None))


PROBES: dict[str, Callable[[Callable[[str], bytes | None]], Report]] = {"jupyter": _jupyter}


def _things(text: bytes | None) -> Iterator[dict[str, Any]]:
    try:
        found = json.loads(text or b"[]")
    except (ValueError, RecursionError):
        return
    if isinstance(found, list):
        yield from (one for one in found[:THINGS_MAX] if isinstance(one, dict))


def _instant(text: object) -> float | None:
    try:
        told = datetime.fromisoformat(str(text))
        return (told if told.tzinfo else told.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def _socket(state: Path, app: Record) -> Path:
    return doors.place(state, app.document["_Door"]) / "app" / doors.APP_SOCKET


def _get(path: Path, target: str) -> bytes | None:
    """The body of a 200; None for anything else, or if it is not here whole in good time.

    One deadline for all of it: an app that dribbles holds nobody up. HTTP/1.0, so that the answer
    ends with the connection.
    """
    ends = time.monotonic() + ANSWER_SECONDS
    heard = b""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(ANSWER_SECONDS)
            with reachable(path) as place:
                connection.connect(place)
            connection.sendall(f"GET {target} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
            while len(heard) < ANSWER_BYTES_MAX:
                connection.settimeout(max(0.001, ends - time.monotonic()))
                piece = connection.recv(64 * 1024)
                if not piece:
                    break
                heard += piece
    except OSError:
        return None
    head, _, body = heard.partition(b"\r\n\r\n")
    return body if head.split(b"\r\n", 1)[0].split(b" ")[1:2] == [b"200"] else None
