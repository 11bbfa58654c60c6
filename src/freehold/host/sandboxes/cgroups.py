"""One work's control groups: make, join, measure, kill, remove. Version 2, version 1, or none.

Input: a plain dict from ``host/sandboxes/limits.py`` (``{"kind", "paths", "limits"}``); run by the
supervisor, so the standard library only. Output: processor seconds, peak bytes, kills for want
of memory. Every write is best effort but joining and the memory limit: those must hold.
"""
# ruff: noqa: SIM105 - contextlib would cost start-up

from __future__ import annotations

import os
import signal
from typing import Any

CPU_PERIOD_MICROSECONDS = 100_000


class Group:
    """The groups of one work. ``paths`` maps a controller (v2: ``all``) to its directory."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.kind: str = plan["kind"]
        self.paths: dict[str, str] = plan["paths"]
        self.limits: dict[str, Any] = plan["limits"]

    def create(self) -> None:
        """Make the directories and write the limits.

        Raises:
            OSError: The host no longer lets us, or the memory limit was refused.
        """
        for path in self.paths.values():
            os.makedirs(path, exist_ok=True)
        memory, processes = self.limits["memory_bytes"], self.limits["processes"]
        quota = int(self.limits["cpus"] * CPU_PERIOD_MICROSECONDS)
        if self.kind == "v2":
            root = self.paths["all"]
            _write(root, "memory.max", memory)
            _try_write(root, "memory.swap.max", 0)
            _try_write(root, "memory.oom.group", 1)
            _try_write(root, "pids.max", processes)
            _try_write(root, "cpu.max", f"{quota} {CPU_PERIOD_MICROSECONDS}")
        elif self.kind == "v1":
            _write(self.paths["memory"], "memory.limit_in_bytes", memory)
            _try_write(self.paths["memory"], "memory.memsw.limit_in_bytes", memory)
            _try_write(self.paths.get("pids"), "pids.max", processes)
            _try_write(self.paths.get("cpu"), "cpu.cfs_period_us", CPU_PERIOD_MICROSECONDS)
            _try_write(self.paths.get("cpu"), "cpu.cfs_quota_us", quota)

    def join(self) -> None:
        """Put the calling process in; children follow."""
        for path in self.paths.values():
            _write(path, "cgroup.procs", os.getpid())

    def pids(self) -> list[int]:
        """Processes that are still inside."""
        found: set[int] = set()
        for path in self.paths.values():
            found.update(int(pid) for pid in _read(path, "cgroup.procs").split())
        return sorted(found)

    def usage(self) -> tuple[float, int] | None:
        """Processor seconds and peak memory bytes of all together; None where none is counted."""
        if self.kind == "v2":
            root = self.paths["all"]
            seconds = _field(_read(root, "cpu.stat"), "usage_usec") / 1e6
            peak = _read(root, "memory.peak") or _read(root, "memory.current")
        elif self.kind == "v1":
            counter = self.paths.get("cpuacct")
            seconds = int(_read(counter, "cpuacct.usage") or 0) / 1e9 if counter else -1.0
            peak = _read(self.paths["memory"], "memory.max_usage_in_bytes")
        else:
            return None
        return seconds, int(peak or 0)

    def memory_kills(self) -> int:
        """How often the kernel ended a process here for want of memory."""
        if self.kind == "v2":
            return _field(_read(self.paths["all"], "memory.events"), "oom_kill")
        if self.kind == "v1":
            return _field(_read(self.paths["memory"], "memory.oom_control"), "oom_kill")
        return 0

    def kill(self) -> None:
        """End everything inside, at once."""
        if self.kind == "v2":
            _try_write(self.paths["all"], "cgroup.kill", 1)
        for pid in self.pids():
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                pass

    def remove(self) -> bool:
        """Remove the directories; False while a process is still dying inside."""
        is_gone = True
        for path in self.paths.values():
            try:
                os.rmdir(path)
            except FileNotFoundError:
                pass
            except OSError:
                is_gone = False
        return is_gone


def _write(directory: str, name: str, value: object) -> None:
    with open(f"{directory}/{name}", "w") as target:
        target.write(str(value))


def _try_write(directory: str | None, name: str, value: object) -> None:
    if directory:
        try:
            _write(directory, name, value)
        except OSError:
            pass


def _read(directory: str | None, name: str) -> str:
    try:
        with open(f"{directory}/{name}") as source:
            return source.read()
    except OSError:
        return ""


def _field(text: str, name: str) -> int:
    for line in text.splitlines():
        key, _, value = line.partition(" ")
        if key == name:
            return int(value)
    return 0
