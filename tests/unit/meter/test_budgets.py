from __future__ import annotations

from datetime import UTC, datetime

import pytest

from freehold.base.errors import Invalid, LimitExceeded
from freehold.meter.budgets import (
    NO_LIMIT,
    already_exists,
    check_notifications,
    checked,
    does_not_exist,
    expression_of,
    metric_of,
    rendered,
    tag_key_value,
    tag_keys,
)

NOW = datetime(2026, 11, 23, 20, 39, tzinfo=UTC).timestamp()
ARN = "arn:aws:sagemaker:us-east-1:000000000001:domain/d-finance00000"


def budget(**more):
    return {
        "BudgetName": "finance",
        "BudgetType": "COST",
        "TimeUnit": "MONTHLY",
        "BudgetLimit": {"Amount": "100", "Unit": "USD"},
        **more,
    }


def epoch(*when):
    return datetime(*when, tzinfo=UTC).timestamp()


def test_defaults_are_awss():
    stored = checked(budget(CalculatedSpend={"ActualSpend": {}}), NOW)
    assert stored["TimePeriod"] == {"Start": epoch(2026, 11, 1), "End": epoch(2087, 6, 15)}
    assert stored["CostFilters"] == {}
    assert stored["CostTypes"]["IncludeTax"] is True
    assert stored["CostTypes"]["UseAmortized"] is False
    assert stored["LastUpdatedTime"] == NOW
    assert "CalculatedSpend" not in stored
    assert expression_of(stored) is None


@pytest.mark.parametrize(
    ("unit", "start"),
    [
        ("DAILY", (2026, 11, 23)),
        ("MONTHLY", (2026, 11, 1)),
        ("QUARTERLY", (2026, 10, 1)),
        ("ANNUALLY", (2026, 1, 1)),
    ],
)
def test_a_budget_starts_with_its_current_unit(unit, start):
    assert checked(budget(TimeUnit=unit), NOW)["TimePeriod"]["Start"] == epoch(*start)


def test_the_old_form_and_the_new_form_mean_the_same():
    old = checked(budget(CostFilters={"TagKeyValue": [f"user:sagemaker:domain-arn${ARN}"]}), NOW)
    new = checked(
        budget(
            FilterExpression={"Tags": {"Key": "sagemaker:domain-arn", "Values": [ARN]}},
            Metrics=["UnblendedCost"],
        ),
        NOW,
    )
    assert expression_of(old) == expression_of(new)
    assert metric_of(old) == metric_of(new) == "UnblendedCost"
    assert tag_keys(old) == ["sagemaker:domain-arn"]
    assert "CostFilters" not in new


def test_filters_of_several_keys_must_all_hold():
    filters = {"Service": ["A", "B"], "TagKeyValue": ["user:t$x", "user:t$y", "aws:createdBy$z"]}
    stored = checked(budget(CostFilters=filters, CostTypes={"IncludeTax": False}), NOW)
    assert expression_of(stored) == {
        "And": [
            {"Dimensions": {"Key": "SERVICE", "Values": ["A", "B"]}},
            {"Tags": {"Key": "t", "Values": ["x", "y"]}},
            {"Tags": {"Key": "aws:createdBy", "Values": ["z"]}},
            {"Not": {"Dimensions": {"Key": "RECORD_TYPE", "Values": ["Tax"]}}},
        ]
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("user:team$a$b", ("team", "a$b")),
        ("user:user:x$", ("user:x", "")),
        ("aws:createdBy$me", ("aws:createdBy", "me")),
    ],
)
def test_tag_filters_are_split_at_the_first_dollar(text, expected):
    assert tag_key_value(text) == expected


