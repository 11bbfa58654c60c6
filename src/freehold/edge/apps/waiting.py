"""What a visitor is told of an app that is not in service: where it stands and what to do.

Input: the app's record, its starter's progress, the last lines of its script. Output: a
``NotReady`` for ``pages.py``. Values in, values out.
"""

from __future__ import annotations

from typing import Any

from freehold.base.clock import iso
from freehold.edge.apps.pages import NotReady, State, Step
from freehold.kernel.studio.app_types import APP_TYPES
from freehold.kernel.studio.progress import Progress

LINES = 6
LINE_CHARS_MAX = 300
AGAIN = "Ask for a new presigned URL to start it again; its files are kept."

Document = dict[str, Any]


def told(
    status: str, app: Document, where: Progress | None, lines: tuple[str, ...], now: float
) -> NotReady:
    """What to say of an app.

    Args:
        status: AWS's word, anything but InService.
        app: Its document.
        where: What its starter tells, if it has one and has begun.
        lines: The last lines that a script said in this start.
        now: Epoch seconds.
    """
    title = APP_TYPES[app["AppType"]].title
    why = app.get("FailureReason", "")
    if status == "Failed":
        text = f"{why}\n\nMend the cause, then open the app again. {AGAIN}".strip()
        return NotReady(f"Your {title} could not be started", text, status=404, is_over=True)
    if status == "Deleted":
        because = f" because it was {app['_Why']}" if app.get("_Why") else ""
        text = f"It was shut down{because}. {AGAIN}"
        return NotReady(f"Your {title} does not run", text, status=404, is_over=True)
    if status == "Deleting":
        because = f" because it was {app['_Why']}" if app.get("_Why") else ""
        return NotReady(f"Your {title} is being stopped", f"It ends{because}. Its files are kept.")
    if app.get("_NextStartAt", 0.0) > now:
        left = app["_NextStartAt"] - now
        text = f"It ended by itself and is started again in {left:.0f} seconds.\n{why}"
        return NotReady(f"Your {title} is started again", text)
    text = f"Started at {iso(app.get('_StartedAt') or app['CreationTime'])}."
    if why:
        text += f"\n{why}"
    shown = tuple(line[:LINE_CHARS_MAX] for line in lines[-LINES:])
    return NotReady(f"Your {title} is starting", text, _steps(app, title, where, now), shown)


def _steps(app: Document, title: str, where: Progress | None, now: float) -> tuple[Step, ...]:
    """Its turn, its sandbox, its scripts, its repositories, and the program itself."""
    scripts, repositories = app.get("_Scripts", ()), app.get("_Repositories", ())
    names = ["Waiting for its turn", "Making the sandbox"]
    names += [f"Running the lifecycle configuration {arn.rpartition('/')[2]}" for arn in scripts]
    names += [f"Cloning {one['Url']}" for one in repositories]
    names.append(f"{title} comes up")
    at = _position(app, where, len(names))
    notes = {}
    if where is not None and at >= 2:
        notes[at] = f"for {max(0.0, now - where.at):.0f} s"
    elif at > 0 and "_StartedAt" in app:
        notes[at] = f"for {max(0.0, now - app['_StartedAt']):.0f} s"
    return tuple(
        Step(name, _state(number, at, where), notes.get(number, ""))
        for number, name in enumerate(names)
    )


def _state(number: int, at: int, where: Progress | None) -> State:
    if number == at:
        return "failed" if where is not None and where.has_failed else "now"
    return "done" if number < at else "next"


def _position(app: Document, where: Progress | None, count: int) -> int:
    """Which step is under way. Without a starter nobody tells more than that there is a run."""
    scripts = list(app.get("_Scripts", ()))
    addresses = [one["Url"] for one in app.get("_Repositories", ())]
    if "_Run" not in app:
        return 0
    if not scripts and not addresses:
        return count - 1
    if where is None:
        return 1
    if where.step == "script" and where.what in scripts:
        return 2 + scripts.index(where.what)
    if where.step == "clone" and where.what in addresses:
        return 2 + len(scripts) + addresses.index(where.what)
    return count - 1 if where.step == "app" else 1
