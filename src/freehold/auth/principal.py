"""Who is asking, once a signature or a sealed session has proven it.

Made by the edge from a stored key or an opened token; read by policy (condition keys),
tagging (the origin), audit and STS. Nothing here is taken from what a client merely says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

OriginKind = Literal["user-profile", "space"]
PrincipalKind = Literal["root", "user", "session", "federated", "service", "provider", "anonymous"]

_NO_TAGS: Mapping[str, str] = MappingProxyType({})
_TYPES = {
    "root": "Account",
    "user": "User",
    "session": "AssumedRole",
    "federated": "FederatedUser",
    "service": "Service",
    "provider": "WebIdentityUser",
    "anonymous": "Anonymous",
}


@dataclass(frozen=True, slots=True)
class Origin:
    """The profile or space whose app or job a session was made for; it cannot be washed off.

    Attributes:
        name: The profile's or space's name.
        arn: Its ARN: the value of the automatic profile or space tag.
        owner_arn: The owning profile's ARN; only a space that has an owner has one.
        sharing: A space's ``SharingType`` (``Private`` or ``Shared``); None for a profile.
        generation: Counted up by whoever deletes the profile or space; a session of an older
            one has ended.
    """

    kind: OriginKind
    domain_id: str
    domain_arn: str
    name: str
    arn: str
    owner_arn: str | None
    sharing: str | None
    account_id: str
    generation: int = 0


@dataclass(frozen=True, slots=True)
class Principal:
    """A proven caller.

    Attributes:
        kind: ``user`` also for GetSessionToken by a user (then ``issued_at`` is set);
            ``federated`` for GetFederationToken; ``anonymous`` for a call that needs no
            signature, which its own token makes a ``provider``: an identity provider that vouches.
        arn: As GetCallerIdentity says it: ``arn:aws:sts::…:assumed-role/Role/Name`` for a session.
        unique_id: ``AIDA…`` of the user, ``AROA…`` of the role, the account id for root.
        session_policies: Inline JSON texts; they only ever narrow.
        session_policy_arns: Managed policies given at AssumeRole; narrow likewise.
        issued_at: Epoch seconds; None for long-lived keys (``aws:TokenIssueTime`` is absent).
        expires_at: Epoch seconds; None for long-lived keys.
        is_mfa: The session was begun with MFA. Only meaningful for temporary credentials.
        mfa_at: Epoch seconds of the code, where ``is_mfa``.
        federated_provider: ARN of the identity provider that a web identity session came by.
        generation: The role's or user's at issue; a higher one in force ends the session.
    """

    kind: PrincipalKind
    arn: str
    account_id: str
    unique_id: str
    access_key_id: str
    user_name: str | None = None
    role_arn: str | None = None
    role_name: str | None = None
    session_name: str | None = None
    source_identity: str | None = None
    session_policies: tuple[str, ...] = ()
    session_policy_arns: tuple[str, ...] = ()
    session_tags: Mapping[str, str] = field(default_factory=lambda: _NO_TAGS)
    transitive_tag_keys: tuple[str, ...] = ()
    issued_at: float | None = None
    expires_at: float | None = None
    origin: Origin | None = None
    is_mfa: bool = False
    generation: int = 0
    mfa_at: float | None = None
    federated_provider: str | None = None

    @property
    def is_temporary(self) -> bool:
        """Whether the caller holds temporary credentials."""
        return self.issued_at is not None

    @property
    def principal_arn(self) -> str:
        """``aws:PrincipalArn``: a session's role (path included), else the caller's own ARN."""
        if self.kind == "session" and self.role_arn is not None:
            return self.role_arn
        return self.arn

    @property
    def plain_name(self) -> str:
        """The session's or the user's own name; ``root`` for the account."""
        return self.session_name or self.user_name or self.kind

    @property
    def userid(self) -> str:
        """``aws:userid``: ``AROA…:session`` for roles, ``account:name`` for federated users."""
        if self.kind == "session":
            return f"{self.unique_id}:{self.session_name}"
        if self.kind == "federated":
            return f"{self.account_id}:{self.session_name}"
        return self.unique_id

    @property
    def type(self) -> str:
        """``aws:PrincipalType``: Account, User, AssumedRole or FederatedUser.

        Others have no such key on AWS; for them it is a word for the log, never asked of policy.
        """
        return _TYPES[self.kind]
