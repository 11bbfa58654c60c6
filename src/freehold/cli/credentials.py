"""``freehold credentials``: what an app of a profile or space would get. Audited."""

from __future__ import annotations

import argparse
import json
import shlex
from pathlib import Path
from typing import Any

from freehold.base.clock import iso
from freehold.base.settings import state_directory
from freehold.cli.administrator import session_credentials


def add_to(words: Any) -> None:
    """Declare the word."""
    word: argparse.ArgumentParser = words.add_parser(
        "credentials",
        help="credentials of a profile or space, for this machine's administrator",
        description="Print the temporary credentials that an app of the profile or space gets.",
    )
    word.add_argument("--state", type=Path, help="directory of the install")
    word.add_argument("--domain-id", required=True)
    owner = word.add_mutually_exclusive_group(required=True)
    owner.add_argument("--user-profile-name")
    owner.add_argument("--space-name")
    word.add_argument("--format", choices=("export", "json"), default="export")
    word.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Print them."""
    state = (chosen.state or state_directory()).absolute()
    made = session_credentials(
        state, chosen.domain_id, profile=chosen.user_profile_name, space=chosen.space_name
    )
    if chosen.format == "json":
        facts = {
            "Version": 1,
            "AccessKeyId": made.access_key_id,
            "SecretAccessKey": made.secret_access_key,
            "SessionToken": made.session_token,
            "Expiration": iso(made.expires_at),
        }
        print(json.dumps(facts, indent=2))
        return 0
    for name, value in (
        ("AWS_ACCESS_KEY_ID", made.access_key_id),
        ("AWS_SECRET_ACCESS_KEY", made.secret_access_key),
        ("AWS_SESSION_TOKEN", made.session_token),
    ):
        print(f"export {name}={shlex.quote(value)}")
    return 0
