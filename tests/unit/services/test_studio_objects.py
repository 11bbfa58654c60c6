from __future__ import annotations

import base64
import time
from typing import Any

import pytest
from tests.support.inprocess import Aws
from tests.support.people import refused
from tests.support.studio import (
    make_domain,
    make_profile,
    make_space,
    session_keys,
    tags_of,
    work_role,
)

from freehold.compose import House
from freehold.kernel.tagging import DOMAIN_TAG, PROFILE_TAG

SCRIPT = base64.b64encode(b"#!/bin/bash\necho hi\n").decode()
SECRET = "arn:aws:secretsmanager:us-east-1:111122223333:secret:git-AbCdEf"
APP = {"AppType": "JupyterLab", "AppName": "default"}


@pytest.fixture
def sm(aws: Aws) -> Any:
    return aws.client("sagemaker")


@pytest.fixture
def role(aws: Aws) -> str:
    return work_role(aws, "work")


def script(sm: Any, name: str, app_type: str = "JupyterLab", **more: Any) -> str:
    made = sm.create_studio_lifecycle_config(
        StudioLifecycleConfigName=name,
        StudioLifecycleConfigContent=SCRIPT,
        StudioLifecycleConfigAppType=app_type,
        **more,
    )
    return str(made["StudioLifecycleConfigArn"])


def attached(*arns: str, default: str | None = None, app_type: str = "JupyterLab") -> Any:
    found: dict[str, Any] = {"LifecycleConfigArns": list(arns)}
    if default:
        found["DefaultResourceSpec"] = {"LifecycleConfigArn": default}
    return {f"{app_type}AppSettings": found}


# -- lifecycle configurations ----------------------------------------------------------------------


def test_a_lifecycle_config_is_kept_exactly(sm: Any) -> None:
    arn = script(sm, "setup", Tags=[{"Key": "team", "Value": "a"}])
    assert arn == "arn:aws:sagemaker:us-east-1:111122223333:studio-lifecycle-config/setup"
    described = sm.describe_studio_lifecycle_config(StudioLifecycleConfigName="setup")
    assert described["CreationTime"] == described["LastModifiedTime"]
    assert described["StudioLifecycleConfigContent"] == SCRIPT
    assert described["StudioLifecycleConfigAppType"] == "JupyterLab"
    assert sm.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "a"}]
    with refused("ResourceInUse", "setup", "already exists"):
        script(sm, "setup", "CodeEditor")
    sm.delete_studio_lifecycle_config(StudioLifecycleConfigName="setup")
    for ask in (sm.describe_studio_lifecycle_config, sm.delete_studio_lifecycle_config):
        with refused("ResourceNotFound", "setup"):
            ask(StudioLifecycleConfigName="setup")


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"StudioLifecycleConfigContent": "#!/bin/bash"}, "base64"),
        ({"StudioLifecycleConfigContent": base64.b64encode(b"\xff\xfe").decode()}, "UTF-8"),
        (
            {"StudioLifecycleConfigContent": "A" * 16388},
            "Member must have length less than or equal to 16384",
        ),
        ({"StudioLifecycleConfigAppType": "Canvas"}, "at 'studioLifecycleConfigAppType'"),
        ({"StudioLifecycleConfigName": "no_good"}, "at 'studioLifecycleConfigName'"),
    ],
)
def test_a_lifecycle_config_that_could_not_run_is_refused(aws: Aws, asked: Any, words: str) -> None:
    sm = aws.unchecked("sagemaker")
    with refused("ValidationException", words):
        sm.create_studio_lifecycle_config(
            **{
                "StudioLifecycleConfigName": "x",
                "StudioLifecycleConfigContent": SCRIPT,
                "StudioLifecycleConfigAppType": "JupyterLab",
            }
            | asked
        )


def test_lifecycle_configs_are_listed_by_every_filter_and_order(sm: Any) -> None:
    for name, app_type in (
        ("b-one", "JupyterLab"),
        ("a-two", "CodeEditor"),
        ("c-one", "JupyterLab"),
    ):
        script(sm, name, app_type)

    def names(**asked: Any) -> list[str]:
        found = sm.list_studio_lifecycle_configs(**asked)["StudioLifecycleConfigs"]
        return [one["StudioLifecycleConfigName"] for one in found]

    assert names() == ["c-one", "a-two", "b-one"]
    assert names(SortBy="Name", SortOrder="Ascending") == ["a-two", "b-one", "c-one"]
    assert names(AppTypeEquals="JupyterLab") == ["c-one", "b-one"]
    assert names(NameContains="one", SortOrder="Ascending") == ["b-one", "c-one"]
    assert names(SortBy="LastModifiedTime", SortOrder="Ascending") == ["b-one", "a-two", "c-one"]
    soon = time.time() + 60
    for member in ("CreationTime", "ModifiedTime"):
        assert names(**{f"{member}After": soon}) == []
        assert len(names(**{f"{member}Before": soon})) == 3
    page = sm.list_studio_lifecycle_configs(MaxResults=2, AppTypeEquals="JupyterLab")
    assert "NextToken" not in page
    page = sm.list_studio_lifecycle_configs(MaxResults=2)
    assert names(MaxResults=2, NextToken=page["NextToken"]) == ["b-one"]


