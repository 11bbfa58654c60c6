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
    return make_domain(aws, "finance", work_role(aws, "work"))


def test_a_profile_has_awss_shape_and_no_defaults_of_its_domain(
    sm: Any, aws: Aws, domain: Any
) -> None:
    arn = make_profile(aws, domain.id, "ana")
    assert arn.endswith(f":user-profile/{domain.id}/ana")
    described = sm.describe_user_profile(DomainId=domain.id, UserProfileName="ana")
    assert described["HomeEfsFileSystemUid"].isdigit()
    assert described["Status"] == "InService"
    assert "UserSettings" not in described  # the SDK looks the domain's up itself
    assert set(described) - {"ResponseMetadata"} == {
        "DomainId",
        "UserProfileArn",
        "UserProfileName",
        "HomeEfsFileSystemUid",
        "Status",
        "CreationTime",
        "LastModifiedTime",
    }


def test_every_profile_has_a_uid_of_its_own_and_a_new_one_gets_a_new_one(
    sm: Any, aws: Aws, domain: Any
) -> None:
    def uid(name: str) -> int:
        found = sm.describe_user_profile(DomainId=domain.id, UserProfileName=name)
        return int(found["HomeEfsFileSystemUid"])

    for name in ("ana", "bob"):
        make_profile(aws, domain.id, name)
    first = uid("ana")
    assert first != uid("bob")
    assert first >= 200_001
    sm.delete_user_profile(DomainId=domain.id, UserProfileName="ana")
    make_profile(aws, domain.id, "ana")
    assert uid("ana") not in (first, uid("bob"))


def test_names_ignore_case_inside_one_domain(sm: Any, aws: Aws, domain: Any) -> None:
    make_profile(aws, domain.id, "Ana")
    for name in ("Ana", "ana", "ANA"):
        with refused("ResourceInUse", "Ana", "already exists"):
            make_profile(aws, domain.id, name)
    other = make_domain(aws, "research", domain.role)
    make_profile(aws, other.id, "ana")


@pytest.mark.parametrize(
    ("asked", "code", "words"),
    [
        ({"UserProfileName": "a_b"}, "ValidationException", "at 'userProfileName'"),
        ({"UserProfileName": "ana/../bob"}, "ValidationException", "at 'userProfileName'"),
        ({"DomainId": "d-missing12345"}, "ResourceNotFound", "d-missing12345"),
        ({"DomainId": "nonsense"}, "ValidationException", "at 'domainId'"),
        (
            {"SingleSignOnUserIdentifier": "UserName", "SingleSignOnUserValue": "x"},
            "ValidationException",
            "AuthMode SSO",
        ),
        (
            {"UserSettings": {"SecurityGroups": ["sg-00000000"]}},
            "ValidationException",
            "sg-00000000 does not exist",
        ),
        (
            {"UserSettings": {"ExecutionRole": "arn:aws:iam::1:role/x"}},
            "ValidationException",
            "at 'userSettings.executionRole'",
        ),
    ],
)
def test_what_cannot_be_is_refused(
    aws: Aws, domain: Any, asked: Any, code: str, words: str
) -> None:
    sm = aws.unchecked("sagemaker")
    with refused(code, words):
        sm.create_user_profile(**{"DomainId": domain.id, "UserProfileName": "ana"} | asked)
    assert sm.list_user_profiles()["UserProfiles"] == []


def test_an_update_merges(sm: Any, aws: Aws, domain: Any) -> None:
    make_profile(aws, domain.id, "ana", UserSettings={"StudioWebPortal": "ENABLED"})
    spec = {"JupyterServerAppSettings": {"DefaultResourceSpec": {"InstanceType": "system"}}}
    answer = sm.update_user_profile(DomainId=domain.id, UserProfileName="ana", UserSettings=spec)
    assert answer["UserProfileArn"].endswith("/ana")
    described = sm.describe_user_profile(DomainId=domain.id, UserProfileName="ana")
    assert described["UserSettings"] == {"StudioWebPortal": "ENABLED", **spec}
    with refused("ValidationException", "sg-00000000 does not exist"):
        sm.update_user_profile(
            DomainId=domain.id,
            UserProfileName="ana",
            UserSettings={"SecurityGroups": ["sg-00000000"]},
        )


def test_a_profile_goes_after_its_apps_and_spaces(sm: Any, aws: Aws, domain: Any) -> None:
    arn = make_profile(aws, domain.id, "ana")
    named = {"DomainId": domain.id, "UserProfileName": "ana"}
    make_profile(aws, domain.id, "bob")
    make_space(aws, domain.id, "own", owner="ana")
    sm.create_app(**named, AppType="JupyterServer", AppName="default")
    with refused(
        "ResourceInUse",
        f"Unable to delete UserProfile [{arn}] because App(s) are associated with it.",
    ):
        sm.delete_user_profile(**named)
    sm.delete_user_profile(DomainId=domain.id, UserProfileName="bob")  # has neither
    sm.delete_app(**named, AppType="JupyterServer", AppName="default")
    with refused("ResourceInUse", "App(s)"):  # not while it is being deleted, either
        sm.delete_user_profile(**named)


def test_a_profile_that_owns_a_space_stays(sm: Any, aws: Aws, domain: Any) -> None:
    make_profile(aws, domain.id, "ana")
    make_space(aws, domain.id, "own", owner="ana")
    named = {"DomainId": domain.id, "UserProfileName": "ana"}
    with refused("ResourceInUse", "Space(s) are associated with it", "space/"):
        sm.delete_user_profile(**named)
    sm.delete_space(DomainId=domain.id, SpaceName="own")
    sm.delete_user_profile(**named)
    for ask in (sm.describe_user_profile, sm.delete_user_profile):
        with refused("ResourceNotFound", "ana"):
            ask(**named)
