"""Replays signed requests over a fixed number of connections and says how many were answered.

A connection is kept where the server keeps it, and made anew where it closes after each answer.
A process of its own, so that it can be pinned to another CPU than the server:
``python -m tests.bench.load PORT FILE CONNECTIONS SECONDS OFFSET`` prints one JSON object.
``FILE`` holds requests as ``signing.write`` leaves them; they are sent in order from OFFSET on, and
from the start again when they end.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvloop

from tests.bench import signing


class Replay:
    """The requests, and what came of them."""

    def __init__(self, requests: list[bytes], offset: int, seconds: float) -> None:
        self.requests = requests
        self.next = offset
        self.ends = time.perf_counter() + seconds
        self.seconds: list[float] = []
        self.refused: dict[int, int] = {}
        self.example = b""
        self.lost = 0

    def take(self) -> bytes | None:
        if time.perf_counter() > self.ends:
            return None
        request = self.requests[self.next % len(self.requests)]
        self.next += 1
        return request


class Connection(asyncio.Protocol):
    """One request at a time, the next one when the answer is whole. ``lost`` is called at its end,
    with whether there is more to ask.
    """

    def __init__(self, replay: Replay, lost: Callable[[bool], None]) -> None:
        self._replay = replay
        self._lost = lost
        self._is_over = False
        self._read = b""
        self._needed = 0
        self._sent = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._go()

    def _go(self) -> None:
        request = self._replay.take()
        if request is None:
            self._is_over = True
            self._transport.close()
            return
        self._sent = time.perf_counter()
        self._transport.write(request)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self._read = read = self._read + data if self._read else data
        if not self._needed:
            end = read.find(b"\r\n\r\n")
            if end < 0:
                return
            head = read[:end].lower()
            start = head.index(b"content-length:") + 15
            self._needed = end + 4 + int(head[start:].split(b"\r\n", 1)[0])
        if len(read) < self._needed:
            return
        replay = self._replay
        replay.seconds.append(time.perf_counter() - self._sent)
        status = int(read[9:12])
        if status != 200:
            replay.refused[status] = replay.refused.get(status, 0) + 1
            replay.example = read
        self._read, self._needed = b"", 0
        if b"connection: close" in read[: end_of_head(read)].lower():
            return
        self._go()

    def connection_lost(self, _exc: Exception | None) -> None:
        if self._needed or self._read:
            self._replay.lost += 1
        self._lost(not self._is_over)


def end_of_head(answer: bytes) -> int:
    return answer.find(b"\r\n\r\n")


async def replay(
    port: int, requests: list[bytes], connections: int, seconds: float, offset: int
) -> dict[str, Any]:
    """Send until ``seconds`` are over, wait for what is under way, and sum up."""
    run = Replay(requests, offset, seconds)
    began = time.perf_counter()
    lines = (_line(run, port) for _ in range(connections))
    await asyncio.wait_for(asyncio.gather(*lines), seconds + 60)
    took = time.perf_counter() - began
    times = sorted(run.seconds)
    return {
        "answers": len(times),
        "rps": len(times) / took,
        "p50_ms": 1000 * times[len(times) // 2],
        "p99_ms": 1000 * times[int(len(times) * 0.99)],
        "refused": run.refused,
        "lost": run.lost,
        "next": run.next,
        "example": run.example.decode("latin-1")[:400],
    }


async def _line(run: Replay, port: int) -> None:
    """One connection after the other, for as long as there is something to ask."""
    loop = asyncio.get_running_loop()
    is_more = True
    while is_more:
        ended: asyncio.Future[bool] = loop.create_future()
        await loop.create_connection(
            lambda ended=ended: Connection(run, ended.set_result), "127.0.0.1", port
        )
        is_more = await ended


def main() -> None:
    port, path, connections, seconds, offset = sys.argv[1:6]
    requests = signing.read(Path(path))
    found = uvloop.run(replay(int(port), requests, int(connections), float(seconds), int(offset)))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
