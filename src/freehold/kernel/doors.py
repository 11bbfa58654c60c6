"""Doors: which sandbox may speak through which socket, and as whom.

A door is a socket directory bound into one sandbox. The loops open one for each app and job,
the edge asks here who stands behind a listener, and the credentials endpoint mints for it.
Doors live in memory: at start the loops open them anew from the records.
"""

from __future__ import annotations

import hmac
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.auth.principal import Origin, Principal
from freehold.base.errors import Denied, NotFound
from freehold.kernel.permission import identity, roles
from freehold.store.records import Record
from freehold.store.unit import Unit

if TYPE_CHECKING:
    from freehold.kernel.dispatch import Kernel

SESSION_NAME = "SageMaker"  # AWS's session name of an execution role (domains.md section 4)


BORN = "#"
API_SOCKET = "api.sock"
APP_SOCKET = "app.sock"


def place(state: Path, door_id: str) -> Path:
    """A door's directory: ``in/`` is bound into the sandbox, ``app/`` is where the app listens."""
    return state / "doors" / door_id


def reference(origin: Origin) -> str:
    """An origin to be kept for later: its ARN, and which of that name was meant."""
    return f"{origin.arn}{BORN}{origin.generation}"


@dataclass(frozen=True, slots=True)
class Door:
    """One sandbox's way in. ``origin`` is a ``reference`` or an ARN, None outside of domains.

    ``source`` names the job or app; ``socket`` is what the edge listens on. ``is_direct``: the
    sandbox has a network of its own and dials by itself what we do not serve.
    ``source`` names the job or app; ``socket`` is what the edge listens on. ``session_name``:
    of the role's sessions.
    """

    id: str
    socket: Path
    token: str
    source: str
    role: str
    origin: str | None
    is_direct: bool = False
    session_name: str = SESSION_NAME

    @property
    def origin_arn(self) -> str | None:
        """The profile's or space's ARN alone."""
        return None if self.origin is None else self.origin.partition(BORN)[0]


class Doors:
    """All doors that are open. ``opened`` and ``closed`` tell the edge, from any thread."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._lock = threading.Lock()
        self._doors: dict[str, Door] = {}
        self.opened: Callable[[Door], None] = lambda _door: None
        self.closed: Callable[[Door], None] = lambda _door: None

    def open(self, door: Door) -> None:
        """Listen for a sandbox. Opening twice is no error."""
        with self._lock:
            known = self._doors.get(door.id)
            self._doors[door.id] = door
        if known != door:
            self.opened(door)

    def close(self, door_id: str) -> None:
        """Listen no more. Unknown ids are let pass."""
        with self._lock:
            door = self._doors.pop(door_id, None)
        if door is not None:
            self.closed(door)

    def close_all(self) -> None:
        """Listen to no sandbox any more."""
        for door_id in list(self._doors):
            self.close(door_id)

    def find(self, door_id: str) -> Door | None:
        """The door behind a listener."""
        return self._doors.get(door_id)

    def credentials(self, door_id: str, token: str, unit: Unit) -> identity.Credentials:
        """Credentials for whoever is inside and holds the token.

        Raises:
            Denied: The token is not this door's.
            NotFound: Role, profile or space no longer exists.
        """
        door = self._doors.get(door_id)
        if door is None or not hmac.compare_digest(door.token.encode(), token.encode()):
            raise Denied("The authorization token is not this sandbox's.")
        session = self.session(unit, door.role, door.origin, door.session_name)
        return identity.mint(self._kernel.keyring, session)

    def session(
        self, unit: Unit, role_arn: str, origin_arn: str | None, name: str = SESSION_NAME
    ) -> Principal:
        """A session of an execution role, bound to where it is handed out.

        Where the domain says so it carries the profile's name as its source identity.

        Raises:
            Invalid: The role's trust policy does not let SageMaker set that.
            NotFound: Role, domain, profile or space no longer exists.
        """
        kernel = self._kernel
        role = unit.find(role_arn)
        if role is None or role.kind != identity.ROLE:
            raise NotFound(f"The execution role {role_arn} does not exist.")
        origin = None if origin_arn is None else self.origin(unit, origin_arn)
        return identity.role_session(
            role,
            kernel.settings.account_id,
            name,
            now=kernel.clock.now(),
            seconds=identity.APP_SESSION_SECONDS,
            origin=origin,
            source_identity=None if origin is None else _named(unit, role, origin),
        )

    def origin(self, unit: Unit, origin_arn: str) -> Origin:
        """What sessions are bound to that are handed out to ``origin_arn``, a ``reference``.

        Raises:
            NotFound: The domain, profile or space no longer exists, or is another one.
        """
        arn, _, born = origin_arn.partition(BORN)
        owner = unit.find(arn)
        domain = None
        if owner is not None and born in ("", str(identity.generation(owner))):
            parts = arn.split(":")
            domain = unit.find(":".join([*parts[:5], f"domain/{owner.scope}"]))
        if owner is None or domain is None:
            raise NotFound(f"{origin_arn} does not exist.")
        return identity.origin_of(unit, domain, owner)


def _named(unit: Unit, role: Record, origin: Origin) -> str | None:
    """The source identity of a session: the profile for whom it works, if the domain wants it."""
    profile = origin.arn if origin.kind == "user-profile" else origin.owner_arn
    domain = unit.find(origin.domain_arn)
    if domain is None or profile is None or origin.sharing == "Shared":
        return None
    named = roles.source_identity(domain, profile.rpartition("/")[2])
    roles.refuse_unnamed(unit, role, named)
    return named
