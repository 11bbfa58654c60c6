"""``freehold explain REQUEST_ID``: why a call was allowed or refused, from the audit log.

Reads the database of a state directory and changes nothing, whether a server runs or not.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from freehold.base import ids
from freehold.base.settings import state_directory
from freehold.cli.access.evidence import evidence
from freehold.cli.access.printing import show
from freehold.cli.access.reading import reader
from freehold.policy.decision import WORDS
from freehold.store import audit
from freehold.store.audit import Entry
from freehold.store.records import Document
from freehold.store.unit import Unit

UNKNOWN = 2
LATE_SECONDS = 3.0  # reads and refusals are written a second after their answer at most
LOOK_SECONDS = 0.25
AGENT_CHARS = 60  # what a user agent says first is what it is


def add_to(words: Any) -> None:
    """Declare the word."""
    word: argparse.ArgumentParser = words.add_parser(
        "explain",
        help="why a call was allowed or refused",
        description="Tell why a call was allowed or refused: which statement of which policy "
        "decided, or what was missing. The request id stands in the answer to every call.",
    )
    word.add_argument("request_id", metavar="REQUEST_ID")
    word.add_argument("--state", type=Path, help="directory of the install")
    word.add_argument("--json", action="store_true", help="a JSON document for programs")
    word.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Print it; 2 if there is no such request."""
    state = (chosen.state or state_directory()).absolute()
    request_id = chosen.request_id.strip()
    with reader(state) as unit:
        entry = awaited(unit, request_id.lower(), time.time, time.sleep)
        if entry is None:
            print(
                f"freehold explain: no request {request_id!r} stands in the audit log of {state}",
                file=sys.stderr,
            )
            return UNKNOWN
        found = evidence(unit, entry)
    if chosen.json:
        print(json.dumps(found, indent=2))
    else:
        show(told(found))
    return 0


def awaited(
    unit: Unit, request_id: str, now: Callable[[], float], sleep: Callable[[float], None]
) -> Entry | None:
    """The entry; of a call that was just made it is awaited until it must be there."""
    at = ids.requested_at(request_id)
    while True:
        entry = audit.find(unit.connection, request_id, at)
        if entry is not None or at is None or abs(now() - at) > LATE_SECONDS:
            return entry
        sleep(LOOK_SECONDS)


def told(found: Document) -> Iterator[str]:
    """The lines that people read."""
    yield f"Request {found['RequestId']}: {found['Outcome']}"
    yield f"  when     {found['At']}"
    yield f"  who      {found['Principal']}"
    if found["Origin"]:
        yield f"  inside   {found['Origin']}"
    yield f"  by       {', '.join(_by(found)) or 'unknown'}"
    yield f"  asked    {found['Service']}:{found['Operation']}"
    if found["Resource"]:
        yield f"  on       {found['Resource']}"
    if found["ErrorCode"]:
        yield f"  answer   {found['ErrorCode']}: {found['Error']}"
    yield ""
    yield found["Summary"]
    for number, question in enumerate(found["Questions"], start=1):
        yield ""
        yield f"{number}. {question['Action']} on {question['Resource']}"
        yield from (f"   {line}" for line in _question(question))


def _by(found: Document) -> Iterator[str]:
    for name, words in (("AccessKeyId", "key"), ("SourceIp", "from"), ("UserAgent", "with")):
        if found[name]:
            yield f"{words} {found[name][:AGENT_CHARS]}"


def _question(question: Document) -> Iterator[str]:
    says = question["Says"]
    yield says if question["Effect"] == "allow" else f"DENIED: {says.removeprefix('refused: ')}"
    if question.get("StatementText"):
        yield from (f"    {line}" for line in question["StatementText"].splitlines())
    if question["Effect"] == "implicitDeny":
        yield from _missing(question)
    yield from question["Notes"]


def _with_article(words: str) -> str:
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"


def _missing(question: Document) -> Iterator[str]:
    nearly = question["Nearly"]
    if nearly:
        yield "These statements speak of the action, but do not hold for this call:"
    for near in nearly:
        yield f"  - {near['Place']}, statement {near['Statement']}:"
        yield from (f"      {reason}" for reason in near["Reasons"])
    if not nearly and question["Looked"]:
        yield f"None of these speaks of the action: {', '.join(question['Looked'])}."
    elif not question["Looked"]:
        yield "There is no such policy at all."
    needed = " and ".join(_with_article(WORDS[layer]) for layer in question["Missing"])
    yield f"To allow it: an Allow of {question['Action']} for {question['Resource']}, in {needed}."
