"""Notifications and actions of budgets by a real client: what is kept, what is refused."""

from __future__ import annotations

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
    turn,
)
from tests.support.inprocess import Aws
from tests.support.people import allow, make_role, make_user, refused, trusting

from freehold.compose import House

NAMED = {"AccountId": ACCOUNT, "BudgetName": "finance"}


@pytest.fixture
def client(aws: Aws) -> Any:
    made = aws.client("budgets")
    made.create_budget(
        AccountId=ACCOUNT,
        Budget=budget(),
        NotificationsWithSubscribers=[
            {"Notification": notification(), "Subscribers": to("a@example.com")}
        ],
    )
    return made


@pytest.fixture
def lab(aws: Aws) -> str:
    return make_role(aws, "lab", trusting({"Service": "sagemaker.amazonaws.com"}), allow("*"))


def states(client: Any) -> dict[float, str]:
    found = client.describe_notifications_for_budget(**NAMED)["Notifications"]
    return {one["Threshold"]: one["NotificationState"] for one in found}


def subscribers(client: Any, threshold: float = 80.0) -> list[str]:
    answer = client.describe_subscribers_for_notification(
        **NAMED, Notification=notification(threshold)
    )
    return [one["Address"] for one in answer["Subscribers"]]


def test_notifications_come_with_a_budget_and_go_with_it(client: Any) -> None:
    assert states(client) == {80.0: "OK"}
    client.create_notification(
        **NAMED, Notification=notification(100), Subscribers=to("b@example.com")
    )
    assert states(client) == {80.0: "OK", 100.0: "OK"}
    assert subscribers(client, 100) == ["b@example.com"]
    every = client.describe_budget_notifications_for_account(AccountId=ACCOUNT)
    assert [
        (one["BudgetName"], len(one["Notifications"]))
        for one in every["BudgetNotificationsForAccount"]
    ] == [("finance", 2)]
    client.delete_notification(**NAMED, Notification=notification(100))
    assert states(client) == {80.0: "OK"}
    client.delete_budget(**NAMED)
    with refused("NotFoundException"):
        client.describe_notifications_for_budget(**NAMED)
    client.create_budget(AccountId=ACCOUNT, Budget=budget())
    assert states(client) == {}


def test_a_notification_without_a_threshold_type_is_in_percent(client: Any) -> None:
    plain = {key: value for key, value in notification(80).items() if key != "ThresholdType"}
    with refused("DuplicateRecordException", "finance"):
        client.create_notification(**NAMED, Notification=plain, Subscribers=to("b@example.com"))
    client.create_notification(
        **NAMED,
        Notification=notification(80, ThresholdType="ABSOLUTE_VALUE"),
        Subscribers=to("b@example.com"),
    )


def test_an_updated_notification_keeps_its_subscribers(client: Any) -> None:
    changed = notification(90, NotificationType="FORECASTED")
    client.update_notification(**NAMED, OldNotification=notification(), NewNotification=changed)
    assert states(client) == {90.0: "OK"}
    answer = client.describe_subscribers_for_notification(**NAMED, Notification=changed)
    assert answer["Subscribers"] == to("a@example.com")
    with refused("NotFoundException", "the notification doesn't exist"):
        client.delete_notification(**NAMED, Notification=notification())


def test_subscribers_are_added_changed_and_removed(client: Any) -> None:
    about = {**NAMED, "Notification": notification()}
    client.create_subscriber(**about, Subscriber=to("b@example.com")[0])
    client.update_subscriber(
        **about,
        OldSubscriber=to("a@example.com")[0],
        NewSubscriber=to("c@example.com")[0],
    )
    assert subscribers(client) == ["c@example.com", "b@example.com"]
    with refused("DuplicateRecordException"):
        client.create_subscriber(**about, Subscriber=to("b@example.com")[0])
    with refused("NotFoundException", "a@example.com"):
        client.delete_subscriber(**about, Subscriber=to("a@example.com")[0])
    client.delete_subscriber(**about, Subscriber=to("b@example.com")[0])
    client.delete_subscriber(**about, Subscriber=to("c@example.com")[0])
    assert states(client) == {}, "the last subscriber takes the notification along, as on AWS"