def test_a_budget_is_rendered_in_the_form_that_was_used():
    spend, health = {"ActualSpend": {"Amount": "0", "Unit": "USD"}}, {"Status": "HEALTHY"}
    old = checked(budget(CostFilters={"Region": ["us-east-1"]}), NOW)
    new = checked(budget(FilterExpression=expression_of(old), Metrics=["BlendedCost"]), NOW)
    shown = rendered(old, spend, health)
    assert shown["CostFilters"] == {"Region": ["us-east-1"]}
    assert "FilterExpression" not in shown
    assert (shown["CalculatedSpend"], shown["HealthStatus"]) == (spend, health)
    assert "FilterExpression" not in rendered(new, spend, health)
    for stored, metric in ((old, "UnblendedCost"), (new, "BlendedCost")):
        shown = rendered(stored, spend, health, show_filter_expression=True)
        assert shown["FilterExpression"] == expression_of(old)
        assert shown["Metrics"] == [metric]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"BudgetName": "a:b"}, "BudgetName"),
        ({"BudgetName": "a/action/b"}, "BudgetName"),
        ({"BudgetType": "RI_COVERAGE"}, "RI_COVERAGE is not supported"),
        ({"BudgetLimit": None}, NO_LIMIT),
        ({"BudgetLimit": {"Amount": "0", "Unit": "USD"}}, "greater than 0"),
        ({"BudgetLimit": {"Amount": "x", "Unit": "USD"}}, "not a number"),
        ({"BudgetLimit": {"Amount": "1", "Unit": "EUR"}}, "must be USD"),
        ({"AutoAdjustData": {"AutoAdjustType": "FORECAST"}}, "cannot be combined"),
        ({"BudgetLimit": None, "AutoAdjustData": {"AutoAdjustType": "FORECAST"}}, "not supported"),
        ({"CostFilters": {"AZ": ["x"]}, "Metrics": ["BlendedCost"]}, "cannot be combined"),
        ({"FilterExpression": {"Tags": {"Key": "a", "Values": ["b"]}}}, "exactly one of Metrics"),
        ({"CostFilters": {"TagKeyValue": ["user:nothing"]}}, "must be user:<key>$<value>"),
        ({"CostFilters": {"Colour": ["red"]}}, "'Colour' is not supported"),
        ({"CostTypes": {"UseBlended": True, "UseAmortized": True}}, "cannot both"),
        ({"TimeUnit": "CUSTOM"}, "needs a TimePeriod"),
        ({"TimePeriod": {"Start": 9.0, "End": 8.0}}, "must come before"),
        ({"TimePeriod": {"End": 4e9}}, "06/15/87"),
        ({"BudgetLimit": None, "PlannedBudgetLimits": {"1": {"Amount": "1", "Unit": "USD"}}}, "12"),
        ({"FilterExpression": {"CostCategories": {}}, "Metrics": ["BlendedCost"]}, "not served"),
        ({"BudgetType": "USAGE", "Metrics": ["BlendedCost"]}, "UsageQuantity"),
    ],
)
def test_wrong_budgets_are_refused_by_the_member_that_is_wrong(more, message):
    with pytest.raises(Invalid) as refused:
        checked(budget(**more), NOW)
    assert message in refused.value.message
    assert refused.value.code == "InvalidParameterException"


def test_planned_limits_name_every_period_from_the_current_one_on():
    limits = {
        str(int(epoch(2026 + n // 12, n % 12 + 1, 1))): {"Amount": str(n), "Unit": "USD"}
        for n in range(10, 22)
    }
    stored = checked(budget(BudgetLimit=None, PlannedBudgetLimits=limits), NOW)
    assert "BudgetLimit" not in stored
    limits.popitem()
    with pytest.raises(Invalid, match="PlannedBudgetLimits must name the 12"):
        checked(budget(BudgetLimit=None, PlannedBudgetLimits=limits), NOW)


def test_messages_are_awss():
    assert already_exists("x") == "Error creating budget: x - the budget already exists."
    assert does_not_exist("x") == "Unable to get budget: x - the budget doesn't exist."


def told(threshold, *kinds):
    return {
        "Notification": {
            "NotificationType": "ACTUAL",
            "ComparisonOperator": "GREATER_THAN",
            "Threshold": threshold,
        },
        "Subscribers": [{"SubscriptionType": kind, "Address": "a@b"} for kind in kinds],
    }


def test_notifications_are_bounded():
    check_notifications([told(80.0, "EMAIL"), told(90.0, "SNS", "EMAIL")])
    for wrong in ([told(n, "EMAIL") for n in range(11)], [told(1.0, "SNS", "SNS")]):
        with pytest.raises(LimitExceeded) as refused:
            check_notifications(wrong)
        assert refused.value.code == "CreationLimitExceededException"
    with pytest.raises(Invalid) as refused:
        check_notifications([told(80.0, "EMAIL")] * 2)
    assert refused.value.code == "DuplicateRecordException"
