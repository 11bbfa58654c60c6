"""Guards: four account settings that go beyond AWS, asked once policy has allowed a call.

``Access.authorize`` ends in ``check``; which guards are in force stands in the database
(``settings.py``) and is remembered until it changes. Each guard is a file of its own. What they
promise, and what they cost: docs/operate/guards.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from freehold.kernel.permission.guards import automatic, passing, references
from freehold.kernel.permission.guards.remembered import Remembered
from freehold.kernel.permission.guards.seen import SeenUnit, Sight, confine
from freehold.kernel.permission.guards.settings import InForce, guards_in_force
from freehold.store.records import Record

if TYPE_CHECKING:
    from freehold.kernel.call import Call
    from freehold.kernel.permission.access import Access
    from freehold.policy.evaluate import Layers

__all__ = [
    "InForce",
    "Remembered",
    "SeenUnit",
    "Sight",
    "check",
    "check_tags",
    "guards_in_force",
    "sees",
]


def check(call: Call, access: Access, layers: Layers) -> None:
    """Refuse what a guard in force does not allow, and confine what the call may see.

    Raises:
        Denied: With AWS's sentence and the account setting at fault.
        Invalid: An automatic tag would name a domain, profile or space that does not exist.
    """
    in_force = access.guards.now(call.unit, access.version)
    if not in_force:
        return
    if "tags" in in_force:
        automatic.check_new(call, access, layers)
    if "pass-role" in in_force:
        passing.check(call)
    if "references" in in_force:
        references.check(call, access, layers)
    if "lists" in in_force:
        confine(call, access, layers)


def check_tags(
    call: Call, arn: str, record: Record | None, before: dict[str, str], after: dict[str, str]
) -> None:
    """Refuse a change of automatic tags by who may not make it, where isolation.tags is on.

    Called wherever tags of something that is there are written: by ``Call.retag`` for records, by
    S3 for objects, which are none.
    """
    if before == after:
        return
    access = call.access
    if "tags" in access.guards.now(call.unit, access.version):
        layers = access.layers(call.unit, call.principal)
        automatic.check(call, access, layers, arn, record, before, after)


def sees(call: Call, record: Record) -> bool:
    """Whether a record that was not read through ``call.unit``'s pages may be shown."""
    unit = call.unit
    return not isinstance(unit, SeenUnit) or unit.sight.sees(record)
