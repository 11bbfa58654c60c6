"""``freehold credentials``: what an app of a profile or space would get. Audited."""

from __future__ import annotations

import argparse
import json
import shlex
from pathlib import Path
from typing import Any

from freehold.auth.sealing import Keyring
from freehold.base import ids
from freehold.base.clock import SystemClock, iso
from freehold.base.errors import NotFound
from freehold.base.settings import state_directory
from freehold.cli.administrator import recorded_settings
from freehold.kernel.declare.service import Registry
from freehold.kernel.dispatch import Kernel
from freehold.kernel.permission import identity, roles
from freehold.services.catalog import SERVICES
from freehold.store import audit, keys
from freehold.store.database import connect


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


def session_credentials(
    state: Path, domain_id: str, *, profile: str | None, space: str | None
) -> identity.Credentials:
    """What an app of a profile or space would get; an audit entry says that it was given.

    Raises:
        NotFound: No such domain, profile or space.
        Invalid: It has no execution role that SageMaker may assume.
    """
    settings = recorded_settings(state)
    connection = connect(settings.database, read_only=True)
    sealing = keys.meta(connection, "sealing_key")
    connection.close()
    assert sealing is not None
    kernel = Kernel(settings, SystemClock(), Registry(SERVICES), Keyring(sealing))
    try:
        unit = kernel.own_unit()
        head = f"arn:{settings.partition}:sagemaker:{settings.region}:{settings.account_id}"
        kind = "space" if space else "user-profile"
        domain = unit.find(f"{head}:domain/{domain_id}")
        owner = unit.find(f"{head}:{kind}/{domain_id}/{space or profile}")
        if domain is None or owner is None:
            raise NotFound(f"There is no {kind} {space or profile} in a domain {domain_id}.")
        role = roles.execution_role(unit, domain, owner)
        session = kernel.doors.session(unit, role, owner.arn)
        entry = audit.Entry(
            at=kernel.clock.now(),
            request_id=ids.request_id(),
            service="freehold",
            operation="HandOutCredentials",
            principal=identity.root_arn(settings),
            access_key="",
            origin=owner.arn,
            source_ip=None,
            user_agent="freehold credentials",
            resource=role,
            error_code=None,
            error=None,
            request=None,
        )
        kernel.writer.run(lambda written: audit.append(written.connection, (entry,)))
        return identity.mint(kernel.keyring, session)
    finally:
        kernel.close()
