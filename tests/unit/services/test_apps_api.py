from __future__ import annotations

from typing import Any

import pytest
from tests.support.inprocess import Aws
from tests.support.people import allow, make_user, refused, trusting
from tests.support.studio import (
    make_domain,
    make_profile,
    make_space,
    session_keys,
    work_role,
)

from freehold.base.errors import Invalid
from freehold.compose import House

DEFAULT = {"AppName": "default"}


@pytest.fixture
def sm(aws: Aws) -> Any:
    return aws.client("sagemaker")


@pytest.fixture
def domain(aws: Aws) -> Any:
    made = make_domain(aws, "finance", work_role(aws, "work"))
    make_profile(aws, made.id, "ana")
    make_profile(aws, made.id, "bob")
    make_space(aws, made.id, "team")
    make_space(aws, made.id, "own", owner="ana")
    return made


def test_an_app_is_pending_and_answers_awss_members(sm: Any, domain: Any) -> None:
    named = {"DomainId": domain.id, "UserProfileName": "ana", "AppType": "JupyterServer"}
    arn = sm.create_app(**named, **DEFAULT)["AppArn"]
    assert arn.endswith(f":app/{domain.id}/ana/jupyterserver/default")
    described = sm.describe_app(**named, **DEFAULT)
    assert described["Status"] == "Pending"
    assert described["ResourceSpec"] == {"InstanceType": "system"}
    assert set(described) - {"ResponseMetadata"} == {
        "AppArn",
        "AppName",
        "AppType",
        "DomainId",
        "UserProfileName",
        "Status",
        "CreationTime",
        "ResourceSpec",
    }
    (item,) = sm.list_apps(DomainIdEquals=domain.id, UserProfileNameEquals="ana")["Apps"]
    assert (item["AppType"], item["AppName"], item["Status"]) == (
        "JupyterServer",
        "default",
        "Pending",
    )
    assert not any(key.startswith("_") for key in [*described, *item])


def test_newer_types_stand_in_the_arn_as_they_are(sm: Any, domain: Any) -> None:
    made = sm.create_app(DomainId=domain.id, SpaceName="own", AppType="JupyterLab", **DEFAULT)
    assert made["AppArn"].endswith(f":app/{domain.id}/own/JupyterLab/default")
    lower = made["AppArn"].replace("JupyterLab", "jupyterlab")
    assert (
        sm.list_tags(ResourceArn=lower)["Tags"] == sm.list_tags(ResourceArn=made["AppArn"])["Tags"]
    )


def test_the_instance_is_the_requests_then_the_owners_then_the_domains(
    sm: Any, aws: Aws, domain: Any
) -> None:
    def spec(instance: str) -> dict[str, Any]:
        return {"JupyterLabAppSettings": {"DefaultResourceSpec": {"InstanceType": instance}}}

    def instance(name: str) -> str:
        found = sm.describe_app(
            DomainId=domain.id, UserProfileName=name, AppType="JupyterLab", **DEFAULT
        )
        return str(found["ResourceSpec"]["InstanceType"])

    sm.update_domain(DomainId=domain.id, DefaultUserSettings=spec("ml.m5.large"))
    make_profile(aws, domain.id, "cy", UserSettings=spec("ml.c5.large"))
    for name, asked, expected in (
        ("ana", {}, "ml.m5.large"),
        ("cy", {}, "ml.c5.large"),
        ("bob", {"ResourceSpec": {"InstanceType": "ml.r5.large"}}, "ml.r5.large"),
    ):
        sm.create_app(
            DomainId=domain.id, UserProfileName=name, AppType="JupyterLab", **DEFAULT, **asked
        )
        assert instance(name) == expected


