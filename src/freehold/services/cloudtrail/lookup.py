"""LookupEvents: the event history, from the audit log, newest first.

A question without attributes shows management events, as AWS's event history does; one that names
somebody or something is answered whole, with the data events that the log holds (docs/parity.md).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from freehold.base.errors import Invalid
from freehold.kernel.call import Call, Page
from freehold.kernel.declare.operation import Document
from freehold.kernel.declare.verbs import open_token, seal_token
from freehold.kernel.trail import Wanted, visible
from freehold.services.cloudtrail import record
from freehold.services.cloudtrail.service import cloudtrail

PAGE_DEFAULT = 50  # LookupEvents, MaxResults: also its maximum
TERMS = {
    "EventName": "n",
    "EventSource": "s",
    "Username": "u",
    "AccessKeyId": "k",
    "ResourceName": "r",
    "ResourceType": "t",
}
# Kinds of entries by what they change; see kernel/trail/terms.py.
READ_ONLY = {"true": ("c:0", "c:2"), "false": ("c:1", "c:3")}
MANAGEMENT = ("c:0", "c:1")


@cloudtrail.operation("LookupEvents", mode="slow")
def lookup_events(call: Call, request: Document) -> Document:
    """Events that hold all attributes; a page may be short, and have a next one.

    Raises:
        Invalid: An attribute twice or with a value it cannot have, a span that ends before it
            begins, a token of another question; each by AWS's own code.
    """
    if request.get("EventCategory"):
        return {"Events": []}  # insights are made of trails, and there are none
    wanted = _wanted(request)
    page = Page("cloudtrail:event", name_contains=repr(wanted))  # what a token is bound to
    before = None
    if token := request.get("NextToken"):
        before = _place(token, page)
    limit = int(request.get("MaxResults") or PAGE_DEFAULT)
    entries, place = call.kernel.trail.page(call.unit, wanted, visible(call), before, limit)
    answer: Document = {"Events": [record.event(call, entry) for entry in entries]}
    if place is not None:
        answer["NextToken"] = seal_token((None, place), page)
    return answer


def _place(token: str, page: Page) -> int:
    try:
        return open_token(token, page)[1]
    except Invalid as fault:
        raise Invalid(fault.message, code="InvalidNextTokenException") from None


def _wanted(request: Document) -> Wanted:
    start, end = request.get("StartTime"), request.get("EndTime")
    if start is not None and end is not None and start > end:
        raise Invalid(
            "The start time is after the end time: give the earlier one as StartTime.",
            code="InvalidTimeRangeException",
        )
    given = request.get("LookupAttributes") or ()
    attributes = {one["AttributeKey"]: one["AttributeValue"] for one in given}
    if len(attributes) < len(given):
        raise _refused("each attribute may be given once")
    return Wanted(tuple(_groups(attributes)), start, end, attributes.get("EventId"))


def _groups(attributes: dict[str, Any]) -> Iterable[tuple[str, ...]]:
    for key, letter in TERMS.items():
        if key in attributes:
            yield (f"{letter}:{attributes[key]}",)
    kinds: tuple[str, ...] | None = None
    if "ReadOnly" in attributes:
        kinds = READ_ONLY.get(str(attributes["ReadOnly"]).lower())
        if kinds is None:
            raise _refused(f"ReadOnly is true or false, not {attributes['ReadOnly']}")
    if not attributes.keys() - {"ReadOnly"}:
        kinds = tuple(kind for kind in kinds or MANAGEMENT if kind in MANAGEMENT)
    if kinds is not None:
        yield kinds


def _refused(why: str) -> Invalid:
    return Invalid(
        f"The lookup attributes cannot be used: {why}.", code="InvalidLookupAttributesException"
    )
