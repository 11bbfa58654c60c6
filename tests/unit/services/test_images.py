from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.support.inprocess import Aws
from tests.support.people import allow, make_user, policy, refused
from tests.support.studio import (
    make_domain,
    make_profile,
    session_keys,
    tags_of,
    work_role,
)

from freehold.base.settings import Settings
from freehold.compose import House
from freehold.host import runtimes
from freehold.kernel.permission.tight import tight_policy
from freehold.kernel.tagging import DOMAIN_TAG, PROFILE_TAG

LAB = "local://venv/jupyterlab"
UNKNOWN = "012345678912.dkr.ecr.us-west-2.amazonaws.com/image:latest"
APP = {"AppType": "JupyterLab", "AppName": "default"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A machine on which JupyterLab is installed and nothing else: a record and a python."""
    for name in ("jupyterlab",):
        place = tmp_path / "runtimes" / name
        (place / "bin").mkdir(parents=True)
        (place / "bin" / "python").touch()
        found = runtimes.Runtime(
            name=name,
            root=str(place),
            prefix="/usr",
            python=str(place / "bin" / "python"),
            digest="x",
        )
        (place / "runtime.json").write_bytes(runtimes.msgspec.json.encode(found))
    return Settings(
        state=tmp_path / "state", account_id="111122223333", runtimes=tmp_path / "runtimes"
    )


@pytest.fixture
def sm(aws: Aws) -> Any:
    return aws.client("sagemaker")


@pytest.fixture
def role(aws: Aws) -> str:
    return work_role(aws, "work")


@pytest.fixture
def image(sm: Any, role: str) -> str:
    sm.create_image(ImageName="Team.lab", RoleArn=role, DisplayName="Lab")
    return "Team.lab"


def version(sm: Any, image: str, base: str = LAB, **more: Any) -> str:
    return str(sm.create_image_version(ImageName=image, BaseImage=base, **more)["ImageVersionArn"])


# -- images ----------------------------------------------------------------------------------------


def test_an_image_has_awss_shape_and_waiters_end_at_their_first_look(sm: Any, role: str) -> None:
    arn = sm.create_image(
        ImageName="lab", RoleArn=role, Description="d", Tags=[{"Key": "team", "Value": "a"}]
    )["ImageArn"]
    assert arn == "arn:aws:sagemaker:us-east-1:111122223333:image/lab"
    sm.get_waiter("image_created").wait(ImageName="lab", WaiterConfig={"MaxAttempts": 1})
    described = sm.describe_image(ImageName="lab")
    assert set(described) - {"ResponseMetadata"} == {
        "ImageArn",
        "ImageName",
        "ImageStatus",
        "RoleArn",
        "Description",
        "CreationTime",
        "LastModifiedTime",
    }
    sm.update_image(ImageName="lab", DisplayName="Lab", DeleteProperties=["Description"])
    described = sm.describe_image(ImageName="lab")
    assert described["DisplayName"] == "Lab"
    assert "Description" not in described
    (item,) = sm.list_images(NameContains="la", SortBy="IMAGE_NAME")["Images"]
    assert item["ImageStatus"] == "CREATED"
    assert sm.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "a"}]
    sm.delete_image(ImageName="lab")
    sm.get_waiter("image_deleted").wait(ImageName="lab", WaiterConfig={"MaxAttempts": 1})


def test_an_image_is_refused_in_awss_words(sm: Any, aws: Aws, image: str, role: str) -> None:
    for name in (image, image.lower()):
        with refused(
            "ResourceInUse",
            f"The Image with ImageName {image} already exists. Please use a different ImageName.",
        ):
            sm.create_image(ImageName=name, RoleArn=role)
    with refused("ValidationException", "Could not assume role"):
        sm.create_image(ImageName="x", RoleArn="arn:aws:iam::111122223333:role/nobody")
    with refused("AccessDeniedException", "Cross-account pass role"):
        sm.create_image(ImageName="x", RoleArn="arn:aws:iam::999999999999:role/theirs")
    for ask in (sm.describe_image, sm.delete_image, sm.update_image, sm.list_image_versions):
        with refused("ResourceNotFound", "nothing"):
            ask(ImageName="nothing")
    keys = make_user(aws, "ana", allow("sagemaker:*"))
    with refused("AccessDeniedException", "iam:PassRole"):
        aws.client("sagemaker", keys).create_image(ImageName="y", RoleArn=role)


# -- versions --------------------------------------------------------------------------------------


def test_versions_are_numbered_and_a_number_is_never_given_again(sm: Any, image: str) -> None:
    first = version(sm, image, Aliases=["stable"], MLFramework="torch 2.1", Horovod=True)
    assert first.endswith(":image-version/team.lab/1")
    assert version(sm, image).endswith("/2")
    sm.delete_image_version(ImageName=image, Version=2)
    assert version(sm, image).endswith("/3")
    described = sm.describe_image_version(ImageName=image, Alias="stable")
    described.pop("ResponseMetadata")
    for member in ("CreationTime", "LastModifiedTime"):
        described.pop(member)
    assert described == {
        "BaseImage": LAB,
        "ContainerImage": LAB,
        "ImageArn": "arn:aws:sagemaker:us-east-1:111122223333:image/Team.lab",
        "ImageVersionArn": first,
        "ImageVersionStatus": "CREATED",
        "Version": 1,
        "MLFramework": "torch 2.1",
        "Horovod": True,
    }
    assert sm.describe_image_version(ImageName=image)["Version"] == 3
    numbers = [one["Version"] for one in sm.list_image_versions(ImageName=image)["ImageVersions"]]
    assert numbers == [3, 1]
    page = sm.list_image_versions(ImageName=image, MaxResults=1, SortBy="VERSION")
    assert [one["Version"] for one in page["ImageVersions"]] == [3]
    page = sm.list_image_versions(
        ImageName=image, MaxResults=1, SortBy="VERSION", NextToken=page["NextToken"]
    )
    assert [one["Version"] for one in page["ImageVersions"]] == [1]
    assert "NextToken" not in page


def test_the_same_token_makes_one_version(sm: Any, image: str) -> None:
    assert version(sm, image, ClientToken="t-1") == version(sm, image, ClientToken="t-1")
    assert len(sm.list_image_versions(ImageName=image)["ImageVersions"]) == 1


@pytest.mark.parametrize(
    ("base", "words"),
    [
        (UNKNOWN, "not known to this server"),
        ("local://venv/sklearn", "not installed: run `freehold runtime install sklearn`"),
        ("local://venv/nothing", "not installed"),
    ],
)
def test_a_base_that_no_runtime_serves_makes_a_failed_version(
    sm: Any, image: str, base: str, words: str
) -> None:
    version(sm, image, base)
    described = sm.describe_image_version(ImageName=image)
    assert described["ImageVersionStatus"] == "CREATE_FAILED"
    assert words in described["FailureReason"]
    assert "ContainerImage" not in described
    (item,) = sm.list_image_versions(ImageName=image)["ImageVersions"]
    assert item["ImageVersionStatus"] == "CREATE_FAILED"
    assert sm.describe_image(ImageName=image)["ImageStatus"] == "CREATED"


def test_what_is_no_registry_path_is_refused(sm: Any, image: str) -> None:
    for base in ("nonsense", "../../etc", "http://x.example/y z"):
        with refused("ValidationException", "is not the path of a container image"):
            version(sm, image, base)


def test_an_alias_belongs_to_one_version(sm: Any, image: str) -> None:
    version(sm, image, Aliases=["1.0", "stable"])
    version(sm, image, Aliases=["2.0"])
    with refused("ResourceInUse", "alias stable", "version 1"):
        version(sm, image, Aliases=["stable"])
    with refused("ResourceInUse", "alias stable"):
        sm.update_image_version(ImageName=image, Version=2, AliasesToAdd=["stable"])
    sm.update_image_version(ImageName=image, Alias="stable", AliasesToDelete=["stable"])
    sm.update_image_version(
        ImageName=image, Version=2, AliasesToAdd=["stable"], VendorGuidance="STABLE"
    )
    described = sm.describe_image_version(ImageName=image, Alias="stable")
    assert (described["Version"], described["VendorGuidance"]) == (2, "STABLE")

    def aliases(**asked: Any) -> Any:
        return sm.list_aliases(ImageName=image, **asked)["SageMakerImageVersionAliases"]

    assert aliases() == ["1.0", "2.0", "stable"]
    assert aliases(Version=2) == aliases(Alias="2.0") == ["2.0", "stable"]
    page = sm.list_aliases(ImageName=image, MaxResults=2)
    assert page["SageMakerImageVersionAliases"] == ["1.0", "2.0"]
    assert aliases(MaxResults=2, NextToken=page["NextToken"]) == ["stable"]
    with refused("ResourceNotFound", "has no alias gone"):
        sm.update_image_version(ImageName=image, Version=2, AliasesToDelete=["gone"])
    sm.delete_image_version(ImageName=image, Alias="stable")
    assert aliases() == ["1.0"]


def test_a_missing_version_is_told_in_awss_words(sm: Any, image: str) -> None:
    with refused(
        "ResourceNotFound",
        f"Latest ImageVersion with ImageName {image} does not exist. Please provide a valid "
        "ImageName.",
    ):
        sm.describe_image_version(ImageName=image)
    version(sm, image, Aliases=["a"])
    version(sm, image)
    for asked in ({"Version": 9}, {"Alias": "b"}, {"Version": 2, "Alias": "a"}):
        with refused("ResourceNotFound", f"ImageVersion with ImageName {image} and"):
            sm.describe_image_version(ImageName=image, **asked)
    for ask in (sm.update_image_version, sm.delete_image_version):
        with refused("ValidationException", "Either Version or Alias is required"):
            ask(ImageName=image)
    sm.get_waiter("image_version_created").wait(
        ImageName=image, Version=1, WaiterConfig={"MaxAttempts": 1}
    )
    sm.delete_image_version(ImageName=image, Version=1)
    sm.get_waiter("image_version_deleted").wait(
        ImageName=image, Version=1, WaiterConfig={"MaxAttempts": 1}
    )


def test_versions_go_with_their_image(sm: Any, image: str, role: str) -> None:
    version(sm, image)
    sm.delete_image(ImageName=image)
    sm.create_image(ImageName=image, RoleArn=role)
    assert sm.list_image_versions(ImageName=image)["ImageVersions"] == []


def test_a_version_is_asked_on_its_own_arn_and_says_whose_it_is(
    sm: Any, aws: Aws, house: House, role: str
) -> None:
    domain = make_domain(aws, "finance", role)
    ana = make_profile(aws, domain.id, "ana")
    inside = aws.client("sagemaker", session_keys(house, role, ana))
    inside.create_image(ImageName="mine", RoleArn=role)
    version(inside, "mine")
    arn = "arn:aws:sagemaker:us-east-1:111122223333:image-version/mine/1"
    assert tags_of(aws, arn) == {DOMAIN_TAG: domain.arn, PROFILE_TAG: ana}
    keys = make_user(aws, "bob", allow("sagemaker:DescribeImageVersion", arn))
    bob = aws.client("sagemaker", keys)
    assert bob.describe_image_version(ImageName="mine")["Version"] == 1
    with refused("AccessDeniedException", "image-version/other/2"):
        bob.describe_image_version(ImageName="other", Version=2)


# -- how images are run ----------------------------------------------------------------------------


def test_an_app_image_config_is_kept_exactly(sm: Any) -> None:
    kernel = {
        "KernelSpecs": [{"Name": "python3", "DisplayName": "Python"}],
        "FileSystemConfig": {"MountPath": "/root", "DefaultUid": 0, "DefaultGid": 0},
    }
    lab = {
        "FileSystemConfig": {},
        "ContainerConfig": {
            "ContainerArguments": ["-v"],
            "ContainerEntrypoint": ["start"],
            "ContainerEnvironmentVariables": {"A": "1"},
        },
    }
    arn = sm.create_app_image_config(
        AppImageConfigName="c", KernelGatewayImageConfig=kernel, JupyterLabAppImageConfig=lab
    )["AppImageConfigArn"]
    assert arn.endswith(":app-image-config/c")
    with refused("ResourceInUse", "The ID or Name specified is already in use."):
        sm.create_app_image_config(AppImageConfigName="c")
    described = sm.describe_app_image_config(AppImageConfigName="c")
    assert described["KernelGatewayImageConfig"] == kernel
    assert described["JupyterLabAppImageConfig"] == lab
    assert "CodeEditorAppImageConfig" not in described
    sm.update_app_image_config(AppImageConfigName="c", JupyterLabAppImageConfig={})
    described = sm.describe_app_image_config(AppImageConfigName="c")
    assert described["JupyterLabAppImageConfig"] == {}
    assert described["KernelGatewayImageConfig"] == kernel
    (item,) = sm.list_app_image_configs(
        ModifiedTimeAfter=described["CreationTime"], SortBy="Name", SortOrder="Ascending"
    )["AppImageConfigs"]
    assert item["KernelGatewayImageConfig"] == kernel
    sm.delete_app_image_config(AppImageConfigName="c")
    with refused("ResourceNotFound", "c does not exist"):
        sm.describe_app_image_config(AppImageConfigName="c")


def lab_settings(*images: dict[str, Any], **spec: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"CustomImages": list(images)}
    if spec:
        found["DefaultResourceSpec"] = spec
    return {"JupyterLabAppSettings": found}


def custom(image: str, config: str = "c", **more: Any) -> dict[str, Any]:
    return {"ImageName": image, "AppImageConfigName": config} | more


@pytest.fixture
def config(sm: Any) -> str:
    sm.create_app_image_config(AppImageConfigName="c", JupyterLabAppImageConfig={})
    return "c"


def test_settings_attach_only_what_is_there_and_fits(
    sm: Any, aws: Aws, image: str, config: str, role: str
) -> None:
    domain = make_domain(aws, "finance", role)
    sm.create_app_image_config(
        AppImageConfigName="k", KernelGatewayImageConfig={"KernelSpecs": [{"Name": "p"}]}
    )

    def attach(one: dict[str, Any]) -> None:
        sm.update_domain(DomainId=domain.id, DefaultUserSettings=lab_settings(one))

    with refused("ResourceNotFound", "Latest ImageVersion with ImageName Team.lab does not exist"):
        attach(custom(image))
    version(sm, image, UNKNOWN)
    with refused("ValidationException", "is in an invalid state", "not known"):
        attach(custom(image))
    version(sm, image)
    for wrong, code, words in (
        (custom("nothing"), "ResourceNotFound", "ImageName nothing does not exist"),
        (custom(image, ImageVersionNumber=7), "ResourceNotFound", "Version 7 does not exist"),
        (custom(image, ImageVersionNumber=1), "ValidationException", "invalid state"),
        (custom(image, "nothing"), "ResourceNotFound", "AppImageConfig with name nothing"),
        (custom(image, "k"), "ValidationException", "has no JupyterLabAppImageConfig"),
    ):
        with refused(code, words):
            attach(wrong)
        with refused(code, words):
            sm.create_user_profile(
                DomainId=domain.id, UserProfileName="ana", UserSettings=lab_settings(wrong)
            )
    attach(custom(image, ImageVersionNumber=2))
    with refused("ResourceInUse", "Unable to delete Image [", "Domain(s) are associated with it"):
        sm.delete_image(ImageName=image)
    with refused("ResourceInUse", "Unable to delete ImageVersion [", "Domain(s)"):
        sm.delete_image_version(ImageName=image, Version=2)
    sm.delete_image_version(ImageName=image, Version=1)
    sm.update_domain(DomainId=domain.id, DefaultUserSettings=lab_settings())
    sm.delete_image(ImageName=image)


def test_an_app_starts_on_an_image_that_its_settings_list(
    sm: Any, aws: Aws, image: str, config: str, role: str
) -> None:
    version(sm, image, Aliases=["1.0"])
    second = version(sm, image)
    domain = make_domain(
        aws,
        "finance",
        role,
        DefaultUserSettings={"ExecutionRole": role}
        | lab_settings(custom(image, ImageVersionNumber=1)),
    )
    make_profile(aws, domain.id, "ana")
    arn = sm.describe_image(ImageName=image)["ImageArn"]
    who = {"DomainId": domain.id, "UserProfileName": "ana", **APP}
    for spec, code, words in (
        ({"SageMakerImageArn": arn}, "ValidationException", "Version 2 of the image"),
        ({"SageMakerImageVersionArn": second}, "ValidationException", "not among the CustomImages"),
        (
            {"SageMakerImageArn": arn, "SageMakerImageVersionAlias": "9.9"},
            "ResourceNotFound",
            "Alias 9.9",
        ),
        ({"SageMakerImageArn": f"{arn}x"}, "ResourceNotFound", "does not exist"),
        (
            {"SageMakerImageArn": "arn:aws:sagemaker:us-east-1:081325390199:image/unheard-of"},
            "ValidationException",
            "not known to this server",
        ),
        ({"SageMakerImageVersionAlias": "1.0"}, "ValidationException", "needs a"),
    ):
        with refused(code, words):
            sm.create_app(**who, ResourceSpec=spec)
    sm.create_app(
        **who, ResourceSpec={"SageMakerImageArn": arn, "SageMakerImageVersionAlias": "1.0"}
    )
    described = sm.describe_app(**who)
    assert described["ResourceSpec"]["SageMakerImageArn"] == arn
    sm.update_domain(DomainId=domain.id, DefaultUserSettings=lab_settings())
    with refused("ResourceInUse", "App(s) are associated with it"):
        sm.delete_image(ImageName=image)


def test_what_an_image_config_asks_and_would_not_get_is_refused(
    sm: Any, aws: Aws, image: str, config: str, role: str
) -> None:
    arn = version(sm, image)
    domain = make_domain(
        aws,
        "finance",
        role,
        DefaultUserSettings={"ExecutionRole": role}
        | lab_settings(custom(image), SageMakerImageVersionArn=arn),
    )
    make_profile(aws, domain.id, "ana")
    who = {"DomainId": domain.id, "UserProfileName": "ana", **APP}
    for asked, words in (
        ({"FileSystemConfig": {"MountPath": "/root"}}, "MountPath /root"),
        ({"FileSystemConfig": {"DefaultUid": 0}}, "DefaultUid 0"),
        ({"FileSystemConfig": {"DefaultUid": 1000, "DefaultGid": 0}}, "DefaultGid 0"),
    ):
        sm.update_app_image_config(AppImageConfigName=config, JupyterLabAppImageConfig=asked)
        with refused("ValidationException", words):
            sm.create_app(**who)
    sm.create_app(**who, ResourceSpec={"SageMakerImageVersionArn": "None"})
    assert sm.describe_app(**who)["ResourceSpec"] == {"InstanceType": "ml.t3.medium"}


def test_the_tight_policy_lets_a_domain_version_its_own_images_and_no_others(
    aws: Aws, house: House
) -> None:
    inside: dict[str, Any] = {}
    for name in ("finance", "research"):
        role = work_role(aws, f"work-{name}")
        domain = make_domain(aws, name, role)
        text = tight_policy(
            "aws", "us-east-1", "111122223333", domain.arn, domain.id, role, f"bucket-{name}"
        )
        aws.client("iam").put_role_policy(
            RoleName=f"work-{name}", PolicyName="given", PolicyDocument=policy(*text["Statement"])
        )
        ana = make_profile(aws, domain.id, "ana")
        inside[name] = aws.client("sagemaker", session_keys(house, role, ana))
        inside[name].create_image(ImageName=name, RoleArn=role)
        version(inside[name], name)
    mine, theirs = inside["finance"], {"ImageName": "research"}
    assert len(mine.list_image_versions(ImageName="finance")["ImageVersions"]) == 1
    assert mine.list_aliases(ImageName="finance")["SageMakerImageVersionAliases"] == []
    mine.update_image_version(ImageName="finance", Version=1, ReleaseNotes="x")
    with refused("AccessDeniedException", "sagemaker:CreateImageVersion"):
        version(mine, "research")
    for ask in (
        mine.list_image_versions,
        mine.list_aliases,
        mine.describe_image_version,
        lambda **named: mine.delete_image_version(**named, Version=1),
    ):
        with refused("AccessDeniedException"):
            ask(**theirs)
    mine.delete_image_version(ImageName="finance", Version=1)


def test_how_an_image_config_wants_the_image_run_is_kept_for_the_loop(
    sm: Any, aws: Aws, house: House, image: str, config: str, role: str
) -> None:
    arn = version(sm, image)
    domain = make_domain(
        aws,
        "finance",
        role,
        DefaultUserSettings={"ExecutionRole": role}
        | lab_settings(custom(image), SageMakerImageVersionArn=arn),
    )
    make_profile(aws, domain.id, "ana")
    who = {"DomainId": domain.id, "UserProfileName": "ana", **APP}
    asked = {
        "ContainerArguments": ["--debug"],
        "ContainerEntrypoint": ["start-lab"],
        "ContainerEnvironmentVariables": {"TEAM": "blue"},
    }
    sm.update_app_image_config(
        AppImageConfigName=config,
        JupyterLabAppImageConfig={
            "FileSystemConfig": {
                "MountPath": "/home/sagemaker-user",
                "DefaultUid": 1000,
                "DefaultGid": 100,
            },
            "ContainerConfig": asked,
        },
    )
    made = sm.create_app(**who)["AppArn"]
    kept = house.kernel.own_unit().find(made)
    assert kept is not None
    assert kept.document["_Container"] == asked
    assert kept.document["_ImageVersion"] == "1"
    sm.delete_app(**who)