@pytest.mark.parametrize(
    ("asked", "code", "words"),
    [
        ({"UserProfileName": "ana", "SpaceName": "own"}, "ValidationException", "Exactly one"),
        ({}, "ValidationException", "Exactly one"),
        ({"UserProfileName": "nobody"}, "ResourceNotFound", "nobody"),
        ({"SpaceName": "nowhere"}, "ResourceNotFound", "nowhere"),
        (
            {"UserProfileName": "ana", "AppType": "Canvas"},
            "ValidationException",
            "Canvas is not supported by this server: use JupyterLab or JupyterServer",
        ),
        ({"UserProfileName": "ana", "AppName": "mine"}, "ValidationException", "must be default"),
        (
            {"SpaceName": "own", "AppType": "JupyterServer"},
            "ValidationException",
            "for apps of the type JupyterLab",
        ),
        (
            {
                "UserProfileName": "ana",
                "AppType": "JupyterServer",
                "ResourceSpec": {"InstanceType": "ml.m5.large"},
            },
            "ValidationException",
            "must be system",
        ),
        (
            {"UserProfileName": "ana", "ResourceSpec": {"InstanceType": "ml.unheard.of"}},
            "ValidationException",
            "at 'resourceSpec.instanceType'",
        ),
        ({"UserProfileName": "ana", "AppType": "Emacs"}, "ValidationException", "at 'appType'"),
        (
            {"UserProfileName": "ana", "DomainId": "d-missing12345"},
            "ResourceNotFound",
            "d-missing12345",
        ),
    ],
)
def test_what_cannot_be_is_refused(
    aws: Aws, domain: Any, asked: Any, code: str, words: str
) -> None:
    sm = aws.unchecked("sagemaker")
    with refused(code, words):
        sm.create_app(**{"DomainId": domain.id, "AppType": "JupyterLab", **DEFAULT} | asked)
    assert sm.list_apps()["Apps"] == []


def test_an_app_whose_role_may_not_be_assumed_is_refused(sm: Any, aws: Aws, domain: Any) -> None:
    other = work_role(aws, "lambda")
    make_profile(aws, domain.id, "cy", UserSettings={"ExecutionRole": other})
    no_longer = trusting({"Service": "lambda.amazonaws.com"})
    aws.client("iam").update_assume_role_policy(RoleName="lambda", PolicyDocument=no_longer)
    with refused("ValidationException", f"unable to use your associated ExecutionRole [{other}]"):
        sm.create_app(DomainId=domain.id, UserProfileName="cy", AppType="JupyterLab", **DEFAULT)


def test_a_role_that_takes_no_source_identity_is_refused_where_the_domain_sets_one(
    sm: Any, aws: Aws, house: House
) -> None:
    role = work_role(aws, "plain")
    named = {"ExecutionRoleIdentityConfig": "USER_PROFILE_NAME"}
    domain = make_domain(aws, "named", role, DomainSettings=named)
    make_profile(aws, domain.id, "ana")
    app = {"DomainId": domain.id, "AppType": "JupyterLab", **DEFAULT}
    with refused("ValidationException", "source identity ana", "sts:SetSourceIdentity"):
        sm.create_app(**app, UserProfileName="ana")
    make_space(aws, domain.id, "team")
    sm.create_app(**app, SpaceName="team")  # shared spaces carry none
    kernel = house.kernel
    profile = f"arn:aws:sagemaker:us-east-1:111122223333:user-profile/{domain.id}/ana"
    with pytest.raises(Invalid, match="sts:SetSourceIdentity"):
        kernel.doors.session(kernel.own_unit(), role, profile)


def test_an_app_is_made_once_and_deleted_once(sm: Any, domain: Any) -> None:
    named = {"DomainId": domain.id, "UserProfileName": "ana", "AppType": "JupyterLab", **DEFAULT}
    sm.create_app(**named)
    with refused("ResourceInUse", "already exists"):
        sm.create_app(**named)
    sm.delete_app(**named)
    assert sm.describe_app(**named)["Status"] == "Deleting"
    with refused("ResourceInUse", "is being deleted"):
        sm.delete_app(**named)
    with refused("ResourceInUse", "already exists"):
        sm.create_app(**named)
    with refused("ResourceNotFound", "app/"):
        sm.delete_app(**named | {"UserProfileName": "bob"})


