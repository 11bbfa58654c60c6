"""What is read off a host's mounts, and the plans made of it."""

from __future__ import annotations

from pathlib import Path

from freehold.host.sandboxes import limits
from freehold.host.sandboxes.cgroups import Group
from freehold.host.sandboxes.limits import Enforcement, Limits

HYBRID = """\
25 20 0:22 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
26 25 0:23 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct
28 25 0:25 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
29 25 0:26 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd
30 25 0:27 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
"""


def test_mount_points_are_told_by_controller() -> None:
    assert limits.mount_points(HYBRID) == {
        "cpu": "/sys/fs/cgroup/cpu,cpuacct",
        "cpuacct": "/sys/fs/cgroup/cpu,cpuacct",
        "memory": "/sys/fs/cgroup/memory",
        "all": "/sys/fs/cgroup/unified",
    }


def test_own_groups_are_told_by_controller() -> None:
    text = "9:name=systemd:/\n4:memory:/a/b\n1:cpu,cpuacct:/c\n0::/d\n"
    found = limits.own_groups(text)
    assert found == {
        "name=systemd": "/",
        "memory": "/a/b",
        "cpu": "/c",
        "cpuacct": "/c",
        "all": "/d",
    }


def test_a_host_without_control_groups_has_the_watchdog() -> None:
    found = limits.examine("20 1 8:1 / / rw - ext4 /dev/sda rw\n", "")
    assert (found.kind, found.bases) == ("watchdog", {})
    assert "no cgroup v2 is mounted" in found.reason


def test_version_2_is_used_where_it_is_delegated(tmp_path: Path) -> None:
    (tmp_path / "cgroup.controllers").write_text("cpu memory pids\n")
    (tmp_path / "cgroup.procs").write_text("")
    (tmp_path / "freehold").mkdir()
    mounts = f"30 25 0:27 / {tmp_path} rw - cgroup2 cgroup2 rw\n"
    found = limits.examine(mounts, "0::/\n")
    assert (found.kind, found.bases) == ("v2", {"all": str(tmp_path / "freehold")})


def test_version_2_without_memory_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "cgroup.controllers").write_text("cpu\n")
    found = limits.examine(f"30 25 0:27 / {tmp_path} rw - cgroup2 cgroup2 rw\n", "0::/\n")
    assert found.kind == "watchdog"
    assert "no memory controller" in found.reason


def test_a_group_writes_its_limits_and_reads_its_use(tmp_path: Path) -> None:
    found = Enforcement(kind="v2", bases={"all": str(tmp_path)}, reason="")
    group = Group(found.plan("w", Limits(cpus=1.5, memory_bytes=1000, processes=7)))
    group.create()
    written = {path.name: path.read_text() for path in (tmp_path / "w").iterdir()}
    assert written["memory.max"] == "1000"
    assert written["pids.max"] == "7"
    assert written["cpu.max"] == "150000 100000"
    (tmp_path / "w" / "cpu.stat").write_text("usage_usec 2500000\nuser_usec 1\n")
    (tmp_path / "w" / "memory.peak").write_text("900\n")
    (tmp_path / "w" / "memory.events").write_text("oom 1\noom_kill 3\n")
    assert group.usage() == (2.5, 900)
    assert group.memory_kills() == 3


def test_the_watchdog_bounds_processes_by_rlimit_and_control_groups_do_not() -> None:
    watchdog = Enforcement(kind="watchdog", bases={}, reason="")
    assert "RLIMIT_CORE" in watchdog.rlimits(Limits())
    v1 = Enforcement(kind="v1", bases={}, reason="")
    assert "RLIMIT_NPROC" not in v1.rlimits(Limits())
