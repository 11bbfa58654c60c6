"""Bad input: IAM's own refusals, in bounded time, and nothing half done."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from tests.support.inprocess import Aws
from tests.support.people import allow, make_role, make_user, policy, refused, trusting

ACCOUNT = "111122223333"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
SECONDS_MAX = 2.0  # far above what is needed: what blows up takes minutes


@pytest.mark.parametrize(
    "principal",
    [
        f"arn:aws:iam::{ACCOUNT}:user/nobody",
        f"arn:aws:iam::{ACCOUNT}:role/nobody",
        f"arn:aws:iam::{ACCOUNT}:group/nobody",
        "AROAAAAAAAAAAAAAAAAAA",
        "nobody",
        f"arn:aws:iam::{ACCOUNT}:user/*",
    ],
)
def test_a_trust_policy_names_only_whom_we_know(aws: Aws, principal: str) -> None:
    iam = aws.client("iam")
    said = f'Invalid principal in policy: "AWS":"{principal}"'
    with refused("MalformedPolicyDocument", said):
        make_role(aws, "exec", trusting(principal))
    assert iam.list_roles()["Roles"] == []
    make_role(aws, "exec", trusting(ROOT))
    with refused("MalformedPolicyDocument", said):
        iam.update_assume_role_policy(RoleName="exec", PolicyDocument=trusting(principal))
    trust = iam.get_role(RoleName="exec")["Role"]["AssumeRolePolicyDocument"]
    assert trust["Statement"][0]["Principal"] == {"AWS": ROOT}


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("create_user", {"UserName": "a" * 65}),
        ("create_role", {"RoleName": "a" * 65, "AssumeRolePolicyDocument": trusting(ROOT)}),
        ("create_group", {"GroupName": "a" * 129}),
        ("create_policy", {"PolicyName": "a" * 129, "PolicyDocument": "{}"}),
        ("create_instance_profile", {"InstanceProfileName": "a" * 129}),
        ("create_user", {"UserName": "a b"}),
        ("create_user", {"UserName": "a/b"}),
        ("create_user", {"UserName": "ann", "Path": "/" + "a" * 512 + "/"}),
        ("create_account_alias", {"AccountAlias": "Not-Small"}),
    ],
)
def test_names_have_their_shape(aws: Aws, operation: str, request_: dict[str, Any]) -> None:
    with refused("ValidationError", "1 validation error detected"):
        getattr(aws.unchecked("iam"), operation)(**request_)


def test_hostile_wildcards_are_decided_in_bounded_time(aws: Aws) -> None:
    iam = aws.client("iam")
    pattern = "arn:aws:s3:::" + "*a*?" * 300 + "b"
    keys = make_user(aws, "ann", allow("s3:*****?", pattern), allow("iam:List" + "*" * 50))
    aws.client("iam", keys).list_users()
    began = time.perf_counter()
    answer = iam.simulate_principal_policy(
        PolicySourceArn=f"arn:aws:iam::{ACCOUNT}:user/ann",
        ActionNames=["s3:GetObject"],
        ResourceArns=["arn:aws:s3:::" + "a" * 1800],
    )
    assert answer["EvaluationResults"][0]["EvalDecision"] == "implicitDeny"
    assert time.perf_counter() - began < SECONDS_MAX


@pytest.mark.parametrize(
    "text",
    [
        "[" * 5000,
        '{"a":' * 5000,
        '{"Version":"2012-10-17","Version":"2012-10-17","Statement":[]}',
        json.dumps({"Version": "2012-10-17", "Statement": allow("s3:*") | {"Sids": "x"}}),
        json.dumps({"Version": "2012-10-17", "Statement": [allow("s3:*", Sid="a")] * 2}),
        policy(allow("GetObject")),
        policy(allow("s3:*", "nothing")),
        policy(allow("s3:*", Condition={"StringIs": {"a:b": "c"}})),
    ],
)
def test_malformed_documents_leave_nothing_behind(aws: Aws, text: str) -> None:
    iam = aws.client("iam")
    make_role(aws, "exec", trusting(ROOT))
    iam.create_group(GroupName="ops")
    with refused("MalformedPolicyDocument"):
        iam.put_role_policy(RoleName="exec", PolicyName="x", PolicyDocument=text)
    with refused("MalformedPolicyDocument"):
        iam.put_group_policy(GroupName="ops", PolicyName="x", PolicyDocument=text)
    with refused("MalformedPolicyDocument"):
        iam.create_role(RoleName="second", AssumeRolePolicyDocument=text)
    assert iam.list_role_policies(RoleName="exec")["PolicyNames"] == []
    assert iam.list_group_policies(GroupName="ops")["PolicyNames"] == []
    assert [role["RoleName"] for role in iam.list_roles()["Roles"]] == ["exec"]


def test_what_fails_attaches_nothing(aws: Aws) -> None:
    iam = aws.client("iam")
    make_role(aws, "exec", trusting(ROOT))
    none = f"arn:aws:iam::{ACCOUNT}:policy/none"
    with refused("NoSuchEntity"):
        iam.attach_role_policy(RoleName="exec", PolicyArn=none)
    made = iam.create_policy(PolicyName="p", PolicyDocument=policy(allow("s3:*")))["Policy"]["Arn"]
    with refused("NoSuchEntity", "The role with name none cannot be found."):
        iam.attach_role_policy(RoleName="none", PolicyArn=made)
    assert iam.get_policy(PolicyArn=made)["Policy"]["AttachmentCount"] == 0
    assert iam.list_attached_role_policies(RoleName="exec")["AttachedPolicies"] == []
    with refused("NoSuchEntity", "Scope ARN:"):
        make_role(aws, "second", trusting(ROOT), PermissionsBoundary=none)
    assert [role["RoleName"] for role in iam.list_roles()["Roles"]] == ["exec"]


def test_a_group_holds_ten_of_a_users(aws: Aws) -> None:
    iam = aws.client("iam")
    iam.create_user(UserName="ann")
    for number in range(11):
        iam.create_group(GroupName=f"g{number}")
    for number in range(10):
        iam.add_user_to_group(GroupName=f"g{number}", UserName="ann")
    with refused("LimitExceeded", "Cannot exceed quota for GroupsPerUser: 10"):
        iam.add_user_to_group(GroupName="g10", UserName="ann")


def test_fifty_tags_are_the_most(aws: Aws) -> None:
    iam = aws.client("iam")
    iam.create_user(UserName="ann", Tags=[{"Key": f"k{n}", "Value": ""} for n in range(50)])
    with refused("LimitExceeded"):
        iam.tag_user(UserName="ann", Tags=[{"Key": "more", "Value": ""}])
    iam.tag_user(UserName="ann", Tags=[{"Key": "k1", "Value": "new"}])
    assert len(iam.list_user_tags(UserName="ann", MaxItems=100)["Tags"]) == 50
