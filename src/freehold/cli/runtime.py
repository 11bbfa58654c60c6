"""``freehold runtime``: install and list the environments that image URIs resolve to."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from freehold.base.settings import runtimes_directory
from freehold.host import runtimes


def add_to(words: Any) -> None:
    """Declare the word."""
    word: argparse.ArgumentParser = words.add_parser(
        "runtime",
        help="install or list runtimes",
        description="Runtimes live per machine, outside any state. A running server sees new ones.",
    )
    actions = word.add_subparsers(dest="action", metavar="ACTION", required=True)
    install = actions.add_parser("install", help="install a runtime; nothing to do if it is there")
    install.add_argument("name", choices=runtimes.names())
    install.add_argument("--force", action="store_true", help="build it anew")
    install.set_defaults(run=_install)
    listing = actions.add_parser("list", help="what is installed and what could be")
    listing.set_defaults(run=_list)


def _install(chosen: argparse.Namespace) -> int:
    known = runtimes.find(chosen.name)
    if known is not None and not chosen.force:
        made = runtimes.install(chosen.name, progress=_say)
    else:
        print(f"installing {chosen.name} into {runtimes_directory()}", file=sys.stderr, flush=True)
        made = runtimes.install(chosen.name, progress=_say, is_forced=chosen.force)
    print(f"{made.name}  {made.root}")
    return 0


def _list(_chosen: argparse.Namespace) -> int:
    for name in runtimes.names():
        found = runtimes.find(name)
        if found is None:
            print(f"{name:12} not installed   freehold runtime install {name}")
            continue
        versions = ", ".join(f"{key} {value}" for key, value in sorted(found.versions.items()))
        print(f"{name:12} installed       {versions}")
    return 0


def _say(line: str) -> None:
    print(f"  {line}", file=sys.stderr, flush=True)
