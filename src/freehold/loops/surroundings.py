"""What a sandbox of ours is surrounded by: its way to the API, its credentials, its trust.

Used by the loops that start apps and jobs. Facts: runtime.md section 6, jobs-and-sdk.md 3.1
and 5. Inside, everything that a client asks for goes to 127.0.0.1:9000, by name or by proxy.
"""

from __future__ import annotations

import os
from pathlib import Path

from freehold.base.settings import Settings
from freehold.host.runtimes import Runtime
from freehold.host.sandboxes.sandbox import Bind, Bridge, File
from freehold.kernel import doors

API_PORT = 9000
API_URL = f"http://127.0.0.1:{API_PORT}"
IN = "/run/freehold/in"
APP = "/run/freehold/app"
BUNDLE = "/opt/freehold/ca.pem"
TOKEN = "/opt/freehold/token"  # noqa: S105 - a path
SDK_CONFIG = "/opt/freehold/sagemaker-config.yaml"
CREDENTIALS = "/_freehold/credentials"
TELEMETRY_OFF = """\
SchemaVersion: '1.0'
SageMaker:
  PythonSDK:
    Modules:
      TelemetryOptOut: true
"""


def environment(settings: Settings) -> dict[str, str]:
    """Variables that point every AWS client at us, as whoever the sandbox belongs to."""
    return {
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{API_URL}{CREDENTIALS}",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": TOKEN,
        "AWS_ENDPOINT_URL": API_URL,
        "AWS_REGION": settings.region,
        "AWS_DEFAULT_REGION": settings.region,
        "AWS_ACCOUNT_ID": settings.account_id,
        "AWS_CA_BUNDLE": BUNDLE,
        "REQUESTS_CA_BUNDLE": BUNDLE,
        "SSL_CERT_FILE": BUNDLE,
        "AWS_EC2_METADATA_DISABLED": "true",
        "HTTPS_PROXY": API_URL,
        "https_proxy": API_URL,
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
        "SAGEMAKER_USER_CONFIG_OVERRIDE": SDK_CONFIG,
        "SAGEMAKER_SUPPRESS_V2_WARNING": "1",
        "LANG": "C.UTF-8",
    }


def files(token: str) -> tuple[File, ...]:
    """Small files that the environment names."""
    return (File(TOKEN, token), File(SDK_CONFIG, TELEMETRY_OFF))


def binds(settings: Settings, door_id: str, runtime: Runtime) -> tuple[Bind, ...]:
    """The way in, the certificates, and the runtime with its interpreter."""
    place = doors.place(settings.state, door_id)
    return (
        Bind(str(place / "in"), IN),
        Bind(str(settings.state / "tls" / "bundle.pem"), BUNDLE),
        *runtime.binds(),
    )


def bridge() -> Bridge:
    """127.0.0.1:9000 inside, our socket outside."""
    return Bridge(API_PORT, f"{IN}/{doors.API_SOCKET}")


def make_place(settings: Settings, door_id: str, owner: int | None) -> Path:
    """Make a door's directory; ``app/`` belongs to ``owner`` where it is given and we are root."""
    place = doors.place(settings.state, door_id)
    for part, mode in (("in", 0o755), ("app", 0o700)):
        (place / part).mkdir(parents=True, exist_ok=True)
        os.chmod(place / part, mode)
    if owner is not None and os.geteuid() == 0:
        os.chown(place / "app", owner, owner)
    return place
