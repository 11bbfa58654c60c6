"""What a sandbox's processes use together, read from /proc where no control group counts.

Used by the supervisor, so the standard library only.
"""

from __future__ import annotations

import os

_PAGE, _TICKS = os.sysconf("SC_PAGE_SIZE"), os.sysconf("SC_CLK_TCK")


def tree(pid: int) -> list[int]:
    """The descendants of a process, itself first. Those that end meanwhile are left out."""
    found, at = [pid], 0
    while at < len(found):
        base = f"/proc/{found[at]}/task"
        at += 1
        try:
            tasks = os.listdir(base)
        except OSError:
            continue
        for task in tasks:
            try:
                with open(f"{base}/{task}/children") as source:
                    found.extend(int(child) for child in source.read().split())
            except OSError:
                continue
    return found


def measure(pids: list[int], *, is_exact: bool) -> tuple[float, int]:
    """Processor seconds and memory bytes of processes together.

    ``is_exact`` shares common pages out (PSS, slow); else each counts all that it maps (RSS).
    """
    ticks, memory = 0, 0
    for pid in pids:
        try:
            with open(f"/proc/{pid}/stat") as source:
                fields = source.read().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += int(fields[11]) + int(fields[12]) + int(fields[13]) + int(fields[14])
        resident = int(fields[21]) * _PAGE
        memory += (_shared_out(pid) or resident) if is_exact else resident
    return ticks / _TICKS, memory


def _shared_out(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/smaps_rollup") as source:
            for line in source:
                if line.startswith("Pss:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0
