"""What a visitor is told of an app that is not in service, and the page that tells it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from freehold.edge.apps import pages, waiting
from freehold.edge.apps.pages import NotReady, Step
from freehold.kernel.studio.progress import Progress

SCRIPT = "arn:aws:sagemaker:us-east-1:111122223333:studio-lifecycle-config/setup"
URL = "https://git.example.com/team/work.git"
APP: dict[str, Any] = {"AppType": "JupyterLab", "CreationTime": 100.0}
RUNS = APP | {"_Run": "r", "_StartedAt": 100.0}
FULL = RUNS | {"_Scripts": [SCRIPT], "_Repositories": [{"Url": URL}]}


def told(status: str, app: dict[str, Any], where: Progress | None = None, *lines: str) -> NotReady:
    return waiting.told(status, app, where, lines, 107.0)


def shape(said: NotReady) -> list[str]:
    return [step.state for step in said.steps]


def at(step: str, what: str = "", *, failed: bool = False) -> Progress:
    return Progress(step, what, 104.0, failed, 3 if failed else None)


@pytest.mark.parametrize(
    ("app", "where", "states"),
    [
        (APP, None, ["now", "next", "next"]),
        (RUNS, None, ["done", "done", "now"]),
        (FULL, None, ["done", "now", "next", "next", "next"]),
        (FULL, at("script", SCRIPT), ["done", "done", "now", "next", "next"]),
        (FULL, at("script", SCRIPT, failed=True), ["done", "done", "failed", "next", "next"]),
        (FULL, at("clone", URL), ["done", "done", "done", "now", "next"]),
        (FULL, at("app"), ["done", "done", "done", "done", "now"]),
        (FULL, at("script", "another's"), ["done", "now", "next", "next", "next"]),
        (FULL, at("nonsense"), ["done", "now", "next", "next", "next"]),
    ],
)
def test_the_step_under_way_is_the_one_that_is_told(
    app: dict[str, Any], where: Progress | None, states: list[str]
) -> None:
    assert shape(told("Pending", app, where)) == states


def test_a_step_says_how_long_and_a_script_what_it_said() -> None:
    said = told("Pending", FULL, at("script", SCRIPT), *map(str, range(20)), "x" * 1000)
    assert said.steps[2] == Step("Running the lifecycle configuration setup", "now", "for 3 s")
    assert len(said.lines) == waiting.LINES
    assert max(map(len, said.lines)) == waiting.LINE_CHARS_MAX
    assert not said.is_over


def test_an_app_in_its_back_off_says_when_and_why() -> None:
    said = told("Pending", APP | {"_NextStartAt": 115.0, "FailureReason": "exit 3"})
    assert "in 8 seconds" in said.text
    assert "exit 3" in said.text
    assert not said.is_over


@pytest.mark.parametrize(
    ("status", "more", "words"),
    [
        ("Failed", {"FailureReason": "no such module"}, "no such module"),
        ("Deleted", {"_Why": "idle since noon"}, "because it was idle since noon"),
        ("Deleted", {}, "new presigned URL"),
    ],
)
def test_what_is_over_says_why_and_what_to_do(
    status: str, more: dict[str, Any], words: str
) -> None:
    said = told(status, RUNS | more)
    assert said.is_over
    assert words in said.text
    assert "files are kept" in said.text


def answer(said: NotReady, accept: bytes = b"text/html") -> tuple[int, dict[bytes, bytes], str]:
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "headers": [(b"accept", accept)]}
    asyncio.run(pages.waiting(scope, send, said))
    return sent[0]["status"], dict(sent[0]["headers"]), sent[1]["body"].decode()


def test_the_page_looks_again_by_itself_and_needs_nothing_from_elsewhere() -> None:
    said = told("Pending", FULL, at("script", SCRIPT), "<script>alert(1)</script>")
    status, headers, body = answer(said)
    assert status == 503
    assert headers[b"refresh"] == b"2"
    assert b"default-src 'none'" in headers[b"content-security-policy"]
    assert "<script" not in body
    assert "&lt;script&gt;alert(1)" in body
    assert "aria-live=polite" in body
    assert "aria-current=step" in body
    assert "src=" not in body
    assert "href=" not in body


def test_a_page_that_is_over_stays_and_a_program_gets_one_line() -> None:
    said = told("Failed", RUNS | {"FailureReason": "no such module"})
    status, headers, _ = answer(said)
    assert status == 404
    assert b"refresh" not in headers
    _, headers, body = answer(said, b"application/json")
    assert headers[b"content-type"].startswith(b"text/plain")
    assert body.startswith("Your JupyterLab could not be started: no such module")
