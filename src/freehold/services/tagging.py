"""Resource Groups Tagging: tags of every service's resources, by ARN or by tag.

Tagging here needs ``tag:TagResources`` and the service's own permission on each resource, as
on AWS; what fails is told in ``FailedResourcesMap``, never as an error of the whole call.
Facts: domains.md 2.6.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from freehold.base import arn as arns
from freehold.base.errors import Denied, Fault, Invalid
from freehold.kernel import tagging
from freehold.kernel.call import Call, Page, Record
from freehold.kernel.declare.operation import Document
from freehold.kernel.declare.service import Service
from freehold.kernel.declare.verbs import open_token, seal_token
from freehold.kernel.permission import guards

resource_tagging = Service("resourcegroupstaggingapi", prefix="tag", tag_member="_none")

PAGE_DEFAULT = 50
PAGE_MAX = 100  # ResourcesPerPage (Resource Groups Tagging API, GetResources)
FILTERS = ("TagFilters", "ResourceTypeFilters", "ResourceARNList")
ACTIONS = {  # service part of an ARN -> (action that tags, action that untags)
    "sagemaker": ("sagemaker:AddTags", "sagemaker:DeleteTags"),
    "iam": ("iam:TagResource", "iam:UntagResource"),
    "s3": ("s3:PutBucketTagging", "s3:PutBucketTagging"),
    "ec2": ("ec2:CreateTags", "ec2:DeleteTags"),
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
        raise _wrong(
            "ResourceARNList cannot be used together with TagFilters or ResourceTypeFilters."
        )
    limit = int(request.get("ResourcesPerPage", PAGE_DEFAULT))
    if not 1 <= limit <= PAGE_MAX:
        raise _wrong(f"ResourcesPerPage must lie between 1 and {PAGE_MAX}, not {limit}.")
    tests = _tests(request)
    question = {key: request.get(key) for key in FILTERS}
    after = _after(request, question)
    found: Iterable[Record]
    if wanted:
        named = sorted(arn for arn in set(wanted) if arn > after)
        found = (record for arn in named if (record := call.unit.find(arn)) is not None)
    else:
        found = call.resources_by_arn(after)
    matching = (
        record
        for record in found
        if record.tags and all(test(record) for test in tests) and guards.sees(call, record)
    )
    page = list(islice(matching, limit + 1))  # one more tells whether there is a next page
    shown = page[:limit]
    return {
        "ResourceTagMappingList": [
            {"ResourceARN": one.arn, "Tags": tagging.as_list(one.tags)} for one in shown
        ],
        "PaginationToken": _token(shown[-1].arn, question) if len(page) > limit else "",
    }


def _tagged(call: Call) -> Iterator[Record]:
    """Everything that carries tags and that the caller may see."""
    return (r for r in call.every_resource() if r.tags and guards.sees(call, r))


def _tests(request: Document) -> list[Callable[[Record], bool]]:
    tests: list[Callable[[Record], bool]] = []
    types = request.get("ResourceTypeFilters")
    if types:
        tests.append(lambda record: any(_is_type(record, wanted) for wanted in types))
    for item in request.get("TagFilters", ()):
        if "Key" not in item:
            raise _wrong("Each of the TagFilters needs a Key.")
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
            except Denied as fault:
                failed[text] = _failure("AccessDeniedException", fault.message, 400)
            except Fault as fault:
                failed[text] = _failure("InvalidParameterException", fault.message, 400)
    return {"FailedResourcesMap": failed}


def _failure(code: str, message: str, status: int) -> Document:
    return {"StatusCode": status, "ErrorCode": code, "ErrorMessage": message}


@resource_tagging.operation("GetTagKeys", mode="slow")
def get_tag_keys(call: Call, request: Document) -> Document:
    """Every key in use, in pages of 50."""
    keys = sorted({key for record in _tagged(call) for key in record.tags})
    page, token = _paged(keys, PAGE_DEFAULT, request, "keys")
    return {"TagKeys": page, "PaginationToken": token}


@resource_tagging.operation("GetTagValues", mode="slow")
def get_tag_values(call: Call, request: Document) -> Document:
    """Every value of one key, in pages of 50."""
    key = request["Key"]
    values = sorted({r.tags[key] for r in _tagged(call) if key in r.tags})
    page, token = _paged(values, PAGE_DEFAULT, request, key)
    return {"TagValues": page, "PaginationToken": token}


def _paged(
    values: list[str], limit: int, request: Document, question: Any
) -> tuple[list[str], str]:
    """One page of sorted values and the token of the next, which holds for ``question`` only.

    Raises:
        Invalid: The token is none of ours, or belongs to another question.
    """
    after = _after(request, question)
    values = [value for value in values if value > after]
    page = values[:limit]
    return page, _token(page[-1], question) if len(values) > limit else ""


def _after(request: Document, question: Any) -> str:
    """The value behind which the page begins; empty for the first.

    Raises:
        Invalid: The token is none of ours, or belongs to another question.
    """
    token = request.get("PaginationToken")
    if not token:
        return ""
    try:
        return str(open_token(token, _bound(question))[0])
    except Invalid as fault:
        raise _wrong(fault.message.replace("NextToken", "PaginationToken")) from fault


def _token(last: str, question: Any) -> str:
    return seal_token((last, 0), _bound(question))


def _bound(question: Any) -> Page:
    """What a token is bound to."""
    return Page("tag", name_contains=repr(question))


def _wrong(message: str) -> Invalid:
    return Invalid(message, code="InvalidParameterException")
