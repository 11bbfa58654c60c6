"""``freehold settings``: account settings that go beyond AWS, shown and changed.

A running server is told by its own path and obeys at once; without one the state is opened, locked
and written here. Names and values: ``kernel/account/settings.py``.
"""

from __future__ import annotations

import argparse
import json
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from freehold.base.clock import SystemClock
from freehold.base.errors import Conflict, Denied, Internal, Invalid
from freehold.base.settings import Settings, state_directory
from freehold.cli.administrator import recorded_settings
from freehold.edge.settings import SETTINGS
from freehold.kernel.account import settings as account
from freehold.kernel.account import switches
from freehold.kernel.permission import identity
from freehold.kernel.permission.guards.settings import GUARDS, PREFIX
from freehold.kernel.studio import quotas
from freehold.store import keys
from freehold.store.database import StateLock, connect, prepare
from freehold.store.unit import Unit
from freehold.store.writer import Writer

SERVER_SECONDS = 30


def add_to(words: Any) -> None:
    """Declare the word."""
    word: argparse.ArgumentParser = words.add_parser(
        "settings",
        help="account settings: the guards of isolation, idle shutdown by price, and quotas",
        description="Show or change account settings; each is off until it is switched on.",
    )
    word.add_argument("--state", type=Path, help="directory of the install")
    asks = word.add_subparsers(dest="ask", metavar="list|set", required=True)
    asks.add_parser("list", help="all settings with their values")
    change = asks.add_parser("set", help="isolation.lists=on, quota.domains=50, ...")
    change.add_argument(
        "changes",
        nargs="+",
        metavar="NAME=VALUE",
        help=f"{', '.join(PREFIX + one for one in GUARDS)} are on or off; "
        "isolation is strict (all on) or parity (all off); "
        f"{', '.join(switches.SWITCHES)} is on or off; "
        f"{', '.join(account.QUOTA + one for one in quotas.NAMES)} are numbers or off, "
        "and all but domains may end in @DOMAIN_ID",
    )
    word.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Print all settings, after changing what was asked; 2 for a name or value that is none."""
    state = (chosen.state or state_directory()).absolute()
    if chosen.ask == "list":
        print("\n".join(_read(recorded_settings(state))))
        return 0
    try:
        lines = change(state, account.changes(chosen.changes), chosen.changes)
    except Invalid as fault:
        print(f"freehold settings: {fault.message}", file=sys.stderr)
        return 2
    print("\n".join(lines))
    return 0


def change(state: Path, asked: account.Changes, words: list[str]) -> list[str]:
    """Change settings, through the server if one runs; all settings as they then stand.

    Raises:
        NotFound: No server was ever started on this state.
        Invalid: A quota for a domain that does not exist.
        Denied: The server did not take it.
        Internal: It could not be reached.
    """
    settings = recorded_settings(state)
    lock = StateLock(state)
    try:
        lock.take()
    except Conflict:
        _tell(settings, words)
        return _read(settings)
    try:
        prepare(settings.database)
        writer = Writer(settings.database, lambda _kinds: None)
        try:
            now, root = SystemClock().now(), identity.root_arn(settings)
            return writer.run(account.work(asked, now, root))
        finally:
            writer.stop()
    finally:
        lock.release()


def _read(settings: Settings) -> list[str]:
    connection = connect(settings.database, read_only=True)
    try:
        return account.listed(Unit(connection, is_writing=False))
    finally:
        connection.close()


def _tell(settings: Settings, words: list[str]) -> None:
    """Send the change to the running server, signed with the root's keys."""
    connection = connect(settings.database, read_only=True)
    try:
        key = keys.of_owner(connection, identity.root_arn(settings))[0]
    finally:
        connection.close()
    body = json.dumps(words).encode()
    signed = AWSRequest("POST", settings.endpoint_url + SETTINGS, data=body)
    SigV4Auth(Credentials(key.id, key.secret), "sagemaker", settings.region).add_auth(signed)
    request = urllib.request.Request(  # noqa: S310 - our own server's address
        signed.url, body, dict(signed.headers.items()), method="POST"
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=SERVER_SECONDS):
            return
    except urllib.error.HTTPError as error:
        said = json.loads(error.read() or b"{}").get("message", error.reason)
        raise Denied(f"the server did not take it: {said}") from error
    except OSError as error:
        raise Internal(
            f"the state is in use, but its server does not answer at {settings.endpoint_url}: "
            f"{error}"
        ) from error
