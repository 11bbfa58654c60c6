"""Each leak that people plant without knowing, planted alone: it must be found and explained."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from tests.support.people import allow, deny, make_role, make_user, policy, trusting
from tests.support.studio import SERVICE, make_domain, make_profile
from tests.unit.isolation.conftest import ACCOUNT, REGION, Account

Plant = Callable[[Account, SimpleNamespace, SimpleNamespace], Any]
PLANTS: dict[str, tuple[Plant, dict[str, Any]]] = {}
HEAD = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}"
TAG = "sagemaker:domain-arn"


def plant(name: str, **expected: Any) -> Callable[[Plant], Plant]:
    """Register a plant with what the report must say of it."""

    def register(function: Plant) -> Plant:
        PLANTS[name] = (function, expected)
        return function

    return register


def user_of(account: Account, line: SimpleNamespace, name: str, *statements: Any) -> str:
    """A user at home in a line."""
    make_user(account.aws, name, *statements)
    account.iam.tag_user(UserName=name, Tags=[{"Key": TAG, "Value": line.arn}])
    return f"arn:aws:iam::{ACCOUNT}:user/{name}"


@plant("everything of sagemaker", operations={"DescribeExperiment", "DeleteExperiment"})
def sagemaker_star(account: Account, a: SimpleNamespace, b: SimpleNamespace) -> None:
    account.allow(a, allow("sagemaker:*"))


@plant("a trust policy that names the other's role", how=["assume"])
def loose_trust(account: Account, a: SimpleNamespace, b: SimpleNamespace) -> None:
    account.iam.update_assume_role_policy(
        RoleName="work-risk",
        PolicyDocument=policy(
            {
                "Effect": "Allow",
                "Principal": {"Service": "sagemaker.amazonaws.com", "AWS": a.role},
                "Action": "sts:AssumeRole",
            }
        ),
    )
    account.allow(b, allow("sagemaker:DescribeExperiment"))


@plant("a trust policy that names the account", how=["assume", "assume"])
def account_trust(account: Account, a: SimpleNamespace, b: SimpleNamespace) -> None:
    make_role(
        account.aws, "helper", trusting(f"arn:aws:iam::{ACCOUNT}:root"), allow("sagemaker:Stop*")
    )
    account.allow(a, allow("sts:AssumeRole"))
    make_role(
        account.aws, "admin", trusting(f"arn:aws:iam::{ACCOUNT}:role/helper"), allow("sagemaker:*")
    )


@plant("a chain of roles", how=["assume", "assume"])
def long_chain(account: Account, a: SimpleNamespace, b: SimpleNamespace) -> None:
    first = make_role(account.aws, "first", trusting(a.role))
    make_role(account.aws, "second", trusting(first), allow("s3:GetObject"))


@plant("a trust policy that asks for an external id", how=["assume"])
def external_id(account: Account, a: SimpleNamespace, b: SimpleNamespace) -> None:
    condition = {
        "StringEquals": {"sts:ExternalId": "guess"},
        "StringLike": {"sts:RoleSessionName": "w*"},
    }
    make_role(
        account.aws, "partner", trusting(a.role, Condition=condition), allow("sagemaker:Describe*")
    )


@plant("a trust policy that names a session", how=["assume", "assume"])
def session_name(account: Account, a: SimpleNamespace, b: SimpleNamespace) -> None:
    make_role(account.aws, "door", trusting(a.role))
    named = f"arn:aws:sts::{ACCOUNT}:assumed-role/door/boss"
    make_role(account.aws, "safe", trusting(named), allow("sagemaker:Describe*"))


@plant("AddTags without scope", operations={"AddTags"})
def add_tags(account: Account, a: SimpleNamespace, b: SimpleNamespace) -> None:
    role_without_denies(account, a)
    account.allow(a, allow("sagemaker:AddTags"))


@plant("DeleteTags without scope", operations={"DeleteTags"})
def delete_tags(account: Account, a: SimpleNamespace, b: SimpleNamespace) -> None:
    account.allow(a, allow("sagemaker:DeleteTags"))


@plant("one's own things given to the other", operations={"AddTags"})
def hand_over(account: Account, a: SimpleNamespace, b: SimpleNamespace) -> None:
    role_without_denies(account, a)
    own = {"StringEquals": {f"aws:ResourceTag/{TAG}": a.arn}}
    account.allow(a, allow("sagemaker:AddTags", Condition=own))


@plant("a role that both use", operations={"DescribeExperiment"})
def shared_role(account: Account, a: SimpleNamespace, b: SimpleNamespace) -> None:
    both = {"StringEquals": {f"aws:ResourceTag/{TAG}": [a.arn, b.arn]}}
    role = make_role(account.aws, "both", SERVICE, allow("sagemaker:Describe*", Condition=both))
    for line in (a, b):
        account.sagemaker.create_user_profile(
            DomainId=line.id, UserProfileName="bea", UserSettings={"ExecutionRole": role}
        )


@plant("a prefix that reaches into the other's", operations={"GetObject"})
def prefix(account: Account, a: SimpleNamespace, b: SimpleNamespace) -> None:
    account.allow(a, allow("s3:GetObject", f"arn:aws:s3:::{b.bucket[:3]}*/m*"))


@plant("a list of the other's bucket", operations={"ListObjectsV2"})
def listing(account: Account, a: SimpleNamespace, b: SimpleNamespace) -> None:
    account.allow(a, allow("s3:ListBucket", f"arn:aws:s3:::{b.bucket}"))


@plant("a bucket policy that names a role of another line", operations={"GetObject"})
def bucket_policy(account: Account, a: SimpleNamespace, b: SimpleNamespace) -> None:
    document = policy(
        {**allow("s3:GetObject", f"arn:aws:s3:::{b.bucket}/*"), "Principal": {"AWS": a.role}}
    )
    account.aws.client("s3").put_bucket_policy(Bucket=b.bucket, Policy=document)


@plant("a NotAction", operations={"DeleteExperiment"})
def not_action(account: Account, a: SimpleNamespace, b: SimpleNamespace) -> None:
    statement = allow("x")
    del statement["Action"]
    account.allow(a, {**statement, "NotAction": ["iam:*", "sts:*", "s3:*"]})


@plant("a NotResource", operations={"DescribeModel"})
def not_resource(account: Account, a: SimpleNamespace, b: SimpleNamespace) -> None:
    statement = allow("sagemaker:Describe*")
    del statement["Resource"]
    account.allow(a, {**statement, "NotResource": f"{HEAD}:experiment/*"})


@plant("ForAllValues over nothing", operations={"UpdateExperiment"})
def vacuous(account: Account, a: SimpleNamespace, b: SimpleNamespace) -> None:
    only = {"ForAllValues:StringEquals": {"aws:TagKeys": [TAG]}}
    account.allow(a, allow(["sagemaker:Create*", "sagemaker:Update*"], Condition=only))


@plant("PassRole of everything", how=["pass"])
def pass_role(account: Account, a: SimpleNamespace, b: SimpleNamespace) -> None:
    account.allow(a, allow("iam:PassRole"))


@plant("a wildcard in the domain's ARN", operations={"DescribeModel"})
def wildcard_arn(account: Account, a: SimpleNamespace, b: SimpleNamespace) -> None:
    condition = {"StringLike": {f"aws:ResourceTag/{TAG}": f"{HEAD}:domain/d-*"}}
    account.allow(a, allow("sagemaker:Describe*", Condition=condition))


@plant("a boundary that does not bound", operations={"DescribeModel"})
def boundary(account: Account, a: SimpleNamespace, b: SimpleNamespace) -> None:
    made = account.iam.create_policy(
        PolicyName="wide", PolicyDocument=policy(allow("*"), deny("iam:*"))
    )["Policy"]["Arn"]
    account.iam.put_role_permissions_boundary(RoleName="work-finance", PermissionsBoundary=made)
    account.allow(a, allow("sagemaker:DescribeModel"))


@plant("a group that a user is in", operations={"DescribeModel"})
def group(account: Account, a: SimpleNamespace, b: SimpleNamespace) -> None:
    user_of(account, a, "gus")
    account.iam.create_group(GroupName="readers")
    account.iam.put_group_policy(
        GroupName="readers", PolicyName="p", PolicyDocument=policy(allow("sagemaker:Describe*"))
    )
    account.iam.add_user_to_group(GroupName="readers", UserName="gus")


@plant("a create that bears the other's tag", operations={"CreateExperiment"})
def planting(account: Account, a: SimpleNamespace, b: SimpleNamespace) -> None:
    user_of(
        account,
        a,
        "pat",
        allow(["sagemaker:CreateExperiment", "sagemaker:AddTags"], f"{HEAD}:experiment/pat-*"),
    )


@plant("a space in the other's domain", operations={"CreateSpace"})
def new_space(account: Account, a: SimpleNamespace, b: SimpleNamespace) -> None:
    account.allow(a, allow(["sagemaker:CreateSpace", "sagemaker:AddTags"], f"{HEAD}:space/*/tmp-*"))


@plant("a presigned URL of anyone", operations={"CreatePresignedDomainUrl"})
def presigned(account: Account, a: SimpleNamespace, b: SimpleNamespace) -> None:
    user_of(account, a, "uma", allow("sagemaker:CreatePresignedDomainUrl"))


@plant("keys of the other's user", how=["key"])
def user_keys(account: Account, a: SimpleNamespace, b: SimpleNamespace) -> None:
    user_of(account, b, "boss", allow("sagemaker:DescribeModel", f"{HEAD}:model/risk-*"))
    account.allow(a, allow("iam:CreateAccessKey", f"arn:aws:iam::{ACCOUNT}:user/b*"))


@plant("a policy that it may rewrite", how=["policy"])
def rewrite(account: Account, a: SimpleNamespace, b: SimpleNamespace) -> None:
    made = account.iam.create_policy(PolicyName="mine", PolicyDocument=policy(allow("x:Y")))
    arn = made["Policy"]["Arn"]
    account.iam.attach_role_policy(RoleName="work-finance", PolicyArn=arn)
    account.allow(a, allow("iam:CreatePolicyVersion", arn))


@plant("a policy that it may attach to itself", how=["policy"])
def attach(account: Account, a: SimpleNamespace, b: SimpleNamespace) -> None:
    account.iam.create_policy(
        PolicyName="wide", PolicyDocument=policy(allow("sagemaker:DescribeModel"))
    )
    only = {"ArnLike": {"iam:PolicyARN": f"arn:aws:iam::{ACCOUNT}:policy/w*"}}
    account.allow(a, allow("iam:AttachRolePolicy", a.role, Condition=only))


@plant("the other's execution role in its hands", operations={"PutRolePolicy"})
def iam_of_other(account: Account, a: SimpleNamespace, b: SimpleNamespace) -> None:
    account.allow(a, allow("iam:PutRolePolicy", b.role))


@plant("session tags that policies trust", how=["assume"])
def session_tags(account: Account, a: SimpleNamespace, b: SimpleNamespace) -> None:
    mine = {"StringEquals": {f"aws:ResourceTag/{TAG}": "${aws:PrincipalTag/domain}"}}
    make_role(
        account.aws,
        "by-tag",
        trusting(a.role, ["sts:AssumeRole", "sts:TagSession"]),
        allow("sagemaker:Describe*", Condition=mine),
    )


@plant("logs of all jobs", operations={"GetLogEvents"})
def logs(account: Account, a: SimpleNamespace, b: SimpleNamespace) -> None:
    client = account.aws.client("logs")
    client.create_log_group(logGroupName="/aws/sagemaker/studio")
    client.create_log_stream(
        logGroupName="/aws/sagemaker/studio", logStreamName=f"{b.id}/anna/JupyterLab/default"
    )
    account.allow(a, allow("logs:GetLogEvents"))


@plant("a condition on the caller's address", operations={"DescribeModel"})
def address(account: Account, a: SimpleNamespace, b: SimpleNamespace) -> None:
    condition = {
        "IpAddress": {"aws:SourceIp": "203.0.113.0/24"},
        "Bool": {"aws:SecureTransport": "true"},
        "DateGreaterThan": {"aws:CurrentTime": "2031-01-01T00:00:00Z"},
    }
    account.allow(a, allow("sagemaker:DescribeModel", Condition=condition))


@plant("the volume of the other", operations={"TagResource"})
def volume(account: Account, a: SimpleNamespace, b: SimpleNamespace) -> None:
    account.allow(a, allow("elasticfilesystem:*"))


def role_without_denies(account: Account, line: SimpleNamespace) -> None:
    """The tight policy without the statement that keeps the domain's tags."""
    held = account.iam.get_role_policy(RoleName=f"work-{line.name}", PolicyName="tight")
    statements = held["PolicyDocument"]["Statement"]
    kept = [one for one in statements if one["Effect"] == "Allow"]
    account.allow(line, *kept, name="tight")


