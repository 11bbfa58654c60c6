from __future__ import annotations

from typing import Any

import pytest
from tests.support.inprocess import Aws
from tests.support.minimal import value
from tests.support.people import allow, make_role, make_user, refused
from tests.support.studio import SERVICE, make_domain, make_profile, make_space, work_role
from tests.support.together import together

from freehold.compose import House
from freehold.kernel.studio import quotas
from freehold.services.sagemaker.service import sagemaker
from freehold.spec.model import Shape

APP = {"AppType": "JupyterLab", "AppName": "default"}


@pytest.fixture
def sm(aws: Aws) -> Any:
    return aws.client("sagemaker")


@pytest.fixture
def role(aws: Aws) -> str:
    return work_role(aws, "work")


@pytest.fixture
def domain(aws: Aws, role: str) -> Any:
    made = make_domain(aws, "finance", role)
    make_profile(aws, made.id, "ana")
    return made


# -- every member of the model is kept -------------------------------------------------------------

# What cannot simply be filled in: it names other things, or we do not have it and say so.
REFERS = frozenset(
    {
        "ExecutionRole",
        "SecurityGroups",
        "SecurityGroupIds",
        "CustomImages",
        "LifecycleConfigArns",
        "LifecycleConfigArn",
        "BuiltInLifecycleConfigArn",
        "CustomFileSystemConfigs",
        "CustomFileSystems",
        "SpaceManagedResources",
        "AmazonQSettings",
        "TrustedIdentityPropagationSettings",
        "RStudioServerProDomainSettings",
        "AppType",
    }
)


def full(shape: Shape) -> Any:
    """A value with every member that stands for itself."""
    if shape.kind != "structure":
        if shape.kind == "list" and shape.item is not None:
            return [full(shape.item.shape)]
        return value(shape)
    return {
        name: full(member.shape) for name, member in shape.members.items() if name not in REFERS
    }


def shape_of(operation: str, member: str) -> Shape:
    model = sagemaker.model.operations[operation].input
    assert model is not None
    return model.members[member].shape


def in_order(settings: Any) -> Any:
    """The smallest value of every member leaves them in order already, but where it is a mode."""
    if "AutoMountHomeEFS" in settings:
        settings["AutoMountHomeEFS"] = "Enabled"
    if "DefaultLandingUri" in settings:
        settings["DefaultLandingUri"] = "studio::"
    return settings


def test_every_member_of_a_domain_comes_back_as_it_was_given(sm: Any, role: str) -> None:
    given = {
        "DefaultUserSettings": in_order(full(shape_of("CreateDomain", "DefaultUserSettings"))),
        "DefaultSpaceSettings": full(shape_of("CreateDomain", "DefaultSpaceSettings")),
        "DomainSettings": full(shape_of("CreateDomain", "DomainSettings")),
        "TagPropagation": "ENABLED",
    }
    made = sm.create_domain(DomainName="d", AuthMode="IAM", **given)
    described = sm.describe_domain(DomainId=made["DomainId"])
    assert {name: described[name] for name in given} == given
    bare = sm.create_domain(DomainName="e", AuthMode="IAM", DefaultUserSettings={})
    update = {key: member for key, member in given.items() if key != "DomainSettings"}
    sm.update_domain(
        DomainId=bare["DomainId"], **update, DomainSettingsForUpdate=given["DomainSettings"]
    )
    described = sm.describe_domain(DomainId=bare["DomainId"])
    assert {name: described[name] for name in given} == given


def test_every_member_of_a_profile_comes_back_as_it_was_given(sm: Any, domain: Any) -> None:
    settings = in_order(full(shape_of("CreateUserProfile", "UserSettings")))
    named = {"DomainId": domain.id, "UserProfileName": "bob"}
    sm.create_user_profile(**named, UserSettings=settings)
    assert sm.describe_user_profile(**named)["UserSettings"] == settings
    named = {"DomainId": domain.id, "UserProfileName": "ana"}
    assert "UserSettings" not in sm.describe_user_profile(**named)
    del settings["CustomPosixUserConfig"]
    sm.update_user_profile(**named, UserSettings=settings)
    assert sm.describe_user_profile(**named)["UserSettings"] == settings


def test_every_member_of_a_space_comes_back_as_it_was_given(sm: Any, domain: Any) -> None:
    settings = full(shape_of("CreateSpace", "SpaceSettings")) | {"AppType": "JupyterLab"}
    named = {"DomainId": domain.id, "SpaceName": "own"}
    given = {
        "SpaceSettings": settings,
        "SpaceDisplayName": "Own",
        "OwnershipSettings": {"OwnerUserProfileName": "ana"},
        "SpaceSharingSettings": {"SharingType": "Private"},
    }
    sm.create_space(**named, **given)
    described = sm.describe_space(**named)
    assert {name: described[name] for name in given} == given


