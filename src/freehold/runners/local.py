"""The ``local`` runner: one bubblewrap sandbox a work on this machine, each with a supervisor.

Input: ``Work`` from the loops. Output: a run directory under ``<state>/runs`` (``rundir.py``)
and a detached ``supervisor.py`` that owns it. Nothing is kept in memory but what was seen to
answer: a new LocalRunner on the same state knows every work of the old one, by the lock that
its supervisor holds and a handshake on its socket, never by a pid file.
"""

from __future__ import annotations

import contextlib
import functools
import marshal
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

import freehold
from freehold.base.errors import Conflict, Internal, Invalid
from freehold.host.sandboxes import limits as host_limits
from freehold.host.sandboxes.cgroups import Group
from freehold.host.sandboxes.limits import Enforcement
from freehold.host.sandboxes.probe import bubblewrap
from freehold.host.sandboxes.sandbox import identity, plan
from freehold.runners import rundir
from freehold.runners.logbook import read_page
from freehold.runners.runner import LogLine, LogPage, Status, Work

ANSWER_SECONDS = 2.0
START_SECONDS = 20.0
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_MAIN = "import sys; sys.path.insert(0, sys.argv[1]); "
_MAIN += "from freehold.runners.supervisor import main; main(sys.argv[2])"


class LocalRunner:
    """The runner of one state directory. Safe between threads and processes."""

    def __init__(self, state: Path, *, enforcement: Enforcement | None = None) -> None:
        """Look after ``<state>/runs``.

        Args:
            state: The install's state directory.
            enforcement: How limits are held; None examines the host at the first start.
        """
        self.directory = state / "runs"
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._enforcement = enforcement

    @functools.cached_property
    def enforcement(self) -> Enforcement:
        """How limits are held here."""
        return self._enforcement or host_limits.examine()

    def start(self, work: Work) -> None:
        """See ``Runner.start``."""
        directory = self._run(work.id)
        if (directory / "status.json").exists() or rundir.holder(str(directory / "lock")):
            return
        try:
            directory.mkdir(mode=0o700, exist_ok=True)
            self._write_plan(directory, work)
            rundir.sync_directory(str(self.directory))
        except OSError as error:
            raise Internal(
                "The work could not be put on disk.", detail=str(error), retryable=True
            ) from error
        self._spawn(directory, work.niceness)

    def look(self, id: str) -> Status:
        """See ``Runner.look``."""
        directory = self._run(id)
        is_held = rundir.holder(str(directory / "lock")) is not None
        written = _written(directory)  # after the lock: an end between the two is seen
        if written is None:
            return Status(state="starting" if is_held else "absent")
        if written["state"] != "ended" and not is_held:
            return self._lost(directory, written)
        heartbeat_at, cpu_seconds, peak_bytes = _heartbeat(directory)
        if written["state"] != "ended":
            written |= {"heartbeat_at": heartbeat_at}
            written["cpu_seconds"] = max(cpu_seconds, written["cpu_seconds"])
            written["peak_bytes"] = max(peak_bytes, written["peak_bytes"])
        return _status(written)

    def adopt(self, id: str) -> bool:
        """Whether a live supervisor of this work, of this boot, answers on its socket."""
        directory = self._run(id)
        written = _written(directory)
        if not written or written["boot_id"] != rundir.boot_id():
            return False
        answer = _ask(directory, {"nonce": written["nonce"], "do": "look"})
        return answer is not None and answer["nonce"] == written["nonce"]

    def stop(self, id: str, grace_seconds: float | None = None) -> None:
        """See ``Runner.stop``."""
        directory = self._run(id)
        written = _written(directory)
        if not written or written["state"] == "ended":
            return
        question = {"nonce": written["nonce"], "do": "stop", "grace": grace_seconds}
        if _ask(directory, question) is None and self.look(id).state in {"starting", "running"}:
            raise Internal("The work's supervisor does not answer.", retryable=True)

    def forget(self, id: str) -> None:
        """See ``Runner.forget``."""
        directory = self._run(id)
        state = self.look(id).state
        if state in {"starting", "running"}:
            raise Conflict(f"Work {id} still runs.")
        gone = self.directory / f".gone-{secrets.token_hex(8)}"
        with contextlib.suppress(FileNotFoundError):
            directory.rename(gone)
            shutil.rmtree(gone, ignore_errors=True)

    def ids(self) -> list[str]:
        """See ``Runner.ids``."""
        return sorted(name for name in os.listdir(self.directory) if _ID.fullmatch(name))

    def logs(self, id: str, offset: int = 0) -> LogPage:
        """See ``Runner.logs``."""
        lines, next_offset = read_page(str(self._run(id) / "log"), offset)
        return LogPage(tuple(LogLine(*line) for line in lines), next_offset)

    def _run(self, id: str) -> Path:
        if not _ID.fullmatch(id):
            raise Invalid(f"{id!r} is not a work's id: 1 to 128 of A-Za-z0-9._- are allowed.")
        return self.directory / id

    def _write_plan(self, directory: Path, work: Work) -> None:
        found = bubblewrap()
        made: dict[str, Any] = plan(
            work.sandbox,
            identity(work.uid),
            bwrap=found.path or "bwrap (not installed)",
            argv=work.argv,
            env=work.env,
            cwd=work.cwd,
            enforcement=self.enforcement,
            limits=work.limits,
        )
        device = os.stat(directory)
        group = self.enforcement.plan(f"{device.st_dev:x}-{device.st_ino:x}-{work.id}", work.limits)
        made |= {
            "group": group,
            "nonce": secrets.token_hex(16),
            "max_runtime_seconds": work.max_runtime_seconds,
            "stop_grace_seconds": work.stop_grace_seconds,
            "log_bytes_max": work.log_bytes_max,
        }
        for name, data in (
            ("work.json", msgspec.json.encode(work)),
            ("group.json", msgspec.json.encode(group)),
            ("plan", marshal.dumps(made)),
        ):
            rundir.write_whole(str(directory / name), data, is_durable=False)

    def _spawn(self, directory: Path, niceness: int) -> None:
        """Start the supervisor; it answers when the work is its own, on disk, or known."""
        python = os.path.realpath(sys._base_executable)  # type: ignore[attr-defined]
        root = str(Path(freehold.__file__).parent.parent)
        complaints = os.open(
            directory / "supervisor.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600
        )
        try:
            supervisor = subprocess.Popen(
                [python, "-I", "-S", "-c", _MAIN, root, str(directory)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=complaints,
                start_new_session=True,
                env={"LC_ALL": "C.UTF-8"},
            )
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, supervisor.pid, niceness)
            try:
                status = supervisor.wait(START_SECONDS)
            except subprocess.TimeoutExpired:
                supervisor.kill()
                supervisor.wait()
                raise
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Internal(
                "No supervisor could be started.", detail=str(error), retryable=True
            ) from error
        finally:
            os.close(complaints)
        if status:
            detail = (directory / "supervisor.log").read_text()[-2000:]
            raise Internal("The supervisor could not start.", detail=detail, retryable=True)

    def _lost(self, directory: Path, written: dict[str, Any]) -> Status:
        """Its supervisor is gone, and with it the sandbox; make sure, and bound the time."""
        with contextlib.suppress(OSError, ValueError):
            group = Group(msgspec.json.decode((directory / "group.json").read_bytes()))
            group.kill()
            group.remove()
        heartbeat_at, cpu_seconds, peak_bytes = _heartbeat(directory)
        is_same_boot = written["boot_id"] == rundir.boot_id()
        why = "its supervisor ended" if is_same_boot else "the machine was restarted"
        written |= {
            "state": "lost",
            "heartbeat_at": heartbeat_at,
            "ended_at": heartbeat_at or written["created_at"],
            "cpu_seconds": cpu_seconds,
            "peak_bytes": peak_bytes,
            "message": f"The work was lost: {why}.",
        }
        return _status(written)


def _status(written: dict[str, Any]) -> Status:
    return msgspec.convert(written, Status, strict=False)


def _written(directory: Path) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = msgspec.json.decode((directory / "status.json").read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found


def _heartbeat(directory: Path) -> tuple[float | None, float, int]:
    try:
        at, cpu_seconds, peak_bytes = (directory / "heartbeat").read_text().split()
        return float(at), float(cpu_seconds), int(peak_bytes)
    except (OSError, ValueError):
        return None, 0.0, 0


@contextlib.contextmanager
def _connected(directory: Path) -> Iterator[socket.socket]:
    """The supervisor's socket, by way of a descriptor: a socket's path may not pass 107 bytes."""
    descriptor = os.open(directory, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(ANSWER_SECONDS)
            connection.connect(f"/proc/self/fd/{descriptor}/ctl.sock")
            yield connection
    finally:
        os.close(descriptor)


def _ask(directory: Path, question: dict[str, Any]) -> dict[str, Any] | None:
    try:
        with _connected(directory) as connection:
            connection.sendall(msgspec.json.encode(question))
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
        return msgspec.json.decode(answer) if answer else None
    except OSError:
        return None
