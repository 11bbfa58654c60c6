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
DEFAULT_BUCKET = """\
      Session:
        DefaultS3Bucket: {}
"""


def environment(settings: Settings, *, is_direct: bool = False) -> dict[str, str]:
    """Variables that point every AWS client at us, as whoever the sandbox belongs to.

    Everything else goes by the same proxy, plain HTTP too, unless the sandbox ``is_direct``: then
    it has a network and a resolver of its own, and only what we serve has to be led here.
    """
    return _aws(settings) | _trust() | _proxies(is_direct=is_direct)


def _aws(settings: Settings) -> dict[str, str]:
    return {
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{API_URL}{CREDENTIALS}",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": TOKEN,
        "AWS_ENDPOINT_URL": API_URL,
        "AWS_REGION": settings.region,
        "AWS_DEFAULT_REGION": settings.region,
        "AWS_ACCOUNT_ID": settings.account_id,
        "AWS_EC2_METADATA_DISABLED": "true",
        "SAGEMAKER_USER_CONFIG_OVERRIDE": SDK_CONFIG,
        "SAGEMAKER_SUPPRESS_V2_WARNING": "1",
        "LANG": "C.UTF-8",
    }


def _trust() -> dict[str, str]:
    """The bundle holds the world's authorities and ours: both kinds of hosts are verified by it."""
    named = ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE")
    return dict.fromkeys((*named, "GIT_SSL_CAINFO", "NODE_EXTRA_CA_CERTS", "PIP_CERT"), BUNDLE)


def _proxies(*, is_direct: bool) -> dict[str, str]:
    """In both spellings: curl takes ``http_proxy`` in small letters only, others the large ones.

    No IPv6 address stands in ``NO_PROXY``: older httpx fails at it, and nothing listens there.
    """
    led = ("https_proxy",) if is_direct else ("https_proxy", "http_proxy", "all_proxy")
    given = dict.fromkeys(led, API_URL) | {"no_proxy": "127.0.0.1,localhost"}
    return given | {name.upper(): value for name, value in given.items()}


def files(token: str, bucket: str = "") -> tuple[File, ...]:
    """Small files that the environment names. ``bucket``: where the SDK keeps files unless told."""
    config = TELEMETRY_OFF + (DEFAULT_BUCKET.format(bucket) if bucket else "")
    return (File(TOKEN, token), File(SDK_CONFIG, config))


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
