"""Who a statement of a resource or trust policy speaks of, and how directly it names the caller.

From a parsed ``Principal`` to a test over a request. How directly counts (iam-evaluation.md section
3.5): a grant to the caller stands alone, a grant to its role passes boundary and session policy, a
grant to the account only delegates.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import IntEnum
from typing import Literal, NamedTuple

from freehold.policy.context import Context
from freehold.policy.document import Principals

PrincipalKind = Literal["user", "role", "federated", "root", "service", "provider", "anonymous"]

# Kinds that have no identity policies of their own: what they ask for is given by the resource
# alone.
WITHOUT_IDENTITY = frozenset({"service", "provider", "anonymous"})
_ACCOUNT = re.compile(r"(?:arn:[a-z\-]+:iam::)?([0-9]{12})(?::root)?\Z")
_UNIQUE_ID = re.compile(r"A[A-Z0-9]{15,127}\Z")


class Grant(IntEnum):
    """How directly a policy names the caller."""

    NONE = 0
    ACCOUNT = 1
    ROLE = 2
    DIRECT = 3


class Request(NamedTuple):
    """One action on one resource by one principal.

    Attributes:
        principal_arn: The user, the *role* of a session (with its path), the federated session or
            the account root; a service's name (``sagemaker.amazonaws.com``); a provider's ARN or
            host.
        caller_arn: What STS GetCallerIdentity says: for sessions the ``assumed-role`` ARN.
        principal_kind: ``role`` is a session of a role; ``provider`` is an identity provider that
            vouches in AssumeRoleWithWebIdentity or -WithSAML.
        principal_account: Twelve digits; empty for services, providers and the anonymous.
        action: ``service:Operation``, any case.
        resource: An ARN, or ``*`` where the operation knows no resource.
        resource_account: Owner of the resource; the caller's own account where it is ``*``.
        context: Lower-cased key names; a str is one value, a tuple a multi-valued key.
    """

    principal_arn: str
    caller_arn: str
    principal_kind: PrincipalKind
    principal_account: str
    action: str
    resource: str
    resource_account: str
    context: Context


# Asked with a request and whether a permissions boundary binds the caller.
Who = Callable[[Request, bool], Grant]


def everyone(_: Request, __: bool) -> Grant:
    """A statement without principals: it stands in a policy that is attached to the caller."""
    return Grant.DIRECT


def who(
    principals: Principals, *, is_not: bool, is_deny: bool, is_trust: bool, bound: Mapping[str, str]
) -> Who:
    """Compile the Principal or NotPrincipal of one statement.

    Args:
        principals: As parsed.
        is_not: It is a NotPrincipal: the statement speaks of everyone else.
        is_deny: The statement's effect.
        is_trust: In an Allow of a trust policy ``*`` does not name services and identity providers.
        bound: Unique id by ARN of users and roles, as it was when the policy was written. A bound
            ARN is not matched by a later user or role of the same name.
    """
    named = _Named.of(principals, bound)
    if is_not:
        return _everyone_but(named, is_deny=is_deny)
    if is_deny and any(type_ == "CanonicalUser" for type_, _ in principals.named):
        return everyone  # no request says a canonical id: it may be anybody's
    if not principals.is_everyone:
        return lambda request, _: named.grant(request)

    def test(request: Request, _: bool) -> Grant:
        if is_trust and not is_deny and request.principal_kind in ("service", "provider"):
            return named.grant(request)
        return Grant.DIRECT

    return test


def _everyone_but(named: _Named, *, is_deny: bool) -> Who:
    def test(request: Request, has_boundary: bool) -> Grant:
        if not is_deny:
            return Grant.NONE
        return Grant.DIRECT if has_boundary or not named.exempts(request) else Grant.NONE

    return test


class _Named(NamedTuple):
    is_everyone: bool
    accounts: frozenset[str]
    arns: frozenset[str]
    ids: frozenset[str]
    services: frozenset[str]
    providers: frozenset[str]

    @classmethod
    def of(cls, principals: Principals, bound: Mapping[str, str]) -> _Named:
        by_type: dict[str, set[str]] = {"AWS": set(), "Service": set(), "Federated": set()}
        for type_, value in principals.named:
            by_type.setdefault(type_, set()).add(bound.get(value, value))
        accounts = {found[1] for value in by_type["AWS"] if (found := _ACCOUNT.match(value))}
        ids = {value for value in by_type["AWS"] if _UNIQUE_ID.match(value)}
        return cls(
            is_everyone=principals.is_everyone,
            accounts=frozenset(accounts),
            arns=frozenset(by_type["AWS"] - ids),
            ids=frozenset(ids),
            services=frozenset(by_type["Service"]),
            providers=frozenset(by_type["Federated"]),
        )

    def grant(self, request: Request) -> Grant:
        """How directly the caller is named; the most direct way wins."""
        kind = request.principal_kind
        if kind == "service":
            return Grant.DIRECT if request.principal_arn in self.services else Grant.NONE
        if kind == "provider":
            return Grant.DIRECT if request.principal_arn in self.providers else Grant.NONE
        if kind == "anonymous":
            return Grant.NONE
        if kind == "role" and request.caller_arn in self.arns:
            return Grant.DIRECT
        if self._names_entity(request):
            return Grant.ROLE if kind == "role" else Grant.DIRECT
        return Grant.ACCOUNT if request.principal_account in self.accounts else Grant.NONE

    def _names_entity(self, request: Request) -> bool:
        if request.principal_kind == "root":
            return False
        if request.principal_arn in self.arns:
            return True
        user_id = request.context.get("aws:userid") if self.ids else None
        return isinstance(user_id, str) and user_id.partition(":")[0] in self.ids

    def exempts(self, request: Request) -> bool:
        """Whether a NotPrincipal spares the caller: account, entity and session must be listed."""
        kind = request.principal_kind
        if self.is_everyone:
            return True
        if kind in WITHOUT_IDENTITY:
            return self.grant(request) is Grant.DIRECT
        if request.principal_account not in self.accounts:
            return False
        if kind == "root":
            return True
        is_session_listed = kind != "role" or request.caller_arn in self.arns
        return is_session_listed and self._names_entity(request)
