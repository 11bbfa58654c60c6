"""How a job ended, in AWS's words: from the runner's status to a status and a reason.

Values in, values out. Source: jobs-and-sdk.md 3.3 and 3.4.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from freehold.runners.runner import Status

REASON_CHARACTERS_MAX = 1024  # FailureReason in the model
INTERNAL = "InternalServerError: We encountered an internal error. Please try again."
OUT_OF_MEMORY = (
    "AlgorithmError: Please use an instance type with more memory, or reduce the size of the "
    "data processed on an instance."
)

End = Literal["Completed", "Failed", "Stopped"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The end of a job. ``step`` is the last SecondaryStatus of a training job."""

    status: End
    step: str
    reason: str | None = None

    @property
    def keeps_results(self) -> bool:
        """Whether what the job made is uploaded: a stopped job's too, a failed one's not."""
        return self.status != "Failed"


COMPLETED = Verdict("Completed", "Completed")
STOPPED = Verdict("Stopped", "Stopped")
WAITED = Verdict("Stopped", "MaxWaitTimeExceeded")


def failed(reason: str) -> Verdict:
    """A failure, with a reason that fits."""
    return Verdict("Failed", "Failed", reason[:REASON_CHARACTERS_MAX])


def judge(status: Status, failure: str | None, *, is_stopping: bool) -> Verdict:
    """The end of a work that the runner reports as over.

    Args:
        status: ``ended``, ``lost`` or ``absent``.
        failure: What the job wrote to ``/opt/ml/output/failure``; None if nothing.
        is_stopping: A Stop was asked for.
    """
    if status.stopped_by == "max-runtime":
        return Verdict("Stopped", "MaxRuntimeExceeded")
    if is_stopping:
        return STOPPED
    if status.state != "ended" or status.stopped_by == "host":
        return failed(f"{INTERNAL} ({status.message or 'The work was lost.'})")
    if status.started_at is None:
        return failed(f"InternalServerError: The job could not be started: {status.message}")
    if status.stopped_by == "memory":
        return failed(OUT_OF_MEMORY)
    if status.exit_code == 0:
        return COMPLETED
    code = status.exit_code if status.exit_code is not None else 128 + (status.signal or 0)
    tail = f", exit code: {code}"
    room = REASON_CHARACTERS_MAX - len("AlgorithmError: ") - len(tail)
    return failed(f"AlgorithmError: {(failure or '').strip()[:room]}{tail}")


def stopped_meanwhile(verdict: Verdict) -> Verdict:
    """A Stop that came while results were uploaded."""
    return replace(STOPPED) if verdict.status == "Completed" else verdict
