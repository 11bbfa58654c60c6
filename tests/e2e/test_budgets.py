"""A passed budget: mail goes out, new starts are refused and say why, and a reverse ends it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.support.budgets import ATTACHING, STARTS, notification, to
from tests.support.months import seed
from tests.support.people import allow, deny, policy, trusting
from tests.support.post import Post
from tests.support.server import RunningServer, freehold, until

pytestmark = pytest.mark.e2e
ACCOUNT = "000000000001"
NAMED = {"AccountId": ACCOUNT, "BudgetName": "finance"}
APP = {"AppType": "JupyterLab", "AppName": "default", "SpaceName": "ana-lab"}


def a_domain(server: RunningServer) -> tuple[str, dict[str, Any]]:
    """A domain with a person and their space; its id, and keys of the person's notebook."""
    iam, sm = server.client("iam"), server.client("sagemaker")
    for name, service, may in (("lab", "sagemaker", "*"), ("acting", "budgets", ATTACHING)):
        trust = trusting({"Service": f"{service}.amazonaws.com"})
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=policy(allow(may)))
    role = {"ExecutionRole": f"arn:aws:iam::{ACCOUNT}:role/lab"}
    domain = sm.create_domain(
        DomainName="finance",
        AuthMode="IAM",
        DefaultUserSettings=role,
        DefaultSpaceSettings=role,
    )["DomainId"]
    sm.create_user_profile(DomainId=domain, UserProfileName="ana")
    sm.create_space(
        DomainId=domain,
        SpaceName="ana-lab",
        OwnershipSettings={"OwnerUserProfileName": "ana"},
        SpaceSharingSettings={"SharingType": "Private"},
        SpaceSettings={"AppType": "JupyterLab"},
    )
    done = freehold(
        *("credentials", "--state", str(server.state), "--domain-id", domain),
        *("--user-profile-name", "ana", "--format", "json"),
    )
    assert done.returncode == 0, done.stderr
    return domain, json.loads(done.stdout)


def a_budget(server: RunningServer, domain: str) -> str:
    """A budget of the domain, passed already, with an alert and an action: the id of that."""
    client = server.client("budgets")
    arn = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:domain/{domain}"
    client.create_budget(
        AccountId=ACCOUNT,
        Budget={
            "BudgetName": "finance",
            "BudgetType": "COST",
            "TimeUnit": "ANNUALLY",
            "TimePeriod": {"Start": datetime.now(UTC) - timedelta(days=10)},
            "BudgetLimit": {"Amount": "0.5", "Unit": "USD"},
            "CostFilters": {"TagKeyValue": [f"user:sagemaker:domain-arn${arn}"]},
        },
        NotificationsWithSubscribers=[
            {"Notification": notification(85.0), "Subscribers": to("boss@example.com")}
        ],
    )
    stopping = server.client("iam").create_policy(
        PolicyName="budget-finance", PolicyDocument=policy(deny(STARTS, Sid="BudgetFinance"))
    )["Policy"]["Arn"]
    made = client.create_budget_action(
        **NAMED,
        NotificationType="ACTUAL",
        ActionType="APPLY_IAM_POLICY",
        ActionThreshold={"ActionThresholdValue": 100.0, "ActionThresholdType": "PERCENTAGE"},
        Definition={"IamActionDefinition": {"PolicyArn": stopping, "Roles": ["lab"]}},
        ExecutionRoleArn=f"arn:aws:iam::{ACCOUNT}:role/acting",
        ApprovalModel="AUTOMATIC",
        Subscribers=to("boss@example.com"),
    )
    return str(made["ActionId"])


def test_a_passed_budget_stops_new_starts_until_it_is_reversed(
    make_server: Callable[..., RunningServer],
) -> None:
    with Post(refusals=0) as post:
        mail = ("--smtp", post.place, "--smtp-tls", "none", "--smtp-from", "freehold@example.com")
        server = make_server("state", *mail)
        server.start()
        domain, keys = a_domain(server)
        server.stop()
        seed(server.state, [domain], days=2, account=ACCOUNT)
        server.start()
        client = server.client("budgets")
        made = a_budget(server, domain)

        def status() -> str:
            found = client.describe_budget_action(**NAMED, ActionId=made)["Action"]
            return str(found["Status"])

        until(lambda: status() == "EXECUTION_SUCCESS", 30)
        inside = server.client("sagemaker", keys)
        with pytest.raises(ClientError) as caught:
            inside.create_app(DomainId=domain, **APP)
        assert caught.value.response["Error"]["Code"] == "AccessDeniedException"
        assert "explicit deny in an identity-based policy" in str(caught.value)
        request_id = caught.value.response["ResponseMetadata"]["RequestId"]
        explained = freehold("explain", request_id, "--state", str(server.state)).stdout
        assert "statement BudgetFinance" in explained
        assert "The budget 'finance' attached this policy" in explained

        until(lambda: len(post.taken) == 2, 30)
        subjects = sorted(str(one["Subject"]) for one in post.taken)
        assert subjects[0] == "Budget finance: action is EXECUTION_SUCCESS"
        assert subjects[1] == "Budget finance: actual spend greater than 85 % of the limit"

        server.kill()
        server.start()
        client = server.client("budgets")
        client.execute_budget_action(**NAMED, ActionId=made, ExecutionType="REVERSE_BUDGET_ACTION")
        until(lambda: status() == "REVERSE_SUCCESS", 30)
        inside = server.client("sagemaker", keys)
        assert inside.create_app(DomainId=domain, **APP)["AppArn"]
        until(lambda: len(post.taken) == 3, 30)
        alerts = [one for one in post.taken if "85 %" in str(one["Subject"])]
        assert len(alerts) == 1, "a server that was killed does not alert again"
