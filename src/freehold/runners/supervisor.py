"""A small process of its own for each work: starts the sandbox, owns it, writes what happens.

Started by ``runners/local.py`` as ``python -I -S`` with a run directory (``rundir.py``); forks
away from whoever started it, takes the directory's lock and keeps it for life. It outlives the
server; if it dies, the sandbox dies (leash and parent-death signal) and the work is lost.
Output: status.json, heartbeat, log, answers on ctl.sock. Standard library only: start counts.
"""
# ruff: noqa: SIM105 - contextlib would cost start-up

from __future__ import annotations

import json
import marshal
import os
import select
import signal
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

from freehold.host.sandboxes.cgroups import Group
from freehold.host.sandboxes.launch import Launched
from freehold.runners import rundir
from freehold.runners.logbook import Logbook
from freehold.runners.processes import measure, tree

WATCH_SECONDS = 0.25
UNBORN_SECONDS = 1.0
KILL_SETTLE_SECONDS = 5.0
READ_BYTES = 256 * 1024
SETTLE_TRIES, SETTLE_TRY_SECONDS = 100, 0.02


def main(directory: str) -> None:
    """Fork away, own the run directory, see the work through.

    Exits 0 once the work is owned (by us or by an earlier one), else 1 with a reason on stderr.
    """
    os.chdir(directory)
    os.umask(0o077)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())  # a server's thread may block some
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
    supervisor = Supervisor(plan, lock)
    supervisor.transition("starting")
    supervisor.run(ready_write)


