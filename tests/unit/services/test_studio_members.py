"""Every member of every Studio kind is accepted, kept and given back, or refused by name."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from tests.support.inprocess import Aws
from tests.support.maximal import Maximal
from tests.support.people import refused
from tests.support.studio import work_role

from freehold.services.sagemaker.service import sagemaker

# What is refused though AWS may take it, or what AWS refuses in our only mode (AuthMode IAM):
# the member, a value that asks for it, and words of the refusal. Each stands in docs/parity.md.
REFUSED: dict[str, tuple[Any, str, str]] = {
    "AuthMode": ("SSO", "IAM Identity Center", "SSO domains are refused"),
    "KmsKeyId": ("alias/x", "KmsKeyId is not supported", "KMS keys"),
    "HomeEfsFileSystemKmsKeyId": ("alias/x", "KmsKeyId is not supported", "KMS keys"),
    "AmazonQSettings": ({"Status": "ENABLED"}, "AuthMode SSO", "AmazonQSettings"),
    "TrustedIdentityPropagationSettings": (
        {"Status": "ENABLED"},
        "AuthMode SSO",
        "TrustedIdentityPropagationSettings",
    ),
    "SingleSignOnUserIdentifier": ("UserName", "AuthMode SSO", "SingleSignOnUserIdentifier"),
    "SingleSignOnUserValue": ("ana", "AuthMode SSO", "SingleSignOnUserValue"),
    "SpaceManagedResources": ("ENABLED", "not supported by this server", "SpaceManagedResources"),
    "FSxLustreFileSystemConfig": (
        {"FileSystemId": "fs-0123456789abcdef0", "FileSystemPath": "/"},
        "there is no FSx here",
        "FSx",
    ),
    "FSxLustreFileSystem": (
        {"FileSystemId": "fs-0123456789abcdef0"},
        "not among the CustomFileSystemConfigs",
        "FSx",
    ),
    "TrainingPlanArn": (
        "arn:aws:sagemaker:us-east-1:111122223333:training-plan/p",
        "TrainingPlanArn is not supported",
        "TrainingPlanArn",
    ),
}
APP_TYPES = ("JupyterServer", "KernelGateway", "CodeEditor", "JupyterLab")
S3_SYSTEM = {"S3FileSystemConfig": {"MountPath": "data", "S3Uri": "s3://bucket/prefix"}}
PROFILE_ONLY = {"AutoMountHomeEFS": "DefaultAsDomain"}


@pytest.fixture
def sm(aws: Aws) -> Any:
    return aws.client("sagemaker")


@pytest.fixture
def known(sm: Any, aws: Aws) -> dict[str, Any]:
    """What members name, made beforehand."""
    role = work_role(aws, "work")
    ec2 = aws.client("ec2")
    vpc = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"][0]
    of_vpc = [{"Name": "vpc-id", "Values": [vpc["VpcId"]]}]
    groups = [
        one["GroupId"] for one in ec2.describe_security_groups(Filters=of_vpc)["SecurityGroups"]
    ]
    scripts = {
        app_type: sm.create_studio_lifecycle_config(
            StudioLifecycleConfigName=app_type.lower(),
            StudioLifecycleConfigContent=base64.b64encode(b"true\n").decode(),
            StudioLifecycleConfigAppType=app_type,
        )["StudioLifecycleConfigArn"]
        for app_type in APP_TYPES
    }
    volume = aws.client("efs").create_file_system(CreationToken="shared")["FileSystemId"]

    def script(path: str) -> str:
        app_type = path.split("AppSettings")[0].rsplit(".", 1)[-1]
        return str(scripts.get(app_type, "None"))  # of other types there are no scripts

    return {
        "ExecutionRole": role,
        "RoleArn": role,
        "DomainExecutionRoleArn": role,
        "SecurityGroups": groups[:1],
        "SecurityGroupIds": groups[:1],
        "VpcId": vpc["VpcId"],
        "SubnetIds": [one["SubnetId"] for one in ec2.describe_subnets(Filters=of_vpc)["Subnets"]],
        "LifecycleConfigArns": lambda path: [script(path)],
        "LifecycleConfigArn": script,
        "BuiltInLifecycleConfigArn": script,
        "CustomImages": [],
        "CustomFileSystemConfigs": [
            {"EFSFileSystemConfig": {"FileSystemId": volume, "FileSystemPath": "/shared"}},
            S3_SYSTEM,
        ],
        "CustomFileSystems": [{"EFSFileSystem": {"FileSystemId": volume}}],
        "AuthMode": "IAM",
        "AppSecurityGroupManagement": "Service",
        "AmazonQSettings": {"Status": "DISABLED"},
        "TrustedIdentityPropagationSettings": {"Status": "DISABLED"},
        "SpaceManagedResources": "DISABLED",
        "DefaultLandingUri": "app:JupyterServer:",
        "HomeEfsFileSystemCreation": "Enabled",
        "UnifiedStudioSettings.DomainId": "dzd-abc123",
    }


WITHOUT = frozenset(
    {
        "KmsKeyId",
        "HomeEfsFileSystemKmsKeyId",
        "SingleSignOnUserIdentifier",
        "SingleSignOnUserValue",
        "TrainingPlanArn",
        "Tags",
    }
)
ENDS = pytest.mark.parametrize("end", ["first", "last"])


def whole(operation: str, end: str, known: dict[str, Any], **own: Any) -> dict[str, Any]:
    """The largest request of an operation; ``own`` members take the place of the model's."""
    model = sagemaker.model.operations[operation].input
    assert model is not None
    found: dict[str, Any] = Maximal(end, known | own, WITHOUT).value(model)
    return found


