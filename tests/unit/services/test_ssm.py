"""Account settings by Systems Manager's service settings, through a real client."""

from __future__ import annotations

import pytest
from tests.support.inprocess import Aws
from tests.support.people import allow, make_user, policy, refused
from tests.support.studio import make_domain, make_profile, session_keys, work_role

from freehold.compose import House
from freehold.kernel.permission.guards.settings import guards_in_force

LISTS = "/freehold/isolation.lists"


def test_a_guard_is_switched_on_seen_and_reset(aws: Aws, house: House) -> None:
    ssm = aws.client("ssm")
    found = ssm.get_service_setting(SettingId=LISTS)["ServiceSetting"]
    assert (found["SettingValue"], found["Status"]) == ("off", "Default")
    assert found["ARN"].endswith(":servicesetting/freehold/isolation.lists")
    ssm.update_service_setting(SettingId=found["ARN"], SettingValue="on")
    assert guards_in_force(house.kernel.own_unit()) == {"lists"}
    found = ssm.get_service_setting(SettingId=LISTS)["ServiceSetting"]
    assert (found["SettingValue"], found["Status"]) == ("on", "Customized")
    found = ssm.reset_service_setting(SettingId=LISTS)["ServiceSetting"]
    assert (found["SettingValue"], found["Status"]) == ("off", "Default")
    assert not guards_in_force(house.kernel.own_unit())


def test_a_guard_holds_from_the_next_call_on(aws: Aws) -> None:
    iam, sagemaker = aws.client("iam"), aws.client("sagemaker")
    keys = make_user(aws, "eve")
    iam.put_user_policy(
        UserName="eve", PolicyName="p", PolicyDocument=policy(allow("sagemaker:List*", "*"))
    )
    sagemaker.create_experiment(ExperimentName="secret")
    hers = aws.client("sagemaker", keys)
    assert len(hers.list_experiments()["ExperimentSummaries"]) == 1
    aws.client("ssm").update_service_setting(SettingId=LISTS, SettingValue="on")
    assert hers.list_experiments()["ExperimentSummaries"] == []


def test_a_quota_is_a_number(aws: Aws) -> None:
    ssm = aws.client("ssm")
    ssm.update_service_setting(SettingId="/freehold/quota.domains", SettingValue="3")
    found = ssm.get_service_setting(SettingId="/freehold/quota.domains")["ServiceSetting"]
    assert found["SettingValue"] == "3"
    with refused("ValidationException", "a number up to"):
        ssm.update_service_setting(SettingId="/freehold/quota.domains", SettingValue="many")
    with refused("ValidationException", "it is on or off"):
        ssm.update_service_setting(SettingId=LISTS, SettingValue="perhaps")


@pytest.mark.parametrize(
    "name",
    [
        "/ssm/parameter-store/default-parameter-tier",
        "/freehold/isolation",
        "lists",
        "arn:aws:ssm:us-east-1:999999999999:servicesetting/freehold/isolation.lists",
    ],
)
def test_what_is_no_setting_is_named(aws: Aws, name: str) -> None:
    with refused("ServiceSettingNotFound", "/freehold/isolation.lists"):
        aws.client("ssm").get_service_setting(SettingId=name)


def test_it_takes_the_right_on_that_setting(aws: Aws, house: House) -> None:
    keys = make_user(aws, "ana")
    arn = aws.client("ssm").get_service_setting(SettingId=LISTS)["ServiceSetting"]["ARN"]
    aws.client("iam").put_user_policy(
        UserName="ana",
        PolicyName="p",
        PolicyDocument=policy(allow("ssm:UpdateServiceSetting", arn)),
    )
    hers = aws.client("ssm", keys)
    hers.update_service_setting(SettingId=LISTS, SettingValue="on")
    with refused("AccessDeniedException", "ssm:UpdateServiceSetting"):
        hers.update_service_setting(SettingId="/freehold/isolation.tags", SettingValue="on")
    with refused("AccessDeniedException", "ssm:GetServiceSetting"):
        hers.get_service_setting(SettingId=LISTS)
    assert guards_in_force(house.kernel.own_unit()) == {"lists"}


def test_nothing_that_runs_in_a_domain_may_change_them(aws: Aws, house: House) -> None:
    role = work_role(aws, "wide")
    aws.client("iam").put_role_policy(
        RoleName="wide", PolicyName="p", PolicyDocument=policy(allow("*"))
    )
    domain = make_domain(aws, "finance", role)
    profile = make_profile(aws, domain.id, "ana")
    inside = aws.client("ssm", session_keys(house, role, profile))
    assert inside.get_service_setting(SettingId=LISTS)["ServiceSetting"]["SettingValue"] == "off"
    for change in (
        lambda: inside.update_service_setting(SettingId=LISTS, SettingValue="on"),
        lambda: inside.reset_service_setting(SettingId=LISTS),
    ):
        with refused("AccessDeniedException", "nothing that runs in one may change them"):
            change()