@pytest.mark.parametrize("name", PLANTS)
def test_a_planted_leak_is_found(name: str, account: Account) -> None:
    function, expected = PLANTS[name]
    finance, risk = account.lines["finance"], account.lines["risk"]
    assert account.examine().is_isolated()
    function(account, finance, risk)

    report = account.examine()

    assert not report.is_isolated()
    blocks = report.blocks(finance.id, risk.id, "leak")
    assert blocks, "the leak is not from finance to risk"
    operations = {name for block in blocks for name in block.operations}
    chains = [[step.how for step in block.first.chain] for block in blocks]
    assert expected.get("operations", set()) <= operations
    assert "how" not in expected or expected["how"] in chains
    for block in blocks:
        assert block.first.crossing.decision.policy
        assert block.first.crossing.decision.statement


def test_the_tight_policy_isolates_whatever_people_are_called(account: Account) -> None:
    for line in account.lines.values():
        make_profile(account.aws, line.id, "bo")

    report = account.examine()

    assert report.is_isolated(is_strict=True), json.dumps(
        [
            block.operations
            for pair in report.pairs()
            for block in report.blocks(*pair, "leak", "lists")
        ]
    )


def test_whoever_has_no_home_is_named_and_can_be_given_one(account: Account) -> None:
    make_user(account.aws, "root-like", allow("*"))
    arn = f"arn:aws:iam::{ACCOUNT}:user/root-like"

    report = account.examine()
    assert report.is_isolated()
    assert arn in report.homeless

    given = account.examine(homes={arn: "finance"})
    assert not given.is_isolated()
    assert given.blocks(account.lines["finance"].id, account.lines["risk"].id, "leak")
    assert not given.blocks(account.lines["risk"].id, account.lines["finance"].id, "leak")


