"""Quotas of Studio: how many domains an account has, and what a domain may hold.

Kept in the install's database; none is in force until somebody sets it (docs/parity.md). Asked
inside the transaction of a create, so that two at once do not both slip under the bound.
Words of the refusal: domains.md 1.14.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from freehold.base.errors import Invalid, LimitExceeded
from freehold.store import keys
from freehold.store.records import Page, decode, encode
from freehold.store.unit import Unit

if TYPE_CHECKING:
    from freehold.kernel.call import Call

_META = "quotas"
MAX = 1_000_000  # ours: a bound on bounds
# By name: the kind that is counted, and AWS's words for the limit and for what it counts.
QUOTAS: Mapping[str, tuple[str, str, str]] = {
    "domains": ("sagemaker:domain", "Total domains", "Domains"),
    "user-profiles": ("sagemaker:user-profile", "Total user profiles per domain", "UserProfiles"),
    "spaces": ("sagemaker:space", "Total spaces per domain", "Spaces"),
    "apps": ("sagemaker:app", "Running apps per domain", "Apps"),
}
LIVE = ("Pending", "InService", "Deleting")  # an app that ended counts no more


def in_force(unit: Unit) -> dict[str, int]:
    """The quotas that are set, by name of ``QUOTAS``."""
    text = keys.meta(unit.connection, _META)
    return {} if text is None else dict(decode(text))


def put(unit: Unit, asked: Mapping[str, int | None]) -> dict[str, int]:
    """Set quotas in the caller's transaction; None takes one away. What is in force then.

    Raises:
        Invalid: There is no such quota, or the number is no bound.
    """
    found = in_force(unit)
    for name, number in asked.items():
        if name not in QUOTAS:
            raise Invalid(f"There is no quota {name}: the quotas are {', '.join(QUOTAS)}.")
        if number is None:
            found.pop(name, None)
        elif not 0 <= number <= MAX:
            raise Invalid(f"The quota {name} must be between 0 and {MAX}, not {number}.")
        else:
            found[name] = number
    keys.set_meta(unit.connection, _META, encode(found))
    return found


def require(call: Call, name: str, scope: str | None = None) -> None:
    """Refuse one more of what the quota ``name`` counts, in ``scope`` where it is per domain.

    Raises:
        LimitExceeded: In AWS's words.
    """
    bound = in_force(call.unit).get(name)
    if bound is None:
        return
    kind, limit, noun = QUOTAS[name]
    if name == "apps":
        count = sum(
            len(call.unit.records(Page(kind, scope=scope, status=status, limit=bound + 1)))
            for status in LIVE
        )
    else:
        count = call.unit.count(kind, scope)
    if count >= bound:
        raise LimitExceeded(
            f"The account-level service limit '{limit}' is {bound} {noun}, with current "
            f"utilization of {count} {noun} and a request delta of 1 {noun}. Please contact your "
            "administrator to request an increase for this limit."
        )
