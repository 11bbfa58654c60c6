"""Policies: inline, managed, versions, attachments, boundaries, limits, and AWS's own."""

from __future__ import annotations

import json

import pytest
from tests.support.inprocess import Aws
from tests.support.people import allow, deny, make_role, make_user, policy, refused, trusting

ACCOUNT = "111122223333"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def test_inline_policies_come_back_as_they_were_sent(aws: Aws) -> None:
    iam = aws.client("iam")
    make_user(aws, "ann")
    text = policy(allow("s3:GetObject", "arn:aws:s3:::b/é%20 +/*"))
    iam.put_user_policy(UserName="ann", PolicyName="p1", PolicyDocument=text)
    assert iam.get_user_policy(UserName="ann", PolicyName="p1")["PolicyDocument"] == json.loads(
        text
    )
    assert iam.list_user_policies(UserName="ann")["PolicyNames"] == ["p1"]
    iam.delete_user_policy(UserName="ann", PolicyName="p1")
    with refused("NoSuchEntity", "The user policy with name p1 cannot be found."):
        iam.get_user_policy(UserName="ann", PolicyName="p1")


def test_inline_policies_bind_at_once(aws: Aws) -> None:
    iam = aws.client("iam")
    keys = make_user(aws, "ann", allow("iam:ListRoles"))
    ann = aws.client("iam", keys)
    ann.list_roles()
    iam.put_user_policy(UserName="ann", PolicyName="no", PolicyDocument=policy(deny("iam:*")))
    with refused("AccessDenied", "with an explicit deny in an identity-based policy"):
        ann.list_roles()
    iam.delete_user_policy(UserName="ann", PolicyName="no")
    ann.list_roles()
    iam.delete_user_policy(UserName="ann", PolicyName="given")
    with refused("AccessDenied", "because no identity-based policy allows the iam:ListRoles"):
        ann.list_roles()


@pytest.mark.parametrize(
    "text",
    [
        "not json",
        "[]",
        '{"Version":"2012-10-17","Statement":[]}',
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*"}]}',
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*",'
        '"Principal":"*"}]}',
    ],
)
def test_malformed_documents_are_refused_and_nothing_is_kept(aws: Aws, text: str) -> None:
    iam = aws.client("iam")
    make_user(aws, "ann")
    with refused("MalformedPolicyDocument"):
        iam.put_user_policy(UserName="ann", PolicyName="p1", PolicyDocument=text)
    with refused("MalformedPolicyDocument"):
        iam.create_policy(PolicyName="p1", PolicyDocument=text)
    assert iam.list_user_policies(UserName="ann")["PolicyNames"] == []
    assert iam.list_policies(Scope="Local")["Policies"] == []


def test_sizes_are_bounded_white_space_not_counted(aws: Aws) -> None:
    iam = aws.client("iam")
    make_user(aws, "ann")
    roomy = policy(allow("s3:GetObject", "arn:aws:s3:::" + "b" * 1800)) + " " * 5000
    iam.put_user_policy(UserName="ann", PolicyName="p1", PolicyDocument=roomy)
    with refused("LimitExceeded", "Maximum policy size of 2048 bytes exceeded for user ann"):
        iam.put_user_policy(UserName="ann", PolicyName="p2", PolicyDocument=roomy)
    assert iam.list_user_policies(UserName="ann")["PolicyNames"] == ["p1"]
    long = policy(allow("s3:GetObject", "arn:aws:s3:::" + "b" * 6144))
    with refused("LimitExceeded", "Cannot exceed quota for PolicySize: 6144"):
        iam.create_policy(PolicyName="long", PolicyDocument=long)


def test_a_managed_policy_has_versions(aws: Aws) -> None:
    iam = aws.client("iam")
    made = iam.create_policy(
        PolicyName="see", PolicyDocument=policy(allow("iam:ListRoles")), Description="to see"
    )["Policy"]
    arn = made["Arn"]
    assert arn == f"arn:aws:iam::{ACCOUNT}:policy/see"
    assert (made["DefaultVersionId"], made["AttachmentCount"]) == ("v1", 0)
    keys = make_user(aws, "ann")
    iam.attach_user_policy(UserName="ann", PolicyArn=arn)
    ann = aws.client("iam", keys)
    ann.list_roles()
    second = iam.create_policy_version(
        PolicyArn=arn, PolicyDocument=policy(allow("iam:ListUsers")), SetAsDefault=True
    )["PolicyVersion"]
    assert (second["VersionId"], second["IsDefaultVersion"]) == ("v2", True)
    with refused("AccessDenied"):
        ann.list_roles()
    ann.list_users()
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v1")
    ann.list_roles()
    versions = iam.list_policy_versions(PolicyArn=arn)["Versions"]
    assert [version["VersionId"] for version in versions] == ["v2", "v1"]
    document = iam.get_policy_version(PolicyArn=arn, VersionId="v2")["PolicyVersion"]["Document"]
    assert document["Statement"][0]["Action"] == "iam:ListUsers"
    assert iam.get_policy(PolicyArn=arn)["Policy"]["Description"] == "to see"


