"""The word ``domains``: every domain of the account on a line, for people or as JSON."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from freehold.base.settings import state_directory
from freehold.cli.access.printing import show
from freehold.cli.domains import asking, gather
from freehold.cli.domains.gather import Overview
from freehold.cli.domains.wording import NOTHING, Column, count, money, size, table
from freehold.cli.quick.clients import administrators_clients

COLUMNS = (
    Column("NAME", is_flexible=True),
    Column("ID", is_spare=True),
    Column("STATUS"),
    Column("USERS", is_number=True),
    Column("SPACES", is_number=True),
    Column("APPS", is_number=True),
    Column("STORAGE", is_number=True),
    Column("NETWORK"),
    Column("VPC", is_spare=True),
    Column("REFUSED", is_number=True),
    Column("MONTH", is_number=True),
)
TELL_SECONDS = 0.2


def add_to(words: Any) -> None:
    """Declare the word."""
    word: argparse.ArgumentParser = words.add_parser(
        "domains",
        help="every domain with its people, apps, files, network and money",
        description="List all domains: users, spaces, running apps, measured storage, network "
        "mode, packets refused in the last 24 hours (flow log), and cost of this calendar month "
        "(UTC).",
    )
    word.add_argument("--state", type=Path, help="directory of the install")
    word.add_argument("--json", action="store_true", help="for programs")
    word.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Ask and print."""
    state = (chosen.state or state_directory()).absolute()
    progress = Progress()
    try:
        with asking.told():
            found = gather.overviews(
                administrators_clients(state), datetime.now(UTC), progress.tell
            )
    finally:
        progress.end()
    if chosen.json:
        print(json.dumps([document(one) for one in found], indent=2))
    else:
        show(text(found, terminal_width()))
    return 0


def text(found: Sequence[Overview], width: int | None) -> list[str]:
    """The table; without domains, how to make one."""
    if not found:
        return ["There are no domains. Make one: freehold quick-setup --domain-name NAME"]
    running = sum(one.running for one in found)
    total = sum((one.cost for one in found), start=type(found[0].cost)(0))
    return [
        *table(COLUMNS, [_row(one) for one in found], width),
        "",
        f"{count(len(found), 'domain')}, {count(running, 'running app')}, "
        f"{money(total, found[0].currency)} this month",
    ]


def _row(one: Overview) -> list[str]:
    known = one.described
    refused = f">={one.refused}" if one.is_at_least else str(one.refused)
    return [
        *(known["DomainName"], known["DomainId"], known["Status"]),
        *(str(one.users), str(one.spaces), str(one.running), size(one.storage_bytes)),
        *(known.get("AppNetworkAccessType", NOTHING), known.get("VpcId", NOTHING)),
        *(refused, money(one.cost, one.currency)),
    ]


def document(one: Overview) -> dict[str, Any]:
    """AWS's things under AWS's names, ours in our spelling."""
    kept = ("DomainName", "DomainId", "DomainArn", "Status", "AppNetworkAccessType", "VpcId")
    return {member: one.described.get(member) for member in kept} | {
        "user_profiles": one.users,
        "spaces": one.spaces,
        "running_apps": one.running,
        "storage_bytes": one.storage_bytes,
        "refused_packets": one.refused,
        "refused_is_at_least": one.is_at_least,
        "month_cost": str(one.cost),
        "currency": one.currency,
    }


def terminal_width() -> int | None:
    """Columns of the terminal; None where nobody looks at one."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


class Progress:
    """One line on a terminal that is written over; nothing elsewhere."""

    def __init__(self, is_seen: bool | None = None, clock: Callable[[], float] = time.monotonic):
        self._is_seen = sys.stderr.isatty() if is_seen is None else is_seen
        self._clock = clock
        self._told = clock()  # what is quick says nothing
        self._is_dirty = False

    def tell(self, what: str) -> None:
        """Say how far it is, a few times a second at most."""
        now = self._clock()
        if self._is_seen and now - self._told >= TELL_SECONDS:
            self._told, self._is_dirty = now, True
            print(f"\r\x1b[K{what}", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        """Take the line away."""
        if self._is_dirty:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
            self._is_dirty = False
