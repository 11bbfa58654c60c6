from __future__ import annotations

from typing import Any

import pytest
from tests.support.inprocess import Aws
from tests.support.people import allow, make_user, refused
from tests.support.studio import make_domain, make_profile, make_space, tags_of, work_role

USERS = {"DefaultUserSettings": {}}


@pytest.fixture
def sm(aws: Aws) -> Any:
    return aws.client("sagemaker")


@pytest.fixture
def role(aws: Aws) -> str:
    return work_role(aws, "work")


@pytest.fixture
def vpc(aws: Aws) -> dict[str, Any]:
    ec2 = aws.client("ec2")
    vpc = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"][0]
    named = [{"Name": "vpc-id", "Values": [vpc["VpcId"]]}]
    return {
        "id": vpc["VpcId"],
        "subnets": [one["SubnetId"] for one in ec2.describe_subnets(Filters=named)["Subnets"]],
        "group": ec2.describe_security_groups(Filters=named)["SecurityGroups"][0]["GroupId"],
    }


# -- what clients read --------------------------------------------------------------------------


def test_a_domain_has_awss_shape_from_the_start(sm: Any, aws: Aws, role: str, vpc: Any) -> None:
    made = sm.create_domain(
        DomainName="finance",
        AuthMode="IAM",
        DefaultUserSettings={"ExecutionRole": role},
        Tags=[{"Key": "team", "Value": "a"}],
    )
    domain_id = made["DomainId"]
    assert made["DomainArn"].endswith(f":domain/{domain_id}")
    assert made["Url"] == f"https://{domain_id}.studio.us-east-1.sagemaker.aws"
    described = sm.describe_domain(DomainId=domain_id)
    described.pop("ResponseMetadata")
    for member in ("CreationTime", "LastModifiedTime"):
        described.pop(member)
    file_system = described.pop("HomeEfsFileSystemId")
    described["SubnetIds"].sort()
    assert file_system.startswith("fs-")
    assert described == {
        "DomainArn": made["DomainArn"],
        "DomainId": domain_id,
        "DomainName": "finance",
        "Status": "InService",
        "AuthMode": "IAM",
        "DefaultUserSettings": {"ExecutionRole": role},
        "AppNetworkAccessType": "PublicInternetOnly",
        "TagPropagation": "DISABLED",
        "HomeEfsFileSystemCreation": "Enabled",
        "SubnetIds": sorted(vpc["subnets"]),
        "VpcId": vpc["id"],
        "Url": made["Url"],
    }  # no DomainSettings, no DefaultSpaceSettings: Terraform would send them back (1.10)
    assert tags_of(aws, made["DomainArn"]) == {"team": "a"}
    (item,) = sm.list_domains()["Domains"]
    assert set(item) == {
        "DomainArn",
        "DomainId",
        "DomainName",
        "Status",
        "CreationTime",
        "LastModifiedTime",
        "Url",
    }


def test_the_file_system_says_whose_it_is(sm: Any, aws: Aws, role: str) -> None:
    domain = make_domain(aws, "finance", role, Tags=[{"Key": "team", "Value": "a"}])
    file_system = sm.describe_domain(DomainId=domain.id)["HomeEfsFileSystemId"]
    (found,) = aws.client("efs").describe_file_systems(FileSystemId=file_system)["FileSystems"]
    tags = {tag["Key"]: tag["Value"] for tag in found["Tags"]}
    assert tags["ManagedByAmazonSageMakerResource"] == domain.arn
    assert "team" not in tags
    without = make_domain(aws, "bare", role, HomeEfsFileSystemCreation="Disabled")
    assert "HomeEfsFileSystemId" not in sm.describe_domain(DomainId=without.id)
    sm.update_domain(DomainId=without.id, HomeEfsFileSystemCreation="Enabled")
    assert sm.describe_domain(DomainId=without.id)["HomeEfsFileSystemId"].startswith("fs-")
    with refused("ValidationException", "Enabled to Disabled"):
        sm.update_domain(DomainId=without.id, HomeEfsFileSystemCreation="Disabled")


def test_a_poller_sees_the_end_as_resource_not_found(sm: Any, aws: Aws, role: str) -> None:
    domain = make_domain(aws, "finance", role)
    sm.delete_domain(DomainId=domain.id, RetentionPolicy={"HomeEfsFileSystem": "Retain"})
    for call in (sm.describe_domain, sm.delete_domain):
        with refused("ResourceNotFound", domain.id, "does not exist"):
            call(DomainId=domain.id)
    with refused("ResourceNotFound"):
        sm.update_domain(DomainId=domain.id, TagPropagation="ENABLED")
    with refused("ResourceNotFound"):
        sm.list_tags(ResourceArn=domain.arn)
    assert make_domain(aws, "finance", role).id != domain.id


# -- creating -------------------------------------------------------------------------------------