def test_version_numbers_are_never_used_twice_and_five_is_the_most(aws: Aws) -> None:
    iam = aws.client("iam")
    text = policy(allow("iam:ListRoles"))
    arn = iam.create_policy(PolicyName="see", PolicyDocument=text)["Policy"]["Arn"]
    for _ in range(4):
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=text)
    with refused("LimitExceeded", "5 versions"):
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=text)
    iam.delete_policy_version(PolicyArn=arn, VersionId="v5")
    made = iam.create_policy_version(PolicyArn=arn, PolicyDocument=text)["PolicyVersion"]
    assert made["VersionId"] == "v6"
    with refused("DeleteConflict", "default version"):
        iam.delete_policy_version(PolicyArn=arn, VersionId="v1")
    with refused("NoSuchEntity"):
        iam.get_policy_version(PolicyArn=arn, VersionId="v5")
    with refused("DeleteConflict", "more than one version"):
        iam.delete_policy(PolicyArn=arn)


def test_attachments_are_counted_listed_and_keep_the_policy(aws: Aws) -> None:
    iam = aws.client("iam")
    arn = iam.create_policy(PolicyName="see", PolicyDocument=policy(allow("s3:*")))["Policy"]["Arn"]
    make_user(aws, "ann")
    make_role(aws, "exec", trusting(ROOT))
    for _ in range(2):
        iam.attach_user_policy(UserName="ann", PolicyArn=arn)
    iam.attach_role_policy(RoleName="exec", PolicyArn=arn)
    attached = iam.list_attached_role_policies(RoleName="exec")["AttachedPolicies"]
    assert attached == [{"PolicyName": "see", "PolicyArn": arn}]
    assert iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"] == 2
    holders = iam.list_entities_for_policy(PolicyArn=arn)
    assert [user["UserName"] for user in holders["PolicyUsers"]] == ["ann"]
    assert [role["RoleName"] for role in holders["PolicyRoles"]] == ["exec"]
    with refused("DeleteConflict", "Cannot delete a policy attached to entities."):
        iam.delete_policy(PolicyArn=arn)
    iam.detach_user_policy(UserName="ann", PolicyArn=arn)
    iam.detach_role_policy(RoleName="exec", PolicyArn=arn)
    with refused("NoSuchEntity", "was not found"):
        iam.detach_role_policy(RoleName="exec", PolicyArn=arn)
    iam.delete_policy(PolicyArn=arn)
    with refused("NoSuchEntity", f"Policy {arn} was not found."):
        iam.get_policy(PolicyArn=arn)


def test_what_cannot_be_attached_is_refused(aws: Aws) -> None:
    iam = aws.client("iam")
    make_user(aws, "ann")
    with refused("NoSuchEntity", "does not exist or is not attachable"):
        iam.attach_user_policy(UserName="ann", PolicyArn=f"arn:aws:iam::{ACCOUNT}:policy/none")
    with refused("InvalidInput"):
        iam.attach_user_policy(UserName="ann", PolicyArn=f"arn:aws:iam::{ACCOUNT}:role/none")
    for number in range(11):
        text = policy(allow("s3:*"))
        made = iam.create_policy(PolicyName=f"p{number}", PolicyDocument=text)["Policy"]["Arn"]
        if number < 10:
            iam.attach_user_policy(UserName="ann", PolicyArn=made)
    with refused("LimitExceeded", "Cannot exceed quota for PoliciesPerUser: 10"):
        iam.attach_user_policy(UserName="ann", PolicyArn=made)


