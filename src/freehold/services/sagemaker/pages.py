"""Pages of lists whose filters the verb cannot read off the model.

Called by nouns that filter by a prefix, by what hangs on them, or by a member inside a member.
Order, times and tokens are the plan's, as in ``kernel/declare/verbs.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from freehold.kernel.call import Call, Record
from freehold.kernel.declare import lists
from freehold.kernel.declare.operation import Document
from freehold.kernel.declare.resource import Resource
from freehold.kernel.declare.verbs import PAGE_DEFAULT, ListPlan, open_token, pick, seal_token
from freehold.kernel.permission import guards

STEP = 200  # records read at a time while a condition is tried on them


class Pages:
    """One List operation whose records are found by a condition, or are at hand."""

    def __init__(self, resource: Resource, operation: str, *, descending: bool) -> None:
        model = resource.service.model.operations[operation]
        self._resource = resource
        self._plan = ListPlan.read(resource, model, descending=descending)
        resource.summary_members = self._plan.item_members

    def where(
        self,
        call: Call,
        request: Document,
        keep: Callable[[Record], bool],
        *,
        name_contains: str | None = None,
    ) -> Document:
        """One page of all records that ``keep`` takes; the name narrows what it is tried on."""
        limit = int(request.get("MaxResults") or PAGE_DEFAULT)
        page = self._plan.page(self._resource, request, STEP)
        page = page._replace(name_contains=name_contains)
        if request.get("NextToken"):
            page = page._replace(after=open_token(request["NextToken"], page))
        found: list[Record] = []
        while len(found) <= limit:
            batch = call.unit.records(page)
            found += [record for record in batch if keep(record)]
            if len(batch) < STEP:
                break
            page = page._replace(after=(getattr(batch[-1], page.column), batch[-1].id))
        token = None
        if len(found) > limit:
            last = found[limit - 1]
            token = seal_token((getattr(last, page.column), last.id), page)
        return self._answer(found[:limit], token)

    def among(self, call: Call, records: Iterable[Record | None], request: Document) -> Document:
        """One page of records that are at hand; None stands for one that is gone."""
        limit = int(request.get("MaxResults") or PAGE_DEFAULT)
        page = self._plan.page(self._resource, request, STEP)
        after, before = page.created
        kept = [
            record
            for record in records
            if record is not None
            and guards.sees(call, record)
            and (after is None or record.created > after)
            and (before is None or record.created < before)
        ]
        kept.sort(
            key=lambda record: (getattr(record, page.column), record.id), reverse=page.descending
        )
        shown, token = lists.page_of(kept, limit, request.get("NextToken"))
        return self._answer(list(shown), token)

    def _answer(self, records: list[Record], token: str | None) -> Document:
        members = self._resource.summary_members
        answer: Document = {
            self._plan.output: [pick(members, record.document) for record in records]
        }
        return answer | ({"NextToken": token} if token else {})
