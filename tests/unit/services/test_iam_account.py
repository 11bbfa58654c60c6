"""The account as a whole, instance profiles, and roles linked to services."""

from __future__ import annotations

import csv
import io

import pytest
from tests.support.inprocess import Aws
from tests.support.people import allow, make_role, make_user, policy, refused, trusting

ACCOUNT = "111122223333"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
LINKED = "AWSServiceRoleForAmazonSageMakerNotebooks"
PASS = f"arn:aws:iam::{ACCOUNT}:role/exec"


# -- instance profiles ----------------------------------------------------------------------------


def test_an_instance_profile_holds_one_role(aws: Aws) -> None:
    iam = aws.client("iam")
    for name in ("exec", "other"):
        make_role(aws, name, trusting({"Service": "ec2.amazonaws.com"}))
    made = iam.create_instance_profile(
        InstanceProfileName="box", Path="/x/", Tags=[{"Key": "a", "Value": "1"}]
    )["InstanceProfile"]
    assert made["Arn"] == f"arn:aws:iam::{ACCOUNT}:instance-profile/x/box"
    assert made["InstanceProfileId"].startswith("AIPA")
    assert made["Roles"] == []
    with refused("EntityAlreadyExists", "Instance Profile BOX already exists."):
        iam.create_instance_profile(InstanceProfileName="BOX")
    iam.add_role_to_instance_profile(InstanceProfileName="box", RoleName="exec")
    with refused("LimitExceeded", "InstanceSessionsPerInstanceProfile: 1"):
        iam.add_role_to_instance_profile(InstanceProfileName="box", RoleName="other")
    shown = iam.get_instance_profile(InstanceProfileName="box")["InstanceProfile"]
    assert [role["RoleName"] for role in shown["Roles"]] == ["exec"]
    assert shown["Tags"] == [{"Key": "a", "Value": "1"}]
    found = iam.list_instance_profiles_for_role(RoleName="exec")["InstanceProfiles"]
    assert [one["InstanceProfileName"] for one in found] == ["box"]
    listed = iam.list_instance_profiles(PathPrefix="/x/")["InstanceProfiles"]
    assert [one["InstanceProfileName"] for one in listed] == ["box"]
    assert "Tags" not in listed[0]
    with refused("DeleteConflict", "must remove roles from instance profile first"):
        iam.delete_instance_profile(InstanceProfileName="box")
    with refused("DeleteConflict", "must remove roles from instance profile first"):
        iam.delete_role(RoleName="exec")
    with refused("NoSuchEntity", "cannot be found"):
        iam.remove_role_from_instance_profile(InstanceProfileName="box", RoleName="other")
    iam.remove_role_from_instance_profile(InstanceProfileName="box", RoleName="exec")
    iam.delete_role(RoleName="exec")
    iam.delete_instance_profile(InstanceProfileName="box")
    with refused("NoSuchEntity", "Instance Profile box cannot be found."):
        iam.get_instance_profile(InstanceProfileName="box")


def test_who_puts_a_role_into_a_profile_must_be_allowed_to_pass_it(aws: Aws) -> None:
    iam = aws.client("iam")
    make_role(aws, "exec", trusting({"Service": "ec2.amazonaws.com"}))
    iam.create_instance_profile(InstanceProfileName="box")
    keys = make_user(aws, "ann", allow("iam:AddRoleToInstanceProfile"))
    ann = aws.client("iam", keys)
    with refused("AccessDenied", "iam:PassRole", PASS):
        ann.add_role_to_instance_profile(InstanceProfileName="box", RoleName="exec")
    to_ec2 = {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}
    text = policy(allow("iam:PassRole", PASS, Condition=to_ec2))
    iam.put_user_policy(UserName="ann", PolicyName="pass", PolicyDocument=text)
    ann.add_role_to_instance_profile(InstanceProfileName="box", RoleName="exec")


def test_instance_profiles_are_tagged(aws: Aws) -> None:
    iam = aws.client("iam")
    iam.create_instance_profile(InstanceProfileName="box")
    iam.tag_instance_profile(InstanceProfileName="box", Tags=[{"Key": "a", "Value": "1"}])
    tags = iam.list_instance_profile_tags(InstanceProfileName="box")["Tags"]
    assert tags == [{"Key": "a", "Value": "1"}]
    iam.untag_instance_profile(InstanceProfileName="box", TagKeys=["a"])
    assert iam.list_instance_profile_tags(InstanceProfileName="box")["Tags"] == []


