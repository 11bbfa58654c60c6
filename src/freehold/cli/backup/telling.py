"""What backups say while they run and at their end, whatever they are of."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from freehold.cli.domains.overview import Progress
from freehold.cli.domains.wording import count, size
from freehold.host.archives import checking
from freehold.host.archives.checking import Summary
from freehold.host.archives.trees import Left

NAMES_MAX = 10


def checked(archive: Path) -> Summary:
    """Read an archive as a whole, before anything is made of it."""
    progress = Progress()
    seen = 0

    def tell(_member: Any, _chunks: Any) -> None:
        nonlocal seen
        seen += 1
        progress.tell(f"checking: {count(seen, 'member')}")

    try:
        return checking.read(archive, tell)
    finally:
        progress.end()


def told_left(left: Sequence[Left], lost: int, changed: Sequence[str]) -> list[str]:
    """What is not in an archive, and what may not be as it was at one instant."""
    lines = [f"  not kept: {one.path}: {one.why}" for one in left[:NAMES_MAX]]
    if len(left) > NAMES_MAX:
        lines.append(f"  not kept: {len(left) - NAMES_MAX} more, named in manifest.jsonl")
    lines += [f"  changed while it was read: {name}" for name in changed[:NAMES_MAX]]
    if len(changed) > NAMES_MAX:
        lines.append(f"  changed while they were read: {len(changed) - NAMES_MAX} more")
    if lost:
        lines.append(f"  {count(lost, 'thing')} with contents could not be kept")
    return lines


def so_far(members: int, stored_bytes: int) -> str:
    """The line of progress."""
    return f"saving: {count(members, 'member')}, {size(stored_bytes)}"
