"""The word ``restore``: checks a backup as a whole, then puts an install there, or only checks."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from freehold.base.errors import Invalid
from freehold.base.settings import state_directory
from freehold.cli.access.printing import show
from freehold.cli.backup import whole
from freehold.cli.backup.telling import checked, told_left
from freehold.cli.domains.wording import count, size
from freehold.host.archives import squeeze
from freehold.host.archives.trees import Left


def add_to(words: Any) -> None:
    """Declare the word."""
    word: argparse.ArgumentParser = words.add_parser(
        "restore",
        help="an install out of such a file",
        description="Check a backup of a whole install, and unpack it into a state directory "
        "that is empty or not there. Start it with `freehold up` afterwards.",
    )
    word.add_argument("archive", type=Path, metavar="FILE")
    word.add_argument("--verify-only", action="store_true", help="check it, make nothing")
    word.add_argument("--state", type=Path, help="directory of the new install")
    word.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Check, unpack, say what to type next."""
    try:
        squeeze.require_ending(chosen.archive)
    except Invalid as fault:
        print(f"freehold restore: {fault.message}", file=sys.stderr)
        return 2
    summary = checked(chosen.archive)
    about = whole.require_whole(summary)
    left = [Left(one["path"], one["why"], True) for one in summary.left_out]
    show(told_left(left, 0, summary.changed))
    show([f"Saved {about['made_at']} by Freehold {about['freehold']}: checksums are right"])
    show([f"{count(summary.members, 'member')}, {size(summary.stored_bytes)}"])
    if not chosen.verify_only:
        state = (chosen.state or state_directory()).absolute()
        whole.restored(chosen.archive, state, summary)
        print(f"The install is in {state}. Start it: freehold up --state {state}")
    return 0
