"""GetCostAndUsage and GetCostAndUsageWithResources, answered from ledger rows.

Input: the checked request, rows of its period (roll-ups will do), the time, and the activation
spans of tag keys. Output: the answer as AWS spells it. Groups add up to the ungrouped total
exactly: amounts are sums of ledger decimals, printed in full.
Source: reference costs, section 4.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from freehold.base.errors import Invalid
from freehold.meter.query.filters import leaves, predicate
from freehold.meter.query.groups import GROUPS_MAX, Keys, keys_of
from freehold.meter.query.rows import Activations, Projection, Row
from freehold.meter.query.tokens import position, token
from freehold.meter.query.windows import Window, window

Document = dict[str, Any]

COST_METRICS = (
    "AmortizedCost",
    "BlendedCost",
    "NetAmortizedCost",
    "NetUnblendedCost",
    "UnblendedCost",
)
METRICS = (*COST_METRICS, "NormalizedUsageAmount", "UsageQuantity")
# Forecasts spell metrics in upper snake case; many scripts do so here too, and AWS answers them.
_SPELLINGS = {
    **{metric: metric for metric in METRICS},
    **{
        "".join("_" + c if c.isupper() else c for c in metric).lstrip("_").upper(): metric
        for metric in METRICS
    },
}
COST_FORECAST, USAGE_FORECAST = "GetCostForecast", "GetUsageForecast"
METRICS_OF_FORECASTS = {  # as their models spell them
    COST_FORECAST: tuple(name for name in _SPELLINGS if name.endswith("_COST")),
    USAGE_FORECAST: ("USAGE_QUANTITY", "NORMALIZED_USAGE_AMOUNT"),
}
NO_UNIT = "N/A"
PAGE_GROUPS_MAX = 5000  # ours: fifty domains by day for a quarter are one page


class Sum:
    """Cost and usage added up, with the one unit of the usage if there is one."""

    __slots__ = ("cost", "quantity", "unit")

    def __init__(self) -> None:
        self.cost = Decimal(0)
        self.quantity = Decimal(0)
        self.unit = ""

    def add(self, row: Row) -> None:
        """Take in one row."""
        self.cost += row.cost
        self.quantity += row.quantity
        if self.unit != row.unit:
            self.unit = NO_UNIT if self.unit else row.unit


def amount(value: Decimal) -> str:
    """A decimal as AWS prints it: no exponent, no trailing zeros, ``0`` for nothing."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text


def cost_and_usage(
    request: Document,
    rows: Iterable[Row],
    now: float,
    active_keys: Activations,
    *,
    currency: str = "USD",
    names: Mapping[str, str] | None = None,
    with_resources: bool = False,
    page_groups: int = PAGE_GROUPS_MAX,
) -> Document:
    """Answer GetCostAndUsage, or GetCostAndUsageWithResources.

    Args:
        request: Checked against the model.
        rows: Everything in the ledger that may fall into ``period_of(request)``; rows outside
            it are passed over. Only ``with_resources`` needs rows by resource.
        now: Epoch seconds UTC.
        active_keys: Spans in which each tag key was a cost allocation key.
        currency: Of the price list.
        names: Readable names by group key, for ``DimensionValueAttributes``.
        with_resources: Serve the sister operation, which may group and filter by RESOURCE_ID.
        page_groups: Groups on a page.

    Raises:
        Invalid: With AWS's words; InvalidNextTokenException, RequestChangedException.
        Unsupported: Cost categories, product attributes.
    """
    span = period_of(request, now)
    metrics = _metrics(request, with_resources)
    definitions = request.get("GroupBy") or []
    begin = position(request, request.get("NextPageToken"))
    sums = _sums(request, rows, span, Projection(active_keys), with_resources)
    if not definitions:
        totals = (_values(found.get((), Sum()), metrics, currency) for found in sums)
        results = [_result(span, i, now, total=total) for i, total in enumerate(totals)]
        return {"ResultsByTime": results, "DimensionValueAttributes": []}
    page, following = _page(sums, begin, page_groups)
    answer: Document = {
        "GroupDefinitions": [{"Type": d["Type"], "Key": d["Key"]} for d in definitions],
        "ResultsByTime": [
            _result(span, index, now, groups=_groups(sums[index], shown, metrics, currency))
            for index, shown in page
        ],
        "DimensionValueAttributes": _attributes(page, names or {}),
    }
    if following is not None:
        answer["NextPageToken"] = token(request, following)
    return answer


def period_of(request: Document, now: float) -> Window:
    """The checked period of a request: what rows the store has to give.

    Raises:
        Invalid: As ``windows.window``.
    """
    return window(request.get("TimePeriod"), str(request.get("Granularity")), now)


