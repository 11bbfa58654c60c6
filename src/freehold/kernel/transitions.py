"""The steps of a training job as a client reads them: each one closes the one before.

Written by StopTrainingJob and by ``loops/jobs``; source: jobs-and-sdk.md 3.3. Jobs without
steps (processing) are let pass, so that both kinds take one road.
"""

from __future__ import annotations

from typing import Any

STEPS = "SecondaryStatusTransitions"
STEP = "SecondaryStatus"

# What AWS's client prints behind the name of a step.
MESSAGES = {
    "Starting": "Starting the training job",
    "Pending": "Training job waiting for capacity",
    "Downloading": "Downloading input data",
    "Training": "Training image download completed. Training in progress.",
    "Uploading": "Uploading generated training model",
    "Stopping": "Stopping the training job",
    "Completed": "Training job completed",
    "Failed": "Training job failed",
    "Stopped": "Training job stopped",
    "MaxRuntimeExceeded": "Training job runtime exceeded MaxRuntimeInSeconds provided",
    "MaxWaitTimeExceeded": "Training job waited longer than MaxWaitTimeInSeconds provided",
}


def begin(document: dict[str, Any], at: float) -> None:
    """Give a new job its first step."""
    document[STEPS] = []
    _append(document, "Starting", at, MESSAGES["Starting"])


def advance(document: dict[str, Any], step: str, at: float, message: str | None = None) -> None:
    """Close the step that lasts and begin ``step``; the same step again changes nothing."""
    steps = document.get(STEPS)
    if steps is None or (steps and steps[-1]["Status"] == step):
        return
    if steps:
        steps[-1]["EndTime"] = max(at, steps[-1]["StartTime"])
    _append(document, step, at, message or MESSAGES.get(step, step))


def close(document: dict[str, Any], step: str, at: float, message: str | None = None) -> None:
    """The last step: begun and ended at once."""
    advance(document, step, at, message)
    if document.get(STEPS):
        document[STEPS][-1]["EndTime"] = document[STEPS][-1]["StartTime"]


def _append(document: dict[str, Any], step: str, at: float, message: str) -> None:
    started = max([at, *(known["StartTime"] for known in document[STEPS][-1:])])
    document[STEPS].append({"Status": step, "StartTime": started, "StatusMessage": message})
    document[STEP] = step
