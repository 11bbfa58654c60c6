"""Who belongs to which domain, and who a principal is when it calls.

A principal's home is the domain whose execution role it is, whose work runs under it, whose tag
it bears, or which the admin says (``--home``). One that has no home is an administrator's, and
is not asked about. From the ground to (domain id, caller) pairs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from freehold.auth.principal import Origin, Principal
from freehold.base.errors import Invalid
from freehold.base.settings import Settings
from freehold.isolation.account.ground import Domain, Ground
from freehold.isolation.patterns import FRESH
from freehold.kernel.declare.operation import dig
from freehold.kernel.doors import SESSION_NAME
from freehold.kernel.permission import identity
from freehold.kernel.tagging import DOMAIN_TAG
from freehold.store.records import Record
from freehold.store.unit import Unit

ROLE_MEMBERS = ("DefaultUserSettings.ExecutionRole", "DefaultSpaceSettings.ExecutionRole")
WORK_ROLES = {
    "sagemaker:training-job": "RoleArn",
    "sagemaker:processing-job": "RoleArn",
    "sagemaker:app": "_Role",
}
LIVE = frozenset({"Pending", "InProgress", "InService", "Stopping", "Deleting"})


@dataclass(frozen=True, slots=True)
class Caller:
    """One who calls: the user or role behind it, the principal, and why it is at home there."""

    holder: Record
    principal: Principal
    why: str


def callers(
    unit: Unit, ground: Ground, settings: Settings, given: Mapping[str, str], now: float
) -> dict[str, list[Caller]]:
    """Everyone at home in each domain, by its id.

    Args:
        unit: To read with.
        ground: The account.
        settings: Of the install.
        given: Of the admin: ARN of a user, role or group to domain id, ARN or name.
        now: Epoch seconds.

    Raises:
        Invalid: ``given`` names somebody or a domain that does not exist.
    """
    found: dict[str, dict[tuple[str, str], Caller]] = {id_: {} for id_ in ground.domains}
    house = _House(unit, ground, settings, now)
    for domain in ground.domains.values():
        for caller in house.of_domain(domain):
            key = (
                caller.holder.arn,
                caller.principal.origin.arn if caller.principal.origin else "",
            )
            found[domain.id].setdefault(key, caller)
    for domain_id, caller in house.of_tags_and(given):
        found[domain_id].setdefault((caller.holder.arn, ""), caller)
    return {id_: list(by_key.values()) for id_, by_key in found.items()}


def named(ground: Ground, name: str) -> Domain:
    """A domain by id, ARN or name.

    Raises:
        Invalid: There is none.
    """
    domain = ground.find(name)
    if domain is None:
        known = ", ".join(sorted(one.name for one in ground.domains.values())) or "none"
        raise Invalid(f"There is no domain {name}: there are {known}.")
    return domain


class _House:
    def __init__(self, unit: Unit, ground: Ground, settings: Settings, now: float) -> None:
        self._unit = unit
        self._ground = ground
        self._settings = settings
        self._now = now

    def of_domain(self, domain: Domain) -> Iterator[Caller]:
        """Sessions that are handed out in the domain, and roles that its work runs under."""
        settings = domain.record.document
        origins = {}
        for owner in domain.inside:
            origin = identity.origin_of(self._unit, domain.record, owner)
            origins[owner.arn] = origin
            kind = "UserSettings" if owner.kind == "sagemaker:user-profile" else ""
            default = ROLE_MEMBERS[0 if kind else 1]
            named = dig(owner.document, f"{kind}.ExecutionRole") if kind else []
            if not kind and origin.sharing == "Private" and origin.owner_arn:
                profile = self._unit.find(origin.owner_arn)
                named = dig(profile.document if profile else {}, "UserSettings.ExecutionRole")
                default = ROLE_MEMBERS[0]
            for arn in named or dig(settings, default):
                noun = "profile" if kind else "space"
                yield from self._role(arn, origin, f"execution role of {noun} {owner.name}")
        newcomer = self._newcomer(domain)
        for member in ROLE_MEMBERS:
            for arn in dig(settings, member):
                yield from self._role(arn, newcomer, f"execution role of domain {domain.name}")
        yield from self._work(domain, origins)

    def _newcomer(self, domain: Domain) -> Origin:
        """The origin of a profile that is not there yet, for roles that nobody has so far."""
        arn = domain.arn.replace(":domain/", ":user-profile/") + f"/{FRESH}"
        return Origin(
            *("user-profile", domain.id, domain.arn, FRESH, arn, None, None),
            account_id=self._settings.account_id,
        )

    def _work(self, domain: Domain, origins: Mapping[str, Origin]) -> Iterator[Caller]:
        """Roles that jobs and apps of the domain run under now."""
        for record, owners in self._ground.owned.values():
            member = WORK_ROLES.get(record.kind)
            if member is None or domain.id not in owners or record.status not in LIVE:
                continue
            arn = record.document.get(member)
            born = record.document.get("_Owner") or record.document.get("_Origin") or ""
            if isinstance(arn, str):
                noun = record.kind.partition(":")[2].replace("-", " ")
                origin = origins.get(str(born).partition("#")[0])
                yield from self._role(arn, origin, f"{noun} {record.name} runs under it")

    def _role(self, arn: str, origin: Origin | None, why: str) -> Iterator[Caller]:
        role = self._ground.identities.get(arn)
        if role is not None and role.kind == identity.ROLE:
            yield Caller(role, self.session(role, origin), why)

    def session(self, role: Record, origin: Origin | None, name: str = SESSION_NAME) -> Principal:
        """A session of a role."""
        return identity.role_session(
            role, self._settings.account_id, name, now=self._now, origin=origin
        )

    def _as_caller(self, holder: Record, why: str) -> Caller:
        if holder.kind == identity.ROLE:
            return Caller(holder, self.session(holder, None), why)
        return Caller(holder, identity.user(holder, self._settings.account_id, ""), why)

    def of_tags_and(self, given: Mapping[str, str]) -> Iterator[tuple[str, Caller]]:
        """Users and roles that bear a domain's tag, and those that the admin names."""
        for record in self._ground.identities.values():
            if record.kind in (identity.USER, identity.ROLE):
                domain_id = self._ground.domain_of(record.tags.get(DOMAIN_TAG, ""))
                if domain_id is not None:
                    yield domain_id, self._as_caller(record, f"bears the tag {DOMAIN_TAG}")
        for arn, named in given.items():
            domain = self._ground.find(named)
            if domain is None:
                raise Invalid(f"--home {arn}={named}: there is no domain {named}.")
            holder = self._ground.identities.get(arn)
            if holder is None or holder.kind == identity.POLICY:
                raise Invalid(f"--home {arn}={named}: there is no user, role or group {arn}.")
            for one in self._members(holder):
                yield domain.id, self._as_caller(one, "given by --home")

    def _members(self, holder: Record) -> Iterable[Record]:
        if holder.kind != identity.GROUP:
            return (holder,)
        return [
            record
            for record in self._ground.identities.values()
            if record.kind == identity.USER
            and holder.arn in record.document.get(identity.GROUPS, ())
        ]
