"""Search: resources of one type by an expression over their members and tags.

Facts: domains.md 3.6. Runs on the pool: it decodes what it looks at.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from freehold.base.errors import Invalid
from freehold.kernel import tagging
from freehold.kernel.call import Call, Page, Record
from freehold.kernel.declare.operation import Document, dig
from freehold.kernel.declare.verbs import open_token, pick, seal_token
from freehold.services.sagemaker.service import sagemaker

PAGE_DEFAULT = 10
PAGE_MAX = 100
DEPTH_MAX = 20
BATCH = 200
SORTS = {"CreationTime": "created", "LastModifiedTime": "modified"}
TAG = "Tags."

Test = Callable[[Document, dict[str, str]], bool]


# Types whose records go by another name than our resource.
NOUNS = {"ExperimentTrial": "Trial", "ExperimentTrialComponent": "TrialComponent"}
# Types whose answers wrap the resource: a result ``Model`` holds the model, its endpoints, ...
WRAPPED = frozenset({"Model"})


def noun_of(resource_type: str) -> str | None:
    """The resource behind a ``ResourceType``, None if we do not serve it."""
    noun = NOUNS.get(resource_type, resource_type)
    return noun if noun in sagemaker.resources and noun in shown_members() else None


@functools.cache
def shown_members() -> dict[str, tuple[str, ...]]:
    """By noun: the members that a result of Search may have."""
    output = sagemaker.model.operations["Search"].output
    assert output is not None
    results = output.members["Results"].shape.item
    assert results is not None
    found = {}
    for noun, member in results.shape.members.items():
        shape = member.shape.members[noun].shape if noun in WRAPPED else member.shape
        found[noun] = tuple(shape.members)
    return found


def visibility(_call: Call, request: Document) -> Document:
    """``sagemaker:SearchVisibilityCondition/KEY/EqualsIfExists`` of a request's conditions."""
    return {f"{key}/EqualsIfExists": value for key, value in _conditions(request).items()}


@sagemaker.operation(
    "Search", mode="slow", keys={"sagemaker:SearchVisibilityCondition/": visibility}
)
def search(call: Call, request: Document) -> Document:
    """One page of what matches, newest change first unless asked otherwise.

    Raises:
        Invalid: A type that we do not serve, or an expression that makes no sense.
    """
    noun = noun_of(request["Resource"])
    if noun is None:
        known = sorted({*sagemaker.resources, *NOUNS} & {*shown_members(), *NOUNS})
        raise Invalid(
            f"Search over {request['Resource']} is not supported by this server: it knows "
            f"{', '.join(one for one in known if noun_of(one))}."
        )
    limit = min(int(request.get("MaxResults") or PAGE_DEFAULT), PAGE_MAX)
    test = _all([_expression(request.get("SearchExpression") or {}, 0), *_visible(request)])
    page = Page(
        sagemaker.resources[noun].kind,
        column=SORTS.get(request.get("SortBy", "LastModifiedTime"), "modified"),
        descending=request.get("SortOrder", "Descending") == "Descending",
        tag=_narrow(request.get("SearchExpression") or {}),
        limit=BATCH,
    )
    bound = page._replace(name_contains=repr(request.get("SearchExpression")))
    if request.get("NextToken"):
        page = page._replace(after=open_token(request["NextToken"], bound))
    found = list(_take(call, page, test, limit + 1))
    answer: Document = {"Results": [{noun: _shown(noun, record)} for record in found[:limit]]}
    if len(found) > limit:
        last = found[limit - 1]
        answer["NextToken"] = seal_token((getattr(last, page.column), last.id), bound)
    return answer


def _take(call: Call, page: Page, test: Test, most: int) -> Iterator[Record]:
    count = 0
    while True:
        records = call.unit.records(page)
        for record in records:
            if test(record.document, record.tags):
                yield record
                count += 1
                if count == most:
                    return
        if len(records) < page.limit:
            return
        page = page._replace(after=(getattr(records[-1], page.column), records[-1].id))


def _shown(noun: str, record: Record) -> Document:
    shown = pick(shown_members()[noun], record.document)
    shown["Tags"] = tagging.as_list(record.tags)
    return {noun: shown} if noun in WRAPPED else shown


