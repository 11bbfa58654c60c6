"""EC2's way to describe: ids or filters, wildcards in values, pages on request.

Each Describe of this folder names its filters by the member that they look at; the rest is
the same for all. Facts: EC2 API Reference, "Filter" and each operation's error codes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from freehold.base.errors import Fault, Invalid, NotFound
from freehold.kernel import tagging
from freehold.kernel.call import Call, Record
from freehold.kernel.declare import lists
from freehold.kernel.declare.operation import Document, dig
from freehold.kernel.declare.resource import Resource

PAGE_DEFAULT = 1000
Filters = list[Document]


class Described(NamedTuple):
    """What one Describe answers.

    ``ids`` is the request's list of ids, ``missing`` the code and sentence for one that names
    nothing, ``filters`` the dotted member behind each filter's name.
    """

    resource: Resource
    answer: str
    ids: str
    missing: tuple[str, str]
    filters: Mapping[str, str]


def refuse_dry_run(request: Document) -> None:
    """``DryRun`` of a caller who may: AWS's error that says so.

    Raises:
        Fault: ``DryRunOperation``.
    """
    if request.get("DryRun"):
        raise Invalid(
            "Request would have succeeded, but DryRun flag is set.", code="DryRunOperation"
        )


def describe(call: Call, request: Document, what: Described) -> Document:
    """Records by id or filter, in order of their ids.

    Raises:
        NotFound: One of the ids names nothing.
        Invalid: An unknown filter, or ids together with a page size.
    """
    refuse_dry_run(request)
    wanted = request.get(what.ids) or []
    if wanted and "MaxResults" in request:
        raise Invalid(
            f"The parameter {what.ids} cannot be used with the parameter MaxResults",
            code="InvalidParameterCombination",
        )
    keep = _keeping(request.get("Filters") or [], what.filters)
    if wanted:
        found = [_one(call, what, one) for one in dict.fromkeys(wanted)]
        return {what.answer: [shown(record) for record in found if keep(record)]}
    limit = int(request.get("MaxResults") or PAGE_DEFAULT)
    records, token = lists.page_by_name(call, what.resource, limit, request.get("NextToken"), keep)
    answer: Document = {what.answer: [shown(record) for record in records]}
    return answer | ({"NextToken": token} if token else {})


def _one(call: Call, what: Described, wanted: str) -> Record:
    record = call.find(what.resource, {what.resource.name_member: wanted})
    if record is None:
        code, sentence = what.missing
        raise NotFound(sentence.format(wanted), code=code)
    return record


def shown(record: Record) -> Document:
    """A record as EC2 answers it, tags included."""
    document = {key: value for key, value in record.document.items() if not key.startswith("_")}
    return document | {"Tags": tagging.as_list(record.tags)}


def _keeping(filters: Filters, known: Mapping[str, str]) -> Callable[[Record], bool]:
    tests = [_test(one, known) for one in filters]
    return lambda record: all(test(record) for test in tests)


def _test(one: Document, known: Mapping[str, str]) -> Callable[[Record], bool]:
    name, values = one.get("Name", ""), one.get("Values") or []
    if name.startswith("tag:"):
        key = name.removeprefix("tag:")
        return lambda record: key in record.tags and matches(values, [record.tags[key]])
    if name == "tag-key":
        return lambda record: matches(values, record.tags)
    if name not in known:
        raise unknown_filter(name)
    path = known[name]
    return lambda record: matches(values, dig(record.document, path))


def unknown_filter(name: str) -> Fault:
    """EC2's sentence."""
    return Invalid(f"The filter '{name}' is invalid", code="InvalidParameterValue")


def select(items: Sequence[Document], filters: Filters, known: Mapping[str, str]) -> list[Document]:
    """The documents that every filter lets pass."""
    for one in filters:
        if one.get("Name") not in known:
            raise unknown_filter(one.get("Name", ""))
    return [
        item
        for item in items
        if all(matches(one.get("Values") or [], dig(item, known[one["Name"]])) for one in filters)
    ]


def matches(wanted: Sequence[str], found: Iterable[object]) -> bool:
    """Whether some value matches some pattern; ``*`` is any run, ``?`` one character."""
    texts = [_text(value) for value in found]
    return any(_is_like(text, pattern) for pattern in wanted for text in texts)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_like(text: str, pattern: str) -> bool:
    """Anchored wildcards in at most ``len(text) * len(pattern)`` steps, whatever the pattern."""
    at = place = 0
    star, resume = -1, 0
    while at < len(text):
        if place < len(pattern) and pattern[place] == "*":
            star, resume = place, at
            place += 1
        elif place < len(pattern) and pattern[place] in ("?", text[at]):
            at, place = at + 1, place + 1
        elif star >= 0:
            resume += 1
            at, place = resume, star + 1
        else:
            return False
    return not pattern[place:].strip("*")
