"""Limits by what the host has: cgroup v2 (delegated), cgroup v1, else rlimits and a watchdog.

Input: this machine's mounts. Output: ``Enforcement``, which says what is in force and why, and
plain plans for ``host/sandboxes/cgroups.py``. A host is examined by trying, never by its looks.
"""

from __future__ import annotations

import contextlib
import os
import platform
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from freehold.host.sandboxes.cgroups import Group

MEMORY_BYTES_DEFAULT = 4 * 1024**3
PROCESSES_DEFAULT = 4096
FILE_BYTES_DEFAULT = 256 * 1024**3
OPEN_FILES = 65536
_RLIM_NPROC_PER_NAMESPACE_SINCE = (5, 14)


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What one work may use. ``file_bytes`` bounds a single file."""

    cpus: float = 1.0
    memory_bytes: int = MEMORY_BYTES_DEFAULT
    processes: int = PROCESSES_DEFAULT
    file_bytes: int = FILE_BYTES_DEFAULT


class Enforcement(msgspec.Struct, frozen=True, kw_only=True):
    """What holds the limits here.

    ``kind``: ``v2`` or ``v1`` (the kernel holds cpu, memory and processes) or ``watchdog``
    (rlimits; the supervisor sums memory and ends what passes it; processor time is shared).
    ``bases``: controller to the directory under which each work gets its own (v2: ``all``).
    """

    kind: Literal["v2", "v1", "watchdog"]
    bases: dict[str, str]
    reason: str

    def plan(self, name: str, limits: Limits) -> dict[str, Any]:
        """The dict for ``cgroups.Group`` and the watchdog. ``name``: unique on this host."""
        paths = {controller: f"{base}/{name}" for controller, base in self.bases.items()}
        return {"kind": self.kind, "paths": paths, "limits": msgspec.to_builtins(limits)}

    def rlimits(self, limits: Limits) -> dict[str, tuple[int, int]]:
        """Limits of single processes, for ``inside/init.py``: name to (soft, hard)."""
        found = {
            "RLIMIT_CORE": (0, 0),
            "RLIMIT_FSIZE": (limits.file_bytes, limits.file_bytes),
            "RLIMIT_NOFILE": (OPEN_FILES, OPEN_FILES),
        }
        if self.kind == "watchdog" and _kernel() >= _RLIM_NPROC_PER_NAMESPACE_SINCE:
            found["RLIMIT_NPROC"] = (limits.processes, limits.processes)
        return found


def examine(mounts: str | None = None, own: str | None = None) -> Enforcement:
    """Find the strongest that works, by making and removing a group.

    Args:
        mounts: The text of ``/proc/self/mountinfo``; None reads it.
        own: The text of ``/proc/self/cgroup``; None reads it.
    """
    mounts = Path("/proc/self/mountinfo").read_text() if mounts is None else mounts
    own = Path("/proc/self/cgroup").read_text() if own is None else own
    points, places = mount_points(mounts), own_groups(own)
    reasons = []
    for find in (_version_2, _version_1):
        found = find(points, places)
        if isinstance(found, Enforcement):
            return found
        reasons.append(found)
    return Enforcement(kind="watchdog", bases={}, reason="; ".join(reasons))


def mount_points(mountinfo: str) -> dict[str, str]:
    """Controller to mount point, from mountinfo's text; version 2 stands under ``all``."""
    found: dict[str, str] = {}
    for line in mountinfo.splitlines():
        before, _, after = line.partition(" - ")
        point = before.split(" ")[4]
        filesystem, _, options = after.split(" ", 2)
        if filesystem == "cgroup2":
            found.setdefault("all", point)
        elif filesystem == "cgroup":
            for option in options.split(","):
                if option in {"memory", "cpu", "cpuacct", "pids"}:
                    found.setdefault(option, point)
    return found


def own_groups(text: str) -> dict[str, str]:
    """Controller to our own group's path, from ``/proc/self/cgroup``."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        _, controllers, path = line.split(":", 2)
        for controller in controllers.split(",") if controllers else ["all"]:
            found[controller] = path
    return found


def _version_2(points: Mapping[str, str], places: Mapping[str, str]) -> Enforcement | str:
    if "all" not in points:
        return "no cgroup v2 is mounted"
    root = Path(points["all"])
    try:
        present = (root / "cgroup.controllers").read_text().split()
    except OSError as error:
        return f"cgroup v2 cannot be read: {error.strerror}"
    if "memory" not in present:
        return "cgroup v2 has no memory controller"
    nest = root if os.geteuid() == 0 else _place(root, places.get("all", "/"))
    base = nest / "freehold"
    try:
        base.mkdir(exist_ok=True)
        if nest != root:
            _leave(nest)
        for directory in (nest, base):
            for controller in ("memory", "pids", "cpu"):
                with contextlib.suppress(OSError):
                    (directory / "cgroup.subtree_control").write_text(f"+{controller}")
    except OSError as error:
        return f"cgroup v2 is not delegated to us: {error.strerror}"
    return _tried(Enforcement(kind="v2", bases={"all": str(base)}, reason=f"cgroup v2 at {base}"))


def _leave(nest: Path) -> None:
    """Step into a leaf of our own group: a group with processes may not have limited children."""
    leaf = nest / "freehold-server"
    leaf.mkdir(exist_ok=True)
    (leaf / "cgroup.procs").write_text(str(os.getpid()))


def _version_1(points: Mapping[str, str], places: Mapping[str, str]) -> Enforcement | str:
    if "memory" not in points:
        return "no cgroup v1 memory controller is mounted"
    bases: dict[str, str] = {}
    for controller in ("memory", "cpu", "cpuacct", "pids"):
        if controller in points:
            base = _place(Path(points[controller]), places.get(controller, "/")) / "freehold"
            if str(base) in bases.values():
                continue  # cpu and cpuacct mounted as one
            try:
                base.mkdir(exist_ok=True)
            except OSError as error:
                if controller == "memory":
                    return f"cgroup v1 is not writable: {error.strerror}"
                continue
            bases[controller] = str(base)
    if "cpu" in bases and "cpuacct" not in bases and points.get("cpu") == points.get("cpuacct"):
        bases = {"cpuacct" if key == "cpu" else key: value for key, value in bases.items()}
        bases["cpu"] = bases["cpuacct"]
    reason = f"cgroup v1: {', '.join(sorted(bases))}"
    return _tried(Enforcement(kind="v1", bases=bases, reason=reason))


def _place(point: Path, own: str) -> Path:
    """Our own group, or the mount's root where it is shown as the root (containers)."""
    place = point / own.lstrip("/")
    return place if place.is_dir() else point


def _tried(found: Enforcement) -> Enforcement | str:
    group = Group(found.plan(f"probe-{os.getpid()}", Limits()))
    try:
        group.create()
    except OSError as error:
        return f"cgroup {found.kind} refuses a memory limit: {error.strerror}"
    finally:
        group.remove()
    return found


def _kernel() -> tuple[int, int]:
    match = re.match(r"(\d+)\.(\d+)", platform.release())
    return (int(match[1]), int(match[2])) if match else (0, 0)
