"""Who may be a caller: users, roles and their policies as they are kept, and sessions minted.

``services/iam`` writes these records, ``kernel/permission/access.py`` reads them. Members that
begin with ``_`` are ours and never answered.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from freehold.auth import session
from freehold.auth.principal import Origin, Principal
from freehold.auth.refusals import refusal
from freehold.auth.sealing import Keyring
from freehold.auth.signature.credential import Credential
from freehold.base import ids
from freehold.store import keys
from freehold.store.records import Record
from freehold.store.unit import Unit

if TYPE_CHECKING:
    from freehold.base.settings import Settings

USER = "iam:user"
ROLE = "iam:role"
GROUP = "iam:group"
POLICY = "iam:policy"
ACCESS_KEY = "iam:access-key"
INLINE = "_Inline"  # policy name -> text
ATTACHED = "_Attached"  # ARNs of managed policies, in order of attaching
BOUNDARY = "_Boundary"  # ARN
GROUPS = "_Groups"  # of a user: ARNs of groups, in order of joining
TRUST = "AssumeRolePolicyDocument"  # text
VERSIONS = "_Versions"  # version id -> {"Document", "CreateDate"}
SESSION_SECONDS_DEFAULT = 3600
APP_SESSION_SECONDS = 3600
KEYS_KNOWN_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Credentials:
    """Temporary credentials as STS and the container endpoint give them."""

    access_key_id: str
    secret_access_key: str
    session_token: str
    expires_at: float


def root_arn(settings: Settings) -> str:
    """The account's root."""
    return f"arn:{settings.partition}:iam::{settings.account_id}:root"


def root(settings: Settings, access_key_id: str = "") -> Principal:
    """The account root as a caller."""
    return Principal(
        kind="root",
        arn=root_arn(settings),
        account_id=settings.account_id,
        unique_id=settings.account_id,
        access_key_id=access_key_id,
    )


def user(record: Record, account_id: str, access_key_id: str) -> Principal:
    """An IAM user as a caller."""
    return Principal(
        kind="user",
        arn=record.arn,
        account_id=account_id,
        unique_id=record.uid,
        access_key_id=access_key_id,
        user_name=record.name,
    )


def origin_of(unit: Unit, domain: Record, owner: Record) -> Origin:
    """What a session is bound to: a user profile or a space of ``domain``."""
    document: dict[str, Any] = owner.document
    is_space = owner.kind == "sagemaker:space"
    owner_arn = None
    if is_space and (named := document.get("OwnershipSettings", {}).get("OwnerUserProfileName")):
        profile = unit.named("sagemaker:user-profile", named, str(document["DomainId"]))
        owner_arn = None if profile is None else profile.arn
    return Origin(
        kind="space" if is_space else "user-profile",
        domain_id=str(domain.document["DomainId"]),
        domain_arn=domain.arn,
        name=owner.name,
        arn=owner.arn,
        owner_arn=owner_arn,
        sharing=document.get("SpaceSharingSettings", {}).get("SharingType"),
        account_id=domain.arn.split(":")[4],
        generation=generation(owner),
    )


def generation(record: Record) -> int:
    """Tells one thing from another of the same name made later: its birth in microseconds."""
    return int(record.created * 1_000_000)


def role_session(
    role: Record,
    account_id: str,
    session_name: str,
    *,
    now: float,
    seconds: float = SESSION_SECONDS_DEFAULT,
    origin: Origin | None = None,
    **facts: Any,
) -> Principal:
    """A session of ``role``; credentials for it are made by ``mint``."""
    partition = role.arn.split(":")[1]
    return Principal(
        kind="session",
        arn=f"arn:{partition}:sts::{account_id}:assumed-role/{role.name}/{session_name}",
        account_id=account_id,
        unique_id=role.uid,
        access_key_id=ids.unique_id("ASIA"),
        role_arn=role.arn,
        role_name=role.name,
        session_name=session_name,
        issued_at=now,
        expires_at=now + seconds,
        origin=origin,
        **facts,
    )


def mint(keyring: Keyring, principal: Principal) -> Credentials:
    """Credentials for a session; nothing is stored, the token carries it all."""
    secret = ids.secret_key()
    token = session.seal(keyring, session.Grant(principal, secret), os.urandom(12))
    return Credentials(principal.access_key_id, secret, token, principal.expires_at or 0.0)


class Identities:
    """Finds the secret and the principal behind an access key id. One per connection kind."""

    def __init__(self, settings: Settings, keyring: Keyring) -> None:
        self.settings = settings
        self.keyring = keyring
        self._opened = session.OpenedTokens()
        self._known: dict[str, tuple[int, str, Principal]] = {}

    def look_up(
        self, unit: Unit, credential: Credential, now: float, version: int
    ) -> tuple[str, Principal]:
        """(secret, principal) behind a credential.

        Raises:
            Unauthenticated: Unknown or inactive key; altered, foreign or expired token.
        """
        key_id, family = credential.access_key_id, credential.family
        if credential.token is not None:
            grant = session.open(
                self.keyring, credential.token, key_id, now, family=family, opened=self._opened
            )
            return grant.secret, grant.principal
        known = self._known.get(key_id)
        if known is not None and known[0] == version:
            return known[1], known[2]
        key = keys.find(unit.connection, key_id)
        if key is None or key.status != "Active":
            raise refusal(family, "unknown_key")
        if key.owner == root_arn(self.settings):
            principal = root(self.settings, key_id)
        else:
            record = unit.find(key.owner)
            if record is None:
                raise refusal(family, "unknown_key")
            principal = user(record, self.settings.account_id, key_id)
        if len(self._known) > KEYS_KNOWN_MAX:
            self._known.clear()
        self._known[key_id] = (version, key.secret, principal)
        return key.secret, principal
