"""Starts the servers that are measured, each pinned to one CPU, and ends them."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.bench import world

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
OTHERS = ROOT / ".venv-bench"
SERVER_CPU, LOAD_CPU = "0", "1"
READY_SECONDS_MAX = 60.0
REST_LOOKS_MAX = 60


def pinned(cpu: str) -> list[str]:
    """The words before a command that keep it on one CPU; none where there is only one."""
    return ["taskset", "-c", cpu] if (os.cpu_count() or 1) > 1 else []


def free_port() -> int:
    """A port of this machine that nobody listens on now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def ours(state: Path, port: int = 0) -> list[str]:
    """The command of our server."""
    command = [str(Path(sys.executable).parent / "freehold"), "up", "--state", str(state)]
    return [*command, "--port", str(port), "--tls-port", "0", "--log-level", "WARNING"]


class Running(NamedTuple):
    """A server that answers."""

    pid: int
    port: int


@contextmanager
def running(command: list[str], log: Path, *, cpu: str | None = SERVER_CPU) -> Iterator[int]:
    """A server as a process group of its own; its process id. Its output goes to ``log``."""
    words = command if cpu is None else [*pinned(cpu), *command]
    with log.open("wb") as out:
        process = subprocess.Popen(words, stdout=out, stderr=out, start_new_session=True, cwd=ROOT)
        try:
            yield process.pid
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


@contextmanager
def freehold(state: Path, *, cpu: str | None = SERVER_CPU) -> Iterator[Running]:
    """Our server on a state."""
    log = state.with_suffix(".log")
    port = free_port()
    with running(ours(state, port), log, cpu=cpu) as pid:
        _await_port(port, log)
        await_rest(pid)
        yield Running(pid, port)


@contextmanager
def moto(directory: Path) -> Iterator[Running]:
    """The other server, filled. Installed on first use."""
    install_others()
    jobs = directory / "jobs.json"
    jobs.write_text(json.dumps([world.job(world.name_of(n), n) for n in range(world.JOBS)]))
    log, port = directory / "moto.log", free_port()
    program = [str(OTHERS / "bin" / "python"), str(HERE / "moto_server.py"), str(port), str(jobs)]
    with running(program, log) as pid:
        _await_port(port, log)
        yield Running(pid, port)


def install_others() -> None:
    """Make ``.venv-bench`` from requirements/bench.txt, or see that it is there."""
    wanted = (ROOT / "requirements" / "bench.txt").read_bytes()
    stamp = OTHERS / "installed.txt"
    if stamp.exists() and stamp.read_bytes() == wanted:
        return
    print("installing the servers that we are measured against", flush=True)
    uv = str(Path(sys.executable).parent / "uv")
    python = str(OTHERS / "bin" / "python")
    lines = ["--quiet", "--python", python, "--require-hashes", "-r", "requirements/bench.txt"]
    subprocess.run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(OTHERS)],
                   check=True, cwd=ROOT)  # fmt: skip
    subprocess.run([uv, "pip", "install", *lines], check=True, cwd=ROOT)
    stamp.write_bytes(wanted)


def await_rest(pid: int) -> None:
    """Wait until a server that was just filled has done what that gave it to do."""
    before = cpu_seconds(pid)
    for _ in range(REST_LOOKS_MAX):
        time.sleep(1.0)
        now = cpu_seconds(pid)
        if now - before < 0.05:
            return
        before = now


def cpu_seconds(pid: int) -> float:
    """What a process itself has used, of user and system time."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mib(pid: int) -> float:
    """What a process and its children keep in memory, shared pages counted once each."""
    kib, todo = 0, [pid]
    while todo:
        one = todo.pop()
        try:
            status = Path(f"/proc/{one}/status").read_text()
            kib += next(int(x.split()[1]) for x in status.splitlines() if x.startswith("VmRSS"))
            for task in Path(f"/proc/{one}/task").iterdir():
                todo += [int(child) for child in (task / "children").read_text().split()]
        except (OSError, StopIteration):
            continue
    return kib / 1024


def _await_port(port: int, log: Path) -> None:
    ends = time.monotonic() + READY_SECONDS_MAX
    while time.monotonic() < ends:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit(f"no server came up; its log ends:\n{log.read_text()[-2000:]}")
