"""The record of the built-in analyzer: its members, and what tells that its answer has aged.

Written by ``loops/analysis``, read by ``services/access_analyzer``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from freehold.base.settings import Settings
from freehold.kernel.permission.guards import guards_in_force
from freehold.kernel.permission.guards.seen import SeenUnit
from freehold.store.records import Page, encode
from freehold.store.unit import Unit

if TYPE_CHECKING:
    from freehold.kernel.call import Call

NAME = "freehold-isolation"
KIND = "access-analyzer:analyzer"
MOVER = "analysis"
# Members of its document beside AWS's.
ASKED = "_Asked"  # {"at", "resource"}: a run that somebody wants and that has not begun
RUNNING = "_Running"  # when the run in hand began
RUN = "_Run"  # facts about the last run that came to its end
FAILURE = "_Failure"  # {"at", "why"}: the last run, if it did not
FINDINGS = "_Findings"  # by id
DOMAIN = "sagemaker:domain"
# Kinds that say who may do what, or who is at home where: an answer is as old as their last change.
COUNTED = (
    *("iam:user", "iam:group", "iam:role", "iam:policy", "iam:oidc-provider"),
    *(DOMAIN, "sagemaker:user-profile", "sagemaker:space"),
    *("sagemaker:model-package-group", "s3:bucket"),
)


def arn(settings: Settings) -> str:
    """The analyzer's ARN."""
    place = f"{settings.region}:{settings.account_id}"
    return f"arn:{settings.partition}:access-analyzer:{place}:analyzer/{NAME}"


def fingerprint(unit: Unit) -> str:
    """What changes with every change of policies, people, domains or guards."""
    plain = Unit(unit.connection, is_writing=False)  # whoever asks: it is the same for all
    found: list[Any] = [sorted(guards_in_force(plain))]
    for kind in COUNTED:
        newest = plain.records(Page(kind, column="modified", descending=True, limit=1))
        found.append([plain.count(kind), newest[0].modified if newest else None])
    return encode(found).decode()


def is_stale(unit: Unit, document: dict[str, Any]) -> bool:
    """Whether something was changed since the last run began; True if there was none."""
    run = document.get(RUN)
    return run is None or run["fingerprint"] != fingerprint(unit)


def sees(call: Call, *domains: str) -> bool:
    """Whether the caller may know of these domains (ARNs): by the guard isolation.lists."""
    if not isinstance(call.unit, SeenUnit):
        return True
    for one in domains:
        record = call.unit.find(one)
        if not call.unit.sight.sees_line(one, {} if record is None else record.tags):
            return False
    return True
