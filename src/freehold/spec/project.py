"""A record seen through a shape, and what the verbs read off the model.

Input: shapes and operations. Output: names and small values, computed once and kept.
"""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

from freehold.spec.model import Operation, Shape

Document = dict[str, Any]

# Longest first: `...NotEquals` would else be taken for `...Equals`.
_SUFFIXES = ("NotEquals", "Equals", "Contains", "After", "Before", "GreaterThanOrEqualTo",
             "LessThanOrEqualTo", "GreaterThan", "LessThan", "Prefix")  # fmt: skip


_TAGS = frozenset({"Tags", "tags", "TagSpecifications", "ResourceTags"})
"""As SageMaker and IAM, Logs, EC2, and Budgets spell it."""


class Filter(NamedTuple):
    """A member of a List's input that narrows it.

    ``field`` is the member without its suffix (``CreationTime``); ``how`` is the suffix in
    lower case (``after``), or ``is`` where a member has none.
    """

    member: str
    field: str
    how: str


class Page(NamedTuple):
    """How a List answers: under which member, of which items, with which tokens and bound."""

    list_name: str
    item: Shape
    input_token: str | None
    output_token: str | None
    limit_key: str | None


@functools.cache
def members(shape: Shape | None) -> tuple[str, ...]:
    """The top-level names of a shape, in the model's order; none for no shape."""
    return tuple(shape.members) if shape else ()


@functools.cache
def _names(shape: Shape | None) -> frozenset[str]:
    return frozenset(members(shape))


def pick(shape: Shape | None, document: Document) -> Document:
    """The top-level members of ``document`` that the shape knows; values are shared."""
    names = _names(shape)
    return {name: value for name, value in document.items() if name in names}


@functools.cache
def taggable(operation: Operation) -> bool:
    """Whether the operation's input carries tags, so that what it makes is tagged at birth."""
    shape = operation.input
    return shape is not None and not _TAGS.isdisjoint(shape.members)


@functools.cache
def page(operation: Operation) -> Page | None:
    """How a List operation answers; None where its output holds no list.

    The list is what the model's paginator names, else the only list of the output.
    """
    output = operation.output
    if output is None:
        return None
    lists = [name for name, member in output.members.items() if member.shape.kind == "list"]
    named = [name for name in operation.result_key if name in lists]
    if not named and len(lists) != 1:
        return None
    name = (named or lists)[0]
    item = output.members[name].shape.item
    assert item is not None, output
    taken = operation.input.members if operation.input else {}
    return Page(
        list_name=name,
        item=item.shape,
        input_token=_first(operation.input_token) or _known("NextToken", taken),
        output_token=_first(operation.output_token) or _known("NextToken", output.members),
        limit_key=operation.limit_key or _known("MaxResults", taken),
    )


@functools.cache
def filters(operation: Operation) -> tuple[Filter, ...]:
    """The members of a List's input that narrow it: all but paging, sorting and order."""
    shape = operation.input
    if shape is None:
        return ()
    apart = {"SortBy", "SortOrder", "NextToken", "MaxResults", *operation.input_token}
    apart.add(operation.limit_key or "")
    return tuple(_filter(name) for name in shape.members if name not in apart)


def _filter(name: str) -> Filter:
    for suffix in _SUFFIXES:
        if name.endswith(suffix) and name != suffix:
            return Filter(name, name[: -len(suffix)], suffix.lower())
    return Filter(name, name, "is")


def _first(names: tuple[str, ...]) -> str | None:
    return names[0] if names else None


def _known(name: str, members: dict[str, Any]) -> str | None:
    return name if name in members else None
