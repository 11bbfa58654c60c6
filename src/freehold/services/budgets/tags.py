"""Tags of budgets and of their actions."""

from __future__ import annotations

from freehold.base.errors import NotFound
from freehold.kernel import tagging
from freehold.kernel.budgets import kept
from freehold.kernel.call import Call, Record
from freehold.kernel.declare.operation import Document
from freehold.services.budgets.service import BUDGET, budgets


def _named(_call: Call, request: Document) -> str:
    return str(request["ResourceARN"])


@budgets.operation("ListTagsForResource", on=BUDGET, target=_named)
def list_tags_for_resource(call: Call, request: Document) -> Document:
    """The tags of a budget, by key."""
    return {"ResourceTags": tagging.as_list(_tagged(call, request).tags)}


@budgets.operation("TagResource", on=BUDGET, target=_named, mode="write")
def tag_resource(call: Call, request: Document) -> None:
    """Set tags of a budget."""
    record = _tagged(call, request)
    tags = record.tags | tagging.as_map(request["ResourceTags"])
    tagging.check_count(tags)
    call.retag(record, tags)


@budgets.operation(
    "UntagResource",
    on=BUDGET,
    target=_named,
    mode="write",
    keys={"aws:TagKeys": "ResourceTagKeys"},
)
def untag_resource(call: Call, request: Document) -> None:
    """Take tags of a budget away."""
    record = _tagged(call, request)
    gone = set(request["ResourceTagKeys"])
    call.retag(record, {key: value for key, value in record.tags.items() if key not in gone})


def _tagged(call: Call, request: Document) -> Record:
    arn = request["ResourceARN"]
    record = call.unit.find(arn)
    is_ours = record is not None and record.kind in (kept.BUDGET, kept.ACTION)
    if record is None or not is_ours or record.document.get(kept.IS_DELETED):
        raise NotFound(f"Unable to get budget: {arn} - the budget doesn't exist.")
    return record