def same(described: dict[str, Any], asked: dict[str, Any], *but: str) -> None:
    """Every member of a request stands in the answer as it was given."""
    wanted = {name: value for name, value in asked.items() if name not in ("Tags", *but)}
    assert {name: described.get(name) for name in wanted} == wanted


def renamed(asked: dict[str, Any]) -> dict[str, Any]:
    """UpdateDomain's members under the names that DescribeDomain has for them."""
    found = dict(asked)
    settings = dict(found.pop("DomainSettingsForUpdate"))
    settings["RStudioServerProDomainSettings"] = settings.pop(
        "RStudioServerProDomainSettingsForUpdate"
    )
    return found | {"DomainSettings": settings}


@ENDS
def test_a_domain(sm: Any, known: dict[str, Any], end: str) -> None:
    own = {"DomainName": "d", "AutoMountHomeEFS": "Enabled", "AppNetworkAccessType": "VpcOnly"}
    asked = whole("CreateDomain", end, known, **own)
    domain_id = sm.create_domain(**asked)["DomainId"]
    same(sm.describe_domain(DomainId=domain_id), asked)
    bare = sm.create_domain(DomainName="bare", AuthMode="IAM", DefaultUserSettings={})["DomainId"]
    own["AppNetworkAccessType"] = "PublicInternetOnly"  # with RStudio it cannot change
    asked = whole("UpdateDomain", end, known, DomainId=bare, **own)
    sm.update_domain(**asked)
    same(sm.describe_domain(DomainId=bare), renamed(asked))


@pytest.fixture
def domain(sm: Any, known: dict[str, Any]) -> str:
    """A domain whose settings allow what its profiles and spaces ask for."""
    role = known["ExecutionRole"]
    systems = {"ExecutionRole": role, "CustomFileSystemConfigs": known["CustomFileSystemConfigs"]}
    made = sm.create_domain(
        DomainName="d", AuthMode="IAM", DefaultUserSettings=systems, DefaultSpaceSettings=systems
    )
    sm.create_user_profile(DomainId=made["DomainId"], UserProfileName="ana")
    return str(made["DomainId"])


@ENDS
def test_a_user_profile(sm: Any, known: dict[str, Any], domain: str, end: str) -> None:
    named = {"DomainId": domain, "UserProfileName": "bob"}
    asked = whole("CreateUserProfile", end, known, **named)
    sm.create_user_profile(**asked)
    same(sm.describe_user_profile(**named), asked)
    named = {"DomainId": domain, "UserProfileName": "ana"}
    asked = whole("UpdateUserProfile", end, known, **named)
    del asked["UserSettings"]["CustomPosixUserConfig"]  # a profile's never changes
    sm.update_user_profile(**asked)
    same(sm.describe_user_profile(**named), asked)


@ENDS
def test_a_space(sm: Any, known: dict[str, Any], domain: str, end: str) -> None:
    own = {
        "OwnerUserProfileName": "ana",
        "AppType": "JupyterLab",
        "SpaceDisplayName": "A name: of ours",
        "DomainId": domain,
        "SpaceName": "own",
    }
    asked = whole("CreateSpace", end, known, **own)
    sm.create_space(**asked)
    named = {"DomainId": domain, "SpaceName": "own"}
    same(sm.describe_space(**named), asked)
    listed = sm.list_spaces(DomainIdEquals=domain)["Spaces"][0]
    assert listed["SpaceDisplayName"] == "A name: of ours"
    assert listed["OwnershipSettingsSummary"] == asked["OwnershipSettings"]
    sm.create_space(DomainId=domain, SpaceName="bare")
    asked = whole("UpdateSpace", end, known, **own | {"SpaceName": "bare"})
    sm.update_space(**asked)
    same(sm.describe_space(DomainId=domain, SpaceName="bare"), asked)


