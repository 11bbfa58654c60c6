"""Why an app ended or failed, in words for its FailureReason.

Input: the runner's status, the starter's progress, the last lines of the app's log streams.
Output: at most REASON_MAX characters; where that is too little the oldest lines go first.
"""

from __future__ import annotations

import signal

from freehold.host.inside.starter import MARK
from freehold.kernel import logs
from freehold.kernel.call import Record
from freehold.kernel.dispatch import Kernel
from freehold.kernel.studio import progress
from freehold.kernel.studio.progress import LOG_GROUP, SCRIPT_STREAM, Progress
from freehold.loops.apps.start import SCRIPT_SECONDS_MAX
from freehold.loops.jobs.watch import Source, pump_all
from freehold.runners.runner import Runner, Status

REASON_MAX = 1024  # the model's bound on FailureReason
LINES = 8


def source(app: Record) -> Source:
    """The app's log, and the streams that it goes to."""
    stream = progress.stream(app.document)
    marked = f"{stream}/{SCRIPT_STREAM}"
    return Source(app.document["_Run"], LOG_GROUP, stream, MARK, marked)


def ended(kernel: Kernel, runner: Runner, app: Record, status: Status) -> str:
    """Of an app whose process is no more."""
    pump_all(kernel, runner, source(app))
    where = progress.read(kernel.settings.state, app.document["_Door"])
    if where is not None and where.has_failed and where.what in app.document.get("_Scripts", ()):
        return _script(kernel, app, where)
    how = status.message or _how(status)
    return told(f"The app ended: {how}", _last(kernel, app))


def _how(status: Status) -> str:
    if status.signal is not None:
        return f"{signal.Signals(status.signal).name}."
    return "its status is not known." if status.exit_code is None else f"exit {status.exit_code}."


def _script(kernel: Kernel, app: Record, where: Progress) -> str:
    lines = _last(kernel, app, f"/{SCRIPT_STREAM}")
    logged = f"log stream {progress.stream(app.document)}/{SCRIPT_STREAM} of {LOG_GROUP}"
    if where.status is None:
        # The sentence that notebook instances fail with (optuna-hpo-blog#4), with our noun.
        return told(
            f"Lifecycle Config '{where.what}' for App '{app.arn}' took longer than "
            f"{SCRIPT_SECONDS_MAX / 60:.0f} minutes. Please check your CloudWatch logs for more "
            f"details ({logged}).",
            lines,
        )
    how = f"exit status {where.status}" if where.status >= 0 else f"signal {-where.status}"
    return told(
        f"Lifecycle Config execution failed with {how}: '{where.what}'. See {logged}.", lines
    )


def _last(kernel: Kernel, app: Record, below: str = "") -> list[str]:
    """The last lines of this run, oldest first."""
    found = logs.read_events(
        kernel.own_unit(),
        LOG_GROUP,
        progress.stream(app.document) + below,
        before=logs.END,
        start=int(app.document["_StartedAt"] * 1000),
        limit=LINES,
    )
    return [event.message for event in found]


def told(sentence: str, lines: list[str]) -> str:
    """The sentence, and behind it as many of the last lines as there is room for."""
    room = REASON_MAX - len(sentence) - len(" Last lines:")
    kept: list[str] = []
    for line in reversed(lines):
        if len(line) + 1 > room:
            break
        room -= len(line) + 1
        kept.append(line)
    if not kept and lines and room > 0:
        kept.append(lines[-1][-room:])
    if not kept:
        return sentence[:REASON_MAX]
    return "\n".join([f"{sentence} Last lines:", *reversed(kept)])