def test_a_name_is_taken_once(sm: Any, aws: Aws, role: str) -> None:
    make_domain(aws, "finance", role)
    with refused("ResourceInUse", "finance", "already exists"):
        sm.create_domain(DomainName="finance", AuthMode="IAM", **USERS)
    assert len(sm.list_domains()["Domains"]) == 1


@pytest.mark.parametrize(
    "name",
    [
        "-starts-with-a-dash",
        "ends-with-a-dash-",
        "under_score",
        "with space",
        "ünïcode",
        "a" * 64,
        "../../etc/passwd",
        "a\nb",
        "a\x00b",
        "",
        "a;drop table resource",
        "${sagemaker:DomainId}",
        "*",
        "日本",
    ],
)
def test_a_name_with_tricks_is_refused_in_awss_words(aws: Aws, name: str) -> None:
    sm = aws.unchecked("sagemaker")
    with refused(
        "ValidationException",
        "1 validation error detected",
        "at 'domainName' failed to satisfy constraint",
    ):
        sm.create_domain(DomainName=name, AuthMode="IAM", **USERS)
    assert sm.list_domains()["Domains"] == []


def test_all_violations_are_told_at_once(aws: Aws) -> None:
    sm = aws.unchecked("sagemaker")
    with refused(
        "ValidationException",
        "validation errors detected",
        "at 'domainName'",
        "at 'authMode'",
        "Member must satisfy enum value set",
        "at 'defaultUserSettings.executionRole'",
        "Member must have length greater than or equal to 20",
        "at 'subnetIds'",
    ):
        sm.create_domain(
            DomainName="no_good",
            AuthMode="LDAP",
            DefaultUserSettings={"ExecutionRole": ""},
            SubnetIds=["subnet-1"] * 17,
        )
    with refused("ValidationException", "at 'authMode'", "Member must not be null"):
        sm.create_domain(DomainName="good", **USERS)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"SubnetIds": ["subnet-00000000"]}, "required together"),
        ({"VpcId": "vpc-00000000"}, "required together"),
        ({"VpcId": "vpc-00000000", "SubnetIds": ["subnet-0"]}, "VPC vpc-00000000 does not exist"),
        ({"AppNetworkAccessType": "VpcOnly"}, "required for VpcOnly"),
        ({"AuthMode": "SSO"}, "IAM Identity Center"),
        ({"KmsKeyId": "alias/x"}, "KmsKeyId is not supported"),
        (
            {"DefaultUserSettings": {"SecurityGroups": ["sg-00000000"]}},
            "security group sg-00000000 does not exist",
        ),
        (
            {"DefaultSpaceSettings": {"SecurityGroups": ["sg-00000000"]}},
            "security group sg-00000000 does not exist",
        ),
        (
            {"DomainSettings": {"SecurityGroupIds": ["sg-00000000"]}},
            "security group sg-00000000 does not exist",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(sm: Any, asked: Any, words: str) -> None:
    with refused("ValidationException", words):
        sm.create_domain(**{"DomainName": "d", "AuthMode": "IAM", **USERS} | asked)
    assert sm.list_domains()["Domains"] == []


def test_a_subnet_of_another_vpc_is_unknown_in_this_one(sm: Any, vpc: Any) -> None:
    with refused("ValidationException", "subnet-0dead does not exist in the VPC " + vpc["id"]):
        sm.create_domain(
            DomainName="d",
            AuthMode="IAM",
            VpcId=vpc["id"],
            SubnetIds=[*vpc["subnets"], "subnet-0dead"],
            **USERS,
        )


# -- updating -------------------------------------------------------------------------------------


def test_an_update_changes_what_it_names_and_nothing_else(sm: Any, aws: Aws, role: str) -> None:
    domain = make_domain(aws, "finance", role)
    before = sm.describe_domain(DomainId=domain.id)
    answer = sm.update_domain(
        DomainId=domain.id,
        DefaultUserSettings={"StudioWebPortal": "ENABLED"},
        DomainSettingsForUpdate={"ExecutionRoleIdentityConfig": "USER_PROFILE_NAME"},
    )
    assert answer["DomainArn"] == domain.arn
    after = sm.describe_domain(DomainId=domain.id)
    assert after["DefaultUserSettings"] == {"ExecutionRole": role, "StudioWebPortal": "ENABLED"}
    assert after["DomainSettings"] == {"ExecutionRoleIdentityConfig": "USER_PROFILE_NAME"}
    assert after["DefaultSpaceSettings"] == before["DefaultSpaceSettings"]
    assert after["LastModifiedTime"] >= before["LastModifiedTime"]
    assert after["CreationTime"] == before["CreationTime"]


def test_a_failed_update_changes_nothing(sm: Any, aws: Aws, role: str) -> None:
    domain = make_domain(aws, "finance", role)
    before = sm.describe_domain(DomainId=domain.id)
    with refused("ValidationException", "sg-00000000"):
        sm.update_domain(
            DomainId=domain.id,
            TagPropagation="ENABLED",
            DefaultUserSettings={"SecurityGroups": ["sg-00000000"]},
        )
    after = sm.describe_domain(DomainId=domain.id)
    for answer in (before, after):
        answer.pop("ResponseMetadata")
    assert after == before


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"VpcId": "vpc-11111111"}, "VpcId cannot be changed"),
        (
            {"AppSecurityGroupManagement": "Service"},
            "AppSecurityGroupManagement can only be set for Rstudio enabled domains.",
        ),
        ({"SubnetIds": ["subnet-11111111"]}, "subnet-11111111 does not exist"),
    ],
)
def test_what_cannot_change_is_refused(
    sm: Any, aws: Aws, role: str, asked: Any, words: str
) -> None:
    domain = make_domain(aws, "finance", role)
    with refused("ValidationException", words):
        sm.update_domain(DomainId=domain.id, **asked)


