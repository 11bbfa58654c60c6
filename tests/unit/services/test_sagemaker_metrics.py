"""Metrics of a run: put, summarised on the component, and read as a course."""

from __future__ import annotations

import statistics
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.inprocess import Aws
from tests.support.people import allow, make_user, refused

from freehold.services.sagemaker_metrics import _count_in

ARN = "arn:aws:sagemaker:us-east-1:111122223333:experiment-trial-component/c"
START = 1_700_000_000 // 3600 * 3600


@pytest.fixture
def metrics(aws: Aws) -> Any:
    aws.client("sagemaker").create_trial_component(TrialComponentName="c")
    return aws.client("sagemaker-metrics")


def put(metrics: Any, *values: float, name: str = "loss", step: int = 0) -> None:
    data = [
        {"MetricName": name, "Timestamp": str(START + 20 * n), "Step": step + n, "Value": value}
        for n, value in enumerate(values)
    ]
    assert "Errors" not in metrics.batch_put_metrics(TrialComponentName="c", MetricData=data)


def course(metrics: Any, **query: Any) -> dict[str, Any]:
    asked = {
        "MetricName": "loss",
        "ResourceArn": ARN,
        "MetricStat": "Last",
        "Period": "IterationNumber",
        "XAxisType": "IterationNumber",
    } | query
    return dict(metrics.batch_get_metrics(MetricQueries=[asked])["MetricQueryResults"][0])


def test_the_component_shows_a_summary_of_each_metric(aws: Aws, metrics: Any) -> None:
    put(metrics, 3.0, 1.0)
    put(metrics, 2.0, name="other")
    told = aws.client("sagemaker").describe_trial_component(TrialComponentName="c")
    loss, other = told["Metrics"]
    wanted = {"MetricName": "loss", "Max": 3.0, "Min": 1.0, "Last": 1.0, "Count": 2, "Avg": 2.0}
    assert {key: loss[key] for key in wanted} == wanted
    assert (loss["StdDev"], other["StdDev"]) == (1.0, 0.0)


def test_a_course_is_read_by_step_and_by_time(metrics: Any) -> None:
    put(metrics, 5.0, 4.0, 3.0, 2.0, 1.0)
    steps = course(metrics)
    assert (steps["Status"], steps["XAxisValues"]) == ("Complete", [0, 1, 2, 3, 4])
    assert steps["MetricValues"] == [5.0, 4.0, 3.0, 2.0, 1.0]
    assert course(metrics, Start=1, End=2)["XAxisValues"] == [1, 2]
    minutes = course(metrics, Period="OneMinute", XAxisType="Timestamp", MetricStat="Avg")
    assert minutes["XAxisValues"] == [START, START + 60]
    assert minutes["MetricValues"] == [4.0, 1.5]
    hours = {"Period": "OneHour", "XAxisType": "Timestamp"}
    values = {s: course(metrics, **hours, MetricStat=s)["MetricValues"] for s in ("Min", "Count")}
    assert values == {"Min": [1.0], "Count": [5.0]}


def test_a_query_that_makes_no_sense_fails_alone(metrics: Any) -> None:
    put(metrics, 1.0)
    good = {
        "MetricName": "loss",
        "ResourceArn": ARN,
        "MetricStat": "Max",
        "Period": "IterationNumber",
        "XAxisType": "IterationNumber",
    }
    queries = [good | {"XAxisType": "Timestamp"}, good, good | {"MetricName": "none"}]
    results = metrics.batch_get_metrics(MetricQueries=queries)["MetricQueryResults"]
    assert [r["Status"] for r in results] == ["ValidationError", "Complete", "Complete"]
    assert [r["MetricValues"] for r in results] == [[], [1.0], []]
    assert course(metrics, ResourceArn=f"{ARN}-none")["Status"] == "ValidationError"


def test_metrics_end_with_their_component(aws: Aws, metrics: Any) -> None:
    put(metrics, 1.0)
    sagemaker = aws.client("sagemaker")
    sagemaker.delete_trial_component(TrialComponentName="c")
    data = [{"MetricName": "loss", "Timestamp": START, "Value": 1.0}]
    with refused("ResourceNotFound", "Trial component [c] does not exist."):
        metrics.batch_put_metrics(TrialComponentName="c", MetricData=data)
    sagemaker.create_trial_component(TrialComponentName="c")
    assert course(metrics)["MetricValues"] == []


def test_permission_is_asked_on_the_component(aws: Aws, metrics: Any) -> None:
    keys = make_user(aws, "reader", allow("sagemaker:BatchGetMetrics", ARN))
    reader = aws.client("sagemaker-metrics", keys)
    assert course(reader)["Status"] == "Complete"
    with refused("AccessDeniedException", "component/other"):
        course(reader, ResourceArn=ARN.replace("/c", "/other"))
    data = [{"MetricName": "loss", "Timestamp": START, "Value": 1.0}]
    with refused("AccessDeniedException", "sagemaker:BatchPutMetrics", ARN):
        reader.batch_put_metrics(TrialComponentName="c", MetricData=data)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1))
def test_moments_counted_one_by_one_are_those_of_the_whole(values: list[float]) -> None:
    known: Any = (0, 0.0, 0.0)
    for value in values:
        known = _count_in(known, value)
    count, mean, squares = known
    assert count == len(values)
    assert mean == pytest.approx(statistics.fmean(values), rel=1e-6, abs=1e-6)
    variance = statistics.pvariance(values)
    assert squares / count == pytest.approx(variance, rel=1e-6, abs=1e-3)
