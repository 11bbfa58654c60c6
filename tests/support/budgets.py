"""Budgets for tests: of a domain that spends nearly nothing, roles, a policy, turns of the loop."""

from __future__ import annotations

import json
from typing import Any

from freehold.compose import House
from freehold.loops.budgets import Budgets
from tests.support.inprocess import Aws
from tests.support.people import allow, deny, make_role, policy, trusting
from tests.support.spending import arn_of, meter, spend

ACCOUNT = "111122223333"
DOMAIN = "sagemaker:domain-arn"
SERVICE = {"Service": "budgets.amazonaws.com"}
STARTS = ["sagemaker:CreateApp", "sagemaker:CreateTrainingJob", "sagemaker:CreateProcessingJob"]
ATTACHING = ["iam:AttachRolePolicy", "iam:DetachRolePolicy"]


def budget(name: str = "finance", amount: str = "0.01", **more: Any) -> dict[str, Any]:
    """A budget of a domain for as long as a test can last."""
    return {
        "BudgetName": name,
        "BudgetType": "COST",
        "TimeUnit": "ANNUALLY",
        "BudgetLimit": {"Amount": amount, "Unit": "USD"},
        "CostFilters": {"TagKeyValue": [f"user:{DOMAIN}${arn_of('d-fin')}"]},
        **more,
    }


def notification(threshold: float = 80.0, **more: Any) -> dict[str, Any]:
    """A notification of actual spend in percent."""
    return {
        "NotificationType": "ACTUAL",
        "ComparisonOperator": "GREATER_THAN",
        "Threshold": threshold,
        "ThresholdType": "PERCENTAGE",
        **more,
    }


def to(*addresses: str) -> list[dict[str, str]]:
    """Subscribers."""
    return [{"SubscriptionType": "EMAIL", "Address": one} for one in addresses]


def breach(house: House, seconds: float = 3600.0, name: str = "fin/lab") -> None:
    """Spend of the domain: an hour of it is 0.05."""
    spend(house, seconds + 10, seconds, name=name, tags={DOMAIN: arn_of("d-fin")})
    meter(house)


def turn(house: House) -> None:
    """A loop that has just been started looks, and does what is asked; then once more."""
    loop = Budgets(house.kernel, look_seconds=0.0)
    loop.turn()
    loop.turn()
    loop.close()


def stop_policy(aws: Aws, name: str = "budget-finance") -> str:
    """A policy that denies new starts; its ARN."""
    made = aws.client("iam").create_policy(
        PolicyName=name,
        Description="Budget finance: no new starts",
        PolicyDocument=policy(deny(STARTS, Sid="BudgetFinance")),
    )
    return str(made["Policy"]["Arn"])


def acting_role(aws: Aws, name: str = "acting", actions: Any = ATTACHING) -> str:
    """A role that AWS Budgets may assume."""
    return make_role(aws, name, trusting(SERVICE), allow(actions))


def action(aws: Aws, policy_arn: str, role: str, **more: Any) -> dict[str, Any]:
    """A request of CreateBudgetAction: deny new starts to the role ``lab`` at 100 %."""
    return {
        "AccountId": ACCOUNT,
        "BudgetName": "finance",
        "NotificationType": "ACTUAL",
        "ActionType": "APPLY_IAM_POLICY",
        "ActionThreshold": {"ActionThresholdValue": 100.0, "ActionThresholdType": "PERCENTAGE"},
        "Definition": {"IamActionDefinition": {"PolicyArn": policy_arn, "Roles": ["lab"]}},
        "ExecutionRoleArn": role,
        "ApprovalModel": "AUTOMATIC",
        "Subscribers": to("a@example.com"),
        **more,
    }


def told(house: House, operation: str) -> list[dict[str, Any]]:
    """What the audit log has of a kind of event, oldest first."""
    rows = house.kernel.own_unit().connection.execute(
        "select request from audit where operation = ? order by seq", (operation,)
    )
    return [json.loads(row[0]) for row in rows]