# -- service-linked roles -------------------------------------------------------------------------


def test_a_service_linked_role_is_the_services(aws: Aws) -> None:
    iam = aws.client("iam")
    made = iam.create_service_linked_role(AWSServiceName="sagemaker.amazonaws.com")["Role"]
    path = "/aws-service-role/sagemaker.amazonaws.com/"
    assert made["Arn"] == f"arn:aws:iam::{ACCOUNT}:role{path}{LINKED}"
    attached = iam.list_attached_role_policies(RoleName=LINKED)["AttachedPolicies"]
    arn = attached[0]["PolicyArn"]
    assert arn == (
        "arn:aws:iam::aws:policy/aws-service-role/AmazonSageMakerNotebooksServiceRolePolicy"
    )
    with refused("InvalidInput", "has been taken in this account"):
        iam.create_service_linked_role(AWSServiceName="sagemaker.amazonaws.com")
    text = policy(allow("*"))
    said = f"protected role '{LINKED}' - this role is only modifiable by AWS"
    name = {"RoleName": LINKED}
    with refused("UnmodifiableEntity", said):
        iam.put_role_policy(**name, PolicyName="x", PolicyDocument=text)
    with refused("UnmodifiableEntity", said):
        iam.attach_role_policy(**name, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    with refused("UnmodifiableEntity", said):
        iam.detach_role_policy(**name, PolicyArn=arn)
    with refused("UnmodifiableEntity", said):
        iam.update_assume_role_policy(**name, PolicyDocument=trusting(ROOT))
    with refused("UnmodifiableEntity", said):
        iam.update_role(**name, MaxSessionDuration=7200)
    with refused("UnmodifiableEntity", said):
        iam.put_role_permissions_boundary(**name, PermissionsBoundary=arn)
    with refused("UnmodifiableEntity", said):
        iam.delete_role(**name)
    iam.update_role(**name, Description="ours")
    task = iam.delete_service_linked_role(**name)["DeletionTaskId"]
    assert task.startswith(f"task{path}{LINKED}/")
    assert iam.get_service_linked_role_deletion_status(DeletionTaskId=task)["Status"] == "SUCCEEDED"
    assert iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"] == 0
    with refused("NoSuchEntity"):
        iam.get_role(**name)
    with refused("NoSuchEntity"):
        iam.get_service_linked_role_deletion_status(DeletionTaskId="task/none")


def test_the_paths_of_aws_are_reserved(aws: Aws) -> None:
    iam = aws.client("iam")
    for path in ("/aws-service-role/x.amazonaws.com/", "/aws-reserved/sso/"):
        with refused("ValidationError", "reserved"):
            make_role(aws, "mine", trusting(ROOT), Path=path)
    with refused("InvalidInput"):
        iam.create_service_linked_role(AWSServiceName="nothing.amazonaws.com")
    with refused("InvalidInput", "Custom suffix is not allowed"):
        iam.create_service_linked_role(AWSServiceName="sagemaker.amazonaws.com", CustomSuffix="x")
    make_role(aws, "mine", trusting(ROOT), Path="/service-role/")
    with refused("InvalidInput"):
        iam.delete_service_linked_role(RoleName="mine")


def test_linking_can_be_allowed_for_one_service(aws: Aws) -> None:
    only = {"StringEquals": {"iam:AWSServiceName": "sagemaker.amazonaws.com"}}
    keys = make_user(aws, "ann", allow("iam:CreateServiceLinkedRole", Condition=only))
    ann = aws.client("iam", keys)
    with refused("AccessDenied"):
        ann.create_service_linked_role(AWSServiceName="elasticfilesystem.amazonaws.com")
    ann.create_service_linked_role(AWSServiceName="sagemaker.amazonaws.com")


# -- the account ----------------------------------------------------------------------------------


def test_the_account_has_one_alias(aws: Aws) -> None:
    iam = aws.client("iam")
    assert iam.list_account_aliases()["AccountAliases"] == []
    iam.create_account_alias(AccountAlias="our-house")
    iam.create_account_alias(AccountAlias="new-house")
    assert iam.list_account_aliases()["AccountAliases"] == ["new-house"]
    with refused("NoSuchEntity", "The account alias with name our-house cannot be found."):
        iam.delete_account_alias(AccountAlias="our-house")
    iam.delete_account_alias(AccountAlias="new-house")
    assert iam.list_account_aliases()["AccountAliases"] == []


def test_the_summary_counts_what_is_there(aws: Aws) -> None:
    iam = aws.client("iam")
    before = iam.get_account_summary()["SummaryMap"]
    make_user(aws, "ann")
    make_role(aws, "exec", trusting(ROOT))
    iam.create_group(GroupName="ops")
    iam.create_instance_profile(InstanceProfileName="box")
    arn = iam.create_policy(PolicyName="p", PolicyDocument=policy(allow("s3:*")))["Policy"]["Arn"]
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=policy(allow("s3:*")))
    iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")
    after = iam.get_account_summary()["SummaryMap"]
    grown = {key: after[key] - before[key] for key in after if after[key] != before[key]}
    assert grown == {
        "Users": 1,
        "Roles": 1,
        "Groups": 1,
        "InstanceProfiles": 1,
        "Policies": 1,
        "PolicyVersionsInUse": 2,
        "MFADevices": 1,
    }
    assert after["AccountAccessKeysPresent"] == 1
    assert (after["UserPolicySizeQuota"], after["GroupsPerUserQuota"]) == (2048, 10)