# -- rules -----------------------------------------------------------------------------------------


def idle(low: int, minutes: int, high: int) -> Any:
    numbers = {
        "MinIdleTimeoutInMinutes": low,
        "IdleTimeoutInMinutes": minutes,
        "MaxIdleTimeoutInMinutes": high,
    }
    return {"JupyterLabAppSettings": {"AppLifecycleManagement": {"IdleSettings": numbers}}}


def storage(default: int, most: int) -> Any:
    sizes = {"DefaultEbsVolumeSizeInGb": default, "MaximumEbsVolumeSizeInGb": most}
    return {"SpaceStorageSettings": {"DefaultEbsStorageSettings": sizes}}


def system(config: str, name: str) -> Any:
    return {"CustomFileSystemConfigs": [{config: {"FileSystemId": name}}]}


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (idle(120, 60, 180), "MinIdleTimeoutInMinutes 120 of JupyterLabAppSettings is above"),
        (idle(60, 200, 180), "IdleTimeoutInMinutes 200 of JupyterLabAppSettings is above"),
        (storage(100, 50), "DefaultEbsVolumeSizeInGb 100 is above"),
        (
            {"DefaultLandingUri": "studio::", "StudioWebPortal": "DISABLED"},
            "needs StudioWebPortal",
        ),
        (system("EFSFileSystemConfig", "fs-0123456789abcdef0"), "does not exist"),
        (system("FSxLustreFileSystemConfig", "fs-0123456789abcdef0"), "there is no FSx"),
    ],
)
def test_settings_that_cannot_be_are_refused_everywhere(
    sm: Any, domain: Any, asked: Any, words: str
) -> None:
    with refused("ValidationException", words):
        sm.update_domain(DomainId=domain.id, DefaultUserSettings=asked)
    with refused("ValidationException", words):
        sm.update_user_profile(DomainId=domain.id, UserProfileName="ana", UserSettings=asked)
    with refused("ValidationException", words):
        sm.create_domain(DomainName="d", AuthMode="IAM", DefaultUserSettings=asked)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"DefaultUserSettings": {"AutoMountHomeEFS": "DefaultAsDomain"}}, "for user profiles"),
        ({"AppSecurityGroupManagement": "Service"}, "Rstudio enabled domains."),
        ({"DomainSettings": {"AmazonQSettings": {"Status": "ENABLED"}}}, "AuthMode SSO"),
        (
            {"DomainSettings": {"TrustedIdentityPropagationSettings": {"Status": "ENABLED"}}},
            "AuthMode SSO",
        ),
        (
            {
                "DefaultSpaceSettings": {
                    "CustomFileSystemConfigs": [{"S3FileSystemConfig": {"S3Uri": "s3://b/x"}}]
                }
            },
            "needs an ExecutionRole",
        ),
    ],
)
def test_what_a_domain_cannot_have_is_refused(sm: Any, asked: Any, words: str) -> None:
    request = {"DomainName": "d", "AuthMode": "IAM", "DefaultUserSettings": {}}
    with refused("ValidationException", words):
        sm.create_domain(**request | asked)


@pytest.mark.parametrize(("path", "words"), [("/a/../b", "upwards"), ("/a\0b", "null character")])
def test_a_path_in_a_file_system_is_a_path_below_it(
    sm: Any, aws: Aws, domain: Any, path: str, words: str
) -> None:
    settings = system("EFSFileSystemConfig", aws.client("efs").create_file_system()["FileSystemId"])
    settings["CustomFileSystemConfigs"][0]["EFSFileSystemConfig"]["FileSystemPath"] = path
    with refused("ValidationException", words):
        sm.update_domain(DomainId=domain.id, DefaultUserSettings=settings)


def test_a_domain_does_not_mount_the_homes_of_another(sm: Any, aws: Aws, role: str) -> None:
    mine, theirs = make_domain(aws, "mine", role), make_domain(aws, "theirs", role)
    volume = sm.describe_domain(DomainId=theirs.id)["HomeEfsFileSystemId"]
    settings = system("EFSFileSystemConfig", volume)
    with refused("ValidationException", f"belongs to domain {theirs.id}"):
        sm.update_domain(DomainId=mine.id, DefaultUserSettings=settings)
    own = sm.describe_domain(DomainId=mine.id)["HomeEfsFileSystemId"]
    with refused("ValidationException", "holds people's homes"):
        sm.update_domain(DomainId=mine.id, DefaultUserSettings=system("EFSFileSystemConfig", own))
    sm.delete_domain(DomainId=theirs.id)  # the homes stay, and stay homes
    with refused("ValidationException", "holds people's homes"):
        sm.update_domain(DomainId=mine.id, DefaultUserSettings=settings)


