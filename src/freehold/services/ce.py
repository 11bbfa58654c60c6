"""Cost Explorer: what was spent, by time, tag and dimension, and which tags may be asked for.

Answers come from ``meter``; this file gives it rows of the ledger, the time and the spans in
which tag keys were active. Nothing here changes the ledger. Reference: costs, sections 3 and 4.
"""

from __future__ import annotations

from typing import Any

from freehold.base.errors import NotFound
from freehold.kernel import ledger
from freehold.kernel.call import Call
from freehold.kernel.declare.operation import Document
from freehold.kernel.declare.service import Service
from freehold.kernel.tagging import DOMAIN_TAG, PROFILE_TAG, SPACE_TAG
from freehold.meter import allocation, costs, lookups
from freehold.meter.forecasts import forecast
from freehold.meter.query import windows
from freehold.meter.query.rows import BILLER

ce = Service("ce")

# Tag keys whose values are ARNs of things with a name: kind, member that holds it.
NAMED = {
    DOMAIN_TAG: ("sagemaker:domain", "DomainName"),
    PROFILE_TAG: ("sagemaker:user-profile", "UserProfileName"),
    SPACE_TAG: ("sagemaker:space", "SpaceName"),
}


def seed(unit: Any, _settings: Any, now: float) -> None:
    """The automatic keys are cost allocation tags from an install's first start."""
    ledger.install(unit, now)


@ce.operation("GetCostAndUsage", mode="slow")
def get_cost_and_usage(call: Call, request: Document) -> Document:
    """Cost and usage in buckets of hours, days or months, by up to two tags or dimensions.

    Raises:
        Invalid: With AWS's words: period, granularity, filter, grouping, page token.
        NotFound: Another billing view than the account's primary one.
        Unsupported: Cost categories, product attributes.
    """
    return _cost_and_usage(call, request, with_resources=False)


@ce.operation("GetCostAndUsageWithResources", mode="slow")
def get_cost_and_usage_with_resources(call: Call, request: Document) -> Document:
    """The same by resource, for the whole retention (AWS: fourteen days; docs/parity.md)."""
    return _cost_and_usage(call, request, with_resources=True)


def _cost_and_usage(call: Call, request: Document, *, with_resources: bool) -> Document:
    _check_view(call, request)
    span = costs.period_of(request, call.now)
    rows_of = ledger.rows if span.granularity == "HOURLY" else ledger.day_rows
    return costs.cost_and_usage(
        request,
        rows_of(call.unit, span.start, span.end),
        call.now,
        ledger.activations(call.unit),
        currency=ledger.currency(call.unit),
        names=_names(call, request),
        with_resources=with_resources,
    )


@ce.operation(costs.COST_FORECAST, mode="slow")
def get_cost_forecast(call: Call, request: Document) -> Document:
    """What will likely be spent by day or month from today on, with an interval if asked for.

    Raises:
        Invalid: Period, granularity, metric, filter; DataUnavailableException.
        NotFound: Another billing view than the account's primary one.
        Unsupported: Cost categories, product attributes.
    """
    return _forecast(call, request, costs.COST_FORECAST)


@ce.operation(costs.USAGE_FORECAST, mode="slow")
def get_usage_forecast(call: Call, request: Document) -> Document:
    """The same of usage in one unit; UnresolvableUsageUnitException where there are several."""
    return _forecast(call, request, costs.USAGE_FORECAST)


def _forecast(call: Call, request: Document, operation: str) -> Document:
    _check_view(call, request)
    return forecast.forecast(
        operation,
        request,
        ledger.day_rows(call.unit, forecast.rows_since(call.now), call.now + 1),
        call.now,
        ledger.activations(call.unit),
        currency=ledger.currency(call.unit),
    )


@ce.operation("GetDimensionValues", mode="slow")
def get_dimension_values(call: Call, request: Document) -> Document:
    """Values of one dimension that occur in a period.

    BILLING_ENTITY is described by what the price list says of itself: "SAMPLE DATA ..." until
    the operator brings prices.
    """
    _check_view(call, request)
    span = windows.period(request["TimePeriod"], call.now)
    rows = ledger.day_rows(call.unit, span.start, span.end)
    is_biller = request["Dimension"] == "BILLING_ENTITY"
    notice = ledger.price_notice(call.unit) if is_biller else ""
    return lookups.get_dimension_values(
        request,
        rows,
        call.now,
        ledger.activations(call.unit),
        names={BILLER: notice} if notice else {},
    )


@ce.operation("GetTags", mode="slow")
def get_tags(call: Call, request: Document) -> Document:
    """Active tag keys that occur in a period, or the values of one."""
    _check_view(call, request)
    span = windows.period(request["TimePeriod"], call.now)
    rows = ledger.day_rows(call.unit, span.start, span.end)
    return lookups.get_tags(request, rows, call.now, ledger.activations(call.unit))


@ce.operation("ListCostAllocationTags", mode="slow")
def list_cost_allocation_tags(call: Call, request: Document) -> Document:
    """Tag keys that the ledger has seen, and the automatic ones, with their status."""
    return allocation.list_cost_allocation_tags(request, ledger.keys_seen(call.unit, call.now))


@ce.operation("UpdateCostAllocationTagsStatus", mode="write")
def update_cost_allocation_tags_status(call: Call, request: Document) -> Document:
    """Switch keys on or off from now on; what fails is told key by key, with HTTP 200."""
    changed, answer = allocation.update_cost_allocation_tags_status(
        request, ledger.allocation_keys(call.unit), call.now
    )
    if changed:
        ledger.put_allocation_keys(call.unit, changed)
    return answer


def _check_view(call: Call, request: Document) -> None:
    view, ours = request.get("BillingViewArn"), ledger.primary_view(call.kernel.settings)
    if view not in (None, ours):
        raise NotFound(f"The billing view {view} does not exist: use {ours} or none.")


def _names(call: Call, request: Document) -> dict[str, str]:
    """Names of domains, profiles and spaces by the group keys that stand for them."""
    names: dict[str, str] = {}
    for group in request.get("GroupBy") or ():
        kind, member = NAMED.get(group.get("Key", ""), ("", ""))
        if kind and group.get("Type") == "TAG":
            names |= {
                f"{group['Key']}${record.arn}": str(record.document[member])
                for record in call.kind(kind)
            }
    return names