class Supervisor:
    """One work's life. ``status`` is what ``runner.Status`` reads."""

    def __init__(self, plan: dict[str, Any], lock: int) -> None:
        self.plan, self.lock = plan, lock
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
        self.grace = float("inf")
        self.runtime_ends_at: float | None = None
        self.process = -1  # a pidfd of the sandbox's first process
        self.report = self.complaint = b""
        self.ended: list[str] = []
        self.heartbeat = os.open("heartbeat", os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self.beat()

    def transition(self, state: str) -> bool:
        """Write a new state to disk before anyone can hear of it; False if the disk refuses.

        Raises:
            OSError: The work is not ours yet (``starting``) and cannot be put on disk.
        """
        self.status["state"] = state
        try:
            rundir.write_whole("status.json", json.dumps(self.status).encode(), is_durable=True)
        except FileNotFoundError:
            return True  # someone removed the directory: there is nobody left to tell
        except OSError:
            if state == "starting":
                raise
            return False
        return True

    def run(self, ready: int) -> None:
        """From the start of the sandbox to the last word on disk.

        ``ready`` is a pipe to whoever started us: written when stop and look will be answered.
        """
        self.wake, wake_write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop("host"))
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        try:
            self._open_control()
            self.group.create()
            self.launched.start(self.plan, self.group)
        except OSError as error:
            self.status["message"] = f"The sandbox could not be started: {error}"
        os.write(ready, b"1")
        os.close(ready)
        if self.launched.pid > 0:
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
        self.control.listen(64)

    def _watch(self) -> None:
        launched, poll = self.launched, select.poll()
        handlers: dict[int, Callable[[], bytes | None]] = {
            launched.out: lambda: self._read_log("out", launched.out),
            launched.err: lambda: self._read_log("err", launched.err),
            launched.report: self._read_report,
            self.control.fileno(): self._answer,
            self.wake: lambda: os.read(self.wake, 4096),
        }
        for descriptor in handlers:
            poll.register(descriptor, select.POLLIN)
        has_watchdog = self.group.kind == "watchdog"
        beat_at = time.monotonic()
        while True:
            for descriptor, _ in poll.poll(self._pause(beat_at) * 1000):
                if handlers[descriptor]() == b"":
                    poll.unregister(descriptor)
            pid, status, usage = os.wait4(self.launched.pid, os.WNOHANG)
            if pid:
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
        self.grace = min(self.grace, grace)
        if not self.status["started_at"]:  # nothing to spare yet; _started gives it its time
            grace = min(grace, UNBORN_SECONDS)
        kill_at = time.monotonic() + grace
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
        if os.fstat(self.lock).st_nlink == 0 and self.stopped_by is None:
            self.stop("host", 0.0)  # the run directory was removed: nobody will ever look
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

    def _read_log(self, stream: str, descriptor: int) -> bytes | None:
        data = _read(descriptor)
        if data and stream == "err" and not self.status["started_at"]:
            self.complaint += data  # bubblewrap's or the workload's: the report will tell
        elif data:
            self.logbook.feed(stream, data)
        return data

    def _read_report(self) -> bytes | None:
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
        return data

    def _started(self) -> None:
        pid = json.loads(_read(self.launched.info) or b"{}").get("child-pid")
        try:
            self.process = os.pidfd_open(pid)
        except (OSError, TypeError):
            self.process = -1  # ended already
        self.status |= {"pid": pid, "started_at": time.time()}
        if self.plan["max_runtime_seconds"] is not None:
            self.runtime_ends_at = time.monotonic() + self.plan["max_runtime_seconds"]
        if self.kill_at is not None:
            self.kill_at = time.monotonic() + self.grace
        if self.complaint:
            self.logbook.feed("err", self.complaint)
        self.transition("running")
        try:
            os.unlink("plan")  # holds the environment
        except OSError:
            pass

    def _answer(self) -> bytes:
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
        return b"answered"

    def _settle(self, status: int, usage: Any) -> None:
        """Tell how it ended: from the first process's report, else from bubblewrap's status."""
        while self._read_report():
            pass
        for stream, descriptor in (("out", self.launched.out), ("err", self.launched.err)):
            while self._read_log(stream, descriptor):
                pass
        self.beat()
        code = os.waitstatus_to_exitcode(status)
        cpu_seconds, peak_bytes = usage.ru_utime + usage.ru_stime, 0
        if self.ended:
            code = int(self.ended[0])
            cpu_seconds = float(self.ended[1]) + float(self.ended[2])
            peak_bytes = int(self.ended[3]) * 1024
        elif code in {137, 137 - 256}:  # bubblewrap tells a signal as a shell does
            code = -signal.SIGKILL
        self.status["cpu_seconds"] = max(self.status["cpu_seconds"], round(cpu_seconds, 3))
        self.status["peak_bytes"] = max(self.status["peak_bytes"], peak_bytes)
        if self.stopped_by is None and code in {-9, 137} and self.group.memory_kills():
            self.stopped_by = "memory"
        if self.status["started_at"]:
            self.status["signal" if code < 0 else "exit_code"] = abs(code)
            if self.stopped_by == "memory":
                self.status["message"] = "The work used more memory than its limit."
        elif self.stopped_by is None:
            said = self.status["message"] or self.complaint.decode(errors="replace").strip()
            said = said or f"bubblewrap ended with status {code}"
            self.status["message"] = f"The sandbox could not be started: {said[:2000]}"
            self.logbook.feed("note", self.status["message"].encode() + b"\n")

    def _finish(self) -> None:
        """Clean up, then say that it ended: whoever reads that may rely on all of it."""
        for _ in range(SETTLE_TRIES):
            self.group.kill()
            if self.group.remove():
                break
            time.sleep(SETTLE_TRY_SECONDS)
        self.logbook.close()
        self.status |= {"ended_at": time.time(), "stopped_by": self.stopped_by}
        while not self.transition("ended"):
            time.sleep(1.0)  # a full disk: we stay until the end is on record
        for name in ("plan", "ctl.sock"):
            try:
                os.unlink(name)
            except OSError:
                pass


def _read(descriptor: int) -> bytes | None:
    """What is there; empty at the end; None if there is nothing now."""
    try:
        return os.read(descriptor, READ_BYTES)
    except BlockingIOError:
        return None
