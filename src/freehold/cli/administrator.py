"""What this machine's administrator may have without asking the server: keys, by the state.

Reads the state directory of an install that runs or ran; who may read it owns it anyway.
"""

from __future__ import annotations

import json
from pathlib import Path

from freehold.auth.sealing import Keyring
from freehold.base import ids
from freehold.base.clock import SystemClock
from freehold.base.errors import NotFound
from freehold.base.settings import Settings
from freehold.compose import SERVER_FILE
from freehold.edge import tls
from freehold.kernel import identity, roles
from freehold.kernel.dispatch import Kernel
from freehold.kernel.service import Registry
from freehold.loops.surroundings import TELEMETRY_OFF
from freehold.services.catalog import SERVICES
from freehold.store import audit, keys
from freehold.store.database import connect


def recorded_settings(state: Path) -> Settings:
    """Where the server of ``state`` listens, or listened last.

    Raises:
        NotFound: No server was ever started on it.
    """
    place = state / SERVER_FILE
    if not place.exists():
        raise NotFound(
            f"no server is known in {state}: start one with `freehold up --state {state}`"
        )
    facts = json.loads(place.read_text())
    return Settings(
        state=state,
        host=facts["host"],
        port=facts["port"],
        tls_port=facts["tls_port"],
        account_id=facts["account_id"],
        region=facts["region"],
    )


def administrator_environment(state: Path) -> dict[str, str]:
    """What an administrator's shell needs to reach the server of ``state``.

    Raises:
        NotFound: No server was ever started on it.
    """
    settings = recorded_settings(state)
    connection = connect(settings.database, read_only=True)
    try:
        root = keys.of_owner(connection, identity.root_arn(settings))[0]
    finally:
        connection.close()
    bundle = str(tls.bundle(state))
    return {
        "AWS_ENDPOINT_URL": settings.endpoint_url,
        "AWS_ACCESS_KEY_ID": root.id,
        "AWS_SECRET_ACCESS_KEY": root.secret,
        "AWS_DEFAULT_REGION": settings.region,
        "AWS_CA_BUNDLE": bundle,
        "REQUESTS_CA_BUNDLE": bundle,
        "HTTPS_PROXY": settings.endpoint_url,
        "NO_PROXY": f"localhost,127.0.0.1,::1,{settings.host}",
        "SAGEMAKER_USER_CONFIG_OVERRIDE": str(_sdk_config(state)),
    }


def _sdk_config(state: Path) -> Path:
    """A configuration of the SageMaker SDK that sends no telemetry."""
    place = state / "sagemaker-config.yaml"
    place.write_text(TELEMETRY_OFF)
    return place


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