@ENDS
def test_an_app_image_config(sm: Any, known: dict[str, Any], end: str) -> None:
    asked = whole("CreateAppImageConfig", end, known, AppImageConfigName="c")
    sm.create_app_image_config(**asked)
    same(sm.describe_app_image_config(AppImageConfigName="c"), asked)
    sm.create_app_image_config(AppImageConfigName="bare")
    bare = sm.describe_app_image_config(AppImageConfigName="bare")
    assert not [name for name in bare if name.endswith("ImageConfig")]
    asked = whole("UpdateAppImageConfig", end, known, AppImageConfigName="bare")
    sm.update_app_image_config(**asked)
    same(sm.describe_app_image_config(AppImageConfigName="bare"), asked)


@ENDS
def test_an_image_and_its_versions(sm: Any, known: dict[str, Any], end: str) -> None:
    asked = whole("CreateImage", end, known, ImageName="i")
    sm.create_image(**asked)
    same(sm.describe_image(ImageName="i"), asked)
    asked = whole(
        "UpdateImage", end, known, ImageName="i", Description="other", DeleteProperties=[]
    )
    sm.update_image(**asked)
    same(sm.describe_image(ImageName="i"), asked, "DeleteProperties")
    own = {"ImageName": "i", "BaseImage": "local://venv/jupyterlab", "Aliases": ["a", "b"]}
    asked = whole("CreateImageVersion", end, known, **own)
    sm.create_image_version(**asked)
    same(sm.describe_image_version(ImageName="i"), asked, "ImageName", "Aliases", "ClientToken")
    assert sm.list_aliases(ImageName="i")["SageMakerImageVersionAliases"] == ["a", "b"]
    own = {"ImageName": "i", "Version": 1, "AliasesToAdd": ["c"], "AliasesToDelete": ["a"]}
    other = whole("UpdateImageVersion", "first" if end == "last" else "last", known, **own)
    del other["Alias"]
    sm.update_image_version(**other)
    same(
        sm.describe_image_version(ImageName="i", Version=1),
        other,
        *("ImageName", "AliasesToAdd", "AliasesToDelete"),
    )


@ENDS
def test_a_code_repository_and_a_lifecycle_config(sm: Any, known: dict[str, Any], end: str) -> None:
    own = {
        "CodeRepositoryName": "r",
        "RepositoryUrl": "https://git.example.com/team/work.git",
        "SecretArn": "arn:aws:secretsmanager:us-east-1:111122223333:secret:git-AbCdEf",
    }
    asked = whole("CreateCodeRepository", end, known, **own)
    sm.create_code_repository(**asked)
    same(sm.describe_code_repository(CodeRepositoryName="r"), asked)
    own["SecretArn"] = own["SecretArn"].replace("git", "other")
    asked = whole("UpdateCodeRepository", end, known, **own)
    sm.update_code_repository(**asked)
    assert (
        sm.describe_code_repository(CodeRepositoryName="r")["GitConfig"]["SecretArn"]
        == own["SecretArn"]
    )
    content = base64.b64encode(b"#!/bin/bash\n" * 500).decode()
    own = {"StudioLifecycleConfigName": "s", "StudioLifecycleConfigContent": content}
    asked = whole("CreateStudioLifecycleConfig", end, known, **own)
    sm.create_studio_lifecycle_config(**asked)
    same(sm.describe_studio_lifecycle_config(StudioLifecycleConfigName="s"), asked)


@ENDS
def test_an_app(sm: Any, known: dict[str, Any], domain: str, end: str) -> None:
    own = {
        "DomainId": domain,
        "UserProfileName": "ana",
        "AppType": "JupyterLab",
        "AppName": "default",
        "ResourceSpec": {"InstanceType": "ml.c5.large"},
    }
    asked = whole("CreateApp", end, known, **own)
    del asked["SpaceName"]
    sm.create_app(**asked)
    named = {name: own[name] for name in own if name != "ResourceSpec"}
    same(sm.describe_app(**named), asked)


# -- refused by name ---------------------------------------------------------------------------


