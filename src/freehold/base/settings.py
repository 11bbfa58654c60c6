"""What an install is told at start: the command line's flags, fixed while it runs."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

ACCOUNT_ID_DEFAULT = "000000000001"
REGION_DEFAULT = "us-east-1"


@dataclass(frozen=True, slots=True)
class Smtp:
    """The mail server that alerts go out by. The password is read from its file at each sending.

    ``security`` is ``starttls``, ``tls`` (from the first byte on) or ``none``.
    """

    host: str
    port: int
    sender: str
    security: str = "starttls"
    user: str | None = None
    password_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """One install.

    ``state`` is the directory that holds everything the install keeps. ``runtimes`` is the
    machine's directory of runtimes: shared by all installs, outside any state. With
    ``has_hard_volumes`` the volumes of spaces are images, where the host can have them.
    Without ``smtp`` no mail goes out.
    """

    state: Path
    host: str = "127.0.0.1"
    port: int = 7070
    tls_port: int = 7443
    account_id: str = ACCOUNT_ID_DEFAULT
    region: str = REGION_DEFAULT
    partition: str = "aws"
    is_ephemeral: bool = False
    has_hard_volumes: bool = True
    smtp: Smtp | None = None
    runtimes: Path = field(default_factory=lambda: runtimes_directory())

    @property
    def database(self) -> Path:
        """The one SQLite file."""
        return self.state / "freehold.db"

    @property
    def server_file(self) -> Path:
        """Where the running server writes down where it listens."""
        return self.state / "server.json"

    @property
    def endpoint_url(self) -> str:
        """What ``AWS_ENDPOINT_URL`` is set to."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"


def runtimes_directory() -> Path:
    """Where this machine keeps its runtimes; ``FREEHOLD_RUNTIMES`` overrides."""
    if chosen := os.environ.get("FREEHOLD_RUNTIMES"):
        return Path(chosen)
    if os.geteuid() == 0:
        return Path("/var/lib/freehold/runtimes")
    data = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(data) / "freehold" / "runtimes"


def state_directory() -> Path:
    """Where an install keeps its state if nobody says otherwise; ``FREEHOLD_STATE`` overrides."""
    if chosen := os.environ.get("FREEHOLD_STATE"):
        return Path(chosen)
    if os.geteuid() == 0:
        return Path("/var/lib/freehold/state")
    data = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(data) / "freehold"


def cache_directory() -> Path:
    """Where trimmed service models are cached; may be removed at any time."""
    if chosen := os.environ.get("FREEHOLD_CACHE"):
        return Path(chosen)
    data = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(data) / "freehold"