def test_one_domain_cannot_leak(account: Account) -> None:
    account.sagemaker.delete_user_profile(DomainId=account.lines["risk"].id, UserProfileName="anna")
    account.sagemaker.delete_domain(DomainId=account.lines["risk"].id)
    account.allow(account.lines["finance"], allow("*"))

    assert account.examine().is_isolated()


def test_a_third_domain_is_no_part_of_a_leak_between_two(account: Account) -> None:
    role = make_role(account.aws, "work-third", SERVICE)
    third = make_domain(account.aws, "third", role)
    finance, risk = account.lines["finance"], account.lines["risk"]
    account.allow(finance, allow("sagemaker:DescribeModel", f"{HEAD}:model/risk-*"))

    report = account.examine()

    leaking = [pair for pair in report.pairs() if report.blocks(*pair, "leak")]
    assert leaking == [(finance.id, risk.id)]
    assert len(list(report.pairs())) == 6
    assert list(account.examine(domain="third").pairs()) == [
        pair for pair in report.pairs() if third.id in pair
    ]


def test_equal_principals_are_decided_about_once(account: Account) -> None:
    few = account.examine().asked
    for number in range(12):
        make_user(account.aws, f"user{number}")
        account.iam.tag_user(
            UserName=f"user{number}", Tags=[{"Key": TAG, "Value": account.lines["risk"].arn}]
        )

    many = account.examine()

    assert many.principals == 14
    assert many.asked <= few * 2
