"""CloudWatch metrics: how much each domain, person and space stores, and how large volumes are.

Only the namespace ``Freehold/Storage``: ``StoredBytes`` and ``ProvisionedBytes`` by ``DomainId``
and, in it, ``UserProfileName`` or ``SpaceName``. One point a metric: what metering counted last
(``kernel.stored``), told at the current minute. A domain's metrics are for whoever may describe
that domain; a query on another one is ``Forbidden``. See docs/operate/files.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from freehold.base.errors import Invalid, Unsupported
from freehold.kernel.call import Call, Record
from freehold.kernel.declare import lists
from freehold.kernel.declare.operation import Document
from freehold.kernel.declare.service import Service
from freehold.kernel.studio import file_systems, storage

cloudwatch = Service("cloudwatch", prefix="cloudwatch")

NAMESPACE = "Freehold/Storage"
STORED, PROVISIONED = "StoredBytes", "ProvisionedBytes"
DOMAIN = "DomainId"
PAGE = 500  # metrics of one answer (CloudWatch API reference, ListMetrics)
QUERIES_MAX = 500  # of one call (CloudWatch API reference, GetMetricData)
STATISTICS = frozenset({"Average", "Maximum", "Minimum", "Sum"})
MINUTE = 60


class Metric(NamedTuple):
    """A metric with its one value; ``dimensions`` are sorted pairs of name and value."""

    name: str
    dimensions: tuple[tuple[str, str], ...]
    bytes: int


@cloudwatch.operation("ListMetrics", mode="slow")
def list_metrics(call: Call, request: Document) -> Document:
    """Metrics that pass the filters, of domains that the caller may describe."""
    if request.get("Namespace") not in (None, NAMESPACE):
        return {"Metrics": []}
    wanted = {one["Name"]: one.get("Value") for one in request.get("Dimensions", ())}
    found = [
        metric
        for domain in call.every(storage.DOMAIN)
        if wanted.get(DOMAIN) in (None, domain.document[DOMAIN])
        and call.refusal("sagemaker:DescribeDomain", domain.arn, domain) is None
        for metric in _metrics(call, domain)
        if request.get("MetricName") in (None, metric.name) and _has(metric, wanted)
    ]
    page, token = lists.page_of(found, PAGE, request.get("NextToken"))
    answer: Document = {"Metrics": [_shown(metric) for metric in page]}
    return answer | ({"NextToken": token} if token else {})


@cloudwatch.operation("GetMetricData", mode="slow")
def get_metric_data(call: Call, request: Document) -> Document:
    """The last count of each metric that is asked for, in the order of the queries.

    Raises:
        Invalid: Too many queries, two of one name, or a statistic that one value does not have.
        Unsupported: An expression.
    """
    queries = request["MetricDataQueries"]
    if len(queries) > QUERIES_MAX:
        raise Invalid(f"At most {QUERIES_MAX} MetricDataQueries in one call, not {len(queries)}.")
    if len({query["Id"] for query in queries}) < len(queries):
        raise Invalid("The values of Id in MetricDataQueries must be unique.")
    at = int(call.now // MINUTE * MINUTE)
    is_within = request["StartTime"] <= call.now and at < request["EndTime"]
    known: dict[str, dict[tuple[object, ...], int] | None] = {}
    results = []
    for query in queries:
        metric = _checked(query)
        pairs = tuple(sorted((one["Name"], one["Value"]) for one in metric.get("Dimensions", ())))
        domain_id = dict(pairs).get(DOMAIN, "")
        if domain_id not in known:
            known[domain_id] = _of_domain(call, domain_id)
        values = known[domain_id]
        result: Document = {"Id": query["Id"], "Label": query.get("Label", metric["MetricName"])}
        result |= {"StatusCode": "Complete", "Timestamps": [], "Values": []}
        if values is None:
            result["StatusCode"] = "Forbidden"
        elif is_within and (found := values.get((metric["MetricName"], pairs))) is not None:
            result |= {"Timestamps": [at], "Values": [float(found)]}
        results.append(result)
    return {"MetricDataResults": results, "Messages": []}


def _checked(query: Document) -> Document:
    if "MetricStat" not in query:
        raise Unsupported("Metric expressions are not served: give a MetricStat.")
    if query["MetricStat"]["Stat"] not in STATISTICS:
        raise Invalid(
            f"The Stat of {query['Id']} must be one of {', '.join(sorted(STATISTICS))}: "
            f"{NAMESPACE} has one value a metric."
        )
    metric: Document = query["MetricStat"]["Metric"]
    if metric.get("Namespace") != NAMESPACE or "MetricName" not in metric:
        raise Invalid(f"The Metric of {query['Id']} must name a MetricName of {NAMESPACE}.")
    return metric


def _of_domain(call: Call, domain_id: str) -> dict[tuple[object, ...], int] | None:
    """Values by name and dimensions; None: the caller may not describe that domain."""
    arn = file_systems.domain_arn_of(call, domain_id)
    domain = call.unit.find(arn)
    if call.refusal("sagemaker:DescribeDomain", arn, domain) is not None:
        return None
    if domain is None:
        return {}
    return {(one.name, one.dimensions): one.bytes for one in _metrics(call, domain)}


def _metrics(call: Call, domain: Record) -> Iterator[Metric]:
    told = storage.storage_of_domain(call.unit, call.kernel.stored, domain)
    own = (DOMAIN, str(domain.document[DOMAIN]))
    if told.bytes is not None:
        yield Metric(STORED, (own,), told.bytes)
    for holding in told.holdings:
        member = "UserProfileName" if holding.kind == "user-profile" else "SpaceName"
        dimensions = tuple(sorted((own, (member, holding.name))))
        if holding.bytes is not None:
            yield Metric(STORED, dimensions, holding.bytes)
        if holding.provisioned_bytes:
            yield Metric(PROVISIONED, dimensions, holding.provisioned_bytes)


def _has(metric: Metric, wanted: dict[str, str | None]) -> bool:
    own = dict(metric.dimensions)
    return all(name in own and value in (None, own[name]) for name, value in wanted.items())


def _shown(metric: Metric) -> Document:
    dimensions = [{"Name": name, "Value": value} for name, value in metric.dimensions]
    return {"Namespace": NAMESPACE, "MetricName": metric.name, "Dimensions": dimensions}
