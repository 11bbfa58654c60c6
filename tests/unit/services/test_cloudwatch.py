"""Stored bytes as CloudWatch metrics: by domain, person and space, for who may see the domain."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.support.inprocess import Aws
from tests.support.people import allow, make_role, make_user, refused, trusting

from freehold.kernel.studio.storage import Count, Stored

NAMESPACE = "Freehold/Storage"


@pytest.fixture
def domain(aws: Aws) -> dict[str, Any]:
    role = make_role(aws, "work", trusting({"Service": "sagemaker.amazonaws.com"}))
    sagemaker = aws.client("sagemaker")
    settings = {"ExecutionRole": role}
    arn = sagemaker.create_domain(
        DomainName="finance",
        AuthMode="IAM",
        DefaultUserSettings=settings,
        DefaultSpaceSettings=settings,
    )["DomainArn"]
    found: dict[str, Any] = sagemaker.describe_domain(DomainId=arn.rsplit("/", 1)[1])
    sagemaker.create_user_profile(DomainId=found["DomainId"], UserProfileName="ana")
    ana = sagemaker.describe_user_profile(DomainId=found["DomainId"], UserProfileName="ana")
    system, number = found["HomeEfsFileSystemId"], int(ana["HomeEfsFileSystemUid"])
    counted = Stored(homes={(system, number): Count(700)}, rest={system: Count(300)})
    aws.app.kernel.stored = counted
    return found


def listed(cloudwatch: Any, **filters: Any) -> set[tuple[str, tuple[str, ...]]]:
    pages = cloudwatch.get_paginator("list_metrics").paginate(Namespace=NAMESPACE, **filters)
    return {
        (one["MetricName"], tuple(pair["Value"] for pair in one["Dimensions"]))
        for page in pages
        for one in page["Metrics"]
    }


def query(name: str, domain_id: str, **more: str) -> dict[str, Any]:
    pairs = [{"Name": k, "Value": v} for k, v in ({"DomainId": domain_id} | more).items()]
    metric = {"Namespace": NAMESPACE, "MetricName": "StoredBytes", "Dimensions": pairs}
    return {"Id": name, "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Maximum"}}


def ask(cloudwatch: Any, *queries: dict[str, Any]) -> dict[str, Any]:
    now = datetime.now(UTC)
    answer = cloudwatch.get_metric_data(
        MetricDataQueries=list(queries),
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(minutes=1),
    )
    return {one["Id"]: one for one in answer["MetricDataResults"]}


def test_a_domain_and_its_people_have_the_bytes_that_were_counted_last(
    aws: Aws, domain: dict[str, Any]
) -> None:
    cloudwatch, name = aws.client("cloudwatch"), domain["DomainId"]
    assert listed(cloudwatch) == {
        ("StoredBytes", (name,)),
        ("StoredBytes", (name, "ana")),
    }
    both = [{"Name": "DomainId", "Value": name}, {"Name": "UserProfileName"}]
    assert listed(cloudwatch, Dimensions=both) == {("StoredBytes", (name, "ana"))}
    found = ask(cloudwatch, query("all", name), query("ana", name, UserProfileName="ana"))
    assert (found["all"]["Values"], found["ana"]["Values"]) == ([1000.0], [700.0])
    assert found["all"]["StatusCode"] == "Complete"


def test_an_hour_long_past_has_no_count(aws: Aws, domain: dict[str, Any]) -> None:
    then = datetime.now(UTC) - timedelta(days=1)
    answer = aws.client("cloudwatch").get_metric_data(
        MetricDataQueries=[query("all", domain["DomainId"])],
        StartTime=then,
        EndTime=then + timedelta(hours=1),
    )
    assert answer["MetricDataResults"][0]["Values"] == []


def test_who_may_not_describe_a_domain_sees_none_of_its_metrics(
    aws: Aws, domain: dict[str, Any]
) -> None:
    keys = make_user(aws, "ben", allow("cloudwatch:*"))
    cloudwatch, name = aws.client("cloudwatch", keys), domain["DomainId"]
    assert listed(cloudwatch) == set()
    found = ask(cloudwatch, query("all", name), query("none", "d-nosuchdomain"))
    assert {one["StatusCode"] for one in found.values()} == {"Forbidden"}
    assert not any(one["Values"] for one in found.values())


def test_what_is_not_served_is_refused_by_name(aws: Aws, domain: dict[str, Any]) -> None:
    cloudwatch = aws.client("cloudwatch")
    with refused("ValidationError", "unique"):
        ask(cloudwatch, query("a", domain["DomainId"]), query("a", domain["DomainId"]))
    wrong = query("a", domain["DomainId"])
    wrong["MetricStat"]["Metric"]["Namespace"] = "AWS/EFS"
    with refused("ValidationError", NAMESPACE):
        ask(cloudwatch, wrong)
    assert cloudwatch.list_metrics(Namespace="AWS/EFS")["Metrics"] == []
