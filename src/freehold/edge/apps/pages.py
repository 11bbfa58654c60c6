"""Pages of ours on an app's origin: while it starts, when it is gone, when it may not be opened.

Input: what ``gate.py`` says of an app, or a fault. Output: for a browser HTML that looks again by
itself, without a script and under a policy that allows none; for a program one line.
"""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Literal

from freehold.base import log
from freehold.base.errors import Denied, Fault, Internal, Invalid, NotFound, Unauthenticated
from freehold.edge.listen.connections import Scope, Send

REFRESH_SECONDS = 2

State = Literal["done", "now", "next", "failed"]
_WORDS: dict[State, str] = {
    "done": "done",
    "now": "under way",
    "next": "to come",
    "failed": "failed",
}
_MARKS: dict[State, str] = {"done": "✓", "now": "●", "next": "○", "failed": "✗"}


@dataclass(frozen=True, slots=True)
class Step:
    """One of the things that happen until an app is there."""

    name: str
    state: State
    note: str = ""


@dataclass(frozen=True, slots=True)
class NotReady:
    """The caller may, but the app does not run yet or any more.

    ``text`` says what happens and what to do; ``lines`` are the last that a script said, oldest
    first. ``is_over``: nothing more will come by itself.
    """

    title: str
    text: str
    steps: tuple[Step, ...] = ()
    lines: tuple[str, ...] = ()
    status: int = 503
    is_over: bool = False


SILENT = NotReady(
    "Your app does not answer",
    "It does not answer yet, or has ended a moment ago. If it ended it is started again.",
    status=502,
)
_STATUS: dict[type[Fault], tuple[int, str]] = {
    Invalid: (400, "This cannot be opened"),
    Unauthenticated: (401, "You are not signed in"),
    Denied: (403, "You may not open this"),
    NotFound: (404, "There is no such app"),
}


async def refused(scope: Scope, send: Send, fault: Fault) -> None:
    """Say why not."""
    if isinstance(fault, Internal):
        log.event("app.refused", reason=fault.detail)
    status, title = _STATUS.get(type(fault), (500, "Something went wrong"))
    await waiting(scope, send, NotReady(title, fault.message, status=status, is_over=True))


async def waiting(scope: Scope, send: Send, said: NotReady) -> None:
    """Answer with a page; one that is not over is asked for again after REFRESH_SECONDS."""
    accept = next((value for name, value in scope["headers"] if name == b"accept"), b"")
    if b"text/html" in accept:
        body, kind = _html(said), b"text/html; charset=utf-8"
    else:
        body, kind = f"{said.title}: {said.text}\n", b"text/plain; charset=utf-8"
    content = body.encode(errors="replace")
    headers = [
        (b"content-type", kind),
        (b"cache-control", b"no-store"),
        (b"content-security-policy", _POLICY),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
    ]
    if not said.is_over:
        headers.append((b"retry-after", b"%d" % REFRESH_SECONDS))
        if scope.get("method") == "GET":
            headers.append((b"refresh", b"%d" % REFRESH_SECONDS))
    if scope["type"] == "websocket":
        start, end = "websocket.http.response.start", "websocket.http.response.body"
    else:
        start, end = "http.response.start", "http.response.body"
        headers.append((b"content-length", b"%d" % len(content)))
    await send({"type": start, "status": said.status, "headers": headers})
    await send({"type": end, "body": content})


def _html(said: NotReady) -> str:
    steps = "".join(map(_step, said.steps))
    lines = html.escape("\n".join(said.lines))
    return _HTML.format(
        title=html.escape(said.title),
        text=html.escape(said.text),
        steps=f"<ol>{steps}</ol>" if steps else "",
        lines=_LINES.format(lines) if lines else "",
        note="" if said.is_over else "<p class=note>This page looks again by itself.</p>",
    )


def _step(step: Step) -> str:
    current = " aria-current=step" if step.state == "now" else ""
    note = f" <span class=note>{html.escape(step.note)}</span>" if step.note else ""
    return (
        f"<li class={step.state}{current}><span aria-hidden=true>{_MARKS[step.state]}</span> "
        f"{html.escape(step.name)} <span class=said>({_WORDS[step.state]})</span>{note}</li>"
    )


_POLICY = (
    b"default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; "
    b"form-action 'none'"
)
_LINES = "<h2>What the script said last</h2><pre tabindex=0>{}</pre>"
_HTML = """<!doctype html>
<html lang=en><head><meta charset=utf-8><title>{title}</title>
<meta name=viewport content="width=device-width"><meta name=color-scheme content="light dark">
<style>
body{{font:16px/1.5 system-ui,sans-serif;display:grid;place-items:center;min-height:90vh;margin:0;
color:#16191f;background:#fff}}
main{{box-sizing:border-box;width:100%;max-width:40rem;padding:2rem 1.25rem;overflow-wrap:anywhere}}
h1{{font-size:1.4rem;font-weight:600}}h2{{font-size:1rem;font-weight:600}}
p{{white-space:pre-line}}ol{{list-style:none;padding:0}}li{{margin:.4rem 0}}
.note,.said,.next{{color:#545b64}}.now{{font-weight:600}}.now .said,.now .note{{font-weight:400}}
.failed,.failed .said{{color:#b0000c}}
pre{{font:13px/1.45 ui-monospace,monospace;background:#f2f3f3;padding:.8rem;overflow:auto;
max-height:14rem;white-space:pre-wrap}}
@media (prefers-color-scheme:dark){{body{{color:#e9ebed;background:#0f1b2a}}
.note,.said,.next{{color:#aab4c0}}.failed,.failed .said{{color:#ff8a8a}}pre{{background:#1c2a3a}}}}
</style></head><body><main><h1>{title}</h1>
<div role=status aria-live=polite><p>{text}</p>{steps}</div>
{lines}{note}</main></body></html>
"""
