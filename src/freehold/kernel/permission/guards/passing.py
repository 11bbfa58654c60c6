"""The guard ``isolation.pass-role``: a session of a domain passes that domain's roles only.

A domain's execution roles are those in its default settings and in the settings of its profiles;
a space has none of its own. Asked after ``iam:PassRole`` itself was allowed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from freehold.base.errors import Denied
from freehold.kernel.declare.operation import dig
from freehold.store.records import Page
from freehold.store.unit import Unit

if TYPE_CHECKING:
    from freehold.auth.principal import Origin
    from freehold.kernel.call import Call

PROFILE = "sagemaker:user-profile"
PROFILES_MAX = 100_000  # of one domain
OF_DOMAIN = (
    "DefaultUserSettings.ExecutionRole",
    "DefaultSpaceSettings.ExecutionRole",
    "DomainSettings.RStudioServerProDomainSettings.DomainExecutionRoleArn",
)
OF_PROFILE = "UserSettings.ExecutionRole"


def check(call: Call) -> None:
    """Refuse a role of another domain, or of none.

    Raises:
        Denied: The caller is a session with an origin and the role is not its domain's.
    """
    origin = call.principal.origin
    if origin is None or not call.operation.passes:
        return
    for path in call.operation.passes:
        for role in dig(call.request, path):
            if role and role not in _roles(call.unit, origin):
                raise Denied(
                    f"User: {call.principal.arn} is not authorized to perform: iam:PassRole on "
                    f"resource: {role} because the account setting isolation.pass-role does not "
                    f"allow a session of domain {origin.domain_id} to pass a role that is not an "
                    "execution role of that domain"
                )


def _roles(unit: Unit, origin: Origin) -> Iterator[str]:
    """The execution roles of a session's domain, the likely ones first."""
    domain = unit.find(origin.domain_arn)
    if domain is not None:
        for path in OF_DOMAIN:
            yield from dig(domain.document, path)
    for profile in unit.records(Page(PROFILE, scope=origin.domain_id, limit=PROFILES_MAX)):
        yield from dig(profile.document, OF_PROFILE)