def test_authorization_details_hold_everything_in_pages(aws: Aws) -> None:
    iam = aws.client("iam")
    arn = iam.create_policy(PolicyName="p", PolicyDocument=policy(allow("s3:*")))["Policy"]["Arn"]
    make_user(aws, "ann", allow("s3:GetObject"))
    make_user(aws, "bob")
    make_role(aws, "exec", trusting(ROOT), allow("iam:*"), Tags=[{"Key": "a", "Value": "1"}])
    iam.create_group(GroupName="ops")
    iam.add_user_to_group(GroupName="ops", UserName="ann")
    iam.attach_user_policy(UserName="ann", PolicyArn=arn)
    iam.put_role_permissions_boundary(RoleName="exec", PermissionsBoundary=arn)
    iam.create_instance_profile(InstanceProfileName="box")
    iam.add_role_to_instance_profile(InstanceProfileName="box", RoleName="exec")
    wanted = ["User", "Role", "Group", "LocalManagedPolicy"]
    whole = iam.get_account_authorization_details(Filter=wanted)
    ann, bob = whole["UserDetailList"]
    assert (ann["UserName"], bob["UserName"]) == ("ann", "bob")
    assert ann["GroupList"] == ["ops"]
    assert ann["UserPolicyList"][0]["PolicyDocument"]["Statement"][0]["Action"] == "s3:GetObject"
    assert ann["AttachedManagedPolicies"] == [{"PolicyName": "p", "PolicyArn": arn}]
    role = whole["RoleDetailList"][0]
    assert role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {"AWS": ROOT}
    assert role["InstanceProfileList"][0]["InstanceProfileName"] == "box"
    assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == arn
    assert role["Tags"] == [{"Key": "a", "Value": "1"}]
    (made,) = whole["Policies"]
    assert made["PolicyVersionList"][0]["Document"]["Statement"][0]["Action"] == "s3:*"
    pages = iam.get_paginator("get_account_authorization_details").paginate(
        Filter=wanted, PaginationConfig={"PageSize": 2}
    )
    paged = list(pages)
    assert len(paged) == 3
    for member in ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"):
        assert [one for some in paged for one in some[member]] == whole[member]
    of_aws = iam.get_account_authorization_details(Filter=["AWSManagedPolicy"], MaxItems=1000)
    assert {one["Arn"].split(":")[4] for one in of_aws["Policies"]} == {"aws"}


