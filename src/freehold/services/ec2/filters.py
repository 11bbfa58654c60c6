"""EC2's way to describe: ids or filters, wildcards in values, pages on request.

Each Describe of this folder names its filters by the member that they look at; the rest is
the same for all. Facts: EC2 API Reference, "Filter" and each operation's error codes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from freehold.base.errors import Fault, Invalid
from freehold.kernel import tagging
from freehold.kernel.call import Call, Record
from freehold.kernel.declare import lists
from freehold.kernel.declare.operation import Document, dig
from freehold.kernel.declare.resource import Resource
from freehold.services.ec2.names import Named, check_ids, missing, refuse_dry_run

PAGE_DEFAULT = 1000
EVERY = 1 << 40
Filters = list[Document]


def shown(record: Record) -> Document:
    """A record as EC2 answers it, tags included."""
    document = {key: value for key, value in record.document.items() if not key.startswith("_")}
    return document | {"Tags": tagging.as_list(record.tags)}


def plainly(_call: Call, record: Record) -> Document:
    """Most kinds are shown as they are kept."""
    return shown(record)


class Described(NamedTuple):
    """What one Describe answers.

    ``ids`` is the request's list of ids, ``named`` how they look, ``filters`` the dotted member
    of what is shown behind each filter's name, ``show`` how a record is shown.
    """

    resource: Resource
    answer: str
    ids: str
    named: Named
    filters: Mapping[str, str]
    show: Callable[[Call, Record], Document] = plainly


def describe(call: Call, request: Document, what: Described) -> Document:
    """Records by id or filter, in order of their ids.

    Raises:
        NotFound: One of the ids names nothing.
        Invalid: A malformed id, an unknown filter, or ids together with a page size.
    """
    refuse_dry_run(request)
    wanted = request.get(what.ids) or []
    if wanted and "MaxResults" in request:
        raise Invalid(
            f"The parameter {what.ids} cannot be used with the parameter MaxResults",
            code="InvalidParameterCombination",
        )
    check_ids(what.named, wanted)
    passes = passing(request.get("Filters") or [], what.filters)
    seen: dict[str, Document] = {}

    def keep(record: Record) -> bool:
        document = seen[record.name] = what.show(call, record)
        return passes(document)

    if wanted:
        found = [
            one for one in (_one(call, what, id_) for id_ in dict.fromkeys(wanted)) if keep(one)
        ]
        return {what.answer: [seen[record.name] for record in found]}
    limit = int(request.get("MaxResults") or PAGE_DEFAULT)
    records, token = lists.page_by_name(call, what.resource, limit, request.get("NextToken"), keep)
    answer: Document = {what.answer: [seen[record.name] for record in records]}
    return answer | ({"NextToken": token} if token else {})


def _one(call: Call, what: Described, wanted: str) -> Record:
    record = call.find(what.resource, {what.resource.name_member: wanted})
    if record is None:
        raise missing(what.named, wanted)
    return record


def every(call: Call, resource: Resource, scope: str | None = None) -> list[Record]:
    """All records of a kind, in order of their ids, however many there are."""
    return lists.page_by_name(call, resource, EVERY, None, scope=scope)[0]


def passing(filters: Filters, known: Mapping[str, str]) -> Callable[[Document], bool]:
    """Whether a shown document passes every filter.

    Raises:
        Invalid: A filter that AWS does not know.
    """
    tests = [_test(one, known) for one in filters]
    return lambda document: all(test(document) for test in tests)


def _test(one: Document, known: Mapping[str, str]) -> Callable[[Document], bool]:
    name, values = one.get("Name", ""), one.get("Values") or []
    if name.startswith("tag:"):
        key = name.removeprefix("tag:")
        return lambda document: matches(
            values, [tag["Value"] for tag in document.get("Tags", ()) if tag["Key"] == key]
        )
    path = "Tags.Key" if name == "tag-key" else known.get(name)
    if path is None:
        raise unknown_filter(name)
    return lambda document: matches(values, dig(document, path))


def unknown_filter(name: str) -> Fault:
    """EC2's sentence."""
    return Invalid(f"The filter '{name}' is invalid", code="InvalidParameterValue")


def select(items: Sequence[Document], filters: Filters, known: Mapping[str, str]) -> list[Document]:
    """The documents that every filter lets pass.

    Raises:
        Invalid: A filter that AWS does not know.
    """
    passes = passing(filters, known)
    return [item for item in items if passes(item)]


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
