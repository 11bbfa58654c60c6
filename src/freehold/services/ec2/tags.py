"""Tags of EC2's things, by id: set, taken away and told. They stand where all tags stand."""

from __future__ import annotations

from freehold.base import arn as arns
from freehold.base.errors import Invalid, LimitExceeded
from freehold.kernel import tagging
from freehold.kernel.call import Call, Record
from freehold.kernel.declare import lists
from freehold.kernel.declare.operation import EVERYTHING, Document
from freehold.services.ec2 import names
from freehold.services.ec2.entities import ec2
from freehold.services.ec2.filters import PAGE_DEFAULT, every, select

RESOURCES_MAX = 1_000  # of one call (CreateTags)
FILTERS = {
    "key": "Key",
    "value": "Value",
    "resource-id": "ResourceId",
    "resource-type": "ResourceType",
}


def _targets(call: Call, request: Document) -> list[str]:
    """The ARN of each id; what is no id of ours is asked about as everything."""
    found = []
    for one in request.get("Resources") or ("",):
        kind = names.KINDS.get(one.partition("-")[0])
        if kind is None:
            found.append(EVERYTHING)
        else:
            found.append(call.arn_of(kind[0], {kind[0].name_member: one}))
    return list(dict.fromkeys(found))


def _load(call: Call, request: Document) -> list[Record]:
    wanted = list(dict.fromkeys(request["Resources"]))
    if not wanted:
        raise Invalid(
            "The request must contain the parameter resourceIdSet", code="MissingParameter"
        )
    if len(wanted) > RESOURCES_MAX:
        raise LimitExceeded(f"At most {RESOURCES_MAX} resources are tagged at once.")
    found = []
    for one in wanted:
        kind = names.KINDS.get(one.partition("-")[0])
        if kind is None:
            raise Invalid(f"The ID '{one}' is not valid", code="InvalidID")
        found.append(names.load(call, kind[0], one))
    return found


@ec2.operation("CreateTags", mode="write", target=_targets)
def create_tags(call: Call, request: Document) -> None:
    """Set tags on all of the things, or on none.

    Raises:
        NotFound: One of them does not exist.
        LimitExceeded: One would carry more than 50.
    """
    names.refuse_dry_run(request)
    tags = tagging.as_map(request["Tags"])
    if not tags:
        raise Invalid("The request must contain the parameter tagSet", code="MissingParameter")
    for record in _load(call, request):
        merged = record.tags | tags
        names.check_tags(merged)
        call.retag(record, merged)


@ec2.operation("DeleteTags", mode="write", target=_targets)
def delete_tags(call: Call, request: Document) -> None:
    """Take tags away: those of a key, of a key with that value only, or without any all.

    The automatic ones go by name only, as on AWS those of its own never go with the rest.
    """
    names.refuse_dry_run(request)
    given = request.get("Tags")
    for record in _load(call, request):
        kept = dict(record.tags)
        if not given:
            kept = {key: kept[key] for key in kept if key in tagging.AUTOMATIC}
        for tag in given or ():
            key, value = tag.get("Key"), tag.get("Value")
            if value is None or kept.get(key) == value:
                kept.pop(key, None)
        if kept != record.tags:
            call.retag(record, kept)


@ec2.operation("DescribeTags")
def describe_tags(call: Call, request: Document) -> Document:
    """Every tag of every thing, filtered by key, value, thing or kind of thing."""
    names.refuse_dry_run(request)
    told = [
        {"Key": key, "Value": value, "ResourceId": record.name, "ResourceType": _kind(record)}
        for resource, _ in names.KINDS.values()
        for record in every(call, resource)
        for key, value in sorted(record.tags.items())
    ]
    filters = []
    for one in request.get("Filters") or ():
        name, values = one.get("Name", ""), one.get("Values") or []
        if name.startswith("tag:"):
            filters.append({"Name": "key", "Values": [name.removeprefix("tag:")]})
            name = "value"
        filters.append({"Name": name, "Values": values})
    limit = int(request.get("MaxResults") or PAGE_DEFAULT)
    found, token = lists.page_of(select(told, filters, FILTERS), limit, request.get("NextToken"))
    return {"Tags": list(found)} | ({"NextToken": token} if token else {})


def _kind(record: Record) -> str:
    arn = arns.parse(record.arn)
    return "" if arn is None else arn.kind
