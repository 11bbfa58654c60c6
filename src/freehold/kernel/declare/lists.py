"""Pages for lists that no verb makes: records with a condition, and parts of one document.

Called by services whose answers nest or whose filters are AWS's own (IAM, EC2, EFS). Tokens
are those of ``kernel/declare/verbs.py``: bound to the question, opaque to the client.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from freehold.base.errors import Invalid
from freehold.kernel.declare.verbs import open_token, seal_token
from freehold.store.records import Page, Record

if TYPE_CHECKING:
    from freehold.kernel.call import Call
    from freehold.kernel.declare.resource import Resource

T = TypeVar("T")
Token = str | None
STEP = 200  # records read at a time while a condition is tried on them


def page_by_name(
    call: Call,
    resource: Resource,
    limit: int,
    token: Token,
    keep: Callable[[Record], bool] | None = None,
    *,
    scope: str | None = None,
) -> tuple[list[Record], Token]:
    """One page of records in order of name, and the token of the next one.

    ``keep`` should look at ``arn``, ``name`` and ``scope`` first: a document is decoded only
    when it is asked for.

    Raises:
        Invalid: The token is none of ours, or belongs to another question.
    """
    page = Page(resource.kind, scope=scope, column="name", limit=STEP)
    if token:
        page = page._replace(after=open_token(token, page))
    found: list[Record] = []
    while len(found) <= limit:
        records = call.unit.records(page)
        found += [record for record in records if keep is None or keep(record)]
        if len(records) < STEP:
            break
        page = page._replace(after=(records[-1].name, records[-1].id))
    if len(found) <= limit:
        return found, None
    last = found[limit - 1]
    return found[:limit], seal_token((last.name, last.id), page)


def page_of(items: Sequence[T], limit: int, token: Token) -> tuple[Sequence[T], Token]:
    """One page of a list that is at hand, and the token of the next one.

    Raises:
        Invalid: The token is none of ours.
    """
    start = 0
    page = Page("", column="items")
    if token:
        column, start = open_token(token, page)
        if column != "items" or start < 0:
            raise Invalid("The token belongs to another request.")
    end = start + limit
    return items[start:end], seal_token(("items", end), page) if end < len(items) else None


def namesake(call: Call, kind: str, name: str, scope: str | None = None) -> Record | None:
    """A record whose name differs from ``name`` at most in case; in ``scope``, if given."""
    known = call.unit.named(kind, name, scope or "")
    if known is not None:
        return known
    folded = name.lower()
    page = Page(kind, scope=scope, column="name", name_contains=name, limit=STEP)
    while True:
        records = call.unit.records(page)
        for record in records:
            if record.name.lower() == folded:
                return record
        if len(records) < STEP:
            return None
        page = page._replace(after=(records[-1].name, records[-1].id))
