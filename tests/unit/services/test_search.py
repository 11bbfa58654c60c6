from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.inprocess import Aws
from tests.support.people import refused

TEAMS = {"alpha": "a", "beta": "a", "gamma": "b", "delta": "", "epsilon": "b"}


@pytest.fixture
def sm(aws: Aws) -> Any:
    client = aws.unchecked("sagemaker")
    for name, team in TEAMS.items():
        tags = [{"Key": "team", "Value": team}] if team else []
        client.create_experiment(ExperimentName=name, Description=f"about {name}", Tags=tags)
    return client


def names(sm: Any, *filters: dict[str, str], **more: Any) -> list[str]:
    expression = {"Filters": list(filters)} if filters else {}
    answer = sm.search(
        Resource="Experiment",
        **({"SearchExpression": expression | more.pop("expression", {})}),
        **{"SortBy": "CreationTime", "SortOrder": "Ascending"} | more,
    )
    return [result["Experiment"]["ExperimentName"] for result in answer["Results"]]


def by(name: str, operator: str | None = None, value: str | None = None) -> dict[str, str]:
    made = {"Name": name}
    if operator is not None:
        made["Operator"] = operator
    if value is not None:
        made["Value"] = value
    return made


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ([], "alpha beta gamma delta epsilon"),
        ([by("Tags.team", "Equals", "a")], "alpha beta"),
        ([by("Tags.team", None, "b")], "gamma epsilon"),
        ([by("Tags.team", "NotEquals", "a")], "gamma delta epsilon"),
        ([by("Tags.team", "Exists")], "alpha beta gamma epsilon"),
        ([by("Tags.team", "NotExists")], "delta"),
        ([by("Tags.team", "In", "b,c")], "gamma epsilon"),
        ([by("ExperimentName", "Contains", "ta")], "beta delta"),
        ([by("ExperimentName", "Equals", "Alpha")], ""),
        ([by("Tags.team", "Equals", "a"), by("ExperimentName", "Contains", "b")], "beta"),
        ([by("CreationTime", "GreaterThan", "2020-01-01T00:00:00Z")], " ".join(TEAMS)),
        ([by("CreationTime", "LessThan", "2020-01-01T00:00:00Z")], ""),
        ([by("NoSuchMember", "Equals", "x")], ""),
        ([by("NoSuchMember", "NotExists")], " ".join(TEAMS)),
    ],
)
def test_filters_mean_what_they_say(sm: Any, filters: list[Any], expected: str) -> None:
    assert names(sm, *filters) == expected.split()


def test_expressions_nest_and_combine(sm: Any) -> None:
    either = {
        "Operator": "Or",
        "Filters": [by("ExperimentName", "Equals", "delta"), by("Tags.team", "Equals", "a")],
    }
    assert names(sm, expression=either) == ["alpha", "beta", "delta"]
    both = {"SubExpressions": [either, {"Filters": [by("ExperimentName", "Contains", "t")]}]}
    assert names(sm, expression=both) == ["beta", "delta"]


def test_results_carry_tags_and_nothing_of_ours(sm: Any) -> None:
    (result,) = sm.search(
        Resource="Experiment",
        SearchExpression={"Filters": [by("ExperimentName", "Equals", "alpha")]},
    )["Results"]
    experiment = result["Experiment"]
    assert experiment["Tags"] == [{"Key": "team", "Value": "a"}]
    assert experiment["ExperimentArn"].endswith("experiment/alpha")
    assert not any(key.startswith("_") for key in experiment)


@given(
    size=st.integers(1, 4),
    order=st.sampled_from(["Ascending", "Descending"]),
    sort=st.sampled_from(["CreationTime", "LastModifiedTime"]),
    filters=st.sampled_from([[], [by("Tags.team", "Exists")]]),
)
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_pages_put_together_are_the_whole_list(
    aws: Aws, size: int, order: str, sort: str, filters: Any
) -> None:
    sm = aws.client("sagemaker")
    for name, team in TEAMS.items():
        tags = [{"Key": "team", "Value": team}] if team else []
        if not sm.search(
            Resource="Experiment",
            SearchExpression={"Filters": [by("ExperimentName", "Equals", name)]},
        )["Results"]:
            sm.create_experiment(ExperimentName=name, Tags=tags)
    asked = {
        "Resource": "Experiment",
        "SearchExpression": {"Filters": filters} if filters else {},
        "SortBy": sort,
        "SortOrder": order,
    }
    whole = sm.search(**asked, MaxResults=100)["Results"]
    pages: list[Any] = []
    token: dict[str, str] = {}
    while True:
        answer = sm.search(**asked, MaxResults=size, **token)
        assert len(answer["Results"]) <= size
        pages += answer["Results"]
        if "NextToken" not in answer:
            break
        token = {"NextToken": answer["NextToken"]}
    assert pages == whole


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"Resource": "Domain"}, "at 'resource'"),
        ({"Resource": "FeatureGroup"}, "FeatureGroup is not supported by this server"),
        ({"SearchExpression": {"Filters": [by("Tags.team", "Equals")]}}, "needs a Value"),
        (
            {"SearchExpression": {"Filters": [by("CreationTime", "GreaterThan", "soon")]}},
            "needs a number or an ISO 8601 time, not soon",
        ),
        (
            {"SearchExpression": {"Filters": [by("X", "Resembles", "x")]}},
            "at 'searchExpression.filters.1.member.operator'",
        ),
        ({"MaxResults": 0}, "at 'maxResults'"),
        ({"NextToken": "nonsense"}, "NextToken"),
        ({"VisibilityConditions": [{"Key": "Tags.x"}]}, "needs a Key and a Value"),
        ({"VisibilityConditions": [{}]}, "needs a Key and a Value"),
        ({"SearchExpression": {"Filters": []}}, "at 'searchExpression.filters'"),
    ],
)
def test_what_makes_no_sense_is_refused(sm: Any, asked: Any, words: str) -> None:
    with refused("ValidationException", words):
        sm.search(**{"Resource": "Experiment"} | asked)


def test_expressions_nested_beyond_measure_are_refused(sm: Any) -> None:
    expression: dict[str, Any] = {"Filters": [by("X", "Exists")]}
    for _ in range(30):
        expression = {"SubExpressions": [expression]}
    with refused("ValidationException"):
        sm.search(Resource="Experiment", SearchExpression=expression)


def test_who_lacks_the_key_stays_in_and_who_has_it_must_match(sm: Any) -> None:
    conditions = [{"Key": "Tags.team", "Value": "a"}]
    assert names(sm, VisibilityConditions=conditions) == ["alpha", "beta", "delta"]
