"""What Create, Describe, List, Update and Delete do for every resource.

A verb reads only the model and the declaration. An answer is the record seen through the
output shape; a page is made of list items that were encoded when the record was written.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from freehold.base.errors import Invalid
from freehold.spec import model as spec
from freehold.store.records import Page, Record, decode, encode

if TYPE_CHECKING:
    from freehold.kernel.call import Call
    from freehold.kernel.declare.operation import Document, Run
    from freehold.kernel.declare.resource import Resource

Fill = Callable[["Call", dict[str, Any]], "Record | None"]
Change = Callable[["Call", "Record", dict[str, Any]], None]
End = Callable[["Call", "Record"], "bool | None"]
Beside = Callable[["Call", "Record"], dict[str, Any]]
Position = tuple[Any, int]

PAGE_DEFAULT = 10  # AWS's default of SageMaker's lists (domains.md 1.15)
SCAN_STEP = 200
SCAN_MAX = 5_000  # records that one page may decode for filters that SQL cannot answer


def pick(members: tuple[str, ...], document: Document) -> Document:
    """The members of an output shape that the document holds."""
    return {key: document[key] for key in members if key in document}


def create(resource: Resource, fill: Fill, members: tuple[str, ...]) -> Run:
    """The function may keep the record itself and give it back; else the verb keeps it."""

    def run(call: Call, request: Document) -> Document:
        document = {key: value for key, value in request.items() if key != "Tags"}
        by = created_by(call)
        if by is not None and "CreatedBy" in resource.describe_members:
            document["CreatedBy"] = document["LastModifiedBy"] = by
        record = fill(call, document)
        if record is None:
            record = call.create(resource, document, arn=call.resource_arn, tags=call.request_tags)
        return pick(members, record.document)

    return run


def describe(resource: Resource, members: tuple[str, ...], beside: Beside | None = None) -> Run:
    """The record, through the output shape; ``beside`` adds what no record keeps."""
    is_json = resource.service.model.protocol == "json"

    def run(call: Call, request: Document) -> Document:
        assert call.resource_arn is not None
        record = call.load_arn(resource, call.resource_arn, request)
        answer = pick(members, record.outline if is_json else record.document)
        return answer if beside is None else answer | beside(call, record)

    return run


def update(resource: Resource, change: Change, members: tuple[str, ...]) -> Run:
    """Load, let the function change the document, write."""

    def run(call: Call, request: Document) -> Document:
        assert call.resource_arn is not None
        record = call.load_arn(resource, call.resource_arn, request)
        by = created_by(call)
        if by is not None and "LastModifiedBy" in resource.describe_members:
            record.document["LastModifiedBy"] = by
        change(call, record, request)
        call.update(record)
        return pick(members, record.document)

    return run


def delete(resource: Resource, end: End) -> Run:
    """Load, let the function refuse or begin the end; True means that it is gone at once."""

    def run(call: Call, request: Document) -> Document:
        assert call.resource_arn is not None
        record = call.load_arn(resource, call.resource_arn, request)
        if end(call, record):
            call.remove(record)
        output = call.operation.model.output
        return {} if output is None else pick(tuple(output.members), record.document)

    return run


def merge(document: Document, request: Document, *, without: tuple[str, ...] = ()) -> None:
    """Take over an update's members: structures member by member, all else as a whole."""
    for key, value in request.items():
        if key in without:
            continue
        known = document.get(key)
        if isinstance(value, dict) and isinstance(known, dict):
            merge(known, value)
        else:
            document[key] = value


def created_by(call: Call) -> Document | None:
    """SageMaker's UserContext of a call that comes from inside a domain."""
    origin = call.principal.origin
    if origin is None:
        return None
    context: Document = {"DomainId": origin.domain_id}
    if origin.kind == "user-profile":
        context |= {"UserProfileArn": origin.arn, "UserProfileName": origin.name}
    return context


# -- lists ------------------------------------------------------------------------------------


