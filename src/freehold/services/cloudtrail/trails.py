"""Trails: there are none. Whoever asks is told so; whoever makes one is refused by name."""

from __future__ import annotations

from freehold.base.errors import Invalid, NotFound
from freehold.kernel.call import Call
from freehold.kernel.declare.operation import Document
from freehold.services.cloudtrail.service import cloudtrail


def _named(call: Call, request: Document) -> str:
    """The ARN that permission is asked on; a name stands for the trail of that name here."""
    name = str(request.get("Name") or request.get("TrailName"))
    if name.startswith("arn:"):
        return name
    settings = call.kernel.settings
    return (
        f"arn:{settings.partition}:cloudtrail:{settings.region}:{settings.account_id}:trail/{name}"
    )


@cloudtrail.operation("DescribeTrails")
def describe_trails(_call: Call, _request: Document) -> Document:
    """None, whatever is named, as AWS answers for names that it does not know."""
    return {"trailList": []}


@cloudtrail.operation("ListTrails")
def list_trails(_call: Call, request: Document) -> Document:
    """None.

    Raises:
        Invalid: With a token: there is no page behind the first.
    """
    if request.get("NextToken"):
        raise Invalid("The NextToken is none of ours: there are no trails, and one page of them.")
    return {"Trails": []}


@cloudtrail.operation("GetTrail", target=_named)
def get_trail(call: Call, request: Document) -> Document:
    """Always refused: there is no such trail."""
    raise _unknown(call, request["Name"])


@cloudtrail.operation("GetTrailStatus", target=_named)
def get_trail_status(call: Call, request: Document) -> Document:
    """Always refused: there is no such trail."""
    raise _unknown(call, request["Name"])


@cloudtrail.operation("GetEventSelectors", target=_named)
def get_event_selectors(call: Call, request: Document) -> Document:
    """Always refused: there is no such trail."""
    raise _unknown(call, request["TrailName"])


def _unknown(call: Call, name: str) -> NotFound:
    return NotFound(
        f"Unknown trail: {name} for the user: {call.account_id}", code="TrailNotFoundException"
    )
