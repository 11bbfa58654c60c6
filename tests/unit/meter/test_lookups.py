from __future__ import annotations

from datetime import UTC, datetime

import pytest

from freehold.base.errors import Invalid, Unsupported
from freehold.meter.lookups import get_dimension_values, get_tags

NOW = datetime(2026, 11, 23, 20, 39, tzinfo=UTC).timestamp()
PERIOD = {"TimePeriod": {"Start": "2026-11-01", "End": "2026-11-24"}}
ACTIVE = {"team": [(0.0, None)], "owner": [(0.0, None)]}


@pytest.fixture
def rows(row):
    return [
        row(tags={"team": "Red", "hidden": "x"}),
        row(tags={"team": "blue", "owner": "me"}, cost="9", instance_type=""),
        row(cost="4", quantity="50"),
        row(hour="2026-10-30T00:00", tags={"team": "old"}),
    ]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, ["owner", "team"]),
        ({"TagKey": "team"}, ["", "Red", "blue"]),
        ({"TagKey": "hidden"}, [""]),
        ({"TagKey": "team", "SearchString": "RE"}, ["Red"]),
        ({"TagKey": "team", "SortBy": [{"Key": "UnblendedCost"}]}, ["blue", "", "Red"]),
        (
            {"TagKey": "team", "SortBy": [{"Key": "UsageQuantity", "SortOrder": "ASCENDING"}]},
            ["Red", "blue", ""],
        ),
        ({"TagKey": "team", "Filter": {"Tags": {"Key": "owner", "Values": ["me"]}}}, ["blue"]),
    ],
)
def test_tags_in_use_are_listed(rows, more, expected):
    answer = get_tags({**PERIOD, **more}, rows, NOW, ACTIVE)
    assert answer["Tags"] == expected
    assert answer["ReturnSize"] == answer["TotalSize"] == len(expected)


def test_pages_of_values_follow_one_another(rows):
    first = get_tags({**PERIOD, "TagKey": "team", "MaxResults": 2}, rows, NOW, ACTIVE)
    assert (first["Tags"], first["ReturnSize"], first["TotalSize"]) == (["", "Red"], 2, 3)
    following = {"TagKey": "team", "MaxResults": 2, "NextPageToken": first["NextPageToken"]}
    second = get_tags({**PERIOD, **following}, rows, NOW, ACTIVE)
    assert second["Tags"] == ["blue"]
    assert "NextPageToken" not in second


def test_dimension_values_carry_readable_names(rows):
    asked = {**PERIOD, "Dimension": "LINKED_ACCOUNT"}
    answer = get_dimension_values(asked, rows, NOW, ACTIVE, names={"000000000001": "Bank"})
    assert answer["DimensionValues"] == [
        {"Value": "000000000001", "Attributes": {"description": "Bank"}}
    ]
    asked = {**PERIOD, "Dimension": "INSTANCE_TYPE"}
    values = get_dimension_values(asked, rows, NOW, ACTIVE)["DimensionValues"]
    assert [value["Value"] for value in values] == ["NoInstanceType", "ml.m5.xlarge"]


@pytest.mark.parametrize(
    "more",
    [
        {"SortBy": [{"Key": "UnblendedCost"}], "SearchString": "x"},
        {"SortBy": [{"Key": "UnblendedCost"}], "MaxResults": 5},
        {"SortBy": [{"Key": "Money"}]},
        {"TimePeriod": {"Start": "2026-11-01", "End": "2026-11-01"}},
    ],
)
def test_wrong_look_ups_are_refused(rows, more):
    with pytest.raises(Invalid):
        get_tags({**PERIOD, **more}, rows, NOW, ACTIVE)


def test_other_dimensions_and_contexts_are_refused(rows):
    with pytest.raises(Invalid, match="RESOURCE_ID"):
        get_dimension_values({**PERIOD, "Dimension": "RESOURCE_ID"}, rows, NOW, ACTIVE)
    asked = {**PERIOD, "Dimension": "SERVICE", "Context": "RESERVATIONS"}
    with pytest.raises(Unsupported, match="RESERVATIONS"):
        get_dimension_values(asked, rows, NOW, ACTIVE)
