"""GetTags and GetDimensionValues: which values occur in the ledger's rows of a period.

Input: the checked request, rows, the time, the activation spans of tag keys. Output: the answer
as AWS spells it. Source: reference costs, section 4 (Look-ups).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from freehold.base.errors import Invalid, Unsupported
from freehold.meter.costs import COST_METRICS, METRICS
from freehold.meter.query.filters import predicate
from freehold.meter.query.rows import DIMENSIONS, Activations, Projection, Row
from freehold.meter.query.tokens import position, token
from freehold.meter.query.windows import period

Document = dict[str, Any]

PAGE_VALUES_MAX = 1000  # ours; AWS gives no number for these two


def get_tags(
    request: Document, rows: Iterable[Row], now: float, active_keys: Activations
) -> Document:
    """Keys in use in the period, or with ``TagKey`` its values, ``""`` where rows have none.

    Only keys that were active in a row's hour are seen. A ``TagKey`` that no row ever shows has
    the one value ``""`` if there is spend at all.

    Raises:
        Invalid: The period, the filter or the sorting is wrong; a bad page token.
    """
    tags = Projection(active_keys)
    key = request.get("TagKey")

    def values_of(row: Row) -> list[str]:
        return [tags.value(row, key)] if key else tags.keys(row)

    found, following, total = _looked_up(request, rows, now, tags, values_of)
    answer = {"Tags": found, "ReturnSize": len(found), "TotalSize": total}
    return answer if following is None else {**answer, "NextPageToken": following}


def get_dimension_values(
    request: Document,
    rows: Iterable[Row],
    now: float,
    active_keys: Activations,
    *,
    names: Mapping[str, str] | None = None,
) -> Document:
    """Values of one dimension in the period.

    ``names`` gives readable names by value, such as account names, as ``description``.

    Raises:
        Invalid: As ``get_tags``; a dimension that cannot be looked up.
        Unsupported: The contexts of reservations and savings plans.
    """
    context = request.get("Context") or "COST_AND_USAGE"
    if context != "COST_AND_USAGE":
        raise Unsupported(f"Context {context} is not served. Use COST_AND_USAGE.")
    dimension = str(request.get("Dimension"))
    if dimension not in DIMENSIONS or dimension == "RESOURCE_ID":
        raise Invalid(f"Dimension {dimension} is not supported for this request.")
    read = DIMENSIONS[dimension]
    found, following, total = _looked_up(
        request, rows, now, Projection(active_keys), lambda row: [read(row)]
    )
    known = names or {}
    answer = {
        "DimensionValues": [
            {
                "Value": value,
                "Attributes": {"description": known[value]} if value in known else {},
            }
            for value in found
        ],
        "ReturnSize": len(found),
        "TotalSize": total,
    }
    return answer if following is None else {**answer, "NextPageToken": following}


def _looked_up(
    request: Document,
    rows: Iterable[Row],
    now: float,
    tags: Projection,
    values_of: Callable[[Row], list[str]],
) -> tuple[list[str], str | None, int]:
    """One page of values, the next page's token, and how many there are in all."""
    span = period(request.get("TimePeriod"), now)
    matches = predicate(request.get("Filter"))
    weigh, is_descending = _sorting(request)
    search = str(request.get("SearchString") or "").lower()
    weights: dict[str, Decimal] = {}
    for row in rows:
        if span.start <= row.hour < span.end and matches(row, tags):
            for value in values_of(row):
                if not search or search in value.lower():
                    weights[value] = weights.get(value, Decimal(0)) + weigh(row)
    found = sorted(weights)
    if request.get("SortBy"):
        found.sort(key=lambda value: weights[value], reverse=is_descending)
    after = position(request, request.get("NextPageToken"))
    size = min(request.get("MaxResults") or PAGE_VALUES_MAX, PAGE_VALUES_MAX)
    if request.get("SortBy"):
        return found, None, len(found)
    rest = [value for value in found if after is None or value > str(after[0])]
    following = token(request, [rest[size - 1]]) if len(rest) > size else None
    return rest[:size], following, len(found)


def _sorting(request: Document) -> tuple[Callable[[Row], Decimal], bool]:
    """What a row weighs in ``SortBy``, and whether the heaviest value comes first."""
    order = request.get("SortBy") or []
    if not order:
        return lambda row: Decimal(0), False
    if request.get("SearchString") or request.get("NextPageToken") or request.get("MaxResults"):
        raise Invalid("SortBy cannot be combined with SearchString, MaxResults or NextPageToken.")
    key = order[0].get("Key")
    if len(order) > 1 or key not in METRICS:
        raise Invalid(f"SortBy takes one of {', '.join(METRICS)}.")
    is_descending = (order[0].get("SortOrder") or "DESCENDING") == "DESCENDING"
    if key in COST_METRICS:
        return lambda row: row.cost, is_descending
    if key == "UsageQuantity":
        return lambda row: row.quantity, is_descending
    return lambda row: Decimal(0), is_descending
