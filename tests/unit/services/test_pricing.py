"""The price list as AWS's Price List API tells it: what the bill is made of, before it is one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.support.inprocess import Aws
from tests.support.people import allow, make_user, refused


def products(pricing: Any, code: str = "AmazonSageMaker", **filters: str) -> list[dict[str, Any]]:
    wanted = [{"Type": "TERM_MATCH", "Field": k, "Value": v} for k, v in filters.items()]
    pages = pricing.get_paginator("get_products").paginate(ServiceCode=code, Filters=wanted)
    return [json.loads(text) for page in pages for text in page["PriceList"]]


def rate(product: dict[str, Any]) -> tuple[str, str]:
    (term,) = product["terms"]["OnDemand"].values()
    (dimension,) = term["priceDimensions"].values()
    return dimension["pricePerUnit"]["USD"], dimension["unit"]


def test_an_instance_has_its_hourly_rate_and_its_size(aws: Aws) -> None:
    found = products(
        aws.client("pricing"), instanceName="ml.t3.medium", component="Studio-JupyterLab"
    )
    (product,) = found
    assert rate(product) == ("0.05", "Hrs")
    attributes = product["product"]["attributes"]
    assert attributes["usagetype"] == "USE1-Studio:JupyterLab-ml.t3.medium"
    assert (attributes["vCpu"], attributes["memory"]) == ("2", "4 GiB")


def test_stored_bytes_have_a_monthly_rate(aws: Aws) -> None:
    (product,) = products(aws.client("pricing"), "AmazonEFS")
    assert rate(product) == ("0.30", "GB-Mo")


def test_the_operators_own_price_is_told_at_once(aws: Aws) -> None:
    state = aws.app.kernel.settings.state
    mine = {"version": "ours", "effective_from": "2020-01-01", "instance_hours": {"ml.x": "7"}}
    (state / "prices.json").write_text(json.dumps({"currency": "USD", "lists": [mine]}))
    found = products(aws.client("pricing"), instanceName="ml.x")
    assert {rate(product) for product in found} == {("7", "Hrs")}
    assert products(aws.client("pricing"), instanceName="ml.t3.medium") == []


def test_pages_hold_each_product_once(aws: Aws) -> None:
    found = [one["product"]["sku"] for one in products(aws.client("pricing"))]
    assert len(found) > 100
    assert found == sorted(set(found))


@pytest.mark.parametrize(
    ("kind", "value", "is_found"),
    [
        ("CONTAINS", "t3.med", True),
        ("ANY_OF", "ml.x,ml.t3.medium", True),
        ("EQUALS", "t3.medium", False),
    ],
)
def test_filters_do_as_they_are_called(aws: Aws, kind: str, value: str, is_found: bool) -> None:
    wanted = {"Type": kind, "Field": "instanceName", "Value": value}
    pricing = aws.client("pricing")
    answer = pricing.get_products(ServiceCode="AmazonSageMaker", Filters=[wanted])
    names = {json.loads(t)["product"]["attributes"]["instanceName"] for t in answer["PriceList"]}
    assert ("ml.t3.medium" in names) is is_found


def test_what_has_no_prices_is_refused_by_name(aws: Aws) -> None:
    pricing = aws.client("pricing")
    with refused("NotFoundException", "AmazonEC2", "AmazonSageMaker"):
        pricing.get_products(ServiceCode="AmazonEC2")
    with refused("InvalidParameterException", "aws_v1"):
        pricing.describe_services(FormatVersion="aws_v9")
    (found,) = pricing.describe_services(ServiceCode="AmazonEFS")["Services"]
    assert "usagetype" in found["AttributeNames"]


def test_prices_are_told_to_whoever_is_allowed(aws: Aws) -> None:
    with refused("AccessDeniedException", "pricing:GetProducts"):
        aws.client("pricing", make_user(aws, "nobody")).get_products(ServiceCode="AmazonEFS")
    keys = make_user(aws, "ana", allow("pricing:GetProducts"))
    assert aws.client("pricing", keys).get_products(ServiceCode="AmazonEFS")["PriceList"]