@dataclass(slots=True)
class ListPlan:
    """How one List operation reads its request: made once from the model."""

    output: str
    item_members: tuple[str, ...]
    limit_member: str | None
    token_member: str | None
    next_member: str | None
    descending: bool
    columns: dict[str, str] = field(default_factory=dict)
    is_json: bool = True
    equals: dict[str, str] = field(default_factory=dict)
    scope_input: str | None = None
    status_input: str | None = None
    contains: str | None = None
    times: dict[str, tuple[str, int]] = field(default_factory=dict)

    @classmethod
    def read(cls, resource: Resource, model: spec.Operation, *, descending: bool) -> ListPlan:
        """Classify the members of a List operation by their names and suffixes."""
        assert model.input is not None
        assert model.output is not None
        output = next(
            name for name, member in model.output.members.items() if member.shape.kind == "list"
        )
        item = model.output.members[output].shape.item
        assert item is not None
        names = model.input.members
        plan = cls(
            output=output,
            item_members=tuple(item.shape.members),
            limit_member=next(
                (n for n in ("MaxResults", "MaxItems", "maxResults") if n in names), None
            ),
            token_member=next(
                (n for n in ("NextToken", "Marker", "nextToken") if n in names), None
            ),
            next_member=next(
                (n for n in ("NextToken", "Marker", "nextToken") if n in model.output.members), None
            ),
            descending=descending,
            is_json=model.service.protocol == "json",
        )
        for name in names:
            plan._classify(resource, name)
        return plan

    def _classify(self, resource: Resource, name: str) -> None:
        if name in (self.limit_member, self.token_member, "SortBy", "SortOrder"):
            return
        for suffix, end in (("After", 0), ("Before", 1)):
            if name.endswith(suffix):
                stem = name.removesuffix(suffix)
                column = "modified" if stem.startswith("LastModified") else "created"
                self.times[name] = (column, end)
                return
        if name.endswith("Contains"):
            self.contains = name
            return
        member = name.removesuffix("Equals")
        if resource.scope_member is not None and member == resource.scope_member:
            self.scope_input = name
        elif member in ("Status", resource.status_member):
            self.status_input = name
        else:
            self.equals[name] = member

    def page(self, resource: Resource, request: Document, limit: int) -> Page:
        """The store's question behind a request."""
        sort = str(request.get("SortBy") or "CreationTime")
        order = request.get("SortOrder")
        descending = self.descending if order is None else str(order).lower().startswith("desc")
        column = "created"
        if "odified" in sort or "MODIFIED" in sort:
            column = "modified"
        elif "ame" in sort or "NAME" in sort:
            column = "name"
        elif "tatus" in sort:
            column = "status"
        times: dict[str, list[float | None]] = {"created": [None, None], "modified": [None, None]}
        for name, (where, end) in self.times.items():
            if name in request:
                times[where][end] = request[name]
        return Page(
            kind=resource.kind,
            scope=request.get(self.scope_input) if self.scope_input else None,
            column=column,
            descending=descending,
            name_contains=request.get(self.contains) if self.contains else None,
            status=request.get(self.status_input) if self.status_input else None,
            created=(times["created"][0], times["created"][1]),
            modified=(times["modified"][0], times["modified"][1]),
            limit=limit,
        )


def list_(resource: Resource, plan: ListPlan) -> Run:
    """One page of ready items, and a token if there are more."""

    def run(call: Call, request: Document) -> Document:
        limit = int(request.get(plan.limit_member or "") or PAGE_DEFAULT)
        page = plan.page(resource, request, limit + 1)
        token = request.get(plan.token_member or "")
        if token:
            page = page._replace(after=open_token(token, page))
        wanted = {member: request[name] for name, member in plan.equals.items() if name in request}
        following: Position | None = None
        if wanted:
            rows, following = _filtered(call, page, wanted)
        else:
            rows = call.unit.summaries(page)
        if len(rows) > limit:
            rows = rows[:limit]
            following = (rows[-1][0], rows[-1][1])
        items: list[Any] = [
            msgspec.Raw(row[2]) if plan.is_json else decode(row[2]) for row in rows if row[2]
        ]
        answer: Document = {plan.output: items}
        if following is not None and plan.next_member is not None:
            answer[plan.next_member] = seal_token(following, page)
        return answer

    return run


def _filtered(
    call: Call, page: Page, wanted: Document
) -> tuple[list[tuple[Any, int, bytes]], Position | None]:
    """Rows whose documents hold all of ``wanted``, at most ``page.limit`` of them.

    And where to go on, if ``SCAN_MAX`` ended the look before the records did: the page is then
    shorter than it might be, but nothing is lost.
    """
    found: list[tuple[Any, int, bytes]] = []
    scanned = 0
    while len(found) < page.limit:
        if scanned >= SCAN_MAX:
            return found, page.after
        records = call.unit.records(page._replace(limit=SCAN_STEP))
        for record in records:
            if all(record.document.get(key) == value for key, value in wanted.items()):
                found.append((getattr(record, page.column), record.id, record.summary or b"{}"))
        if len(records) < SCAN_STEP:
            break
        last = records[-1]
        scanned += len(records)
        page = page._replace(after=(getattr(last, page.column), last.id))
    return found[: page.limit], None


def seal_token(position: Position, page: Page) -> str:
    """An opaque token that continues behind ``position``, bound to the question asked."""
    return base64.urlsafe_b64encode(encode([1, _question(page), *position])).decode()


def open_token(token: str, page: Page) -> Position:
    """Where a token continues.

    Raises:
        Invalid: The token is none of ours, or belongs to another question.
    """
    try:
        version, question, column, row = decode(base64.urlsafe_b64decode(token.encode()))
    except (ValueError, TypeError, binascii.Error, msgspec.DecodeError) as error:
        raise Invalid("The NextToken is invalid: pass the token of the page before.") from error
    is_position = (
        column is None or (isinstance(column, (str, int, float)) and not _is_huge(column))
    ) and (isinstance(row, int) and not _is_huge(row))
    if version != 1 or question != _question(page) or not is_position:
        raise Invalid(
            "The NextToken belongs to another request: keep filters and order while paging."
        )
    return column, row


def _is_huge(value: Any) -> bool:
    """Whether the store could not compare with it."""
    return isinstance(value, int) and not -(1 << 63) <= value < 1 << 63


def _question(page: Page) -> str:
    text = repr(page._replace(after=None, limit=0))
    return base64.b85encode(binascii.crc32(text.encode()).to_bytes(4)).decode()
