"""The door between loops and whatever runs work: what to run, how it fares, what it said.

Loops build a ``Work`` and look at its ``Status``; runners (``local``, later ``slurm``) do the
rest. Every call is idempotent by the work's id, so a loop that crashed simply calls again.
"""

from __future__ import annotations

from typing import Literal, Protocol

import msgspec

from freehold.host.sandboxes.limits import Limits
from freehold.host.sandboxes.sandbox import Sandbox

STOP_GRACE_SECONDS = 120.0  # SageMaker's time between SIGTERM and SIGKILL
LOG_BYTES_MAX = 64 * 1024**2

State = Literal["starting", "running", "ended", "lost", "absent"]
StoppedBy = Literal["stop", "max-runtime", "memory", "host"]


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """One workload, complete: a runner needs nothing else.

    ``id``: 1 to 128 of ``A-Za-z0-9._-``, first alphanumeric; unique in the state for ever.
    ``kind``: what it is for (``app``, ``training-job``, ...), for people and accounting.
    ``uid``: the owner's uid (``Uids.owner``); an ordinary user's runner uses its own.
    ``env``: the whole environment but PATH, HOME and USER, which have defaults.
    ``max_runtime_seconds``: counted from the workload's start; None is for ever.
    ``niceness``: how far it stands behind the server and others for CPU, 0 to 19.
    """

    id: str
    kind: str
    argv: tuple[str, ...]
    uid: int
    env: dict[str, str] = {}
    cwd: str = "/"
    sandbox: Sandbox = Sandbox()
    limits: Limits = Limits()
    max_runtime_seconds: float | None = None
    stop_grace_seconds: float = STOP_GRACE_SECONDS
    log_bytes_max: int = LOG_BYTES_MAX
    niceness: int = 0


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """How a work fares. Times are epoch seconds, UTC.

    ``state``: ``absent`` was never started here (start it); ``lost`` ended without a word, at
    the latest at ``ended_at``, its last heartbeat (host rebooted, supervisor killed).
    ``started_at``: when the workload itself was executed; None if it never was, and then
    ``message`` tells why. ``exit_code`` or ``signal``: how it ended, never both.
    ``stopped_by``: why we ended it; None if it ended by itself. ``host``: the supervisor was
    told to end, as at a shutdown. ``pid``: the sandbox's first process, seen from the host.
    """

    state: State
    pid: int | None = None
    exit_code: int | None = None
    signal: int | None = None
    stopped_by: StoppedBy | None = None
    created_at: float | None = None
    started_at: float | None = None
    ended_at: float | None = None
    heartbeat_at: float | None = None
    cpu_seconds: float = 0.0
    peak_bytes: int = 0
    message: str = ""


class LogLine(msgspec.Struct, frozen=True):
    """One line that the workload wrote. ``stream``: ``out``, ``err``, or ``note`` (ours)."""

    at_ms: int
    stream: str
    text: str


class LogPage(msgspec.Struct, frozen=True):
    """Lines from an offset on. ``offset`` is where the next page starts; equal if no news."""

    lines: tuple[LogLine, ...]
    offset: int


class Runner(Protocol):
    """What every runner can do."""

    def start(self, work: Work) -> None:
        """See that the work runs, or has run: a second start of one id adopts the first.

        Returns when a supervisor owns it; the workload may not be up yet. A sandbox that
        cannot be made shows as ``ended`` with ``started_at`` None and a message.

        Raises:
            Invalid: The id is malformed.
            Internal: Nothing was started (disk full, no process to be had); try again.
        """

    def look(self, id: str) -> Status:
        """How it fares now."""

    def stop(self, id: str, grace_seconds: float | None = None) -> None:
        """SIGTERM, then SIGKILL to all of it after the grace (None: the work's own).

        Returns at once. A second call can shorten the grace. Ended or absent work: nothing.
        """

    def forget(self, id: str) -> None:
        """Remove what is kept of an ended work, its log too.

        Raises:
            Conflict: It still runs.
        """

    def ids(self) -> list[str]:
        """All that is kept here, running or not, sorted."""

    def logs(self, id: str, offset: int = 0) -> LogPage:
        """Whole lines from a byte offset on; at most about a mebibyte a call."""