def test_a_lifecycle_config_in_use_stays(sm: Any, aws: Aws, role: str) -> None:
    arn = script(sm, "setup")
    domain = make_domain(aws, "finance", role)
    make_profile(aws, domain.id, "ana", UserSettings=attached(arn))
    sm.update_domain(DomainId=domain.id, DefaultSpaceSettings=attached(arn))
    named = {"StudioLifecycleConfigName": "setup"}
    with refused("ResourceInUse", f"Unable to delete StudioLifecycleConfig [{arn}]", "Domain(s)"):
        sm.delete_studio_lifecycle_config(**named)
    sm.update_domain(DomainId=domain.id, DefaultSpaceSettings=attached())
    with refused("ResourceInUse", "UserProfile(s)"):
        sm.delete_studio_lifecycle_config(**named)
    sm.update_user_profile(DomainId=domain.id, UserProfileName="ana", UserSettings=attached())
    settings = sm.describe_user_profile(DomainId=domain.id, UserProfileName="ana")["UserSettings"]
    assert settings == attached()
    sm.delete_studio_lifecycle_config(**named)


def test_settings_attach_only_scripts_that_are_there_and_fit(sm: Any, aws: Aws, role: str) -> None:
    arn, gone = script(sm, "editor", "CodeEditor"), script(sm, "gone")
    sm.delete_studio_lifecycle_config(StudioLifecycleConfigName="gone")
    domain = make_domain(aws, "finance", role)
    make_profile(aws, domain.id, "ana")
    for settings, code, words in (
        (attached(gone), "ResourceNotFound", "gone"),
        (attached(default=gone), "ResourceNotFound", "gone"),
        (attached(arn), "ValidationException", "for apps of the type CodeEditor, not JupyterLab"),
    ):
        with refused(code, words):
            sm.update_domain(DomainId=domain.id, DefaultUserSettings=settings)
        with refused(code, words):
            sm.update_domain(DomainId=domain.id, DefaultSpaceSettings=settings)
        with refused(code, words):
            sm.update_user_profile(DomainId=domain.id, UserProfileName="ana", UserSettings=settings)
        with refused(code, words):
            sm.create_domain(DomainName="d", AuthMode="IAM", DefaultUserSettings=settings)
    sm.update_domain(DomainId=domain.id, DefaultUserSettings=attached(arn, app_type="CodeEditor"))


def test_an_app_runs_the_script_that_it_was_started_with_or_none(
    sm: Any, aws: Aws, house: House, role: str
) -> None:
    arn = script(sm, "setup")
    domain = make_domain(
        aws, "finance", role, DefaultUserSettings={"ExecutionRole": role} | attached(default=arn)
    )
    make_profile(aws, domain.id, "ana")
    who = {"DomainId": domain.id, "UserProfileName": "ana", **APP}
    with refused("ValidationException", arn, "not among the LifecycleConfigArns"):
        sm.create_app(**who)
    sm.update_domain(DomainId=domain.id, DefaultUserSettings=attached(arn))
    sm.create_app(**who, ResourceSpec={"LifecycleConfigArn": "None"})
    assert sm.describe_app(**who)["ResourceSpec"] == {"InstanceType": "ml.t3.medium"}
    make_profile(aws, domain.id, "bob")
    made = sm.create_app(**who | {"UserProfileName": "bob"})["AppArn"]
    record = house.kernel.own_unit().find(made)
    assert record is not None
    assert record.document["_Scripts"] == [arn]
    make_profile(aws, domain.id, "cy")
    recovering = who | {"UserProfileName": "cy", "RecoveryMode": True}
    record = house.kernel.own_unit().find(sm.create_app(**recovering)["AppArn"])
    assert record is not None
    assert "_Scripts" not in record.document


def test_a_built_in_script_runs_before_the_default_one(
    sm: Any, aws: Aws, house: House, role: str
) -> None:
    first, second = script(sm, "first"), script(sm, "second")
    settings = attached(second, default=second)
    settings["JupyterLabAppSettings"]["BuiltInLifecycleConfigArn"] = first
    domain = make_domain(
        aws, "finance", role, DefaultUserSettings={"ExecutionRole": role} | settings
    )
    make_profile(aws, domain.id, "ana")
    who = {"DomainId": domain.id, "UserProfileName": "ana", **APP}
    record = house.kernel.own_unit().find(sm.create_app(**who)["AppArn"])
    assert record is not None
    assert record.document["_Scripts"] == [first, second]
    assert sm.describe_app(**who)["BuiltInLifecycleConfigArn"] == first
    with refused("ResourceInUse", first):
        sm.delete_studio_lifecycle_config(StudioLifecycleConfigName="first")


