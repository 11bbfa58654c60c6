"""What this machine's administrator may have without asking the server: keys, by the state.

Reads the state directory of an install that runs or ran; who may read it owns it anyway.
"""

from __future__ import annotations

import json
from pathlib import Path

from freehold.base.errors import NotFound
from freehold.base.settings import Settings
from freehold.edge.listen import tls
from freehold.kernel.permission import identity
from freehold.loops.surroundings import TELEMETRY_OFF
from freehold.store import keys
from freehold.store.database import connect


def recorded_settings(state: Path) -> Settings:
    """Where the server of ``state`` listens, or listened last.

    Raises:
        NotFound: No server was ever started on it.
    """
    place = Settings(state=state).server_file
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
    spared = f"localhost,127.0.0.1,::1,{settings.host}"
    return {
        "AWS_ENDPOINT_URL": settings.endpoint_url,
        "AWS_ACCESS_KEY_ID": root.id,
        "AWS_SECRET_ACCESS_KEY": root.secret,
        "AWS_SESSION_TOKEN": "",  # one that `freehold credentials` left behind is not root's
        "AWS_DEFAULT_REGION": settings.region,
        "AWS_CA_BUNDLE": bundle,
        "REQUESTS_CA_BUNDLE": bundle,
        "HTTPS_PROXY": settings.endpoint_url,
        "https_proxy": settings.endpoint_url,  # where both spellings are set, this one wins
        "NO_PROXY": spared,
        "no_proxy": spared,
        "SAGEMAKER_USER_CONFIG_OVERRIDE": str(_sdk_config(state)),
    }


def _sdk_config(state: Path) -> Path:
    """A configuration of the SageMaker SDK that sends no telemetry."""
    place = state / "sagemaker-config.yaml"
    place.write_text(TELEMETRY_OFF)
    return place