def _metrics(request: Document, with_resources: bool) -> list[str]:
    asked = request.get("Metrics") or (["UnblendedCost"] if with_resources else [])
    if not asked:
        raise Invalid(f"Metrics is required. Valid values are {', '.join(METRICS)}.")
    for metric in asked:
        if metric not in _SPELLINGS:
            raise Invalid(f"Metric {metric} is invalid. Valid values are {', '.join(METRICS)}.")
    return list(dict.fromkeys(_SPELLINGS[metric] for metric in asked))


def _check_names_resources(request: Document) -> None:
    if not request.get("Filter"):
        raise Invalid("Filter is required for GetCostAndUsageWithResources.")
    grouped = any(group.get("Key") == "RESOURCE_ID" for group in request.get("GroupBy") or ())
    filtered = any(leaf.get("Key") == "RESOURCE_ID" for _, leaf in leaves(request["Filter"]))
    if not grouped and not filtered:
        raise Invalid("Group by or filter on RESOURCE_ID, or use GetCostAndUsage.")


def _sums(
    request: Document, rows: Iterable[Row], span: Window, tags: Projection, with_resources: bool
) -> list[dict[Keys, Sum]]:
    """Rows that the filter lets through, added up by bucket and group."""
    matches = predicate(request.get("Filter"), may_name_resources=with_resources)
    group_of = keys_of(request.get("GroupBy") or [], may_name_resources=with_resources)
    if with_resources:
        _check_names_resources(request)
    sums: list[dict[Keys, Sum]] = [{} for _ in span.buckets]
    for row in rows:
        index = span.bucket_of(row.hour)
        if index is None or not matches(row, tags):
            continue
        keys = group_of(row, tags)
        group = sums[index].get(keys)
        if group is None:
            group = sums[index][keys] = Sum()
        group.add(row)
    return sums


def _groups(
    found: Mapping[Keys, Sum], shown: Iterable[Keys], metrics: list[str], currency: str
) -> list[Document]:
    return [
        {"Keys": list(keys), "Metrics": _values(found[keys], metrics, currency)} for keys in shown
    ]


def _values(total: Sum, metrics: Iterable[str], currency: str) -> Document:
    values = {}
    for metric in metrics:
        if metric == "UsageQuantity":
            values[metric] = {"Amount": amount(total.quantity), "Unit": total.unit or NO_UNIT}
        elif metric == "NormalizedUsageAmount":  # only sizes of reserved instances have one
            values[metric] = {"Amount": "0", "Unit": NO_UNIT}
        else:
            values[metric] = {"Amount": amount(total.cost), "Unit": currency}
    return values


def _result(
    span: Window,
    index: int,
    now: float,
    *,
    total: Document | None = None,
    groups: list[Document] | None = None,
) -> Document:
    bucket = span.buckets[index]
    return {
        "TimePeriod": span.spelled(bucket),
        "Total": total or {},
        "Groups": groups or [],
        "Estimated": now < bucket.closes,
    }


def _page(
    sums: list[dict[Keys, Sum]], begin: list[Any] | None, page_groups: int
) -> tuple[list[tuple[int, list[Keys]]], list[Any] | None]:
    """Buckets and the keys of their groups from ``begin`` on, and where the next page begins.

    A position is [bucket, keys of the last group shown], so that groups that appear between
    two pages move nothing.
    """
    results: list[tuple[int, list[Keys]]] = []
    left = page_groups
    for index, after in _places(len(sums), begin):
        keys = sorted(key for key in sums[index] if after is None or key > after)
        results.append((index, keys[:left]))
        if len(keys) > left:
            return results, [index, list(keys[left - 1])]
        left -= len(keys)
        if not left and index + 1 < len(sums):
            return results, [index + 1, None]
    return results, None


def _places(count: int, begin: list[Any] | None) -> Iterator[tuple[int, Keys | None]]:
    first, after = begin if begin is not None and _is_place(begin) else (0, None)
    for index in range(first, count):
        yield index, tuple(after) if after is not None and index == first else None


def _is_place(begin: list[Any]) -> bool:
    return len(begin) == 2 and isinstance(begin[0], int) and isinstance(begin[1], list | None)


def _attributes(
    results: list[tuple[int, list[Keys]]], names: Mapping[str, str]
) -> list[dict[str, Any]]:
    shown = {key for _, page in results for keys in page for key in keys[:GROUPS_MAX]}
    return [
        {"Value": key, "Attributes": {"description": names[key]}}
        for key in sorted(shown & names.keys())
    ]