def test_the_credential_report_tells_of_everybody(aws: Aws) -> None:
    iam = aws.client("iam")
    with refused("ReportNotPresent"):
        iam.get_credential_report()
    make_user(aws, "ann")
    iam.create_login_profile(UserName="ann", Password="Correct-Horse-7")
    iam.create_user(UserName="bob")
    assert iam.generate_credential_report()["State"] == "STARTED"
    assert iam.generate_credential_report()["State"] == "COMPLETE"
    answer = iam.get_credential_report()
    assert answer["ReportFormat"] == "text/csv"
    rows = {row["user"]: row for row in csv.DictReader(io.StringIO(answer["Content"].decode()))}
    assert list(rows) == ["<root_account>", "ann", "bob"]
    assert rows["<root_account>"]["password_enabled"] == "not_supported"
    assert rows["<root_account>"]["access_key_1_active"] == "true"
    ann, bob = rows["ann"], rows["bob"]
    assert (ann["password_enabled"], ann["password_last_used"]) == ("true", "no_information")
    assert ann["access_key_1_active"] == "true"
    assert ann["user_creation_time"].endswith("+00:00")
    assert (bob["password_enabled"], bob["password_last_used"]) == ("false", "N/A")
    assert (bob["access_key_1_active"], bob["access_key_1_last_rotated"]) == ("false", "N/A")
    assert None not in ann.values()
    assert None not in ann


# -- limits ---------------------------------------------------------------------------------------


def test_there_is_an_end_to_users(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    from freehold.services.iam import entities

    monkeypatch.setitem(entities.MOST, "User", 1)
    iam = aws.client("iam")
    iam.create_user(UserName="ann")
    with refused("LimitExceeded", "Cannot exceed quota for UsersPerAccount: 1"):
        iam.create_user(UserName="bob")


def test_a_policy_may_have_the_name_of_one_of_awss_but_only_once(aws: Aws) -> None:
    iam = aws.client("iam")
    text = policy(allow("s3:*"))
    iam.create_policy(PolicyName="ReadOnlyAccess", PolicyDocument=text)
    with refused("EntityAlreadyExists", "A policy called readonlyaccess already exists."):
        iam.create_policy(PolicyName="readonlyaccess", Path="/x/", PolicyDocument=text)


def test_a_missing_boundary_is_named_and_nothing_is_made(aws: Aws) -> None:
    iam = aws.client("iam")
    none = f"arn:aws:iam::{ACCOUNT}:policy/none"
    with refused("NoSuchEntity", f"Scope ARN: {none} does not exist or is not attachable."):
        iam.create_user(UserName="ann", PermissionsBoundary=none)
    assert iam.list_users()["Users"] == []


SERVICE_ROLE = "service-role/AmazonSageMakerServiceCatalogProducts"


@pytest.mark.parametrize(
    "name",
    [
        "AmazonSageMakerFullAccess",
        "AmazonSageMakerReadOnly",
        "AmazonSageMakerCanvasFullAccess",
        "AmazonSageMakerCanvasDataPrepFullAccess",
        "AmazonSageMakerFeatureStoreAccess",
        "AmazonSageMakerModelRegistryFullAccess",
        "AmazonSageMakerPipelinesIntegrations",
        "AmazonSageMakerClusterInstanceRolePolicy",
        "AmazonSageMakerModelGovernanceUseAccess",
        "AmazonSageMakerGroundTruthExecution",
        "aws-service-role/AmazonSageMakerNotebooksServiceRolePolicy",
        f"{SERVICE_ROLE}CodeBuildServiceRolePolicy",
        f"{SERVICE_ROLE}CloudformationServiceRolePolicy",
        "SecurityAudit",
        "job-function/ViewOnlyAccess",
        "job-function/Billing",
        "job-function/DataScientist",
        "IAMUserChangePassword",
    ],
)
def test_the_policies_that_people_are_told_to_attach_are_there(aws: Aws, name: str) -> None:
    iam = aws.client("iam")
    arn = f"arn:aws:iam::aws:policy/{name}"
    make_role(aws, "exec", trusting({"Service": "sagemaker.amazonaws.com"}))
    iam.attach_role_policy(RoleName="exec", PolicyArn=arn)
    assert "Freehold's own document" in iam.get_policy(PolicyArn=arn)["Policy"]["Description"]