def _narrow(expression: Document) -> tuple[str, str] | None:
    """A tag that every match must have: the index finds those first."""
    if expression.get("Operator", "And") != "And":
        return None
    for item in expression.get("Filters", ()):
        if item["Name"].startswith(TAG) and item.get("Operator", "Equals") == "Equals":
            return item["Name"].removeprefix(TAG), item.get("Value", "")
    return None


def _visible(request: Document) -> list[Test]:
    """VisibilityConditions: who has the key must have the value; who lacks it stays in."""

    def condition(key: str, value: str) -> Test:
        return lambda _document, tags: tags.get(key, value) == value

    return [condition(key.removeprefix(TAG), value) for key, value in _conditions(request).items()]


def _conditions(request: Document) -> dict[str, str]:
    found: dict[str, str] = {}
    for item in request.get("VisibilityConditions", ()):
        if "Key" not in item or "Value" not in item:
            raise Invalid("Each of the VisibilityConditions needs a Key and a Value.")
        found[item["Key"]] = item["Value"]
    return found


def _all(tests: list[Test]) -> Test:
    return lambda document, tags: all(test(document, tags) for test in tests)


def _any(tests: list[Test]) -> Test:
    return lambda document, tags: any(test(document, tags) for test in tests)


def _expression(expression: Document, depth: int) -> Test:
    if depth > DEPTH_MAX:
        raise Invalid(f"A SearchExpression may be nested {DEPTH_MAX} deep.")
    tests = [_filter(item) for item in expression.get("Filters", ())]
    tests += [
        _nested(item["NestedPropertyName"], item.get("Filters", ()))
        for item in expression.get("NestedFilters", ())
    ]
    tests += [_expression(item, depth + 1) for item in expression.get("SubExpressions", ())]
    if expression.get("Operator", "And") == "Or" and tests:
        return _any(tests)
    return _all(tests)


def _nested(path: str, filters: Any) -> Test:
    """All filters must hold for one and the same element of the list at ``path``."""
    tests = [_filter({**item, "Name": item["Name"].removeprefix(path + ".")}) for item in filters]

    def test(document: Document, tags: dict[str, str]) -> bool:
        elements = dig(document, path)
        return any(
            isinstance(element, dict) and all(one(element, tags) for one in tests)
            for element in elements
        )

    return test


def _filter(item: Document) -> Test:
    # `Model.ModelName` and `ModelName` both name a model's name.
    name, operator = item["Name"].removeprefix("Model."), item.get("Operator", "Equals")
    if name.startswith("_"):
        raise Invalid(f"Unknown property name {name}.")
    wanted = item.get("Value")
    compare = _comparison(operator, wanted)

    def test(document: Document, tags: dict[str, str]) -> bool:
        if name.startswith(TAG):
            value = tags.get(name.removeprefix(TAG))
            values = [] if value is None else [value]
        else:
            values = dig(document, name)
        if operator == "Exists":
            return bool(values)
        if operator == "NotExists":
            return not values
        if operator == "NotEquals":
            return not any(compare(value) for value in values)
        return any(compare(value) for value in values)

    return test


def _comparison(operator: str, wanted: str | None) -> Callable[[Any], bool]:
    if operator in ("Exists", "NotExists"):
        return lambda _value: True
    if wanted is None:
        raise Invalid(f"A filter with the Operator {operator} needs a Value.")
    if operator in ("Equals", "NotEquals"):
        return lambda value: _same(value, wanted)
    if operator == "Contains":
        return lambda value: wanted in str(value)
    if operator == "In":
        options = wanted.split(",")
        return lambda value: any(_same(value, option) for option in options)
    orders: dict[str, Callable[[float, float], bool]] = {
        "GreaterThan": lambda a, b: a > b,
        "GreaterThanOrEqualTo": lambda a, b: a >= b,
        "LessThan": lambda a, b: a < b,
        "LessThanOrEqualTo": lambda a, b: a <= b,
    }
    order, bound = orders[operator], _number(wanted)
    if bound is None:
        raise Invalid(f"The Operator {operator} needs a number or an ISO 8601 time, not {wanted}.")
    return lambda value: (n := _number(value)) is not None and order(n, bound)


def _same(value: Any, wanted: str) -> bool:
    if isinstance(value, bool):
        return wanted.lower() == str(value).lower()
    if isinstance(value, (int, float)):
        return _number(wanted) == float(value)
    return str(value) == wanted


def _number(value: Any) -> float | None:
    """A number, or an ISO 8601 time as epoch seconds."""
    try:
        return float(value)
    except (TypeError, ValueError):
        pass
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