# -- presigned URLs --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "code", "words"),
    [
        ({"UserProfileName": "nobody"}, "ResourceNotFound", "nobody"),
        ({"SpaceName": "nowhere"}, "ResourceNotFound", "nowhere"),
        ({"DomainId": "d-missing12345"}, "ResourceNotFound", "d-missing12345"),
        (
            {"UserProfileName": "bob", "SpaceName": "own"},
            "ValidationException",
            "private to the user profile ana",
        ),
        ({"LandingUri": "app:RStudioServerPro:"}, "ValidationException", "JupyterLab"),
        (
            {"LandingUri": "https://evil.example/"},
            "ValidationException",
            "must begin with studio: or app:",
        ),
        (
            {"SpaceName": "own", "LandingUri": "app:JupyterServer:"},
            "ValidationException",
            "for apps of the type JupyterLab",
        ),
        ({"ExpiresInSeconds": 4}, "ValidationException", "at 'expiresInSeconds'"),
        ({"ExpiresInSeconds": 301}, "ValidationException", "at 'expiresInSeconds'"),
        (
            {"SessionExpirationDurationInSeconds": 43201},
            "ValidationException",
            "at 'sessionExpirationDurationInSeconds'",
        ),
    ],
)
def test_a_url_that_would_not_open_is_not_given(
    aws: Aws, domain: Any, asked: Any, code: str, words: str
) -> None:
    sm = aws.unchecked("sagemaker")
    with refused(code, words):
        sm.create_presigned_domain_url(**{"DomainId": domain.id, "UserProfileName": "ana"} | asked)


def test_a_url_holds_a_query_and_no_two_are_the_same(sm: Any, domain: Any, house: House) -> None:
    house.kernel.studio_url = lambda _arn, domain_id: f"http://x.{domain_id}.studio.localhost:1"
    asked = {"DomainId": domain.id, "UserProfileName": "ana"}
    urls = {
        sm.create_presigned_domain_url(**asked, **more)["AuthorizedUrl"]
        for more in ({}, {}, {"SpaceName": "own"}, {"LandingUri": "app:JupyterLab:lab/tree"})
    }
    assert len(urls) == 4
    assert all(f".{domain.id}.studio.localhost:1/auth?token=" in url for url in urls)
    assert all(len(url) < 8192 for url in urls)


def test_a_url_is_asked_on_the_profile(aws: Aws, domain: Any, house: House) -> None:
    house.kernel.studio_url = lambda _arn, _domain_id: "http://x.studio.localhost:1"
    arn = f"arn:aws:sagemaker:us-east-1:111122223333:user-profile/{domain.id}/ana"
    keys = make_user(aws, "ana", allow("sagemaker:CreatePresignedDomainUrl", arn))
    sm = aws.client("sagemaker", keys)
    sm.create_presigned_domain_url(DomainId=domain.id, UserProfileName="ana")
    with refused("AccessDeniedException", "user-profile/", "/bob"):
        sm.create_presigned_domain_url(DomainId=domain.id, UserProfileName="bob")


def test_an_app_made_by_its_own_session_is_its_own(aws: Aws, domain: Any, house: House) -> None:
    team = f"arn:aws:sagemaker:us-east-1:111122223333:space/{domain.id}/team"
    sm = aws.client("sagemaker", session_keys(house, domain.role, team))
    made = sm.create_app(DomainId=domain.id, SpaceName="team", AppType="JupyterLab", **DEFAULT)
    tags = {t["Key"]: t["Value"] for t in sm.list_tags(ResourceArn=made["AppArn"])["Tags"]}
    assert tags == {"sagemaker:domain-arn": domain.arn, "sagemaker:space-arn": team}


def test_a_session_starts_and_opens_no_app_in_another_domain(aws: Aws, house: House) -> None:
    role = work_role(aws, "everything")
    mine, theirs = make_domain(aws, "mine", role), make_domain(aws, "theirs", role)
    ann = make_profile(aws, mine.id, "ann")
    make_space(aws, theirs.id, "team")
    sm = aws.client("sagemaker", session_keys(house, role, ann))
    with refused("AccessDeniedException", "its session belongs to domain"):
        sm.create_app(DomainId=theirs.id, SpaceName="team", AppType="JupyterLab", AppName="default")
    make_profile(aws, theirs.id, "bob")
    with refused("AccessDeniedException", "its session belongs to domain"):
        sm.create_presigned_domain_url(DomainId=theirs.id, UserProfileName="bob")
