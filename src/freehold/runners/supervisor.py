"""A small process of its own for each work: starts the sandbox, owns it, writes what happens.

Started by ``runners/local.py`` as ``python -I -S`` with a run directory (``rundir.py``); forks
away from whoever started it, takes the directory's lock and keeps it for life. It outlives the
server; if it dies, the sandbox dies (leash and parent-death signal) and the work is lost.
Output: status.json, heartbeat, log, answers on ctl.sock. Standard library only: start counts.
"""

from __future__ import annotations

import json
import marshal
import os
import select
import signal
import time
from typing import Any

from freehold.host.cgroups import Group
from freehold.runners import rundir
from freehold.runners.launch import Launched, measure, tree
from freehold.runners.logbook import Logbook

WATCH_SECONDS = 0.25
KILL_SETTLE_SECONDS = 5.0
READ_BYTES = 256 * 1024
COMPLAINT_BYTES = 4096


def main(directory: str) -> None:
    """Fork away, own the run directory, see the work through.

    Exits 0 once the work is owned (by us or by an earlier one), else 1 with a reason on stderr.
    """
    os.chdir(directory)
    os.umask(0o077)
    ready_read, ready_write = os.pipe2(os.O_CLOEXEC)
    if os.fork():
        os.close(ready_write)
        os._exit(0 if os.read(ready_read, 1) else 1)
    lock = rundir.hold("lock")
    if lock is None or os.path.exists("status.json"):
        os.write(ready_write, b"1")
        return
    with open("plan", "rb") as source:
        plan = marshal.loads(source.read())  # noqa: S302 - written by our own runner
    supervisor = Supervisor(plan)
    supervisor.transition("starting")
    os.write(ready_write, b"1")
    os.close(ready_write)
    supervisor.run()