@pytest.mark.parametrize("member", REFUSED)
def test_what_is_refused_is_refused_by_name(
    sm: Any, known: dict[str, Any], domain: str, member: str
) -> None:
    value, words, _ = REFUSED[member]
    create = {"DomainName": "e", "AuthMode": "IAM", "DefaultUserSettings": {}}
    profile = {"DomainId": domain, "UserProfileName": "eve"}
    space = {"DomainId": domain, "SpaceName": "eve"}
    with refused("ValidationException", words):
        if member in ("AmazonQSettings", "TrustedIdentityPropagationSettings"):
            sm.create_domain(**create, DomainSettings={member: value})
        elif member.startswith("SingleSignOn"):
            sm.create_user_profile(**profile, **{member: value})
        elif member == "SpaceManagedResources":
            sm.create_space(**space, SpaceSettings={member: value})
        elif member == "FSxLustreFileSystem":
            sm.create_space(**space, SpaceSettings={"CustomFileSystems": [{member: value}]})
        elif member == "FSxLustreFileSystemConfig":
            settings = {"CustomFileSystemConfigs": [{member: value}]}
            sm.create_user_profile(**profile, UserSettings=settings)
        elif member == "TrainingPlanArn":
            app = {"AppType": "JupyterLab", "AppName": "default", "UserProfileName": "ana"}
            sm.create_app(DomainId=domain, **app, ResourceSpec={member: value})
        else:
            sm.create_domain(**create | {member: value})


def test_what_is_refused_stands_in_the_page_of_differences() -> None:
    page = (Path(__file__).parents[3] / "docs" / "parity.md").read_text()
    assert [words for _, _, words in REFUSED.values() if words not in page] == []


# -- emptiness -------------------------------------------------------------------------------------


def test_empty_structures_lists_and_zero_are_kept_as_they_came(
    sm: Any, known: dict[str, Any], domain: str
) -> None:
    empty: dict[str, Any] = {
        "SecurityGroups": [],
        "SharingSettings": {},
        "JupyterServerAppSettings": {"DefaultResourceSpec": {}, "CodeRepositories": []},
        "KernelGatewayAppSettings": {"CustomImages": [], "LifecycleConfigArns": []},
        "JupyterLabAppSettings": {"AppLifecycleManagement": {"IdleSettings": {}}},
        "CanvasAppSettings": {"IdentityProviderOAuthSettings": []},
        "SpaceStorageSettings": {},
        "CustomFileSystemConfigs": [],
        "StudioWebPortalSettings": {"HiddenMlTools": [], "HiddenAppTypes": []},
    }
    made = sm.create_domain(
        DomainName="e",
        AuthMode="IAM",
        DefaultUserSettings=empty,
        DefaultSpaceSettings={},
        DomainSettings={},
    )
    described = sm.describe_domain(DomainId=made["DomainId"])
    assert described["DefaultUserSettings"] == empty
    assert described["DefaultSpaceSettings"] == {}
    assert described["DomainSettings"] == {}
    sm.update_domain(DomainId=made["DomainId"], DefaultSpaceSettings={}, DefaultUserSettings={})
    assert sm.describe_domain(DomainId=made["DomainId"])["DefaultUserSettings"] == empty
    sm.create_user_profile(DomainId=domain, UserProfileName="eve", UserSettings={})
    named = {"DomainId": domain, "UserProfileName": "eve"}
    assert sm.describe_user_profile(**named)["UserSettings"] == {}
    sm.update_user_profile(**named, UserSettings=empty)
    assert sm.describe_user_profile(**named)["UserSettings"] == empty
    sm.create_space(DomainId=domain, SpaceName="eves", SpaceSettings={})
    described = sm.describe_space(DomainId=domain, SpaceName="eves")
    assert described["SpaceSettings"] == {}
    assert "OwnershipSettings" not in described
    assert "SpaceSharingSettings" not in described


def test_an_empty_list_clears_and_an_absent_member_stays(
    sm: Any, known: dict[str, Any], domain: str
) -> None:
    sm.update_domain(
        DomainId=domain,
        DefaultUserSettings={"CustomFileSystemConfigs": []},
        DefaultSpaceSettings={"CustomFileSystemConfigs": []},
    )  # terraform-provider-aws#42144
    described = sm.describe_domain(DomainId=domain)
    for member in ("DefaultUserSettings", "DefaultSpaceSettings"):
        assert described[member] == {
            "ExecutionRole": known["ExecutionRole"],
            "CustomFileSystemConfigs": [],
        }