def test_a_boundary_narrows_and_never_adds(aws: Aws) -> None:
    iam = aws.client("iam")
    text = policy(allow("iam:ListUsers"))
    arn = iam.create_policy(PolicyName="bound", PolicyDocument=text)["Policy"]["Arn"]
    keys = make_user(aws, "ann", allow("iam:ListRoles"))
    ann = aws.client("iam", keys)
    ann.list_roles()
    iam.put_user_permissions_boundary(UserName="ann", PermissionsBoundary=arn)
    with refused("AccessDenied", "because no permissions boundary allows"):
        ann.list_roles()
    with refused("AccessDenied", "because no identity-based policy allows"):
        ann.list_users()
    shown = iam.get_user(UserName="ann")["User"]["PermissionsBoundary"]
    assert shown["PermissionsBoundaryArn"] == arn
    assert iam.get_policy(PolicyArn=arn)["Policy"]["PermissionsBoundaryUsageCount"] == 1
    with refused("DeleteConflict"):
        iam.delete_policy(PolicyArn=arn)
    iam.delete_user_permissions_boundary(UserName="ann")
    ann.list_roles()
    iam.delete_policy(PolicyArn=arn)


def test_who_may_only_make_bounded_roles_makes_only_those(aws: Aws) -> None:
    iam = aws.client("iam")
    text = policy(allow("s3:*"))
    arn = iam.create_policy(PolicyName="bound", PolicyDocument=text)["Policy"]["Arn"]
    bounded = {"StringEquals": {"iam:PermissionsBoundary": arn}}
    keys = make_user(
        aws, "ann", allow(["iam:CreateRole", "iam:AttachRolePolicy"], Condition=bounded)
    )
    ann = aws.client("iam", keys)
    with refused("AccessDenied"):
        ann.create_role(RoleName="free", AssumeRolePolicyDocument=trusting(ROOT))
    ann.create_role(
        RoleName="bound", AssumeRolePolicyDocument=trusting(ROOT), PermissionsBoundary=arn
    )
    ann.attach_role_policy(RoleName="bound", PolicyArn=READ_ONLY)
    make_role(aws, "other", trusting(ROOT))
    with refused("AccessDenied"):
        ann.attach_role_policy(RoleName="other", PolicyArn=READ_ONLY)


def test_who_may_only_attach_one_policy_attaches_only_that(aws: Aws) -> None:
    only = {"ArnEquals": {"iam:PolicyARN": READ_ONLY}}
    keys = make_user(aws, "ann", allow("iam:AttachRolePolicy", Condition=only))
    make_role(aws, "exec", trusting(ROOT))
    ann = aws.client("iam", keys)
    ann.attach_role_policy(RoleName="exec", PolicyArn=READ_ONLY)
    with refused("AccessDenied"):
        ann.attach_role_policy(
            RoleName="exec", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess"
        )


def test_aws_managed_policies_are_there_and_cannot_be_changed(aws: Aws) -> None:
    iam = aws.client("iam")
    found = iam.list_policies(Scope="AWS", MaxItems=1000)["Policies"]
    names = {one["PolicyName"] for one in found}
    assert {
        "AdministratorAccess",
        "AmazonSageMakerFullAccess",
        "AmazonSageMakerReadOnly",
        "ReadOnlyAccess",
        "IAMFullAccess",
        "AmazonS3FullAccess",
        "AmazonS3ReadOnlyAccess",
        "AWSBillingReadOnlyAccess",
        "CloudWatchLogsReadOnlyAccess",
    } <= names
    assert (
        "own document of the same effect"
        in iam.get_policy(PolicyArn=READ_ONLY)["Policy"]["Description"]
    )
    with refused("AccessDenied"):
        iam.delete_policy(PolicyArn=READ_ONLY)
    with refused("AccessDenied"):
        iam.create_policy_version(PolicyArn=READ_ONLY, PolicyDocument=policy(allow("*")))
    with refused("AccessDenied"):
        iam.tag_policy(PolicyArn=READ_ONLY, Tags=[{"Key": "a", "Value": "1"}])


def test_every_aws_managed_document_parses(aws: Aws) -> None:
    iam = aws.client("iam")
    for one in iam.list_policies(Scope="AWS", MaxItems=1000)["Policies"]:
        document = iam.get_policy_version(PolicyArn=one["Arn"], VersionId=one["DefaultVersionId"])[
            "PolicyVersion"
        ]["Document"]
        answer = iam.simulate_custom_policy(
            PolicyInputList=[json.dumps(document)], ActionNames=["no:Thing"]
        )
        assert answer["EvaluationResults"][0]["EvalActionName"] == "no:Thing"


def test_an_administrator_reads_aws_managed_policies(aws: Aws) -> None:
    keys = make_user(aws, "ann")
    aws.client("iam").attach_user_policy(
        UserName="ann", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess"
    )
    ann = aws.client("iam", keys)
    assert ann.get_policy(PolicyArn=READ_ONLY)["Policy"]["PolicyName"] == "ReadOnlyAccess"
    ann.create_user(UserName="bob")
