"""Resource Groups Tagging: tags of every service's resources, by ARN or by tag.

Tagging here needs ``tag:TagResources`` and the service's own permission on each resource, as
on AWS; what fails is told in ``FailedResourcesMap``, never as an error of the whole call.
Facts: domains.md 2.6.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from freehold.base import arn as arns
from freehold.base.errors import Fault, Invalid
from freehold.kernel import tagging
from freehold.kernel.call import Call, Record
from freehold.kernel.operation import Document
from freehold.kernel.service import Service

resource_tagging = Service("resourcegroupstaggingapi", prefix="tag", tag_member="_none")

PAGE_DEFAULT = 50
ACTIONS = {  # service part of an ARN -> (action that tags, action that untags)
    "sagemaker": ("sagemaker:AddTags", "sagemaker:DeleteTags"),
    "iam": ("iam:TagResource", "iam:UntagResource"),
    "s3": ("s3:PutBucketTagging", "s3:PutBucketTagging"),
    "elasticfilesystem": ("elasticfilesystem:TagResource", "elasticfilesystem:UntagResource"),
    "logs": ("logs:TagResource", "logs:UntagResource"),
    "budgets": ("budgets:TagResource", "budgets:UntagResource"),
}


@resource_tagging.operation("GetResources", mode="slow")
def get_resources(call: Call, request: Document) -> Document:
    """Tagged resources, filtered by type, tag or ARN, in pages ordered by ARN.

    Raises:
        Invalid: ARNs together with other filters, or a token that is none of ours.
    """
    wanted = request.get("ResourceARNList")
    if wanted and (request.get("TagFilters") or request.get("ResourceTypeFilters")):
        raise Invalid(
            "ResourceARNList cannot be used together with TagFilters or ResourceTypeFilters.",
            code="InvalidParameterException",
        )
    limit = int(request.get("ResourcesPerPage") or PAGE_DEFAULT)
    after = request.get("PaginationToken") or ""
    tests = _tests(request)
    if wanted:
        found = [record for arn in wanted if (record := call.unit.find(arn)) is not None]
    else:
        found = list(call.every_resource())
    page = [
        record
        for record in sorted(found, key=lambda record: record.arn)
        if record.tags and record.arn > after and all(test(record) for test in tests)
    ][: limit + 1]
    more = len(page) > limit
    return {
        "ResourceTagMappingList": [
            {"ResourceARN": record.arn, "Tags": tagging.as_list(record.tags)}
            for record in page[:limit]
        ],
        "PaginationToken": page[limit - 1].arn if more else "",
    }


def _tests(request: Document) -> list[Callable[[Record], bool]]:
    tests: list[Callable[[Record], bool]] = []
    types = request.get("ResourceTypeFilters")
    if types:
        tests.append(lambda record: any(_is_type(record, wanted) for wanted in types))
    for item in request.get("TagFilters", ()):
        tests.append(_tag_test(item["Key"], item.get("Values") or ()))
    return tests


def _is_type(record: Record, wanted: str) -> bool:
    arn = arns.parse(record.arn)
    if arn is None:
        return False
    service, _, kind = wanted.partition(":")
    return arn.service == service and (not kind or arn.kind == kind or record.kind == wanted)


def _tag_test(key: str, values: Iterable[str]) -> Callable[[Record], bool]:
    options = set(values)
    return lambda record: key in record.tags and (not options or record.tags[key] in options)


@resource_tagging.operation("TagResources", mode="write")
def tag_resources(call: Call, request: Document) -> Document:
    """Add or overwrite tags on each resource that the caller may tag."""
    tags = tagging.as_map(request["Tags"])

    def change(record: Record) -> None:
        merged = record.tags | tags
        tagging.check_count(merged)
        call.retag(record, merged)

    return _each(call, request["ResourceARNList"], 0, tags, tuple(tags), change)


@resource_tagging.operation("UntagResources", mode="write")
def untag_resources(call: Call, request: Document) -> Document:
    """Remove tags by key from each resource that the caller may untag."""
    gone = set(request["TagKeys"])

    def change(record: Record) -> None:
        call.retag(record, {key: v for key, v in record.tags.items() if key not in gone})

    return _each(call, request["ResourceARNList"], 1, {}, tuple(gone), change)


def _each(
    call: Call,
    wanted: list[str],
    which: int,
    tags: dict[str, str],
    keys: tuple[str, ...],
    change: Callable[[Record], None],
) -> Document:
    failed: Document = {}
    for text in dict.fromkeys(wanted):
        arn = arns.parse(text)
        actions = None if arn is None else ACTIONS.get(arn.service)
        record = call.unit.find(text)
        if arn is None or actions is None:
            failed[text] = _failure("InvalidParameterException", f"{text} cannot be tagged.", 400)
            continue
        refusal = call.refusal(actions[which], text, record, tags=tags, tag_keys=keys)
        if refusal is not None:
            failed[text] = _failure("AccessDeniedException", refusal, 400)
        elif record is None:
            failed[text] = _failure(
                "InvalidParameterException", f"Resource {text} does not exist.", 400
            )
        else:
            try:
                change(record)
            except Fault as fault:
                failed[text] = _failure("InvalidParameterException", fault.message, 400)
    return {"FailedResourcesMap": failed}


def _failure(code: str, message: str, status: int) -> Document:
    return {"StatusCode": status, "ErrorCode": code, "ErrorMessage": message}


@resource_tagging.operation("GetTagKeys", mode="slow")
def get_tag_keys(call: Call, request: Document) -> Document:
    """Every key in use, in pages of 50."""
    keys = sorted({key for record in call.every_resource() for key in record.tags})
    return _paged("TagKeys", keys, request)


@resource_tagging.operation("GetTagValues", mode="slow")
def get_tag_values(call: Call, request: Document) -> Document:
    """Every value of one key, in pages of 50."""
    key = request["Key"]
    values = sorted({r.tags[key] for r in call.every_resource() if key in r.tags})
    return _paged("TagValues", values, request)


def _paged(member: str, values: list[str], request: Document) -> Document:
    after = request.get("PaginationToken") or ""
    rest = [value for value in values if not after or value > after]
    page = rest[:PAGE_DEFAULT]
    token = page[-1] if len(rest) > PAGE_DEFAULT else ""
    return {member: page, "PaginationToken": token}
