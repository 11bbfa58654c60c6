"""Budgets by a real client: kept as AWS keeps them, with what was really spent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.support.inprocess import Aws
from tests.support.people import allow, make_user, refused
from tests.support.spending import TRAIN, arn_of, meter, spend

from freehold.compose import House

ACCOUNT = "111122223333"
DOMAIN = "sagemaker:domain-arn"


def budget(name: str = "finance", domain: str | None = "d-fin", **more: Any) -> dict[str, Any]:
    """A monthly budget of a domain, in the old form."""
    made: dict[str, Any] = {
        "BudgetName": name,
        "BudgetType": "COST",
        "TimeUnit": "ANNUALLY",
        "BudgetLimit": {"Amount": "100", "Unit": "USD"},
    }
    if domain is not None:
        made["CostFilters"] = {"TagKeyValue": [f"user:{DOMAIN}${arn_of(domain)}"]}
    return made | more


@pytest.fixture
def client(aws: Aws) -> Any:
    return aws.client("budgets")


def actual(client: Any, name: str = "finance") -> Decimal:
    found = client.describe_budget(AccountId=ACCOUNT, BudgetName=name)["Budget"]
    return Decimal(found["CalculatedSpend"]["ActualSpend"]["Amount"])


def test_a_budget_tells_what_its_domain_has_spent(client: Any, house: House) -> None:
    client.create_budget(AccountId=ACCOUNT, Budget=budget())
    assert actual(client) == 0
    spend(house, 100, 90, name="fin/lab", tags={DOMAIN: arn_of("d-fin")})
    spend(house, 100, 90, name="res/lab", tags={DOMAIN: arn_of("d-res")}, facts=TRAIN)
    meter(house)
    assert actual(client) == pytest.approx(Decimal("0.05") * 90 / 3600, abs=Decimal("1e-8"))


def test_a_budget_of_the_new_form_filters_by_expression(client: Any, house: House) -> None:
    spend(house, 100, 90, name="fin/lab", tags={DOMAIN: arn_of("d-fin")})
    spend(house, 100, 90, name="fin/job", tags={DOMAIN: arn_of("d-fin")}, facts=TRAIN)
    meter(house)
    expression = {
        "And": [
            {"Tags": {"Key": DOMAIN, "Values": [arn_of("d-fin")]}},
            {"Dimensions": {"Key": "USAGE_TYPE", "Values": ["USE1-Train:ml.m5.xlarge"]}},
        ]
    }
    client.create_budget(
        AccountId=ACCOUNT,
        Budget=budget(domain=None, FilterExpression=expression, Metrics=["UnblendedCost"]),
    )
    assert actual(client) == pytest.approx(Decimal("0.2304") * 90 / 3600, abs=Decimal("1e-8"))
    shown = client.describe_budget(
        AccountId=ACCOUNT, BudgetName="finance", ShowFilterExpression=True
    )["Budget"]
    assert shown["FilterExpression"] == expression


def test_a_budget_is_described_as_it_was_made(client: Any) -> None:
    client.create_budget(AccountId=ACCOUNT, Budget=budget())
    found = client.describe_budget(AccountId=ACCOUNT, BudgetName="finance")["Budget"]
    assert found["BudgetLimit"] == {"Amount": "100", "Unit": "USD"}
    assert found["CostFilters"] == budget()["CostFilters"]
    assert found["CostTypes"]["IncludeTax"] is True
    assert found["TimePeriod"]["End"].year == 2087
    assert found["HealthStatus"]["Status"] == "HEALTHY"
    assert not any(key.startswith("_") for key in found)


def test_budgets_are_listed_in_pages(client: Any) -> None:
    for name in ("c", "a", "b"):
        client.create_budget(AccountId=ACCOUNT, Budget=budget(name))
    pages = client.get_paginator("describe_budgets").paginate(
        AccountId=ACCOUNT, PaginationConfig={"PageSize": 2}
    )
    names = [[found["BudgetName"] for found in page["Budgets"]] for page in pages]
    assert names == [["a", "b"], ["c"]]
    with refused("InvalidNextTokenException"):
        client.describe_budgets(AccountId=ACCOUNT, NextToken="nonsense")


def test_an_update_replaces_all_but_the_name(client: Any) -> None:
    client.create_budget(AccountId=ACCOUNT, Budget=budget())
    client.update_budget(
        AccountId=ACCOUNT,
        NewBudget=budget(domain=None, BudgetLimit={"Amount": "7", "Unit": "USD"}),
    )
    found = client.describe_budget(AccountId=ACCOUNT, BudgetName="finance")["Budget"]
    assert found["BudgetLimit"]["Amount"] == "7"
    assert not found.get("CostFilters")
    with refused("NotFoundException", "Unable to get budget: other"):
        client.update_budget(AccountId=ACCOUNT, NewBudget=budget("other"))


def test_a_deleted_budget_is_gone(client: Any) -> None:
    client.create_budget(AccountId=ACCOUNT, Budget=budget())
    client.delete_budget(AccountId=ACCOUNT, BudgetName="finance")
    for call in (client.describe_budget, client.delete_budget):
        with refused("NotFoundException", "Unable to get budget: finance"):
            call(AccountId=ACCOUNT, BudgetName="finance")
    client.create_budget(AccountId=ACCOUNT, Budget=budget())


def test_what_a_budget_may_not_say_is_refused(client: Any) -> None:
    client.create_budget(AccountId=ACCOUNT, Budget=budget())
    with refused("DuplicateRecordException", "the budget already exists"):
        client.create_budget(AccountId=ACCOUNT, Budget=budget())
    for wrong in (
        {"BudgetLimit": {"Amount": "-1", "Unit": "USD"}},
        {"BudgetType": "RI_COVERAGE"},
        {"CostFilters": {"TagKeyValue": ["no dollar"]}},
        {"CostFilters": {"Colour": ["red"]}},
    ):
        with refused("InvalidParameterException"):
            client.create_budget(AccountId=ACCOUNT, Budget=budget("wrong", **wrong))
    with refused("AccessDeniedException", "999999999999"):
        client.create_budget(AccountId="999999999999", Budget=budget("elsewhere"))


def test_budgets_carry_tags(client: Any) -> None:
    client.create_budget(
        AccountId=ACCOUNT, Budget=budget(), ResourceTags=[{"Key": "a", "Value": "1"}]
    )
    arn = f"arn:aws:budgets::{ACCOUNT}:budget/finance"
    client.tag_resource(ResourceARN=arn, ResourceTags=[{"Key": "b", "Value": "2"}])
    client.untag_resource(ResourceARN=arn, ResourceTagKeys=["a"])
    assert client.list_tags_for_resource(ResourceARN=arn)["ResourceTags"] == [
        {"Key": "b", "Value": "2"}
    ]
    with refused("NotFoundException"):
        client.list_tags_for_resource(ResourceARN=arn + "-not")


def test_viewing_and_modifying_are_two_permissions(aws: Aws, client: Any) -> None:
    client.create_budget(AccountId=ACCOUNT, Budget=budget())
    viewer = aws.client("budgets", make_user(aws, "viewer", allow("budgets:ViewBudget")))
    assert viewer.describe_budgets(AccountId=ACCOUNT)["Budgets"]
    with refused("AccessDeniedException", "budgets:ModifyBudget", "budget/finance"):
        viewer.delete_budget(AccountId=ACCOUNT, BudgetName="finance")
    maker = aws.client(
        "budgets",
        make_user(
            aws,
            "maker",
            allow("budgets:ModifyBudget", f"arn:aws:budgets::{ACCOUNT}:budget/mine-*"),
        ),
    )
    maker.create_budget(AccountId=ACCOUNT, Budget=budget("mine-1"))
    with refused("AccessDeniedException", "budget/other"):
        maker.create_budget(AccountId=ACCOUNT, Budget=budget("other"))
    with refused("AccessDeniedException", "budgets:TagResource"):
        maker.create_budget(
            AccountId=ACCOUNT,
            Budget=budget("mine-2"),
            ResourceTags=[{"Key": "a", "Value": "1"}],
        )


def history(client: Any, **more: Any) -> list[dict[str, Any]]:
    answer = client.describe_budget_performance_history(
        AccountId=ACCOUNT, BudgetName="finance", **more
    )
    found: list[dict[str, Any]] = answer["BudgetPerformanceHistory"]["BudgetedAndActualAmountsList"]
    return found


def test_the_history_tells_each_day_with_the_limit_of_its_time(client: Any, house: House) -> None:
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    daily = budget(TimeUnit="DAILY", TimePeriod={"Start": today - timedelta(days=2)})
    client.create_budget(AccountId=ACCOUNT, Budget=daily)
    back = house.kernel.clock.now() - today.timestamp()
    spend(house, back + 86_400, 3600, name="fin/lab", tags={DOMAIN: arn_of("d-fin")})
    spend(house, back + 86_400, 3600, name="res/lab", tags={DOMAIN: arn_of("d-res")})
    meter(house)
    days = history(client)
    assert [day["TimePeriod"]["Start"] for day in days] == [
        today - timedelta(days=2),
        today - timedelta(days=1),
        today,
    ]
    assert [Decimal(day["ActualAmount"]["Amount"]) for day in days] == [0, Decimal("0.05"), 0]
    assert {day["BudgetedAmount"]["Amount"] for day in days} == {"100"}
    client.update_budget(
        AccountId=ACCOUNT, NewBudget=daily | {"BudgetLimit": {"Amount": "7", "Unit": "USD"}}
    )
    assert [day["BudgetedAmount"]["Amount"] for day in history(client)] == [
        "100",
        "100",
        "7",
    ]


def test_a_history_is_paged_and_narrowed(client: Any) -> None:
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    start = today - timedelta(days=100)
    client.create_budget(
        AccountId=ACCOUNT, Budget=budget(TimeUnit="DAILY", TimePeriod={"Start": start})
    )
    pages = client.get_paginator("describe_budget_performance_history").paginate(
        AccountId=ACCOUNT, BudgetName="finance", PaginationConfig={"PageSize": 25}
    )
    sizes = [
        len(page["BudgetPerformanceHistory"]["BudgetedAndActualAmountsList"]) for page in pages
    ]
    assert sizes == [25, 25, 10]
    period = {"Start": today - timedelta(days=3), "End": today - timedelta(days=1)}
    assert len(history(client, TimePeriod=period)) == 2


def test_annual_budgets_have_no_history(client: Any) -> None:
    client.create_budget(AccountId=ACCOUNT, Budget=budget())
    with refused("InvalidParameterException"):
        history(client)
