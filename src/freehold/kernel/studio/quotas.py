"""Quotas of Studio: how many domains an account has, and what a domain may hold.

Kept in the install's database; none is in force until somebody sets it (docs/parity.md). Asked
inside the transaction of a create, so that two at once do not both slip under the bound.

Names: ``domains``; ``user-profiles``, ``spaces`` and ``apps`` hold for each domain by itself, and
``apps@d-...`` for that domain in their place; ``apps.JupyterLab.ml.g5.xlarge`` bounds the apps of a
type that run on an instance type, in the account or, with ``@d-...``, in one domain besides.
Words of the refusal: domains.md 1.14.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from freehold.base.errors import Invalid, LimitExceeded
from freehold.spec import load
from freehold.store import keys
from freehold.store.records import Page, Record, decode, encode
from freehold.store.unit import Unit

if TYPE_CHECKING:
    from freehold.kernel.call import Call

_META = "quotas"
MAX = 1_000_000  # ours: a bound on bounds
KEPT_MAX = 1_000  # ours: of quotas in force
# By name: the kind that is counted, and AWS's words for the limit and for what it counts.
QUOTAS: Mapping[str, tuple[str, str, str]] = {
    "domains": ("sagemaker:domain", "Total domains", "Domains"),
    "user-profiles": ("sagemaker:user-profile", "Total user profiles per domain", "UserProfiles"),
    "spaces": ("sagemaker:space", "Total spaces per domain", "Spaces"),
    "apps": ("sagemaker:app", "Running apps per domain", "Apps"),
}
NAMES = (*QUOTAS, "apps.TYPE.INSTANCE")
APP = QUOTAS["apps"][0]
LIVE = ("Pending", "InService", "Deleting")  # an app that ended counts no more
_NAME = re.compile(r"(?P<what>[a-z-]+)(?:\.(?P<type>\w+)\.(?P<on>[\w.-]+))?(?:@(?P<domain>d-\w+))?")


def check_name(name: str) -> None:
    """Refuse what is no quota.

    Raises:
        Invalid: There is no such quota, type of app or instance type.
    """
    found = _NAME.fullmatch(name)
    if found is None or found["what"] not in QUOTAS:
        raise Invalid(f"there is no quota {name}: the quotas are {', '.join(NAMES)}")
    if found["what"] != "apps" and found["type"]:
        raise Invalid(f"there is no quota {name}: only apps are counted by type and instance")
    if found["what"] == "domains" and found["domain"]:
        raise Invalid(f"there is no quota {name}: domains are counted in the account")
    if found["type"]:
        for shape, value in (("AppType", found["type"]), ("AppInstanceType", found["on"])):
            known = load.service("sagemaker").shape(shape).enum or ()
            if value not in known:
                raise Invalid(f"there is no quota {name}: {value} is no {shape}")


def in_force(unit: Unit) -> dict[str, int]:
    """The quotas that are set, by name."""
    text = keys.meta(unit.connection, _META)
    return {} if text is None else dict(decode(text))


def put(unit: Unit, asked: Mapping[str, int | None]) -> dict[str, int]:
    """Set quotas in the caller's transaction; None takes one away. What is in force then.

    Raises:
        Invalid: There is no such quota or domain, or the number is no bound.
    """
    found = in_force(unit)
    for name, number in asked.items():
        check_name(name)
        domain = name.partition("@")[2]
        if number is None:
            found.pop(name, None)
        elif not 0 <= number <= MAX:
            raise Invalid(f"the quota {name} must be between 0 and {MAX}, not {number}")
        elif domain and not _is_domain(unit, domain):
            raise Invalid(f"the quota {name} is for domain {domain}, which does not exist")
        else:
            found[name] = number
    if len(found) > KEPT_MAX:
        raise Invalid(f"there may be at most {KEPT_MAX} quotas, not {len(found)}")
    keys.set_meta(unit.connection, _META, encode(found))
    return found


def _is_domain(unit: Unit, domain_id: str) -> bool:
    page = Page(QUOTAS["domains"][0], limit=MAX)
    return any(record.arn.endswith(f"/{domain_id}") for record in unit.records(page))


def forget(unit: Unit, domain_id: str) -> None:
    """Take away the quotas of a domain that is gone."""
    found = in_force(unit)
    kept = {name: bound for name, bound in found.items() if not name.endswith(f"@{domain_id}")}
    if len(kept) < len(found):
        keys.set_meta(unit.connection, _META, encode(kept))


def require(call: Call, name: str, scope: str | None = None) -> None:
    """Refuse one more of what the quota ``name`` counts, in ``scope`` where it is per domain.

    Raises:
        LimitExceeded: In AWS's words.
    """
    bounds = in_force(call.unit)
    bound = bounds.get(f"{name}@{scope}", bounds.get(name))
    if bound is None:
        return
    kind, limit, noun = QUOTAS[name]
    count = len(_live(call, scope)) if name == "apps" else call.unit.count(kind, scope)
    _refuse_more(count, bound, limit, noun)


def require_app(call: Call, app: Mapping[str, Any]) -> None:
    """Refuse one more app: in its domain, and of its type on its instance type.

    Raises:
        LimitExceeded: In AWS's words.
    """
    domain_id, app_type = app["DomainId"], app["AppType"]
    require(call, "apps", domain_id)
    on = app.get("ResourceSpec", {}).get("InstanceType")
    bounds = in_force(call.unit)
    for scope, suffix in ((None, ""), (domain_id, f"@{domain_id}")):
        bound = bounds.get(f"apps.{app_type}.{on}{suffix}")
        if bound is None:
            continue
        count = sum(
            1
            for one in _live(call, scope)
            if one.document["AppType"] == app_type
            and one.document.get("ResourceSpec", {}).get("InstanceType") == on
        )
        where = f" in domain {domain_id}" if scope else ""
        _refuse_more(count, bound, f"{app_type} Apps running on {on} instance{where}", "Apps")


def _live(call: Call, scope: str | None) -> list[Record]:
    return [
        app
        for status in LIVE
        for app in call.unit.records(Page(APP, scope=scope, status=status, limit=MAX))
    ]


def _refuse_more(count: int, bound: int, limit: str, noun: str) -> None:
    if count >= bound:
        raise LimitExceeded(
            f"The account-level service limit '{limit}' is {bound} {noun}, with current "
            f"utilization of {count} {noun} and a request delta of 1 {noun}. Please contact your "
            "administrator to request an increase for this limit."
        )
