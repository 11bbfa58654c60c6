"""``freehold env``: export lines that point unmodified AWS clients at a server of ours."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path
from typing import Any

from freehold.base.settings import state_directory
from freehold.cli.administrator import administrator_environment


def add_to(words: Any) -> None:
    """Declare the word."""
    word: argparse.ArgumentParser = words.add_parser(
        "env",
        help="export lines for an administrator's shell",
        description='Print export lines for an administrator: eval "$(freehold env)".',
    )
    word.add_argument("--state", type=Path, help="directory of the install")
    word.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Print one export line a variable."""
    state = (chosen.state or state_directory()).absolute()
    for name, value in administrator_environment(state).items():
        print(f"export {name}={shlex.quote(value)}")
    return 0
