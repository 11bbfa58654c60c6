"""A work's log: lines of ``epoch_ms<TAB>stream<TAB>text``, bounded, written by the supervisor.

The first ``bytes_max`` bytes are kept as they come and the last ``TAIL_BYTES`` at the end, with
a note of what was left out between: the beginning and the reason of a failure both survive.
A full disk loses lines, never the work. Standard library only.
"""
# ruff: noqa: SIM105 - contextlib would cost start-up

from __future__ import annotations

import os
import time
from collections import deque

LINE_BYTES_MAX = 32 * 1024
TAIL_BYTES = 256 * 1024
PAGE_BYTES_MAX = 1024 * 1024


class Logbook:
    """Writes one log. ``feed`` takes raw bytes as they come from a pipe."""

    def __init__(self, path: str, bytes_max: int) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        self._file = os.open(path, flags, 0o600)
        self._bytes_max = bytes_max
        self._written = os.fstat(self._file).st_size
        self._partial: dict[str, bytes] = {}
        self._tail: deque[bytes] = deque()
        self._tail_bytes = self._dropped_lines = self._dropped_bytes = 0

    def feed(self, stream: str, data: bytes) -> None:
        """Take bytes of a stream; whole lines are written, the rest waits for its end."""
        *lines, rest = (self._partial.pop(stream, b"") + data).split(b"\n")
        while len(rest) > LINE_BYTES_MAX:
            lines.append(rest[:LINE_BYTES_MAX])
            rest = rest[LINE_BYTES_MAX:]
        if rest:
            self._partial[stream] = rest
        stamp = b"%d\t%s\t" % (time.time() * 1000, stream.encode())
        frames = []
        for line in lines:
            for start in range(0, len(line) or 1, LINE_BYTES_MAX):
                text = line[start : start + LINE_BYTES_MAX]
                frames.append(stamp + text.removesuffix(b"\r").replace(b"\r", b" ") + b"\n")
        self._keep(frames)

    def note(self, text: str) -> None:
        """Add a line of our own."""
        self.feed("note", text.encode() + b"\n")

    def close(self) -> None:
        """Write what waits, the tail and the note about what was left out; sync."""
        for stream in list(self._partial):
            self.feed(stream, b"\n")
        if self._tail:
            if self._dropped_lines:
                said = f"{self._dropped_lines} lines ({self._dropped_bytes} bytes) were left out"
                self._write(b"%d\tnote\t%s\n" % (time.time() * 1000, said.encode()))
            self._write(b"".join(self._tail))
        try:
            os.fsync(self._file)
        except OSError:
            pass
        os.close(self._file)

    def _keep(self, frames: list[bytes]) -> None:
        if not self._tail:
            head = []
            while frames and self._written + len(frames[0]) <= self._bytes_max:
                head.append(frames.pop(0))
                self._written += len(head[-1])
            self._write(b"".join(head))
        for frame in frames:
            self._tail.append(frame)
            self._tail_bytes += len(frame)
            while self._tail_bytes > TAIL_BYTES:
                gone = len(self._tail.popleft())
                self._tail_bytes -= gone
                self._dropped_bytes += gone
                self._dropped_lines += 1

    def _write(self, data: bytes) -> None:
        try:
            while data:
                data = data[os.write(self._file, data) :]
        except OSError:
            pass


def read_page(path: str, offset: int) -> tuple[list[tuple[int, str, str]], int]:
    """Whole lines from ``offset`` on, as (epoch ms, stream, text), and the next offset."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return [], offset
    try:
        data = os.pread(descriptor, PAGE_BYTES_MAX, offset)
    finally:
        os.close(descriptor)
    data = data[: data.rfind(b"\n") + 1]
    lines = []
    for frame in data.split(b"\n"):
        stamp, _, rest = frame.partition(b"\t")
        stream, _, text = rest.partition(b"\t")
        if stamp.isdigit():
            lines.append((int(stamp), stream.decode(), text.decode("utf-8", "replace")))
    return lines, offset + len(data)
