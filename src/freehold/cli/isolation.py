"""``freehold isolation``: whether any domain reaches another, through which chain, and its cure."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from freehold.base.errors import Fault
from freehold.base.settings import Settings, state_directory
from freehold.cli.access.printing import show
from freehold.compose import recorded
from freehold.isolation import report as reports
from freehold.isolation.examine import Wanted, examine
from freehold.kernel.declare.service import Registry
from freehold.kernel.permission.guards import guards_in_force
from freehold.services.catalog import SERVICES
from freehold.store.database import connect
from freehold.store.unit import Unit

SLOW_SECONDS = 2.0  # from then on progress is told where nobody looks at a terminal, too
TELL_SECONDS = 1.0


def add_to(words: Any) -> None:
    """Declare the word."""
    word: argparse.ArgumentParser = words.add_parser(
        "isolation",
        help="prove that domains cannot reach each other, or show how they can",
        description=(
            "Ask, for every ordered pair of domains and every operation, whether a principal of "
            "the first can reach anything of the second. Reads the state; a server may run. "
            "Exits 0 if nothing leaks, 1 if something does, 2 if it could not be asked."
        ),
    )
    word.add_argument("--state", type=Path, help="directory of the install")
    word.add_argument("--domain", help="only pairs with this domain (id, ARN or name)")
    word.add_argument(
        "--home",
        action="append",
        default=[],
        metavar="ARN=DOMAIN",
        help="a user, role or group belongs to a domain; may be repeated",
    )
    word.add_argument(
        "--strict", action="store_true", help="names in lists and files that both use count, too"
    )
    word.add_argument("--json", action="store_true", help="for programs")
    word.add_argument("--verbose", action="store_true", help="everything that was found")
    word.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Examine and print."""
    state = (chosen.state or state_directory()).absolute()
    try:
        report = _report(state, chosen)
    except Fault as fault:
        show([f"freehold isolation: {fault.message}"], sys.stderr)
        return 2
    if chosen.json:
        print(json.dumps(reports.document(report, is_strict=chosen.strict), indent=2))
    else:
        for line in reports.text(report, is_strict=chosen.strict, is_verbose=chosen.verbose):
            print(line)
    return 0 if report.is_isolated(is_strict=chosen.strict) else 1


def _report(state: Path, chosen: argparse.Namespace) -> reports.Report:
    facts = recorded(state)
    if not facts:
        raise Fault(f"no state in {state}: start a server with `freehold up --state {state}`")
    settings = Settings(state=state, account_id=facts["account_id"], region=facts["region"])
    connection = connect(settings.database, read_only=True)
    try:
        connection.execute("begin")  # one picture of the account, whatever a server writes
        unit = Unit(connection, is_writing=False)
        wanted = Wanted(chosen.domain, _homes(chosen.home), guards_in_force(unit))
        return examine(unit, settings, Registry(SERVICES), wanted, time.time(), _progress())
    finally:
        connection.close()


def _homes(given: list[str]) -> dict[str, str]:
    found = {}
    for text in given:
        arn, equals, domain = text.rpartition("=")
        if not equals or not arn:
            raise Fault(f"--home {text}: it should be ARN=DOMAIN")
        found[arn] = domain
    return found


def _progress() -> Callable[[int, int, str], None]:
    """Tells how far it is, on a terminal from the first second, else once it takes long."""
    began = told = time.monotonic()
    is_seen = sys.stderr.isatty()

    def tell(done: int, of: int, _what: str) -> None:
        nonlocal told
        now = time.monotonic()
        is_last = done == of
        if now - told < TELL_SECONDS and not (is_last and is_seen):
            return
        if not is_seen and now - began < SLOW_SECONDS:
            return
        told = now
        end = "\r" if is_seen and not is_last else "\n"
        print(f"freehold isolation: {done} of {of} principals asked", end=end, file=sys.stderr)

    return tell
