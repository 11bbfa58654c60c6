"""The ground of the story: an earlier demo ended by its own record, runtimes, a fresh server.

A state directory that no demo made is never touched. The record is ``demo.json`` in the state;
who the server is says the lock that it holds, never a pid alone.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from freehold.base.clock import SystemClock, iso
from freehold.cli.story.teller import StoryFailed, Teller
from freehold.host import runtimes
from freehold.host.networks import namespaces
from freehold.loops.reset import end_all
from freehold.runners.local import LocalRunner

RECORD = "demo.json"
LOG = "server.log"
RUNTIMES = ("jupyterlab", "sklearn")
READY_SECONDS_MAX = 60.0
STOP_SECONDS_MAX = 20.0
LOOK_SECONDS = 0.05


def program() -> str:
    """The command that is running."""
    beside = Path(sys.executable).with_name("freehold")
    found = str(beside) if beside.exists() else shutil.which("freehold")
    if found is None:
        raise StoryFailed("the command freehold is not installed beside this Python")
    return found


def end_earlier(state: Path, teller: Teller) -> None:
    """Stop the server, apps and jobs of an earlier demo and remove its state.

    Raises:
        StoryFailed: The directory holds something that no demo made, or will not end.
    """
    if not state.exists() or not any(state.iterdir()):
        return
    if not (state / RECORD).exists():
        raise StoryFailed(
            f"{state} holds something that no demo made (it has no {RECORD}): "
            "choose another --state"
        )
    halt(state, teller)
    for entry in state.iterdir():
        if entry.name == RECORD:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
    teller.say(f"removed the earlier demo's state in {state}")


def halt(state: Path, teller: Teller) -> None:
    """Stop everything of a demo that runs; its state stays.

    Raises:
        StoryFailed: The directory is not a demo's, or something does not end.
    """
    if not (state / RECORD).exists():
        raise StoryFailed(f"no demo was played in {state}: it has no {RECORD}")
    pid = server_of(state)
    if pid is not None:
        teller.say(f"stopping the demo's server (process {pid}), its notebooks and jobs")
        _end_server(state, pid)
    if (state / "runs").is_dir():
        end_all(LocalRunner(state))
    namespaces.clear(state)


def server_of(state: Path) -> int | None:
    """The process that holds the state's lock, if it is a server of ours on this state.

    Raises:
        StoryFailed: Something holds the lock that is none.
    """
    try:
        with open(state / "lock") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                named = lock.read().strip()
            else:
                return None
    except FileNotFoundError:
        return None
    recorded = _recorded_pid(state)
    if not named.isdigit() or recorded not in (None, int(named)):
        raise StoryFailed(f"{state}/lock is held by a process that its records do not name")
    pid = int(named)
    if "up" not in _command_line(pid) or not _has_open(pid, state / "lock"):
        raise StoryFailed(
            f"{state}/lock is held by process {named}, which is no server of this state"
        )
    return pid


def _recorded_pid(state: Path) -> int | None:
    try:
        found = json.loads((state / "server.json").read_text()).get("pid")
    except (OSError, ValueError):
        return None
    return int(found) if found else None


def _command_line(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except OSError:
        return []


def _has_open(pid: int, place: Path) -> bool:
    wanted = place.stat()
    try:
        handles = list(Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return False
    for handle in handles:
        with contextlib.suppress(OSError):
            if os.path.samestat(handle.stat(), wanted):
                return True
    return False


def _end_server(state: Path, pid: int) -> None:
    handle = os.pidfd_open(pid)
    try:
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                signal.pidfd_send_signal(handle, number)
            except ProcessLookupError:
                return
            deadline = time.monotonic() + STOP_SECONDS_MAX
            while time.monotonic() < deadline:
                if server_of(state) is None:
                    return
                time.sleep(LOOK_SECONDS)
    finally:
        os.close(handle)
    raise StoryFailed(f"the earlier demo's server (process {pid}) does not end")


def install_runtimes(teller: Teller) -> runtimes.Runtime:
    """Have what images mean on this machine; the one with the AWS clients is given back."""

    def have(name: str) -> runtimes.Runtime:
        return runtimes.install(name, progress=lambda line: teller.answer(line, f"   {name}: "))

    teller.command("freehold runtime install jupyterlab; freehold runtime install sklearn")
    with ThreadPoolExecutor(len(RUNTIMES)) as pool:
        made = dict(zip(RUNTIMES, pool.map(have, RUNTIMES), strict=True))
    return made["jupyterlab"]


def start_server(state: Path, teller: Teller) -> tuple[str, int]:
    """Start a server that outlives us, on free ports; (its URL, its process id).

    Raises:
        StoryFailed: It does not answer; the reason is the last line of its log.
    """
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    log = state / LOG
    argv = [program(), "up", "--state", str(state), "--port", "0", "--tls-port", "0"]
    teller.command(["freehold", *argv[1:]])
    with open(log, "w") as lines:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=lines,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    record = {"pid": process.pid, "began": iso(SystemClock().now()), "log": str(log)}
    (state / RECORD).write_text(json.dumps(record) + "\n")
    deadline = time.monotonic() + READY_SECONDS_MAX
    while time.monotonic() < deadline:
        for line in log.read_text(errors="replace").splitlines():
            if line.startswith("ready "):
                teller.answer(line)
                return line.partition(" ")[2].strip(), process.pid
        if process.poll() is not None:
            said = log.read_text(errors="replace").strip().splitlines()
            raise StoryFailed(f"the server did not start: {said[-1] if said else 'no word'}")
        time.sleep(LOOK_SECONDS)
    raise StoryFailed(f"the server did not answer within {READY_SECONDS_MAX:.0f} s")
