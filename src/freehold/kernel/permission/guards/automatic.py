"""The guard ``isolation.tags``: who may write the three automatic tags, and what they may say.

They say whose a thing is, so only backfill administrators change them: the account's root, and
principals outside of domains whose policies allow ``freehold:Backfill`` on the thing. Their value
is the ARN of a domain, profile or space that exists. What the server stamps itself, and values
that stay as they are, pass.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from freehold.base.errors import Denied, Invalid
from freehold.kernel import tagging
from freehold.kernel.permission import context as keys
from freehold.store.records import Record

if TYPE_CHECKING:
    from freehold.kernel.call import Call
    from freehold.kernel.permission.access import Access
    from freehold.policy.evaluate import Layers

BACKFILL = "freehold:Backfill"  # an action of ours: policies may grant and deny it like any other
KINDS = {
    tagging.DOMAIN_TAG: ("sagemaker:domain", "domain"),
    tagging.PROFILE_TAG: ("sagemaker:user-profile", "user profile"),
    tagging.SPACE_TAG: ("sagemaker:space", "space"),
}


def check_new(call: Call, access: Access, layers: Layers) -> None:
    """Check the tags that a create brings itself; of a session in a domain none are automatic."""
    operation = call.operation
    if operation.mode != "write" or call.record is not None:
        return
    given = operation.service.asked_tags(call.request)
    if not given:
        return
    asked = tagging.of_caller(call, tagging.as_map(given)) if operation.is_create else given
    check(call, access, layers, call.resource_arn or "*", None, {}, tagging.as_map(asked))


def check(
    call: Call,
    access: Access,
    layers: Layers,
    arn: str,
    record: Record | None,
    before: dict[str, str],
    after: dict[str, str],
) -> None:
    """Check a change of tags.

    Keys that differ from an automatic one in case only count as it does: conditions ignore case.

    Raises:
        Denied: An automatic tag would change, and the caller is no backfill administrator.
        Invalid: The new value is not the ARN of what there is, or of another kind.
    """
    changed = [
        key
        for key in before.keys() | after.keys()
        if key.lower() in tagging.AUTOMATIC and before.get(key) != after.get(key)
    ]
    if not changed:
        return
    if not _is_administrator(call, access, layers, arn, record):
        raise Denied(
            f"User: {call.principal.arn} is not authorized to perform: {BACKFILL} on resource: "
            f"{arn} because the account setting isolation.tags does not allow anybody but backfill "
            f"administrators to change the tag {min(changed)}"
        )
    for key in sorted(changed):
        if key in after:
            _check_exists(call, key, after[key])


def _is_administrator(
    call: Call, access: Access, layers: Layers, arn: str, record: Record | None
) -> bool:
    if call.principal.kind == "root":
        return True
    if call.principal.origin is not None:
        return False
    context = access.context(call)
    if record is not None:
        keys.add_resource(context, record.arn.split(":")[2], record)
    return access.ask(call.principal, layers, BACKFILL, arn, context).is_allowed


def _check_exists(call: Call, key: str, value: str) -> None:
    kind, noun = KINDS[key.lower()]
    record = call.unit.find(value)
    if record is None or record.kind != kind:
        raise Invalid(
            f"The tag {key} cannot have the value {value}: the account setting isolation.tags asks "
            f"for the ARN of a {noun} that exists."
        )
