from __future__ import annotations

from typing import Any

import pytest
from tests.support.inprocess import Aws
from tests.support.people import refused
from tests.support.studio import make_domain, make_profile, make_space, work_role


@pytest.fixture
def sm(aws: Aws) -> Any:
    return aws.client("sagemaker")


@pytest.fixture
def domain(aws: Aws) -> Any:
    made = make_domain(aws, "finance", work_role(aws, "work"))
    make_profile(aws, made.id, "ana")
    return made


def test_a_classic_space_has_awss_shape(sm: Any, aws: Aws, domain: Any) -> None:
    arn = make_space(aws, domain.id, "team")
    assert arn.endswith(f":space/{domain.id}/team")
    described = sm.describe_space(DomainId=domain.id, SpaceName="team")
    assert set(described) - {"ResponseMetadata"} == {
        "DomainId",
        "SpaceArn",
        "SpaceName",
        "HomeEfsFileSystemUid",
        "Status",
        "CreationTime",
        "LastModifiedTime",
        "Url",
    }
    (item,) = sm.list_spaces(DomainIdEquals=domain.id)["Spaces"]
    assert item["SpaceName"] == "team"
    assert item["Status"] == "InService"
    assert "OwnershipSettingsSummary" not in item


def test_an_owned_space_is_listed_with_its_owner(sm: Any, aws: Aws, domain: Any) -> None:
    make_space(aws, domain.id, "own", owner="ana")
    (item,) = sm.list_spaces()["Spaces"]
    assert item["SpaceSharingSettingsSummary"] == {"SharingType": "Private"}
    assert item["OwnershipSettingsSummary"] == {"OwnerUserProfileName": "ana"}
    assert item["SpaceSettingsSummary"] == {"AppType": "JupyterLab"}
    described = sm.describe_space(DomainId=domain.id, SpaceName="own")
    assert described["OwnershipSettings"] == {"OwnerUserProfileName": "ana"}


@pytest.mark.parametrize(
    ("asked", "code", "words"),
    [
        (
            {"OwnershipSettings": {"OwnerUserProfileName": "ana"}},
            "ValidationException",
            "required together",
        ),
        (
            {"SpaceSharingSettings": {"SharingType": "Private"}},
            "ValidationException",
            "required together",
        ),
        (
            {
                "OwnershipSettings": {"OwnerUserProfileName": "nobody"},
                "SpaceSharingSettings": {"SharingType": "Private"},
            },
            "ResourceNotFound",
            "nobody",
        ),
        ({"SpaceSettings": {"AppType": "Canvas"}}, "ValidationException", "AppType Canvas"),
        ({"SpaceName": "../x"}, "ValidationException", "at 'spaceName'"),
        ({"SpaceDisplayName": "x" * 65}, "ValidationException", "at 'spaceDisplayName'"),
        ({"DomainId": "d-missing12345"}, "ResourceNotFound", "d-missing12345"),
    ],
)
def test_what_cannot_be_is_refused(
    aws: Aws, domain: Any, asked: Any, code: str, words: str
) -> None:
    sm = aws.unchecked("sagemaker")
    with refused(code, words):
        sm.create_space(**{"DomainId": domain.id, "SpaceName": "team"} | asked)
    assert sm.list_spaces()["Spaces"] == []


def test_names_ignore_case_inside_one_domain(aws: Aws, domain: Any) -> None:
    make_space(aws, domain.id, "Team")
    with refused("ResourceInUse", "Team", "already exists"):
        make_space(aws, domain.id, "team")


def test_shared_spaces_need_the_domains_own_role_and_private_ones_do_not(
    sm: Any, aws: Aws, domain: Any
) -> None:
    made = sm.create_domain(
        DomainName="bare", AuthMode="IAM", DefaultUserSettings={"ExecutionRole": domain.role}
    )["DomainId"]
    make_profile(aws, made, "ana")
    with refused("ValidationException", "DefaultSpaceSettings", "UpdateDomain"):
        make_space(aws, made, "team")
    with refused("ValidationException", "DefaultSpaceSettings"):
        make_space(aws, made, "team", owner="ana", sharing="Shared")
    make_space(aws, made, "own", owner="ana")
    sm.update_domain(DomainId=made, DefaultSpaceSettings={"ExecutionRole": domain.role})
    make_space(aws, made, "team")


def test_settings_change_while_no_app_runs_and_the_app_type_never(
    sm: Any, aws: Aws, domain: Any
) -> None:
    make_space(aws, domain.id, "own", owner="ana")
    named = {"DomainId": domain.id, "SpaceName": "own"}
    sm.update_space(**named, SpaceDisplayName="Ana's own")
    assert sm.describe_space(**named)["SpaceDisplayName"] == "Ana's own"
    assert sm.list_spaces()["Spaces"][0]["SpaceDisplayName"] == "Ana's own"
    with refused("ValidationException", "from JupyterLab to CodeEditor"):
        sm.update_space(**named, SpaceSettings={"AppType": "CodeEditor"})
    sm.create_app(**named, AppType="JupyterLab", AppName="default")
    with refused("ResourceInUse", "App(s) are associated with it", "app/"):
        sm.update_space(**named, SpaceDisplayName="other")
    with refused("ResourceInUse", "Unable to delete Space [", "App(s)"):
        sm.delete_space(**named)


def test_a_poller_sees_the_end_as_resource_not_found(sm: Any, aws: Aws, domain: Any) -> None:
    make_space(aws, domain.id, "team")
    sm.delete_space(DomainId=domain.id, SpaceName="team")
    for ask in (sm.describe_space, sm.delete_space):
        with refused("ResourceNotFound", "team"):
            ask(DomainId=domain.id, SpaceName="team")
    assert sm.list_spaces(DomainIdEquals=domain.id)["Spaces"] == []


def test_a_space_and_a_profile_never_share_a_name(aws: Aws) -> None:
    """Apps of a profile and of a space have ARNs of one form: a shared name would be one app."""
    role = work_role(aws, "names")
    domain = make_domain(aws, "names", role)
    make_profile(aws, domain.id, "bruno")
    make_space(aws, domain.id, "team")
    sm = aws.client("sagemaker")
    for name in ("bruno", "Bruno"):
        with refused("ResourceInUse", "profiles and spaces"):
            sm.create_space(DomainId=domain.id, SpaceName=name)
    for name in ("team", "TEAM"):
        with refused("ResourceInUse", "profiles and spaces"):
            sm.create_user_profile(DomainId=domain.id, UserProfileName=name)
