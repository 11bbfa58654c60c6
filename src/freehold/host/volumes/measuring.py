"""Counting bytes on disk in trees that hostile people made.

Every directory is opened by descriptor below one that is held, through no link, so that nobody
leads the count elsewhere, and no depth hides bytes from it. Every count has a bound.
"""

from __future__ import annotations

import os
import stat
import time
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from freehold.host.sandboxes import mounts
from freehold.host.volumes.places import find_space

SCAN_ENTRIES_MAX = 2_000_000
SCAN_SECONDS_MAX = 30.0
PATH_BYTES_MAX = 2048  # below a held directory; deeper ones are held in their turn
HELD_MAX = 64


class Usage(msgspec.Struct, frozen=True):
    """Bytes on disk. ``is_complete`` is False where a bound ended the count: then at least."""

    bytes: int
    entries: int
    is_complete: bool


def usage(path: Path, *, seconds_max: float = SCAN_SECONDS_MAX) -> Usage:
    """Count the bytes that a tree takes on disk; hard links once; nothing there is 0."""
    count = _Count(time.monotonic() + seconds_max)
    try:
        top = os.open(path, mounts.FOLDER)
    except FileNotFoundError:
        return Usage(0, 0, True)
    except OSError:
        return Usage(0, 0, False)
    try:
        count.tree(top, 0)
    finally:
        os.close(top)
    return Usage(count.bytes, count.entries, count.is_complete)


def space_usage(state: Path, number: int, *, seconds_max: float = SCAN_SECONDS_MAX) -> Usage | None:
    """What a space's volume takes on disk; None if it has none. An image tells without a count."""
    found = find_space(state, number)
    if found is None:
        return None
    if found.image is None:
        return usage(found.home, seconds_max=seconds_max)
    return Usage(found.image.stat().st_blocks * 512, 1, True)


@dataclass(slots=True)
class _Count:
    deadline: float
    bytes: int = 0
    entries: int = 0
    is_complete: bool = True
    linked: set[tuple[int, int]] = field(default_factory=set)

    def tree(self, top: int, held: int) -> None:
        """Count what is below an open directory."""
        waiting = [""]
        while waiting:
            if self.entries > SCAN_ENTRIES_MAX or time.monotonic() > self.deadline:
                self.is_complete = False
                return
            path = waiting.pop()
            try:
                folder = mounts.open_beneath(top, path)
            except FileNotFoundError:
                continue
            except OSError:  # no right to look into it, or no longer a directory
                self.is_complete = False
                continue
            try:
                if len(os.fsencode(path)) <= PATH_BYTES_MAX:
                    self._folder(folder, path, waiting)
                elif held < HELD_MAX:
                    self.tree(folder, held + 1)
                else:
                    self.is_complete = False
            finally:
                os.close(folder)

    def _folder(self, folder: int, path: str, waiting: list[str]) -> None:
        try:
            found = os.scandir(folder)
        except OSError:
            self.is_complete = False
            return
        with found:
            for entry in found:
                self.entries += 1
                if self.entries > SCAN_ENTRIES_MAX or time.monotonic() > self.deadline:
                    self.is_complete = False
                    return
                try:
                    facts = entry.stat(follow_symlinks=False)
                except OSError:
                    continue
                if stat.S_ISDIR(facts.st_mode):
                    waiting.append(f"{path}/{entry.name}" if path else entry.name)
                elif facts.st_nlink > 1:
                    if (facts.st_dev, facts.st_ino) in self.linked:
                        continue
                    self.linked.add((facts.st_dev, facts.st_ino))
                self.bytes += facts.st_blocks * 512
