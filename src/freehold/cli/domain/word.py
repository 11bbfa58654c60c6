"""The word ``domain``: one domain shown, deleted, backed up or restored."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from freehold.base.settings import state_directory
from freehold.cli.access.printing import show
from freehold.cli.backup import domain_words
from freehold.cli.domains import asking, cascade, details, plan
from freehold.cli.domains import show as screen
from freehold.cli.domains.overview import terminal_width
from freehold.cli.domains.talking import confirm, say
from freehold.cli.quick.clients import administrators_clients


def add_to(words: Any) -> None:
    """Declare the word."""
    word: argparse.ArgumentParser = words.add_parser(
        "domain",
        help="one domain: show it, delete it, back it up, restore it",
        description="One domain, by its name, id or ARN.",
    )
    asks = word.add_subparsers(dest="ask", metavar="show|delete|backup|restore", required=True)
    shown = asks.add_parser("show", help="its people, spaces, apps, network, money and tags")
    shown.add_argument("domain", metavar="NAME|ID")
    shown.add_argument("--state", type=Path, help="directory of the install")
    shown.set_defaults(run=run_show)
    _add_delete(asks)
    domain_words.add_to(asks)


def _add_delete(asks: Any) -> None:
    delete = asks.add_parser(
        "delete",
        help="delete it, with everything in it if asked",
        description="Show what goes and what stays, ask for the domain's name, and delete in "
        "AWS's order: apps, spaces, user profiles, domain. An interrupted run is run again. "
        "Exits 0 if it is done, 1 if it was refused or failed.",
    )
    delete.add_argument("domain", metavar="NAME|ID")
    delete.add_argument("--state", type=Path, help="directory of the install")
    delete.add_argument("--cascade", action="store_true", help="with its apps, spaces and people")
    delete.add_argument(
        "--volume",
        choices=sorted(cascade.KEPT_AFTER),
        default="retain",
        help="its file system: keep it (the default) or delete all files for good",
    )
    delete.add_argument("--yes", action="store_true", help="do not ask for the name")
    delete.add_argument("--dry-run", action="store_true", help="only show what would go")
    delete.set_defaults(run=run_delete)


def run_show(chosen: argparse.Namespace) -> int:
    """Ask and print."""
    state = (chosen.state or state_directory()).absolute()
    now = datetime.now(UTC)
    with asking.told():
        found = details.ask(administrators_clients(state), state, chosen.domain, now)
    show(screen.text(found, now, terminal_width()))
    return 0


def run_delete(chosen: argparse.Namespace) -> int:
    """Show, ask, delete."""
    state = (chosen.state or state_directory()).absolute()
    clients = administrators_clients(state)
    with asking.told():
        what = plan.look(clients, chosen.domain, chosen.volume)
        show(plan.told(what))
        if chosen.dry_run:
            print("Nothing was deleted: this was a dry run.")
            return 0
        if not chosen.cascade:
            plan.refuse_while_used(what)
        if not chosen.yes:
            confirm(what.domain["DomainName"], "the domain's name")
        cascade.Cascade(clients, what, say).run()
    print(f"Domain {what.domain['DomainName']} is deleted.")
    return 0
