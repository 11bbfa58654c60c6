"""``freehold up``: the server, in the foreground, until SIGTERM."""

from __future__ import annotations

import argparse
import re
import shutil
import sqlite3
import sys
import tempfile
from pathlib import Path
from typing import Any

from freehold.base import log
from freehold.base.errors import Invalid
from freehold.base.settings import ACCOUNT_ID_DEFAULT, REGION_DEFAULT, Settings, state_directory
from freehold.cli import smtp
from freehold.compose import recorded, serve
from freehold.edge.console.door import HOME


def add_to(words: Any) -> None:
    """Declare the word."""
    word: argparse.ArgumentParser = words.add_parser(
        "up", help="start the server", description="Start the server in the foreground."
    )
    word.add_argument("--state", type=Path, help="directory that keeps everything")
    word.add_argument("--host", default="127.0.0.1", help="address to listen on")
    word.add_argument("--port", type=int, default=7070, help="plain HTTP; 0 picks a free one")
    word.add_argument("--tls-port", type=int, default=7443, help="HTTPS; 0 picks a free one")
    word.add_argument("--account-id", help=f"twelve digits (first start: {ACCOUNT_ID_DEFAULT})")
    word.add_argument("--region", help=f"AWS's spelling (first start: {REGION_DEFAULT})")
    word.add_argument(
        "--ephemeral", action="store_true", help="keep nothing: state is removed at the end"
    )
    word.add_argument(
        "--space-volumes",
        default="auto",
        choices=("auto", "directory"),
        help="what a new space's volume is: an image that holds its size, or a directory",
    )
    smtp.add_to(word)
    word.add_argument("--log-level", default="INFO", choices=("DEBUG", "INFO", "WARNING", "ERROR"))
    word.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Serve until told to stop."""
    log.configure(chosen.log_level)
    for name in ("port", "tls_port"):
        if not 0 <= getattr(chosen, name) <= 65535:
            raise Invalid(f"--{name.replace('_', '-')} must lie between 0 and 65535")
    if chosen.account_id is not None and not re.fullmatch(r"\d{12}", chosen.account_id):
        raise Invalid("--account-id must be twelve digits, such as 111122223333")
    if chosen.region is not None and not re.fullmatch(r"[a-z]{2}(-[a-z]+)+-\d", chosen.region):
        raise Invalid("--region must be spelled as AWS does, such as us-east-1")
    mail_server = smtp.chosen_server(chosen)
    made: Path | None = None
    state = chosen.state
    if chosen.ephemeral:
        if state is None:
            state = Path(tempfile.mkdtemp(prefix="freehold-"))
        elif state.exists() and any(state.iterdir()):
            raise Invalid(f"--ephemeral needs an empty --state: {state} holds something")
        made = state
        print(f"state {state}", file=sys.stderr, flush=True)
    state = (state or state_directory()).absolute()
    known = recorded(state)
    settings = Settings(
        state=state,
        host=chosen.host,
        port=chosen.port,
        tls_port=chosen.tls_port,
        account_id=chosen.account_id or known.get("account_id", ACCOUNT_ID_DEFAULT),
        region=chosen.region or known.get("region", REGION_DEFAULT),
        is_ephemeral=chosen.ephemeral,
        has_hard_volumes=chosen.space_volumes == "auto",
        smtp=mail_server,
    )
    try:
        serve(settings, _ready)
    except (OSError, sqlite3.OperationalError) as error:  # a full disk, no rights
        raise Invalid(f"state {state} cannot be used: {error}") from error
    finally:
        if made is not None:
            shutil.rmtree(made, ignore_errors=True)
    return 0


def _ready(url: str) -> None:
    """One line for whoever waits for it, one for a person."""
    print(f"ready {url}", flush=True)
    print(f"console {url}{HOME} (keys: freehold env)", file=sys.stderr, flush=True)
