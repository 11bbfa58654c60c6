"""``freehold settings``: account settings that go beyond AWS, shown and changed.

A running server is told by its own path and obeys at once; without one the state is opened, locked
and written here. Names and values: ``kernel/permission/guards/settings.py``.
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
from freehold.kernel.permission import identity
from freehold.kernel.permission.guards import settings as guards
from freehold.store import keys
from freehold.store.database import StateLock, connect, prepare
from freehold.store.unit import Unit
from freehold.store.writer import Writer

SERVER_SECONDS = 30


def add_to(words: Any) -> None:
    """Declare the word."""
    word: argparse.ArgumentParser = words.add_parser(
        "settings",
        help="account settings: the four guards of isolation",
        description="Show or change account settings; each is off until it is switched on.",
    )
    word.add_argument("--state", type=Path, help="directory of the install")
    asks = word.add_subparsers(dest="ask", metavar="list|set", required=True)
    asks.add_parser("list", help="all settings with their values")
    change = asks.add_parser("set", help="isolation.lists=on, isolation=strict, ...")
    change.add_argument(
        "changes",
        nargs="+",
        metavar="NAME=VALUE",
        help=f"{', '.join(guards.PREFIX + one for one in guards.GUARDS)} are on or off; "
        "isolation is strict (all on) or parity (all off)",
    )
    word.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Print all settings, after changing what was asked; 2 for a name or value that is none."""
    state = (chosen.state or state_directory()).absolute()
    if chosen.ask == "set":
        try:
            asked = guards.changes(chosen.changes)
        except Invalid as fault:
            print(f"freehold settings: {fault.message}", file=sys.stderr)
            return 2
        on = change(state, asked, chosen.changes)
    else:
        on = _read(recorded_settings(state))
    print("\n".join(guards.listed(on)))
    return 0


def change(state: Path, asked: dict[str, bool], words: list[str]) -> frozenset[str]:
    """Switch guards, through the server if one runs; the guards that are then in force.

    Raises:
        NotFound: No server was ever started on this state.
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
            return writer.run(guards.work(asked, now, root))
        finally:
            writer.stop()
    finally:
        lock.release()


def _read(settings: Settings) -> frozenset[str]:
    connection = connect(settings.database, read_only=True)
    try:
        return guards.guards_in_force(Unit(connection, is_writing=False))
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