def test_a_space_stays_within_the_settings_that_govern_it(sm: Any, aws: Aws, domain: Any) -> None:
    sm.update_domain(DomainId=domain.id, DefaultUserSettings=storage(5, 50) | idle(60, 90, 120))
    owned = {
        "DomainId": domain.id,
        "OwnershipSettings": {"OwnerUserProfileName": "ana"},
        "SpaceSharingSettings": {"SharingType": "Private"},
    }

    def size(gigabytes: int) -> Any:
        return {"SpaceStorageSettings": {"EbsStorageSettings": {"EbsVolumeSizeInGb": gigabytes}}}

    minutes = {"AppLifecycleManagement": {"IdleSettings": {"IdleTimeoutInMinutes": 240}}}
    for settings, words in (
        (size(51), "above the MaximumEbsVolumeSizeInGb 50"),
        ({"JupyterLabAppSettings": minutes}, "must be between 60 and 120"),
        ({"SpaceManagedResources": "ENABLED"}, "not supported"),
        (
            {"CustomFileSystems": [{"EFSFileSystem": {"FileSystemId": "fs-0123456789abcdef0"}}]},
            "not among the CustomFileSystemConfigs",
        ),
    ):
        with refused("ValidationException", words):
            sm.create_space(**owned, SpaceName="own", SpaceSettings=settings)
    sm.create_space(**owned, SpaceName="own", SpaceSettings=size(20))
    named = {"DomainId": domain.id, "SpaceName": "own"}
    with refused("ValidationException", "cannot be decreased from 20 to 10"):
        sm.update_space(**named, SpaceSettings=size(10))
    with refused("ValidationException", "above the MaximumEbsVolumeSizeInGb 50"):
        sm.update_space(**named, SpaceSettings=size(60))
    sm.update_space(**named, SpaceSettings=size(50))
    found = sm.describe_space(**named)["SpaceSettings"]["SpaceStorageSettings"]
    assert found == size(50)["SpaceStorageSettings"]


def test_posix_users_are_settled_before_there_are_people(sm: Any, aws: Aws, role: str) -> None:
    domain = make_domain(aws, "finance", role)
    ids = {"CustomPosixUserConfig": {"Uid": 20000, "Gid": 2000}}
    sm.update_domain(DomainId=domain.id, DefaultUserSettings=ids)
    make_profile(aws, domain.id, "ana", UserSettings=ids)
    other = {"CustomPosixUserConfig": {"Uid": 20001, "Gid": 2000}}
    with refused("ValidationException", "while the domain has no user profiles"):
        sm.update_domain(DomainId=domain.id, DefaultUserSettings=other)
    with refused("ValidationException", "CustomPosixUserConfig of a user profile cannot"):
        sm.update_user_profile(DomainId=domain.id, UserProfileName="ana", UserSettings=other)
    sm.update_domain(DomainId=domain.id, DefaultUserSettings=ids)  # unchanged: no error


def test_roles_change_only_while_no_app_of_that_kind_runs(sm: Any, aws: Aws, domain: Any) -> None:
    other = make_role(aws, "other", SERVICE, allow("*"))
    make_space(aws, domain.id, "team")
    sm.create_app(DomainId=domain.id, SpaceName="team", **APP)
    with refused("ValidationException", "DefaultSpaceSettings.ExecutionRole", "while an app runs"):
        sm.update_domain(DomainId=domain.id, DefaultSpaceSettings={"ExecutionRole": other})
    sm.update_domain(DomainId=domain.id, DefaultUserSettings={"ExecutionRole": other})
    sm.create_app(DomainId=domain.id, UserProfileName="ana", **APP)
    with refused("ValidationException", "DefaultUserSettings.ExecutionRole"):
        sm.update_domain(DomainId=domain.id, DefaultUserSettings={"ExecutionRole": domain.role})
    with refused("ValidationException", "ExecutionRoleIdentityConfig"):
        sm.update_domain(
            DomainId=domain.id,
            DomainSettingsForUpdate={"ExecutionRoleIdentityConfig": "USER_PROFILE_NAME"},
        )


def test_the_role_of_rstudio_is_passed_like_any_other(sm: Any, aws: Aws, domain: Any) -> None:
    keys = make_user(aws, "ana", allow("sagemaker:*"))
    settings = {"RStudioServerProDomainSettingsForUpdate": {"DomainExecutionRoleArn": domain.role}}
    with refused("AccessDeniedException", "iam:PassRole", domain.role):
        aws.client("sagemaker", keys).update_domain(
            DomainId=domain.id, DomainSettingsForUpdate=settings
        )
    sm.update_domain(
        DomainId=domain.id, DomainSettingsForUpdate=settings, AppSecurityGroupManagement="Service"
    )
    found = sm.describe_domain(DomainId=domain.id)
    assert found["DomainSettings"] == {
        "RStudioServerProDomainSettings": {"DomainExecutionRoleArn": domain.role}
    }


