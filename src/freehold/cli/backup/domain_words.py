"""``freehold domain backup`` and ``freehold domain restore``: options, progress, last words."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from freehold.base.errors import Invalid
from freehold.base.settings import state_directory
from freehold.cli.access.printing import show
from freehold.cli.backup import needs, returning, saving
from freehold.cli.backup.telling import checked, so_far, told_left
from freehold.cli.domains import asking
from freehold.cli.domains.overview import Progress
from freehold.cli.domains.talking import say
from freehold.cli.domains.wording import count, size
from freehold.cli.quick.clients import administrators_clients
from freehold.host.archives import squeeze
from freehold.host.archives.checking import Summary
from freehold.host.archives.trees import Left


def add_to(asks: Any) -> None:
    """Declare both."""
    backup = asks.add_parser(
        "backup",
        help="its records and files to one archive, while it runs",
        description="Write a domain with its people, spaces and files to one archive with "
        "checksums. Runs beside the server, on its machine, as its user. Exits 1 if something "
        "with contents could not be kept.",
    )
    backup.add_argument("domain", metavar="NAME|ID")
    backup.add_argument("--to", type=Path, required=True, metavar="FILE.tar.zst|FILE.tar.gz")
    backup.add_argument("--stop-apps", action="store_true", help="delete running apps first")
    backup.add_argument("--state", type=Path, help="directory of the install")
    backup.set_defaults(run=run_backup)
    restore = asks.add_parser(
        "restore",
        help="a new domain out of such an archive",
        description="Check an archive as a whole, then make a new domain out of it. What was "
        "interrupted is gone on with by the same command.",
    )
    restore.add_argument("archive", type=Path, metavar="FILE")
    restore.add_argument("--name", help="of the new domain")
    restore.add_argument("--verify-only", action="store_true", help="check it, make nothing")
    restore.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="OLD=NEW",
        help="a role, VPC, subnet or security group has another name here; may be repeated",
    )
    restore.add_argument("--state", type=Path, help="directory of the install")
    restore.set_defaults(run=run_restore)


def run_backup(chosen: argparse.Namespace) -> int:
    """Save and say what was saved."""
    try:
        squeeze.require_ending(chosen.to)
    except Invalid as fault:
        return _usage(fault.message)
    state = (chosen.state or state_directory()).absolute()
    progress = Progress()
    try:
        with asking.told():
            saved = saving.save(
                administrators_clients(state),
                state,
                chosen.domain,
                chosen.to.absolute(),
                stops_apps=chosen.stop_apps,
                say=say,
                tell=lambda members, stored: progress.tell(so_far(members, stored)),
            )
    finally:
        progress.end()
    show(told_left(saved.left, saved.lost, saved.changed))
    print(f"{chosen.to}: {count(saved.members, 'member')}, {size(saved.bytes)} of files")
    print(f"SHA-256 {saved.digest}")
    return 1 if saved.lost else 0


def run_restore(chosen: argparse.Namespace) -> int:
    """Check, and make it if asked."""
    if bool(chosen.name) == chosen.verify_only:
        return _usage("give either --name NEW or --verify-only")
    try:
        squeeze.require_ending(chosen.archive)
        given = _mapped(chosen.map)
    except Invalid as fault:
        return _usage(fault.message)
    summary = checked(chosen.archive)
    found = returning.contents(summary)
    if chosen.verify_only:
        show(_told(summary))
        return 0
    state = (chosen.state or state_directory()).absolute()
    clients = administrators_clients(state)
    with asking.told():
        work = returning.Return(clients, state, chosen.archive, summary, chosen.name, say)
        work.require_place()
        domain = work.run(needs.met(clients, found, given, say))
    print(f"Domain {chosen.name} ({domain['DomainId']}) is whole.")
    return 0


def _told(summary: Summary) -> list[str]:
    about = json.loads(summary.documents["about.json"])
    lines = [
        f"Domain {about['DomainName']} ({about['DomainArn']}), saved {about['made_at']}",
        f"{count(summary.members, 'member')}, {size(summary.stored_bytes)}: checksums are right",
        f"SHA-256 {summary.digest}",
    ]
    if about.get("running_apps"):
        lines.append(f"{count(about['running_apps'], 'app')} ran meanwhile")
    left = [Left(one["path"], one["why"], True) for one in summary.left_out]
    return told_left(left, len(left), summary.changed) + lines


def _mapped(given: list[str]) -> dict[str, str]:
    found = {}
    for text in given:
        old, equals, new = text.partition("=")
        if not (old and equals and new):
            raise Invalid(f"--map {text}: it should be OLD=NEW")
        found[old] = new
    return found


def _usage(why: str) -> int:
    print(f"freehold domain: {why}", file=sys.stderr)
    return 2
