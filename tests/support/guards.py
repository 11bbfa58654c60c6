"""Guards for tests, switched as the command does it, and two lines of business behind them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from freehold.compose import House
from freehold.kernel.account import settings
from freehold.kernel.permission import identity
from freehold.kernel.permission.guards import guards_in_force
from tests.support.inprocess import Aws
from tests.support.isolation import TAGGING, of_today
from tests.support.lines import line_of_business
from tests.support.people import allow, deny, policy

LISTS = allow(
    ["sagemaker:List*", "sagemaker:Search", "tag:*", "ce:*", "iam:List*", "s3:ListAllMyBuckets"]
)
WORK = allow(
    ["iam:PassRole", "sagemaker:AddTags", "sagemaker:DeleteTags", "sagemaker:AssociateTrial*"]
)


def switch(house: House, *words: str) -> frozenset[str]:
    """Set account settings; the guards that are then in force."""
    kernel = house.kernel
    root = identity.root_arn(house.settings)
    kernel.writer.run(settings.work(settings.changes(words), kernel.clock.now(), root))
    return guards_in_force(kernel.own_unit())


def two_lines(aws: Aws, house: House) -> tuple[SimpleNamespace, SimpleNamespace]:
    """Finance, whose role has the isolation policy of today's guide and lists, and another."""
    finance = line_of_business(aws, house, "finance")
    other = line_of_business(aws, house, "sustainability")
    # The guide lets everybody describe every image version; here nobody shall cross.
    versions = deny("sagemaker:DescribeImageVersion")
    text = policy(*of_today(finance.domain), TAGGING, LISTS, WORK, versions)
    aws.client("iam").put_role_policy(
        RoleName="work-finance", PolicyName="given", PolicyDocument=text
    )
    return finance, other


def whole(
    client: Any, name: str, key: str, size: int, **members: Any
) -> tuple[list[Any], list[int]]:
    """All items of a list and the sizes of its pages."""
    method, items, sizes = getattr(client, name), [], []
    while True:
        page = method(MaxResults=size, **members)
        items += page[key]
        sizes.append(len(page[key]))
        if not page.get("NextToken"):
            return items, sizes
        members["NextToken"] = page["NextToken"]
