from __future__ import annotations

import pytest

from freehold.base.errors import Fault, Invalid, Unsupported
from freehold.meter.query.filters import MANY_ROOTS, leaves, predicate
from freehold.meter.query.rows import Projection

TAGS = Projection({"team": [(0.0, None)], "owner": [(0.0, None)]})


def dimension(key, *values, **more):
    return {"Dimensions": {"Key": key, "Values": list(values), **more}}


def tag(key, *values, **more):
    return {"Tags": {"Key": key, **({"Values": list(values)} if values else {}), **more}}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (None, True),
        (dimension("SERVICE", "Amazon S3", "Amazon SageMaker"), True),
        (dimension("SERVICE", "amazon sagemaker"), False),
        (dimension("REGION", "us-east-1", MatchOptions=["EQUALS", "CASE_SENSITIVE"]), True),
        (dimension("INSTANCE_TYPE_FAMILY", "m5"), True),
        (dimension("SERVICE_CODE", "AmazonSageMaker"), True),
        (dimension("AZ", "NoAZ"), True),
        (tag("team", "red", "blue"), True),
        (tag("team", "blue"), False),
        (tag("team"), False),
        (tag("owner"), True),
        (tag("owner", ""), True),
        (tag("owner", MatchOptions=["ABSENT"]), True),
        (tag("hidden", "x"), False),
        (tag("hidden"), True),
        ({"Tags": {}}, False),
        ({"Not": tag("team", "red")}, False),
        ({"And": [tag("team", "red"), dimension("REGION", "eu-west-1")]}, False),
        ({"Or": [tag("team", "red"), dimension("REGION", "eu-west-1")]}, True),
    ],
)
def test_expressions_match_as_documented(row, expression, expected):
    assert predicate(expression)(row(tags={"team": "red", "hidden": "x"}), TAGS) is expected


def test_no_key_and_no_values_is_spend_without_any_visible_tag(row):
    assert predicate({"Tags": {"MatchOptions": ["ABSENT"]}})(row(tags={"hidden": "x"}), TAGS)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ({**tag("a", "b"), **dimension("AZ", "x")}, MANY_ROOTS),
        ({"And": [], "Not": tag("a")}, MANY_ROOTS),
        ({}, "Expression has no root"),
        ({"Not": {}}, "Expression has no root"),
        ({"And": [tag("a", "b")]}, "at least 2"),
        (dimension("RESOURCE_ID", "x"), "RESOURCE_ID is not supported"),
        (dimension("PRODUCT_ATTRIBUTE", "x"), "PRODUCT_ATTRIBUTE is not supported"),
        (dimension("REGION"), "at least one value"),
        (dimension("REGION", "x", MatchOptions=["STARTS_WITH"]), "STARTS_WITH is not supported"),
        (dimension("REGION", "x", MatchOptions=["ABSENT"]), "ABSENT is not supported"),
        (tag("a", "x", MatchOptions=["CASE_INSENSITIVE"]), "CASE_INSENSITIVE is not supported"),
        (tag("a", "x", MatchOptions=["ABSENT"]), "cannot be combined with ABSENT"),
        ({"Tags": {"Values": ["x"]}}, "values need a Key"),
    ],
)
def test_wrong_expressions_are_refused(expression, message):
    with pytest.raises(Invalid) as refused:
        predicate(expression)
    assert message in refused.value.message


def test_what_is_not_served_is_refused_by_name_and_depth_is_bounded():
    with pytest.raises(Unsupported, match="CostCategories"):
        predicate({"CostCategories": {"Key": "Team", "Values": ["x"]}})
    deep = tag("a", "b")
    for _ in range(50):
        deep = {"Not": deep}
    with pytest.raises(Fault, match="nested"):
        predicate(deep)


def test_leaves_are_found_at_any_depth():
    expression = {"And": [{"Not": tag("a", "b")}, {"Or": [dimension("AZ", "x"), tag("c", "d")]}]}
    assert [(root, leaf["Key"]) for root, leaf in leaves(expression)] == [
        ("Tags", "a"),
        ("Dimensions", "AZ"),
        ("Tags", "c"),
    ]