def test_the_network_changes_only_while_no_app_runs(sm: Any, aws: Aws, role: str, vpc: Any) -> None:
    domain = make_domain(aws, "finance", role)
    make_profile(aws, domain.id, "ana")
    sm.update_domain(DomainId=domain.id, AppNetworkAccessType="VpcOnly")
    sm.update_domain(DomainId=domain.id, AppNetworkAccessType="VpcOnly")  # unchanged: no error
    sm.create_app(
        DomainId=domain.id, UserProfileName="ana", AppType="JupyterServer", AppName="default"
    )
    with refused("ValidationException", "while an app runs", "app/"):
        sm.update_domain(DomainId=domain.id, AppNetworkAccessType="PublicInternetOnly")
    with refused("ValidationException", "while an app runs"):
        sm.update_domain(DomainId=domain.id, SubnetIds=vpc["subnets"][:1])
    sm.update_domain(DomainId=domain.id, AppNetworkAccessType="VpcOnly")
    assert sm.describe_domain(DomainId=domain.id)["AppNetworkAccessType"] == "VpcOnly"


# -- deleting -------------------------------------------------------------------------------------


def test_a_domain_goes_last(sm: Any, aws: Aws, role: str) -> None:
    domain = make_domain(aws, "finance", role)
    make_profile(aws, domain.id, "ana")
    make_space(aws, domain.id, "team")
    with refused("ResourceInUse", domain.arn, "UserProfile(s) are associated with it"):
        sm.delete_domain(DomainId=domain.id)
    sm.delete_user_profile(DomainId=domain.id, UserProfileName="ana")
    with refused("ResourceInUse", domain.arn, "Space(s) are associated with it"):
        sm.delete_domain(DomainId=domain.id)
    sm.delete_space(DomainId=domain.id, SpaceName="team")
    sm.delete_domain(DomainId=domain.id)
    assert sm.list_domains()["Domains"] == []


def test_the_files_stay_unless_their_end_is_asked_for(sm: Any, aws: Aws, role: str) -> None:
    efs = aws.client("efs")
    kept, gone = make_domain(aws, "kept", role), make_domain(aws, "gone", role)
    kept_fs, gone_fs = (
        sm.describe_domain(DomainId=one.id)["HomeEfsFileSystemId"] for one in (kept, gone)
    )
    sm.delete_domain(DomainId=kept.id)
    sm.delete_domain(DomainId=gone.id, RetentionPolicy={"HomeEfsFileSystem": "Delete"})
    states = {
        one["FileSystemId"]: one["LifeCycleState"]
        for one in efs.describe_file_systems()["FileSystems"]
    }
    assert states[kept_fs] == "available"
    assert states.get(gone_fs) in (None, "deleting")


def test_a_policy_on_security_groups_means_those_of_shared_spaces_too(
    aws: Aws, role: str, vpc: Any
) -> None:
    only = {"ForAllValues:StringEquals": {"sagemaker:VpcSecurityGroupIds": ["sg-1"]}}
    keys = make_user(
        aws,
        "ana",
        allow("sagemaker:*", Condition=only),
        allow(["iam:PassRole", "sagemaker:AddTags"]),
    )
    sm = aws.client("sagemaker", keys)
    groups = {"SecurityGroups": [vpc["group"]]}
    for settings in (
        {"DefaultUserSettings": groups},
        {"DefaultSpaceSettings": groups},
        {"DomainSettings": {"SecurityGroupIds": [vpc["group"]]}},
    ):
        with refused("AccessDeniedException", "sagemaker:CreateDomain"):
            sm.create_domain(**{"DomainName": "d", "AuthMode": "IAM", **USERS} | settings)
    sm.create_domain(DomainName="d", AuthMode="IAM", **USERS)


def test_a_stranger_may_nothing(aws: Aws, role: str) -> None:
    domain = make_domain(aws, "finance", role)
    nobody = aws.client("sagemaker", make_user(aws, "nobody"))
    for ask in (nobody.describe_domain, nobody.delete_domain, nobody.update_domain):
        with refused("AccessDeniedException", "user/nobody", domain.arn):
            ask(DomainId=domain.id)
    with refused("AccessDeniedException", "sagemaker:ListDomains on resource: *"):
        nobody.list_domains()
