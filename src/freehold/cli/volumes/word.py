"""The word ``volumes``: file systems listed, and removed once no domain uses them."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from freehold.base.settings import state_directory
from freehold.cli.access.printing import show
from freehold.cli.domains import asking
from freehold.cli.domains.overview import terminal_width
from freehold.cli.domains.talking import confirm, say
from freehold.cli.domains.wording import Column, count, size, table
from freehold.cli.quick.clients import Clients, administrators_clients
from freehold.cli.volumes.listing import Volume, attach, detach, unused, volumes

COLUMNS = (
    Column("FILE SYSTEM"),
    Column("NAME", is_flexible=True),
    Column("STATUS"),
    Column("SIZE", is_number=True),
    Column("MADE"),
    Column("DOMAIN", is_flexible=True),
    Column("HOMES OF", is_flexible=True),
)
REMOVE_SECONDS = 120.0


def add_to(words: Any) -> None:
    """Declare the word."""
    word: argparse.ArgumentParser = words.add_parser(
        "volumes",
        help="file systems, also those that outlived their domains",
        description="List file systems; give one that outlived its domain to a new one; remove it.",
    )
    word.add_argument("--state", type=Path, help="directory of the install")
    word.set_defaults(run=run_list)
    asks = word.add_subparsers(dest="ask", metavar="list|attach|detach|remove")
    told = asks.add_parser("list", help="all of them (the default)")
    remove = asks.add_parser("remove", help="delete one for good, with all files in it")
    remove.add_argument("file_system", metavar="FILE_SYSTEM_ID")
    remove.add_argument("--yes", action="store_true", help="do not ask for the id")
    remove.set_defaults(run=run_remove)
    give = asks.add_parser("attach", help="give a retained one to a domain that is to be made")
    give.add_argument("file_system", metavar="FILE_SYSTEM_ID")
    give.add_argument("--domain", required=True, metavar="NAME", help="of the domain to come")
    give.set_defaults(run=run_attach)
    take = asks.add_parser("detach", help="take that back, while no such domain was made")
    take.add_argument("file_system", metavar="FILE_SYSTEM_ID")
    take.set_defaults(run=run_detach)
    for one in (told, remove, give, take):  # --state is heard before the word and behind it
        one.add_argument("--state", type=Path, default=argparse.SUPPRESS, help=argparse.SUPPRESS)


def run_list(chosen: argparse.Namespace) -> int:
    """Ask and print."""
    with asking.told():
        show(text(volumes(_clients(chosen)), terminal_width()))
    return 0


def run_remove(chosen: argparse.Namespace) -> int:
    """Look, ask, remove."""
    clients = _clients(chosen)
    with asking.told():
        one = unused(clients, chosen.file_system)
        show([f"File system {one.id}: {size(one.size_bytes)}, {_whose(one)}. All its files go."])
        if not chosen.yes:
            confirm(one.id, "the file system's id")
        remove(clients, one.id)
    print(f"File system {one.id} is removed.")
    return 0


def run_attach(chosen: argparse.Namespace) -> int:
    """Have it wait for a domain."""
    clients = _clients(chosen)
    with asking.told():
        attach(clients, unused(clients, chosen.file_system).id, chosen.domain)
    print(
        f"{chosen.file_system} waits: the next domain named {chosen.domain} has its files, and its "
        "people of the same names their homes."
    )
    return 0


def run_detach(chosen: argparse.Namespace) -> int:
    """It waits for nobody any more."""
    clients = _clients(chosen)
    with asking.told():
        detach(clients, unused(clients, chosen.file_system).id)
    print(f"{chosen.file_system} waits for no domain.")
    return 0


def remove(clients: Clients, file_system_id: str) -> None:
    """DeleteFileSystem, its mount targets first, and wait until it is gone."""
    efs = clients("efs")
    targets = efs.describe_mount_targets(FileSystemId=file_system_id)["MountTargets"]
    for target in targets:
        efs.delete_mount_target(MountTargetId=target["MountTargetId"])
    asking.patiently(
        lambda: asking.found(lambda: efs.delete_file_system(FileSystemId=file_system_id)), say
    )
    asking.until(
        lambda: (
            asking.found(lambda: efs.describe_file_systems(FileSystemId=file_system_id)) is None
        ),
        REMOVE_SECONDS,
        f"{file_system_id} is still being removed; the server goes on with it",
    )


def text(found: list[Volume], width: int | None) -> list[str]:
    """The table."""
    if not found:
        return ["There are no file systems: every domain makes one."]
    unused = [one for one in found if not one.is_used]
    lines = table(COLUMNS, [_row(one) for one in found], width)
    total = size(sum(one.size_bytes for one in unused))
    return [
        *lines,
        "",
        f"{count(len(found), 'file system')}, {len(unused)} of no living domain ({total})",
    ]


def _row(one: Volume) -> list[str]:
    homes = ", ".join(one.users) if one.users else "-"
    made = f"{one.made_at:%Y-%m-%d}"
    return [one.id, one.name or "-", one.status, size(one.size_bytes), made, _whose(one), homes]


def _whose(one: Volume) -> str:
    if one.domain is not None:
        return str(one.domain["DomainName"])
    if one.waits_for:
        return f"waits for {one.waits_for}"
    if one.former is None:
        return "of no domain"
    return f"retained from {one.former.rpartition('/')[2]}"


def _clients(chosen: argparse.Namespace) -> Clients:
    return administrators_clients((chosen.state or state_directory()).absolute())
