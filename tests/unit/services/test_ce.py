"""Cost Explorer by a real client: what was spent is told by time, tag and dimension."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.support.inprocess import Aws
from tests.support.people import allow, make_user, refused
from tests.support.spending import STUDIO, TRAIN, arn_of, meter, spend

from freehold.compose import House
from freehold.kernel import ledger
from freehold.meter.allocation import keys_at_install

DOMAIN = "sagemaker:domain-arn"
PROFILE = "sagemaker:user-profile-arn"


def period() -> dict[str, str]:
    """From the first of the month before to tomorrow."""
    today = datetime.now(UTC)
    first = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    return {
        "Start": first.strftime("%Y-%m-%d"),
        "End": (today + timedelta(days=1)).strftime("%Y-%m-%d"),
    }


@pytest.fixture
def spent(house: House) -> House:
    """Finance: an hour of notebook, two of training; research: an hour of notebook."""
    yesterday = house.kernel.clock.now() - 86_400
    house.kernel.writer.run(
        lambda unit: ledger.put_allocation_keys(unit, keys_at_install(yesterday))
    )
    finance, research = arn_of("d-fin"), arn_of("d-res")
    spend(house, 7200, 3600, name="fin/lab", tags={DOMAIN: finance, PROFILE: "arn:p", "team": "a"})
    spend(house, 7300, 7200, name="fin/job", tags={DOMAIN: finance}, facts=TRAIN)
    spend(house, 7200, 3600, name="res/lab", tags={DOMAIN: research})
    spend(house, 7200, 3600, name="nobody", tags={}, facts=STUDIO)
    meter(house)
    return house


def by(ce: Any, *groups: tuple[str, str], **more: Any) -> dict[tuple[str, ...], Decimal]:
    """Cost by group over the whole period."""
    answer = ce.get_cost_and_usage(
        TimePeriod=period(),
        Granularity="MONTHLY",
        Metrics=["UnblendedCost", "UsageQuantity"],
        GroupBy=[{"Type": kind, "Key": key} for kind, key in groups],
        **more,
    )
    found: dict[tuple[str, ...], Decimal] = {}
    for result in answer["ResultsByTime"]:
        for group in result["Groups"]:
            keys = tuple(group["Keys"])
            cost = Decimal(group["Metrics"]["UnblendedCost"]["Amount"])
            found[keys] = found.get(keys, Decimal(0)) + cost
    return found


def test_spend_is_told_by_domain_and_the_untagged_is_not_hidden(aws: Aws, spent: House) -> None:
    assert by(aws.client("ce"), ("TAG", DOMAIN)) == {
        (f"{DOMAIN}${arn_of('d-fin')}",): pytest.approx(Decimal("0.5108"), abs=Decimal("1e-8")),
        (f"{DOMAIN}${arn_of('d-res')}",): pytest.approx(Decimal("0.05"), abs=Decimal("1e-8")),
        (f"{DOMAIN}$",): pytest.approx(Decimal("0.05"), abs=Decimal("1e-8")),
    }


def test_notebook_spend_of_a_domain_stands_apart_from_its_training(aws: Aws, spent: House) -> None:
    only = {"Tags": {"Key": DOMAIN, "Values": [arn_of("d-fin")]}}
    found = by(aws.client("ce"), ("DIMENSION", "USAGE_TYPE"), Filter=only)
    assert found == {
        ("USE1-Studio:JupyterLab-ml.t3.medium",): pytest.approx(
            Decimal("0.05"), abs=Decimal("1e-8")
        ),
        ("USE1-Train:ml.m5.xlarge",): pytest.approx(Decimal("0.4608"), abs=Decimal("1e-8")),
    }


@pytest.mark.parametrize(
    "groups",
    [
        (("TAG", DOMAIN),),
        (("TAG", DOMAIN), ("DIMENSION", "USAGE_TYPE")),
        (("DIMENSION", "SERVICE"),),
        (("TAG", "team"), ("TAG", PROFILE)),
    ],
)
def test_groups_add_up_to_the_total(
    aws: Aws, spent: House, groups: tuple[tuple[str, str], ...]
) -> None:
    ce = aws.client("ce")
    answer = ce.get_cost_and_usage(
        TimePeriod=period(), Granularity="DAILY", Metrics=["UnblendedCost"]
    )
    total = sum(
        Decimal(result["Total"]["UnblendedCost"]["Amount"]) for result in answer["ResultsByTime"]
    )
    assert sum(by(ce, *groups).values()) == total > 0


def test_a_domains_group_has_its_name(aws: Aws, house: House) -> None:
    sagemaker = aws.client("sagemaker")
    arn = sagemaker.create_domain(DomainName="finance", AuthMode="IAM", DefaultUserSettings={})[
        "DomainArn"
    ]
    spend(house, 600, 60, name="lab", tags={DOMAIN: arn})
    meter(house)
    answer = aws.client("ce").get_cost_and_usage(
        TimePeriod=period(),
        Granularity="MONTHLY",
        Metrics=["UnblendedCost"],
        GroupBy=[{"Type": "TAG", "Key": DOMAIN}],
    )
    assert answer["DimensionValueAttributes"] == [
        {"Value": f"{DOMAIN}${arn}", "Attributes": {"description": "finance"}}
    ]


def test_spend_is_told_by_resource(aws: Aws, spent: House) -> None:
    answer = aws.client("ce").get_cost_and_usage_with_resources(
        TimePeriod=period(),
        Granularity="MONTHLY",
        Metrics=["UnblendedCost"],
        Filter={"Dimensions": {"Key": "SERVICE", "Values": ["Amazon SageMaker"]}},
        GroupBy=[{"Type": "DIMENSION", "Key": "RESOURCE_ID"}],
    )
    found = {
        group["Keys"][0].rpartition(":")[2]
        for result in answer["ResultsByTime"]
        for group in result["Groups"]
    }
    assert found == {"app/fin/lab", "app/fin/job", "app/res/lab", "app/nobody"}


def test_keys_and_values_can_be_looked_up(aws: Aws, spent: House) -> None:
    ce = aws.client("ce")
    assert ce.get_tags(TimePeriod=period())["Tags"] == [DOMAIN, PROFILE]
    values = ce.get_tags(TimePeriod=period(), TagKey=DOMAIN)["Tags"]
    assert values == ["", arn_of("d-fin"), arn_of("d-res")]
    dimension = ce.get_dimension_values(TimePeriod=period(), Dimension="USAGE_TYPE")
    assert [value["Value"] for value in dimension["DimensionValues"]] == [
        "USE1-Studio:JupyterLab-ml.t3.medium",
        "USE1-Train:ml.m5.xlarge",
    ]


def test_a_key_counts_from_the_hour_in_which_it_was_switched_on(aws: Aws, house: House) -> None:
    ce = aws.client("ce")
    keys = {tag["TagKey"]: tag for tag in ce.list_cost_allocation_tags()["CostAllocationTags"]}
    assert {name: tag["Status"] for name, tag in keys.items()} == {
        DOMAIN: "Active",
        PROFILE: "Active",
        "sagemaker:space-arn": "Active",
    }
    spend(house, 2 * 3600, 60, name="before", tags={"team": "blue"})
    spend(house, 5, 5, name="now", tags={"team": "red"})
    meter(house)
    listed = ce.list_cost_allocation_tags(Status="Inactive")["CostAllocationTags"]
    assert [(tag["TagKey"], tag["Type"]) for tag in listed] == [("team", "UserDefined")]
    assert ("team$red",) not in by(ce, ("TAG", "team"))
    answer = ce.update_cost_allocation_tags_status(
        CostAllocationTagsStatus=[
            {"TagKey": "team", "Status": "Active"},
            {"TagKey": "nowhere", "Status": "Active"},
        ]
    )
    assert [error["TagKey"] for error in answer["Errors"]] == ["nowhere"]
    found = by(ce, ("TAG", "team"))
    assert ("team$red",) in found
    assert ("team$blue",) not in found


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (
            {"TimePeriod": {"Start": "2026-01-02", "End": "2026-01-02"}},
            "Start date (and hour) should be before end date (and hour)",
        ),
        ({"TimePeriod": {"Start": "2026-01-01", "End": "2099-01-01"}}, "end date past"),
        ({"Filter": {"Not": {}, "Tags": {"Key": "a", "Values": ["b"]}}}, "more than one root"),
        ({"GroupBy": [{"Type": "TAG", "Key": key} for key in "abc"]}, ""),
    ],
)
def test_wrong_questions_are_answered_in_awss_words(
    aws: Aws, request_: dict[str, Any], words: str
) -> None:
    whole = {"TimePeriod": period(), "Granularity": "DAILY", "Metrics": ["UnblendedCost"]}
    with refused("ValidationException", words):
        aws.client("ce").get_cost_and_usage(**(whole | request_))


def test_another_billing_view_does_not_exist(aws: Aws) -> None:
    with refused("ResourceNotFoundException", "billingview/primary"):
        aws.client("ce").get_tags(
            TimePeriod=period(),
            BillingViewArn="arn:aws:billing::999999999999:billingview/primary",
        )


def test_each_operation_has_its_own_permission(aws: Aws, spent: House) -> None:
    keys = make_user(aws, "reader", allow("ce:GetTags"))
    ce = aws.client("ce", keys)
    assert ce.get_tags(TimePeriod=period())["Tags"]
    with refused("AccessDeniedException", "ce:GetCostAndUsage"):
        ce.get_cost_and_usage(TimePeriod=period(), Granularity="DAILY", Metrics=["UnblendedCost"])
    with refused("AccessDeniedException", "ce:UpdateCostAllocationTagsStatus"):
        ce.update_cost_allocation_tags_status(
            CostAllocationTagsStatus=[{"TagKey": DOMAIN, "Status": "Inactive"}]
        )


def test_days_are_read_added_up_and_say_what_hours_say(aws: Aws, spent: House) -> None:
    """A key that is switched in the midst of a day parts that day alone."""
    yesterday = spent.kernel.clock.now() - 86_400
    spend(spent, 90_000, 80_000, name="fin/night", tags={DOMAIN: arn_of("d-fin")}, facts=TRAIN)
    meter(spent)
    unit, end = spent.kernel.own_unit(), spent.kernel.clock.now() + 1
    for cuts in ((), (yesterday,)):
        days = list(ledger.day_rows(unit, 0, end, cuts))
        hours = list(ledger.rows(unit, 0, end))
        for member in ("cost", "quantity"):
            assert sum(getattr(r, member) for r in days) == sum(getattr(r, member) for r in hours)
        assert {r.resource_arn for r in days} == {r.resource_arn for r in hours}
        assert len(days) <= len(hours)
    groups = by(aws.client("ce"), ("TAG", DOMAIN))
    assert groups[(f"{DOMAIN}${arn_of('d-fin')}",)] > 5


def test_who_bills_says_that_prices_are_a_sample(aws: Aws, spent: House) -> None:
    answer = aws.client("ce").get_dimension_values(TimePeriod=period(), Dimension="BILLING_ENTITY")
    [biller] = answer["DimensionValues"]
    assert biller["Value"] == "Freehold"
    assert biller["Attributes"]["description"].startswith("SAMPLE DATA")
    prices = '{"lists": [{"version": "v1", "effective_from": "2020-01-01"}]}'
    (spent.kernel.settings.state / "prices.json").write_text(prices)
    spend(spent, 7200, 3600, name="fin/again", tags={})
    meter(spent)
    answer = aws.client("ce").get_dimension_values(TimePeriod=period(), Dimension="BILLING_ENTITY")
    assert answer["DimensionValues"][0]["Attributes"] == {}
