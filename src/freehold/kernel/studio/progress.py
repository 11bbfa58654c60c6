"""Where an app stands that is coming up: what its starter tells, and what that means.

Input: the progress file that ``host/inside/starter.py`` writes inside the sandbox. Output: a step
that the loop judges by and the starting page shows. The app may be hostile: what it tells is
bounded, taken apart member by member, and believed for itself alone.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

import msgspec

from freehold.kernel import doors

FILE = "progress.json"
BYTES_MAX = 8192
TEXT_MAX = 512
LOG_GROUP = "/aws/sagemaker/studio"
SCRIPT_STREAM = "LifecycleConfigOnStart"


class _Failure(msgspec.Struct):
    status: int | None = None


class _Told(msgspec.Struct):
    step: str
    what: str
    at: float
    failure: _Failure | None


@dataclass(frozen=True, slots=True)
class Progress:
    """``step``: ``script``, ``clone`` or ``app``, since ``at``. ``what``: an ARN or an address.

    ``has_failed``; ``status``: the exit status then, negative for a signal, None: out of time.
    """

    step: str
    what: str
    at: float
    has_failed: bool
    status: int | None


def read(state: Path, door_id: str) -> Progress | None:
    """What is told; None if nothing is, or nothing that can be understood."""
    try:
        path = doors.place(state, door_id) / "app" / FILE
        # The directory is the app's own: no link is followed, and a pipe does not hold us up.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        told = msgspec.json.decode(os.read(descriptor, BYTES_MAX), type=_Told)
    except (OSError, msgspec.MsgspecError):
        return None
    finally:
        os.close(descriptor)
    failure = told.failure
    what = "".join(letter for letter in told.what[:TEXT_MAX] if letter.isprintable())
    return Progress(
        told.step, what, told.at, failure is not None, None if failure is None else failure.status
    )


def stream(document: dict[str, object]) -> str:
    """The log stream of an app's own output (domains.md 1.7): behind it comes SCRIPT_STREAM."""
    owner = document.get("SpaceName") or document.get("UserProfileName")
    return f"{document['DomainId']}/{owner}/{document['AppType']}/{document['AppName']}"