def test_repositories_are_cloned_with_the_branch_that_is_known_for_them(
    sm: Any, aws: Aws, house: House, role: str
) -> None:
    known, other = "https://git.example.com/team/work.git", "https://git.example.com/other.git"
    sm.create_code_repository(
        CodeRepositoryName="work", GitConfig={"RepositoryUrl": known, "Branch": "dev"}
    )
    lab = {"CodeRepositories": [{"RepositoryUrl": known}, {"RepositoryUrl": other}]}
    domain = make_domain(
        aws,
        "finance",
        role,
        DefaultUserSettings={"ExecutionRole": role, "JupyterLabAppSettings": lab},
    )
    make_profile(aws, domain.id, "ana")
    made = sm.create_app(DomainId=domain.id, UserProfileName="ana", **APP)["AppArn"]
    record = house.kernel.own_unit().find(made)
    assert record is not None
    assert record.document["_Repositories"] == [
        {"Url": known, "Branch": "dev"},
        {"Url": other, "Branch": None},
    ]


# -- code repositories -----------------------------------------------------------------------------


def test_a_code_repository_is_kept_and_only_its_secret_changes(sm: Any) -> None:
    git = {"RepositoryUrl": "https://git.example.com/team/work.git", "Branch": "main"}
    arn = sm.create_code_repository(CodeRepositoryName="work", GitConfig=git)["CodeRepositoryArn"]
    assert arn.endswith(":code-repository/work")
    with refused("ValidationException", "duplicate CodeRepository"):
        sm.create_code_repository(CodeRepositoryName="work", GitConfig=git)
    sm.update_code_repository(CodeRepositoryName="work", GitConfig={"SecretArn": SECRET})
    described = sm.describe_code_repository(CodeRepositoryName="work")
    assert described["GitConfig"] == git | {"SecretArn": SECRET}
    sm.create_code_repository(CodeRepositoryName="also", GitConfig=git)
    found = sm.list_code_repositories()["CodeRepositorySummaryList"]
    assert [one["CodeRepositoryName"] for one in found] == ["also", "work"]
    assert found[1]["GitConfig"] == described["GitConfig"]
    found = sm.list_code_repositories(NameContains="or", SortBy="LastModifiedTime")
    assert [one["CodeRepositoryName"] for one in found["CodeRepositorySummaryList"]] == ["work"]
    sm.delete_code_repository(CodeRepositoryName="work")
    for ask in (sm.describe_code_repository, sm.delete_code_repository):
        with refused("ValidationException", f'Cannot find CodeRepository: "{arn}"'):
            ask(CodeRepositoryName="work")


@pytest.mark.parametrize(
    "git",
    [
        {"RepositoryUrl": "http://git.example.com/team/work.git"},
        {"RepositoryUrl": "git@git.example.com:team/work.git"},
        {"RepositoryUrl": "file:///etc/passwd"},
        {"RepositoryUrl": "https://git.example.com/x.git", "Branch": "a b"},
        {"RepositoryUrl": "https://git.example.com/x.git", "SecretArn": "hunter2"},
    ],
)
def test_a_repository_that_is_no_https_address_is_refused(aws: Aws, git: Any) -> None:
    with refused("ValidationException", "at 'gitConfig."):
        aws.unchecked("sagemaker").create_code_repository(CodeRepositoryName="x", GitConfig=git)


# -- all of them -----------------------------------------------------------------------------------


def test_what_is_made_inside_a_domain_says_so(sm: Any, aws: Aws, house: House, role: str) -> None:
    domain = make_domain(aws, "finance", role)
    ana = make_profile(aws, domain.id, "ana")
    inside = aws.client("sagemaker", session_keys(house, role, ana))
    git = {"RepositoryUrl": "https://git.example.com/team/work.git"}
    arns = [
        script(inside, "setup"),
        inside.create_code_repository(CodeRepositoryName="w", GitConfig=git)["CodeRepositoryArn"],
        inside.create_app_image_config(AppImageConfigName="c")["AppImageConfigArn"],
        inside.create_image(ImageName="i", RoleArn=role)["ImageArn"],
    ]
    for arn in arns:
        assert tags_of(aws, arn) == {DOMAIN_TAG: domain.arn, PROFILE_TAG: ana}


def test_a_private_spaces_app_has_its_owners_settings_and_a_shared_one_the_domains(
    sm: Any, aws: Aws, role: str
) -> None:
    def spec(instance: str) -> Any:
        return {"JupyterLabAppSettings": {"DefaultResourceSpec": {"InstanceType": instance}}}

    domain = make_domain(
        aws, "finance", role, DefaultSpaceSettings={"ExecutionRole": role} | spec("ml.m5.large")
    )
    make_profile(aws, domain.id, "ana", UserSettings=spec("ml.c5.large"))
    make_space(aws, domain.id, "own", owner="ana")
    make_space(aws, domain.id, "team")
    for space, expected in (("own", "ml.c5.large"), ("team", "ml.m5.large")):
        sm.create_app(DomainId=domain.id, SpaceName=space, **APP)
        found = sm.describe_app(DomainId=domain.id, SpaceName=space, **APP)
        assert found["ResourceSpec"] == {"InstanceType": expected}