class Supervisor:
    """One work's life. ``status`` is what ``runner.Status`` reads."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.plan = plan
        self.group = Group(plan["group"])
        self.launched = Launched()
        self.logbook = Logbook("log", plan["log_bytes_max"])
        self.status: dict[str, Any] = {
            "boot_id": rundir.boot_id(), "nonce": plan["nonce"], "supervisor": os.getpid(),
            "created_at": time.time(), "pid": None, "started_at": None, "ended_at": None,
            "exit_code": None, "signal": None, "stopped_by": None, "message": "",
            "cpu_seconds": 0.0, "peak_bytes": 0,
        }  # fmt: skip
        self.stopped_by: str | None = None
        self.kill_at: float | None = None
        self.runtime_ends_at: float | None = None
        self.process = -1  # a pidfd of the sandbox's first process
        self.report = self.complaint = b""
        self.ended: list[str] = []
        self.heartbeat = os.open("heartbeat", os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self.beat()

    def transition(self, state: str) -> None:
        """Write a new state to disk before anyone can hear of it."""
        self.status["state"] = state
        try:
            rundir.write_whole("status.json", json.dumps(self.status).encode(), is_durable=True)
        except OSError:
            if state == "starting":
                raise  # not ours until it is on disk; later states are tried again at the end

    def run(self) -> None:
        """From the start of the sandbox to the last word on disk."""
        self.wake, wake_write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop("host"))
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        try:
            self.group.create()
            self.launched.start(self.plan, self.group)
        except OSError as error:
            self.status["message"] = f"The sandbox could not be started: {error}"
        else:
            self._open_control()
            self._watch()
        self._finish()

    def _open_control(self) -> None:
        import socket

        self.control = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            os.unlink("ctl.sock")
        except FileNotFoundError:
            pass
        self.control.bind("ctl.sock")
        self.control.listen(16)

    def _watch(self) -> None:
        launched, poll = self.launched, select.poll()
        handlers = {
            launched.out: lambda: self._read_log("out", launched.out),
            launched.err: lambda: self._read_log("err", launched.err),
            launched.report: self._read_report,
            self.control.fileno(): self._answer,
            self.wake: lambda: bool(os.read(self.wake, 4096)),
        }
        for descriptor in handlers:
            poll.register(descriptor, select.POLLIN)
        has_watchdog = self.group.kind == "watchdog"
        beat_at = time.monotonic()
        while True:
            for descriptor, _ in poll.poll(self._pause(beat_at) * 1000):
                if not handlers[descriptor]():
                    poll.unregister(descriptor)
            pid, status, usage = os.wait4(self.launched.pid, os.WNOHANG)
            if pid:
                self._drain()
                self._settle(status, usage)
                return
            now = time.monotonic()
            if now >= beat_at:
                beat_at = now + (WATCH_SECONDS if has_watchdog else rundir.HEARTBEAT_SECONDS)
                self.beat()
            self._enforce(now)

    def _pause(self, beat_at: float) -> float:
        ends = [beat_at, self.kill_at, self.runtime_ends_at]
        return max(0.0, min(end for end in ends if end is not None) - time.monotonic()) + 0.001

    def _enforce(self, now: float) -> None:
        if self.runtime_ends_at is not None and now >= self.runtime_ends_at:
            self.runtime_ends_at = None
            self.stop("max-runtime")
        if self.kill_at is not None and now >= self.kill_at:
            self.kill_at = now + KILL_SETTLE_SECONDS
            self.kill()

    def stop(self, reason: str, grace: float | None = None) -> None:
        """SIGTERM now, SIGKILL after the grace. The first reason stands; the earlier end wins."""
        if self.stopped_by is None:
            self.stopped_by = reason
        elif reason == "host":
            return
        grace = self.plan["stop_grace_seconds"] if grace is None else grace
        kill_at = time.monotonic() + (grace if self.status["started_at"] else 0.0)
        self.kill_at = kill_at if self.kill_at is None else min(self.kill_at, kill_at)
        try:
            os.write(self.launched.leash, b"T")
        except OSError:
            pass

    def kill(self) -> None:
        """End the first process of the sandbox, and with it everything inside."""
        if self.process >= 0:
            try:
                signal.pidfd_send_signal(self.process, signal.SIGKILL)
            except OSError:
                pass
        else:
            os.kill(self.launched.pid, signal.SIGKILL)
        self.group.kill()

    def beat(self) -> None:
        """Measure, hold the memory limit where no control group does, and leave a sign of life."""
        usage = self.group.usage()
        if usage is None and self.launched.pid > 0:
            usage = self._measure()
        if usage is not None:
            self.status["cpu_seconds"] = max(self.status["cpu_seconds"], round(usage[0], 3))
            self.status["peak_bytes"] = max(self.status["peak_bytes"], usage[1])
        sign = f"{time.time():.3f} {self.status['cpu_seconds']} {self.status['peak_bytes']}\n"
        try:
            os.pwrite(self.heartbeat, sign.ljust(rundir.HEARTBEAT_BYTES).encode(), 0)
        except OSError:
            pass

    def _measure(self) -> tuple[float, int]:
        pids = tree(self.launched.pid)
        seconds, memory = measure(pids, is_exact=False)
        limit = self.group.limits["memory_bytes"]
        if memory > limit:
            seconds, memory = measure(pids, is_exact=True)
            if memory > limit and self.stopped_by is None:
                self.stopped_by = "memory"
                self.kill()
        return seconds, memory

    def _read_log(self, stream: str, descriptor: int) -> bool:
        data = _read(descriptor)
        if data and not self.status["started_at"] and stream == "err":
            self.complaint = (self.complaint + data)[:COMPLAINT_BYTES]
        elif data:
            self.logbook.feed(stream, data)
        return data != b""

    def _read_report(self) -> bool:
        data = _read(self.launched.report)
        *lines, self.report = (self.report + (data or b"")).split(b"\n")
        for line in lines:
            word, _, rest = line.decode(errors="replace").partition(" ")
            if word == "started":
                self._started()
            elif word == "ended":
                self.ended = rest.split(" ")
            else:
                self.status["message"] = rest
        return data != b""

    def _started(self) -> None:
        info = _read(self.launched.info) or b"{}"
        pid = json.loads(info).get("child-pid")
        self.process = os.pidfd_open(pid) if pid else -1
        self.status |= {"pid": pid, "started_at": time.time()}
        if self.plan["max_runtime_seconds"] is not None:
            self.runtime_ends_at = time.monotonic() + self.plan["max_runtime_seconds"]
        if self.complaint:
            self.logbook.feed("err", self.complaint)
        self.transition("running")
        try:
            os.unlink("plan")  # holds the environment
        except OSError:
            pass

    def _answer(self) -> bool:
        """One question a connection: ``{"nonce", "do": "look" | "stop", "grace"}``."""
        connection, _ = self.control.accept()
        with connection:
            connection.settimeout(1.0)
            try:
                question = json.loads(connection.recv(4096))
                if question.get("nonce") == self.plan["nonce"]:
                    if question["do"] == "stop":
                        self.stop("stop", question.get("grace"))
                    self.beat()
                    connection.sendall(json.dumps(self.status).encode())
            except (OSError, ValueError, KeyError):
                pass
        return True

    def _drain(self) -> None:
        """Everything inside is gone: what it still said is in the pipes."""
        while self._read_report_some():
            pass
        for stream, descriptor in (("out", self.launched.out), ("err", self.launched.err)):
            while _read(descriptor, peek := []) and peek:
                self._take(stream, peek[0])

    def _settle(self, status: int, usage: Any) -> None:
        """Tell how it ended from the first process's report, else from bubblewrap's status."""
        code = int(self.ended[0]) if self.ended else os.waitstatus_to_exitcode(status)
