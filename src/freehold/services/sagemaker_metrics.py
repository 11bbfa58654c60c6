"""SageMaker Metrics: the values that a run logs, and their course over steps or time.

The SDK's ``Run`` puts them when it closes (jobs-and-sdk.md section 2). The component keeps a
summary of each metric, as DescribeTrialComponent and Search show it; the points are series.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

from freehold.base.errors import NotFound
from freehold.kernel import series
from freehold.kernel.call import Call, Record
from freehold.kernel.declare.operation import Document
from freehold.kernel.declare.service import Service
from freehold.kernel.series import Point

sagemaker_metrics = Service("sagemaker-metrics", prefix="sagemaker")

COMPONENT = "sagemaker:trial-component"
NAMES_MAX = 1_000  # metrics of one component: AWS has a bound and does not tell it
POINTS_MAX = 100_000  # points of one series that a query looks at; more is told as Truncated
SECONDS_MAX = 253_402_300_800  # the end of the year 9999
SUMMARIES, MOMENTS = "Metrics", "_Moments"  # of a component's document
PERIOD_MS = {"OneMinute": 60_000, "FiveMinute": 300_000, "OneHour": 3_600_000}
STATISTICS: dict[str, Callable[[list[float]], float]] = {
    "Min": min,
    "Max": max,
    "Avg": lambda values: math.fsum(values) / len(values),
    "Count": lambda values: float(len(values)),
    "StdDev": lambda values: _deviation(values),
    "Last": lambda values: values[-1],
}


def _component(call: Call, request: Document) -> str:
    settings = call.kernel.settings
    place = f"arn:{settings.partition}:sagemaker:{settings.region}:{settings.account_id}"
    return f"{place}:experiment-trial-component/{request['TrialComponentName']}"


def _asked(_call: Call, request: Document) -> list[str]:
    return list(dict.fromkeys(str(query["ResourceArn"]) for query in request["MetricQueries"]))


@sagemaker_metrics.operation("BatchPutMetrics", mode="write", target=_component)
def batch_put_metrics(call: Call, request: Document) -> Document:
    """Add values to a component's metrics; what cannot be kept is told by its index.

    Raises:
        NotFound: There is no such component.
    """
    component = call.record
    if component is None or component.kind != COMPONENT:
        raise NotFound(
            f"Trial component [{request['TrialComponentName']}] does not exist.",
            code="ResourceNotFound",
        )
    summaries = {one["MetricName"]: one for one in component.document.get(SUMMARIES, ())}
    moments = component.document.setdefault(MOMENTS, {})
    errors = []
    for index, datum in enumerate(request["MetricData"]):
        name, value, at = datum["MetricName"], float(datum["Value"]), float(datum["Timestamp"])
        if not math.isfinite(value) or not 0 <= at < SECONDS_MAX:
            errors.append({"Code": "VALIDATION_ERROR", "MetricIndex": index})
        elif name not in summaries and len(summaries) >= NAMES_MAX:
            errors.append({"Code": "METRIC_LIMIT_EXCEEDED", "MetricIndex": index})
        else:
            point = Point(int(at * 1000), datum.get("Step"), value)
            series.add(call.unit, component.arn, name, (point,), call.now)
            moments[name] = _count_in(moments.get(name, (0, 0.0, 0.0)), value)
            summaries[name] = _summary(component, name, point, moments[name], summaries.get(name))
    component.document[SUMMARIES] = list(summaries.values())
    call.save(component)
    return {"Errors": errors} if errors else {}


def _count_in(known: Iterable[Any], value: float) -> tuple[int, float, float]:
    """Count, mean and sum of squared differences with one more value (Welford)."""
    count, mean, squares = known
    count += 1
    delta = value - mean
    mean += delta / count
    return count, mean, squares + delta * (value - mean)


def _summary(
    component: Record,
    name: str,
    point: Point,
    moments: tuple[int, float, float],
    known: Document | None,
) -> Document:
    count, mean, squares = moments
    at, value = point.at / 1000, point.value
    is_last = known is None or at >= known["TimeStamp"]
    return {
        "MetricName": name,
        "SourceArn": component.arn,
        "TimeStamp": at if is_last or known is None else known["TimeStamp"],
        "Max": value if known is None else max(value, known["Max"]),
        "Min": value if known is None else min(value, known["Min"]),
        "Last": value if is_last or known is None else known["Last"],
        "Count": count,
        "Avg": mean,
        "StdDev": math.sqrt(squares / count),
    }


def _deviation(values: list[float]) -> float:
    mean = math.fsum(values) / len(values)
    return math.sqrt(math.fsum((value - mean) ** 2 for value in values) / len(values))


@sagemaker_metrics.operation("BatchGetMetrics", mode="slow", target=_asked)
def batch_get_metrics(call: Call, request: Document) -> Document:
    """The course of each metric that is asked for, in the order of the queries.

    A query that makes no sense fails alone. A metric that is not there has no values.
    """
    return {"MetricQueryResults": [_course(call, query) for query in request["MetricQueries"]]}


def _course(call: Call, query: Document) -> Document:
    by_step = query["Period"] == "IterationNumber"
    if call.unit.find(query["ResourceArn"]) is None:
        return _failed(f"Resource {query['ResourceArn']} does not exist.")
    if by_step != (query["XAxisType"] == "IterationNumber"):
        return _failed(
            "Use the Period IterationNumber with the XAxisType of that name, and no other."
        )
    points = series.read(call.unit, query["ResourceArn"], query["MetricName"], POINTS_MAX + 1)
    buckets: dict[int, list[float]] = {}
    low, high = query.get("Start"), query.get("End")
    for point in points[:POINTS_MAX]:
        if by_step:
            if point.step is None:
                continue
            x = point.step
        else:
            period = PERIOD_MS[query["Period"]]
            x = point.at // period * period // 1000
        if (low is None or x >= low) and (high is None or x <= high):
            buckets.setdefault(x, []).append(point.value)
    statistic, ordered = STATISTICS[query["MetricStat"]], sorted(buckets)
    return {
        "Status": "Truncated" if len(points) > POINTS_MAX else "Complete",
        "XAxisValues": ordered,
        "MetricValues": [statistic(buckets[x]) for x in ordered],
    }


def _failed(message: str) -> Document:
    return {"Status": "ValidationError", "Message": message, "XAxisValues": [], "MetricValues": []}
