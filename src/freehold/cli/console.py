"""``freehold console``: where the web console is, and what to sign in with."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from freehold.base.settings import state_directory
from freehold.cli.administrator import administrator_environment, recorded_settings
from freehold.edge.console.door import HOME
from freehold.edge.console.files import DIRECTORY, PAGE


def add_to(words: Any) -> None:
    """Declare the word."""
    word: argparse.ArgumentParser = words.add_parser(
        "console",
        help="where the web console is, and how to sign in",
        description="Print the console's address and the administrator's access key ID.",
    )
    word.add_argument("--state", type=Path, help="directory of the install")
    word.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Say it; the secret is only told by ``freehold env``, which was asked for it."""
    state = (chosen.state or state_directory()).absolute()
    settings = recorded_settings(state)
    key = administrator_environment(state)["AWS_ACCESS_KEY_ID"]
    print(f"Open {settings.endpoint_url}{HOME}")
    if not (DIRECTORY / PAGE).exists():
        print("The console is not built into this install: `make console` in a checkout.")
    print(f"Access key ID: {key}")
    print(f"Secret access key: shown by `freehold env --state {state}`")
    return 0