# -- quotas ----------------------------------------------------------------------------------------


def test_a_quota_is_a_bound_in_awss_words(sm: Any, aws: Aws, house: House, domain: Any) -> None:
    def bound(**asked: int | None) -> None:
        named = {name.replace("_", "-"): number for name, number in asked.items()}
        house.kernel.writer.run(lambda unit: quotas.put(unit, named))

    bound(domains=1, user_profiles=1, spaces=0, apps=1)
    with refused(
        "ResourceLimitExceeded",
        "The account-level service limit 'Total domains' is 1 Domains, with current utilization "
        "of 1 Domains and a request delta of 1 Domains.",
    ):
        sm.create_domain(DomainName="d", AuthMode="IAM", DefaultUserSettings={})
    with refused("ResourceLimitExceeded", "is 1 UserProfiles"):
        make_profile(aws, domain.id, "bob")
    with refused("ResourceLimitExceeded", "is 0 Spaces"):
        make_space(aws, domain.id, "team")
    who = {"DomainId": domain.id, "UserProfileName": "ana"}
    sm.create_app(**who, **APP)
    with refused("ResourceLimitExceeded", "is 1 Apps"):
        sm.create_app(**who, AppType="JupyterServer", AppName="default")
    bound(domains=None, apps=None)
    on = "apps.JupyterLab.ml.t3.medium"
    house.kernel.writer.run(lambda unit: quotas.put(unit, {on: 1, f"{on}@{domain.id}": 9}))
    words = "limit 'JupyterLab Apps running on ml.t3.medium instance' is 1 Apps, with current"
    make_profile_of(house, aws, domain.id, "eve")
    with refused("ResourceLimitExceeded", words):
        sm.create_app(DomainId=domain.id, UserProfileName="eve", **APP)
    sm.create_app(**who, AppType="JupyterServer", AppName="default")
    large = {"ResourceSpec": {"InstanceType": "ml.m5.large"}}
    sm.create_app(DomainId=domain.id, UserProfileName="eve", **APP, **large)
    sm.create_domain(DomainName="d", AuthMode="IAM", DefaultUserSettings={})


def make_profile_of(house: House, aws: Aws, domain_id: str, name: str) -> None:
    """A profile in spite of the quota, which is taken away for it."""
    house.kernel.writer.run(lambda unit: quotas.put(unit, {"user-profiles": None}))
    make_profile(aws, domain_id, name)


# -- at once ---------------------------------------------------------------------------------------


def test_of_many_creates_of_one_name_one_wins(sm: Any, aws: Aws, domain: Any) -> None:
    names = ["Eve", "eve", "EVE", "Eve"]
    profiles = together(
        *(lambda name=name: make_profile(aws, domain.id, name) for name in names)  # type: ignore[misc]
    )
    assert sorted(profiles) == ["ResourceInUse"] * 3 + ["ok"]
    request = {"DomainName": "one", "AuthMode": "IAM", "DefaultUserSettings": {}}
    domains = together(*[lambda: sm.create_domain(**request)] * 4)
    assert sorted(domains) == ["ResourceInUse"] * 3 + ["ok"]
    who = {"DomainId": domain.id, "UserProfileName": "ana"}
    apps = together(*[lambda: sm.create_app(**who, **APP)] * 4)
    assert sorted(apps) == ["ResourceInUse"] * 3 + ["ok"]


def test_what_is_made_while_its_domain_goes_is_no_orphan(sm: Any, aws: Aws, role: str) -> None:
    for turn in range(5):
        domain = make_domain(aws, f"d{turn}", role)
        said = together(
            lambda made=domain: sm.delete_domain(DomainId=made.id),  # type: ignore[misc]
            lambda made=domain: make_profile(aws, made.id, "ana"),  # type: ignore[misc]
            lambda made=domain: sm.update_domain(DomainId=made.id, TagPropagation="ENABLED"),  # type: ignore[misc]
        )
        if said[0] == "ok":
            assert said[1] == "ResourceNotFound"
            assert sm.list_user_profiles(DomainIdEquals=domain.id)["UserProfiles"] == []
        else:
            assert said[:2] == ["ResourceInUse", "ok"]
            assert sm.describe_domain(DomainId=domain.id)["TagPropagation"] == "ENABLED"
        assert said[2] in ("ok", "ResourceNotFound")