def test_what_cannot_be_sent_is_refused_by_name(client: Any) -> None:
    topic = {"SubscriptionType": "SNS", "Address": f"arn:aws:sns:us-east-1:{ACCOUNT}:alerts"}
    with refused("UnsupportedOperationException", "SNS"):
        client.create_notification(
            **NAMED, Notification=notification(90), Subscribers=[topic, *to("b@example.com")]
        )
    for wrong in ("nobody", "a@example.com\r\nBcc: b@example.com", "ü@example.com"):
        with refused("InvalidParameterException", "is not an e-mail address"):
            client.create_notification(
                **NAMED, Notification=notification(90), Subscribers=to(wrong)
            )
    with refused("CreationLimitExceededException", "10"):
        client.create_notification(
            **NAMED,
            Notification=notification(90),
            Subscribers=to(*(f"{n}@example.com" for n in range(11))),
        )
    assert states(client) == {80.0: "OK"}


def test_a_budget_has_ten_notifications_at_most(client: Any) -> None:
    for threshold in range(1, 10):
        client.create_notification(
            **NAMED, Notification=notification(threshold), Subscribers=to("a@example.com")
        )
    with refused("CreationLimitExceededException", "10"):
        client.create_notification(
            **NAMED, Notification=notification(99), Subscribers=to("a@example.com")
        )


def test_the_state_tells_that_a_threshold_is_passed_until_the_limit_is_raised(
    client: Any, house: House
) -> None:
    breach(house)
    turn(house)
    assert states(client) == {80.0: "ALARM"}
    client.update_budget(AccountId=ACCOUNT, NewBudget=budget(amount="100"))
    turn(house)
    assert states(client) == {80.0: "OK"}


# -- actions ----------------------------------------------------------------------------------


def test_an_action_waits_in_standby_and_is_described(client: Any, aws: Aws, lab: str) -> None:
    asked = action(aws, stop_policy(aws), acting_role(aws))
    made = client.create_budget_action(**asked)["ActionId"]
    found = client.describe_budget_action(**NAMED, ActionId=made)["Action"]
    assert found["Status"] == "STANDBY"
    assert found["Definition"] == asked["Definition"]
    assert not any(key.startswith("_") for key in found)
    assert client.describe_budget_actions_for_budget(**NAMED)["Actions"] == [found]
    assert client.describe_budget_actions_for_account(AccountId=ACCOUNT)["Actions"] == [found]
    line = client.describe_budget_action_histories(**NAMED, ActionId=made)["ActionHistories"][0]
    assert (line["EventType"], line["Status"]) == ("CREATE_ACTION", "STANDBY")
    client.delete_budget_action(**NAMED, ActionId=made)
    with refused("NotFoundException", made):
        client.describe_budget_action(**NAMED, ActionId=made)


def test_what_an_action_cannot_do_is_refused(client: Any, aws: Aws, lab: str) -> None:
    policy, role = stop_policy(aws), acting_role(aws)
    organization = {"ScpActionDefinition": {"PolicyId": "p-abcdefgh", "TargetIds": [ACCOUNT]}}
    with refused("UnsupportedOperationException", "APPLY_SCP_POLICY", "Organizations"):
        client.create_budget_action(
            **action(aws, policy, role, ActionType="APPLY_SCP_POLICY", Definition=organization)
        )
    instances = {
        "SsmActionDefinition": {
            "ActionSubType": "STOP_EC2_INSTANCES",
            "Region": "us-east-1",
            "InstanceIds": ["i-12345678"],
        }
    }
    with refused("UnsupportedOperationException", "RUN_SSM_DOCUMENTS"):
        client.create_budget_action(
            **action(aws, policy, role, ActionType="RUN_SSM_DOCUMENTS", Definition=instances)
        )
    with refused("InvalidParameterException", "Definition"):
        client.create_budget_action(**action(aws, policy, role, Definition=organization))
    nobody = {"IamActionDefinition": {"PolicyArn": policy, "Roles": ["nobody"]}}
    with refused("InvalidParameterException", "role nobody does not exist"):
        client.create_budget_action(**action(aws, policy, role, Definition=nobody))
    with refused("InvalidParameterException", "policy-not does not exist"):
        client.create_budget_action(
            **action(
                aws,
                policy,
                role,
                Definition={
                    "IamActionDefinition": {
                        "PolicyArn": policy[:-14] + "policy-not",
                        "Roles": ["lab"],
                    }
                },
            )
        )
    with refused("AccessDeniedException", "Budgets permission required", lab):
        client.create_budget_action(**action(aws, policy, lab))
    assert client.describe_budget_actions_for_budget(**NAMED)["Actions"] == []


