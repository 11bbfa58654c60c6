"""The loop of budgets: alerts once, acts under a role, and takes back at the period's end."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.support.budgets import (
    ACCOUNT,
    acting_role,
    action,
    breach,
    budget,
    notification,
    stop_policy,
    to,
    told,
    turn,
)
from tests.support.inprocess import Aws
from tests.support.people import allow, deny, make_role, make_user, policy, refused, trusting

from freehold.base.clock import FakeClock
from freehold.base.settings import Settings, Smtp
from freehold.cli.access.evidence import evidence
from freehold.compose import House, open_house
from freehold.kernel.budgets import mail
from freehold.kernel.permission import identity
from freehold.loops.budgets import act
from freehold.loops.budgets.loop import Look
from freehold.store import audit
from freehold.store.records import Page

NAMED = {"AccountId": ACCOUNT, "BudgetName": "finance"}
SMTP = Smtp("mail.example.com", 587, "budgets@example.com")


@pytest.fixture
def client(aws: Aws, house: House) -> Any:
    house.kernel.settings = Settings(state=house.settings.state, account_id=ACCOUNT, smtp=SMTP)
    made = aws.client("budgets")
    made.create_budget(
        AccountId=ACCOUNT,
        Budget=budget(),
        NotificationsWithSubscribers=[
            {"Notification": notification(), "Subscribers": to("a@example.com", "b@example.com")}
        ],
    )
    make_role(aws, "lab", trusting({"Service": "sagemaker.amazonaws.com"}), allow("*"))
    return made


def mails(house: House) -> list[dict[str, Any]]:
    found = house.kernel.own_unit().records(Page(mail.KIND, limit=100))
    return [record.document for record in found]


def status(client: Any, made: str) -> str:
    found = client.describe_budget_action(**NAMED, ActionId=made)["Action"]
    return str(found["Status"])


def make(client: Any, aws: Aws, **more: Any) -> str:
    role = more.pop("role", None) or acting_role(aws)
    return str(
        client.create_budget_action(**action(aws, stop_policy(aws), role, **more))["ActionId"]
    )


def execute(client: Any, made: str, execution: str) -> None:
    client.execute_budget_action(**NAMED, ActionId=made, ExecutionType=f"{execution}_BUDGET_ACTION")


def attached(aws: Aws, role: str = "lab") -> list[str]:
    found = aws.client("iam").list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    return [one["PolicyName"] for one in found]


def messages(client: Any, made: str) -> list[tuple[str, str]]:
    found = client.describe_budget_action_histories(**NAMED, ActionId=made)["ActionHistories"]
    return [(one["Status"], one["ActionHistoryDetails"]["Message"]) for one in found]


# -- alerts -----------------------------------------------------------------------------------


def test_an_alert_is_given_once_to_each_subscriber(client: Any, house: House) -> None:
    turn(house)
    assert mails(house) == []
    assert told(house, "BudgetAlert") == []
    breach(house)
    turn(house)
    turn(house)
    assert sorted(one["To"] for one in mails(house)) == ["a@example.com", "b@example.com"]
    one = mails(house)[0]
    assert one["Subject"] == "Budget finance: actual spend greater than 80 % of the limit"
    assert "Spent:    0.05 USD" in one["Text"]
    assert "Limit:    0.01 USD" in one["Text"]
    [event] = told(house, "BudgetAlert")
    assert event["NotificationState"] == "ALARM"
    assert event["CalculatedSpend"]["ActualSpend"]["Unit"] == "USD"


def test_a_loop_that_begins_anew_does_not_alert_again(client: Any, house: House) -> None:
    breach(house)
    turn(house)
    breach(house, name="fin/more")
    turn(house)
    assert len(mails(house)) == 2
    assert len(told(house, "BudgetAlert")) == 1


def test_a_changed_budget_alerts_anew(client: Any, house: House) -> None:
    breach(house)
    turn(house)
    client.update_budget(AccountId=ACCOUNT, NewBudget=budget(amount="0.02"))
    turn(house)
    assert len(mails(house)) == 4
    client.tag_resource(
        ResourceARN=f"arn:aws:budgets::{ACCOUNT}:budget/finance",
        ResourceTags=[{"Key": "a", "Value": "1"}],
    )
    client.update_budget(AccountId=ACCOUNT, NewBudget=budget(amount="0.02"))
    turn(house)
    assert len(mails(house)) == 4, "the same limit again is no news"


def test_without_a_mail_server_the_alert_stands_and_nothing_waits(
    client: Any, house: House
) -> None:
    house.kernel.settings = house.settings
    breach(house)
    turn(house)
    assert mails(house) == []
    found = client.describe_notifications_for_budget(**NAMED)["Notifications"]
    assert [one["NotificationState"] for one in found] == ["ALARM"]
    assert len(told(house, "BudgetAlert")) == 1


def test_a_budget_that_was_changed_meanwhile_is_left_for_the_next_look(
    client: Any, house: House
) -> None:
    seen = house.kernel.own_unit().find(f"arn:aws:budgets::{ACCOUNT}:budget/finance")
    assert seen is not None
    spent = {"ActualSpend": {"Amount": "0.05", "Unit": "USD"}}
    look = Look(house.kernel, seen, spent)
    assert look.has_news([])
    client.update_budget(AccountId=ACCOUNT, NewBudget=budget(amount="9"))
    house.kernel.writer.run(look.write)
    assert told(house, "BudgetAlert") == []


def test_less_than_and_equal_to_are_known(client: Any, house: House) -> None:
    for operator, amount in (("LESS_THAN", 1.0), ("EQUAL_TO", 0.05)):
        client.create_notification(
            **NAMED,
            Notification=notification(
                amount, ComparisonOperator=operator, ThresholdType="ABSOLUTE_VALUE"
            ),
            Subscribers=to("a@example.com"),
        )
    breach(house)
    turn(house)
    found = client.describe_notifications_for_budget(**NAMED)["Notifications"]
    assert {one["NotificationState"] for one in found} == {"ALARM"}


# -- actions ----------------------------------------------------------------------------------


def test_a_breach_attaches_the_policy_and_a_reverse_takes_it_away(
    client: Any, aws: Aws, house: House
) -> None:
    made = make(client, aws)
    turn(house)
    assert status(client, made) == "STANDBY"
    breach(house)
    turn(house)
    assert status(client, made) == "EXECUTION_SUCCESS"
    assert attached(aws) == ["budget-finance"]
    execute(client, made, "REVERSE")
    assert status(client, made) == "REVERSE_IN_PROGRESS"
    with refused("ResourceLockedException", "REVERSE_IN_PROGRESS"):
        execute(client, made, "RESET")
    turn(house)
    assert status(client, made) == "REVERSE_SUCCESS"
    assert attached(aws) == []
    turn(house)
    assert status(client, made) == "REVERSE_SUCCESS", "it stays off until the next period"
    execute(client, made, "RESET")
    turn(house)
    turn(house)
    assert status(client, made) == "EXECUTION_SUCCESS", "reset: the threshold counts again"
    assert [one for one, _ in messages(client, made)][:3] == [
        "EXECUTION_SUCCESS",
        "EXECUTION_IN_PROGRESS",
        "STANDBY",
    ]


def test_the_policy_is_attached_by_the_role_and_with_its_rights(
    client: Any, aws: Aws, house: House
) -> None:
    role = acting_role(aws, actions=["iam:ListRoles"])
    made = make(client, aws, role=role)
    breach(house)
    turn(house)
    assert status(client, made) == "EXECUTION_FAILURE"
    assert attached(aws) == []
    why = messages(client, made)[0][1]
    assert "iam:AttachRolePolicy" in why
    assert "assumed-role/acting" in why
    aws.client("iam").put_role_policy(
        RoleName="acting",
        PolicyName="given",
        PolicyDocument=policy(allow(["iam:AttachRolePolicy", "iam:DetachRolePolicy"])),
    )
    execute(client, made, "RETRY")
    turn(house)
    assert status(client, made) == "EXECUTION_SUCCESS"
    assert attached(aws) == ["budget-finance"]
    rows = house.kernel.own_unit().connection.execute(
        "select principal from audit where operation = 'AttachRolePolicy'"
    )
    assert f"arn:aws:sts::{ACCOUNT}:assumed-role/acting/{act.SESSION}" in {row[0] for row in rows}


def test_a_role_that_trusts_budgets_no_longer_does_nothing(
    client: Any, aws: Aws, house: House
) -> None:
    made = make(client, aws)
    aws.client("iam").update_assume_role_policy(
        RoleName="acting", PolicyDocument=trusting({"Service": "ec2.amazonaws.com"})
    )
    breach(house)
    turn(house)
    assert status(client, made) == "EXECUTION_FAILURE"
    assert "may not assume" in messages(client, made)[0][1]


def test_a_manual_action_waits_for_approval(client: Any, aws: Aws, house: House) -> None:
    made = make(client, aws, ApprovalModel="MANUAL", Subscribers=to("boss@example.com"))
    breach(house)
    turn(house)
    assert status(client, made) == "PENDING"
    assert attached(aws) == []
    assert "boss@example.com" in {one["To"] for one in mails(house)}
    execute(client, made, "APPROVE")
    turn(house)
    assert status(client, made) == "EXECUTION_SUCCESS"
    assert attached(aws) == ["budget-finance"]


def test_an_approval_that_nobody_needs_any_more_is_dropped(
    client: Any, aws: Aws, house: House
) -> None:
    made = make(client, aws, ApprovalModel="MANUAL")
    breach(house)
    turn(house)
    client.update_budget(AccountId=ACCOUNT, NewBudget=budget(amount="100"))
    turn(house)
    assert status(client, made) == "STANDBY"


def test_users_and_groups_are_bound_too(client: Any, aws: Aws, house: House) -> None:
    make_user(aws, "ana")
    aws.client("iam").create_group(GroupName="team")
    role = acting_role(aws, actions=["iam:Attach*", "iam:Detach*"])
    arn = stop_policy(aws)
    definition = {"PolicyArn": arn, "Users": ["ana"], "Groups": ["team"]}
    made = client.create_budget_action(
        **action(aws, arn, role, Definition={"IamActionDefinition": definition})
    )["ActionId"]
    breach(house)
    turn(house)
    iam = aws.client("iam")
    assert iam.list_attached_user_policies(UserName="ana")["AttachedPolicies"]
    assert iam.list_attached_group_policies(GroupName="team")["AttachedPolicies"]
    iam.detach_user_policy(UserName="ana", PolicyArn=arn)  # somebody was faster
    execute(client, str(made), "REVERSE")
    turn(house)
    assert status(client, str(made)) == "REVERSE_SUCCESS"
    assert not iam.list_attached_group_policies(GroupName="team")["AttachedPolicies"]


def test_who_had_the_policy_before_keeps_it(client: Any, aws: Aws, house: House) -> None:
    made = make(client, aws)
    arn = f"arn:aws:iam::{ACCOUNT}:policy/budget-finance"
    aws.client("iam").attach_role_policy(RoleName="lab", PolicyArn=arn)
    breach(house)
    turn(house)
    execute(client, made, "REVERSE")
    turn(house)
    assert status(client, made) == "REVERSE_SUCCESS"
    assert attached(aws) == ["budget-finance"]


def test_a_deleted_budget_takes_its_policy_back(client: Any, aws: Aws, house: House) -> None:
    made = make(client, aws)
    breach(house)
    turn(house)
    assert attached(aws) == ["budget-finance"]
    client.delete_budget(**NAMED)
    assert client.describe_budget_actions_for_account(AccountId=ACCOUNT)["Actions"] == []
    turn(house)
    assert attached(aws) == []
    assert house.kernel.own_unit().count("budgets:budget-action") == 0
    assert told(house, "BudgetAction")[-1]["ActionId"] == made


def test_an_action_that_was_interrupted_is_carried_out_by_the_next_start(
    client: Any, aws: Aws, house: House
) -> None:
    """Killed after the policy was attached and before that was written."""
    made = make(client, aws, ApprovalModel="MANUAL")
    breach(house)
    turn(house)
    execute(client, made, "APPROVE")
    arn = f"arn:aws:iam::{ACCOUNT}:policy/budget-finance"
    aws.client("iam").attach_role_policy(RoleName="lab", PolicyArn=arn)
    assert status(client, made) == "EXECUTION_IN_PROGRESS"
    turn(house)
    assert status(client, made) == "EXECUTION_SUCCESS"
    execute(client, made, "REVERSE")
    turn(house)
    assert attached(aws) == []


def test_the_refusal_leads_to_the_budget(client: Any, aws: Aws, house: House) -> None:
    make(client, aws)
    breach(house)
    turn(house)
    unit = house.kernel.own_unit()
    record = unit.find(f"arn:aws:iam::{ACCOUNT}:role/lab")
    assert record is not None
    principal = identity.role_session(record, ACCOUNT, "ana", now=house.kernel.clock.now())
    asked = {
        "DomainId": "d-abcdefghijkl",
        "UserProfileName": "ana",
        "AppType": "JupyterLab",
        "AppName": "default",
    }
    with pytest.raises(Exception, match="explicit deny in an identity-based policy"):
        house.kernel.call("sagemaker", "CreateApp", principal, asked)
    house.kernel.flush_audit()
    house.kernel.writer.run(lambda _unit: None)
    [row] = unit.connection.execute(
        "select request_id, at from audit where operation = 'CreateApp'"
    ).fetchall()
    entry = audit.find(unit.connection, row[0], row[1])
    assert entry is not None
    question = evidence(unit, entry)["Questions"][0]
    assert question["Statement"] == "BudgetFinance"
    assert any("The budget 'finance' attached this policy" in note for note in question["Notes"])


def test_the_next_period_takes_the_policy_back_and_watches_again(tmp_path: Path) -> None:
    clock = FakeClock(datetime(2026, 11, 30, 23, 0, tzinfo=UTC).timestamp())
    settings = Settings(state=tmp_path / "state", account_id=ACCOUNT)
    house = open_house(settings, clock)
    root = identity.root(settings)

    def call(service: str, operation: str, **request: Any) -> Any:
        return house.kernel.call(service, operation, root, request)

    trust = trusting({"Service": ["budgets.amazonaws.com", "sagemaker.amazonaws.com"]})
    for name in ("lab", "acting"):
        call("iam", "CreateRole", RoleName=name, AssumeRolePolicyDocument=trust)
    call(
        "iam",
        "PutRolePolicy",
        RoleName="acting",
        PolicyName="given",
        PolicyDocument=policy(allow("iam:*")),
    )
    stopping = policy(deny("sagemaker:Create*"))
    arn = call("iam", "CreatePolicy", PolicyName="stop", PolicyDocument=stopping)["Policy"]["Arn"]
    call(
        "budgets",
        "CreateBudget",
        AccountId=ACCOUNT,
        Budget=budget(TimeUnit="MONTHLY"),
        NotificationsWithSubscribers=[
            {"Notification": notification(), "Subscribers": to("a@example.com")}
        ],
    )
    asked = action(None, arn, f"arn:aws:iam::{ACCOUNT}:role/acting")  # type: ignore[arg-type]
    call("budgets", "CreateBudgetAction", **asked)
    breach(house)

    def standing() -> tuple[str, str, bool]:
        alerts = call("budgets", "DescribeNotificationsForBudget", **NAMED)["Notifications"]
        actions = call("budgets", "DescribeBudgetActionsForBudget", **NAMED)["Actions"]
        bound = call("iam", "ListAttachedRolePolicies", RoleName="lab")["AttachedPolicies"]
        return alerts[0]["NotificationState"], actions[0]["Status"], bool(bound)

    turn(house)
    assert standing() == ("ALARM", "EXECUTION_SUCCESS", True)
    clock.advance(2 * 3600)
    turn(house)
    assert standing() == ("OK", "STANDBY", False)
    breach(house, name="fin/later")
    turn(house)
    assert standing()[0] == "ALARM", "armed again"
    assert (
        len([one for one in told(house, "BudgetAlert") if one["NotificationState"] == "ALARM"]) == 2
    )
    house.close()
