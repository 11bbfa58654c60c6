"""AWS clients of the install's administrator, for commands that are clients like any other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import botocore.session
from botocore.config import Config

from freehold.cli.administrator import administrator_environment

Clients = Callable[[str], Any]
CONNECT_SECONDS = 5
ANSWER_SECONDS = 60


def administrators_clients(state: Path) -> Clients:
    """Makes clients by service name, with the keys that ``freehold env`` exports.

    The reader's own AWS settings are not looked at: what is named here is this install's.

    Raises:
        NotFound: No server was ever started on the state.
    """
    given = administrator_environment(state)
    session = botocore.session.Session(profile="none")
    session.set_config_variable("profile", None)
    session.set_config_variable("config_file", "")
    session.set_config_variable("credentials_file", "")
    config = Config(
        retries={"max_attempts": 0},
        proxies={},
        connect_timeout=CONNECT_SECONDS,
        read_timeout=ANSWER_SECONDS,
        s3={"addressing_style": "path"},
    )

    def client(service: str) -> Any:
        return session.create_client(
            service,
            region_name=given["AWS_DEFAULT_REGION"],
            endpoint_url=given["AWS_ENDPOINT_URL"],
            aws_access_key_id=given["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=given["AWS_SECRET_ACCESS_KEY"],
            config=config,
        )

    return client
