"""What a team's Terraform does over the life of a domain: told once, for any server.

Each step is a ``terraform apply`` followed by a plan that must be empty; at the end everything is
imported, planned and destroyed in the order of dependence.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from tests.support.terraform import (
    APP,
    APP_IMAGE_CONFIG,
    CODE_REPOSITORY,
    DOMAIN,
    IMAGE,
    IMAGE_VERSION,
    LIFECYCLE_CONFIG,
    PROFILE,
    SPACE,
    Managed,
)

Client = Callable[[str], Any]


def tell(client: Client, role: str, *, with_apps: bool) -> None:
    """Make, change, import and destroy one of each kind. ``with_apps``: loops move them."""
    sm = client("sagemaker")
    made: list[Managed] = []

    def apply(kind: Any, tags: Any = None, **config: Any) -> Managed:
        one = Managed(sm, kind, config, tags).apply()
        made.append(one)
        return one

    script, other = (_script(apply, name) for name in ("setup", "other"))
    image, version = _image(apply, role)
    runs_as = apply(
        APP_IMAGE_CONFIG,
        {"team": "a"},
        AppImageConfigName="tf",
        JupyterLabAppImageConfig={"FileSystemConfig": {"DefaultUid": 0, "DefaultGid": 0}},
    )
    runs_as.change({"AppImageConfigName": "tf", "JupyterLabAppImageConfig": {}})
    _repository(apply)
    domain = _domain(apply, client, role, script.arn, image.config["ImageName"])
    domain_id = domain.names["DomainId"]
    profile = apply(PROFILE, {"a": "1"}, DomainId=domain_id, UserProfileName="ana")
    lab = {"DefaultResourceSpec": {"InstanceType": "ml.t3.medium"}, "LifecycleConfigArns": []}
    settings = {"ExecutionRole": role, "SecurityGroups": [], "JupyterLabAppSettings": lab}
    profile.change(profile.config | {"UserSettings": settings}, {"a": "2", "b": ""})
    lab["LifecycleConfigArns"] = [other.arn]
    profile.change(profile.config)
    space = _space(apply, domain_id)
    if with_apps:
        app = apply(
            APP, {"x": "y"}, DomainId=domain_id, UserProfileName="ana",
            AppType="JupyterServer", AppName="default",
        )  # fmt: skip
        app.change(app.config, {"x": "z"})
        space_app = apply(
            APP, DomainId=domain_id, SpaceName="own", AppType="JupyterLab", AppName="default",
            ResourceSpec={"InstanceType": "ml.t3.medium"},
        )  # fmt: skip
        space_app.imported()
        space_app.destroy()
        space_app.destroy()  # an app that is over is no error
        app.destroy()
    domain.change(domain.config | {"AppNetworkAccessType": "PublicInternetOnly"})
    for one in made:
        if one.read() is not None:
            one.imported()
    for one in reversed(made):
        one.destroy()
        assert one.read() is None
    assert version.read() is None
    assert space.read() is None


def _script(apply: Any, name: str) -> Managed:
    content = base64.b64encode(b"#!/bin/bash\nset -eux\n").decode()
    script: Managed = apply(
        LIFECYCLE_CONFIG,
        {"team": "a"},
        StudioLifecycleConfigName=f"tf-{name}",
        StudioLifecycleConfigContent=content,
        StudioLifecycleConfigAppType="JupyterLab",
    )
    script.change(script.config, {"team": "b"})
    return script


def _image(apply: Any, role: str) -> tuple[Managed, Managed]:
    image = apply(IMAGE, ImageName="tf", RoleArn=role, Description="one")
    image.change({"ImageName": "tf", "RoleArn": role, "DisplayName": "two"})
    base = {"ImageName": "tf", "BaseImage": "local://venv/jupyterlab"}
    version = apply(IMAGE_VERSION, **base, ClientToken="a" * 36, Aliases=["latest"], Horovod=False)
    version.change(version.config | {"ReleaseNotes": "first", "Horovod": True})
    return image, version


def _repository(apply: Any) -> Managed:
    git = {
        "RepositoryUrl": "https://git.example.com/team/work.git",
        "SecretArn": "arn:aws:secretsmanager:us-east-1:111122223333:secret:git-AbCdEf",
    }
    repository: Managed = apply(CODE_REPOSITORY, CodeRepositoryName="tf", GitConfig=git)
    git["SecretArn"] = git["SecretArn"].replace("git", "new")
    repository.change({"CodeRepositoryName": "tf", "GitConfig": dict(git)}, {"new": "tag"})
    return repository


def _domain(apply: Any, client: Client, role: str, script: str, image: str) -> Managed:
    """A domain in a VPC, as the provider's own tests change one."""
    ec2 = client("ec2")
    vpc = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"][0]
    of_vpc = [{"Name": "vpc-id", "Values": [vpc["VpcId"]]}]
    subnets = [one["SubnetId"] for one in ec2.describe_subnets(Filters=of_vpc)["Subnets"]]
    groups = [
        one["GroupId"] for one in ec2.describe_security_groups(Filters=of_vpc)["SecurityGroups"]
    ]
    config: dict[str, Any] = {
        "DomainName": "tf-domain",
        "AuthMode": "IAM",
        "VpcId": vpc["VpcId"],
        "SubnetIds": subnets[:1],
        "AppNetworkAccessType": "VpcOnly",
        "DefaultUserSettings": {"ExecutionRole": role, "SecurityGroups": groups[:1]},
    }
    domain: Managed = apply(DOMAIN, {"team": "a"}, **config)
    users = config["DefaultUserSettings"]
    users["KernelGatewayAppSettings"] = {"DefaultResourceSpec": {"InstanceType": "ml.t3.micro"}}
    domain.change(config, {"team": "b", "cost": "1"})
    users["KernelGatewayAppSettings"] |= {"CustomImages": [], "LifecycleConfigArns": []}
    users["JupyterServerAppSettings"] = {
        "CodeRepositories": [{"RepositoryUrl": "https://git.example.com/team/work.git"}]
    }
    users["JupyterLabAppSettings"] = {
        "LifecycleConfigArns": [script],
        "CustomImages": [{"ImageName": image, "AppImageConfigName": "tf"}],
        "AppLifecycleManagement": {"IdleSettings": {"LifecycleManagement": "DISABLED"}},
    }
    users["StudioWebPortal"] = "ENABLED"
    domain.change(config)
    users["CustomFileSystemConfigs"] = [{"S3FileSystemConfig": {"S3Uri": "s3://b/x"}}]
    domain.change(config)
    users["CustomFileSystemConfigs"] = []  # terraform-provider-aws#42144
    domain.change(config)
    config["DefaultSpaceSettings"] = {"ExecutionRole": role, "SecurityGroups": []}
    config["DomainSettings"] = {
        "ExecutionRoleIdentityConfig": "USER_PROFILE_NAME",
        "DockerSettings": {"EnableDockerAccess": "ENABLED", "VpcOnlyTrustedAccounts": []},
    }
    domain.change(config)
    config |= {"TagPropagation": "ENABLED", "SubnetIds": subnets}
    domain.change(config)
    return domain


def _space(apply: Any, domain_id: str) -> Managed:
    space: Managed = apply(
        SPACE,
        {"team": "a"},
        DomainId=domain_id,
        SpaceName="own",
        OwnershipSettings={"OwnerUserProfileName": "ana"},
        SpaceSharingSettings={"SharingType": "Private"},
        SpaceSettings={
            "AppType": "JupyterLab",
            "JupyterLabAppSettings": {"DefaultResourceSpec": {"InstanceType": "ml.t3.medium"}},
        },
    )
    space.change(space.config | {"SpaceDisplayName": "Own"})
    size = {"EbsStorageSettings": {"EbsVolumeSizeInGb": 6}}
    settings = space.config["SpaceSettings"] | {"SpaceStorageSettings": size}
    space.change(space.config | {"SpaceSettings": settings}, {})
    return space