def test_a_role_may_name_the_budget_that_it_acts_for(client: Any, aws: Aws, lab: str) -> None:
    arn = f"arn:aws:budgets::{ACCOUNT}:budget/"
    service = {"Service": "budgets.amazonaws.com"}
    for name in ("finance", "other"):
        trust = trusting(
            service,
            Condition={
                "ArnLike": {"aws:SourceArn": arn + name},
                "StringEquals": {"aws:SourceAccount": ACCOUNT},
            },
        )
        make_role(aws, f"for-{name}", trust, allow("iam:AttachRolePolicy"))
    policy = stop_policy(aws)
    role = f"arn:aws:iam::{ACCOUNT}:role/for-"
    client.create_budget_action(**action(aws, policy, role + "finance"))
    with refused("AccessDeniedException", "Budgets permission required"):
        client.create_budget_action(**action(aws, policy, role + "other"))


def test_who_makes_an_action_must_be_allowed_to_pass_its_role(
    client: Any, aws: Aws, lab: str
) -> None:
    asked = action(aws, stop_policy(aws), acting_role(aws))
    may = allow("budgets:CreateBudgetAction", f"arn:aws:budgets::{ACCOUNT}:budget/finance/action/*")
    without = aws.client("budgets", make_user(aws, "without", may))
    with refused("AccessDeniedException", "iam:PassRole", asked["ExecutionRoleArn"]):
        without.create_budget_action(**asked)
    passing = allow(
        "iam:PassRole",
        Condition={"StringEquals": {"iam:PassedToService": "budgets.amazonaws.com"}},
    )
    maker = aws.client("budgets", make_user(aws, "maker", may, passing))
    made = maker.create_budget_action(**asked)["ActionId"]
    with refused("AccessDeniedException", "budgets:ExecuteBudgetAction", made):
        maker.execute_budget_action(**NAMED, ActionId=made, ExecutionType="RESET_BUDGET_ACTION")


def test_actions_carry_tags(client: Any, aws: Aws, lab: str) -> None:
    asked = action(aws, stop_policy(aws), acting_role(aws))
    made = client.create_budget_action(**asked, ResourceTags=[{"Key": "a", "Value": "1"}])
    arn = f"arn:aws:budgets::{ACCOUNT}:budget/finance/action/{made['ActionId']}"
    assert client.list_tags_for_resource(ResourceARN=arn)["ResourceTags"] == [
        {"Key": "a", "Value": "1"}
    ]


def test_an_action_is_changed_while_it_has_done_nothing(
    client: Any, aws: Aws, house: House, lab: str
) -> None:
    made = client.create_budget_action(**action(aws, stop_policy(aws), acting_role(aws)))
    about = {**NAMED, "ActionId": made["ActionId"]}
    answer = client.update_budget_action(**about, ApprovalModel="MANUAL")
    assert answer["OldAction"]["ApprovalModel"] == "AUTOMATIC"
    assert answer["NewAction"]["ApprovalModel"] == "MANUAL"
    client.update_budget_action(**about, ApprovalModel="AUTOMATIC")
    breach(house)
    turn(house)
    with refused("ResourceLockedException", "reverse or reset"):
        client.update_budget_action(**about, ApprovalModel="MANUAL")
    with refused("InvalidParameterException", "EXECUTION_SUCCESS"):
        client.execute_budget_action(**about, ExecutionType="APPROVE_BUDGET_ACTION")
