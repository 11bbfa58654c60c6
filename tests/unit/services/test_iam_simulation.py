"""The policy simulator: decisions, what made them, what was not known, and bad questions."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.inprocess import Aws
from tests.support.people import allow, deny, make_role, make_user, policy, refused, trusting

from freehold.policy.grammar.positions import spans

ACCOUNT = "111122223333"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/exec"
ANN = f"arn:aws:iam::{ACCOUNT}:user/ann"
OURS, THEIRS = "arn:aws:s3:::ours/x", "arn:aws:s3:::theirs/x"


def specific(answer: dict[str, Any]) -> dict[tuple[str, str], str]:
    return {
        (one["EvalActionName"], each["EvalResourceName"]): each["EvalResourceDecision"]
        for one in answer["EvaluationResults"]
        for each in one["ResourceSpecificResults"]
    }


def custom(aws: Aws, *statements: dict[str, Any], **more: Any) -> dict[str, Any]:
    asked = {"ActionNames": ["s3:GetObject"]} | more
    answer = aws.client("iam").simulate_custom_policy(
        PolicyInputList=[policy(*statements)], **asked
    )
    return dict(answer["EvaluationResults"][0])


def key(name: str, type_: str, *values: str) -> dict[str, Any]:
    return {"ContextKeyName": name, "ContextKeyType": type_, "ContextKeyValues": list(values)}


def test_simulation_agrees_with_the_real_decision(aws: Aws) -> None:
    iam = aws.client("iam")
    make_role(
        aws, "exec", trusting(ROOT), allow("s3:Get*", "arn:aws:s3:::ours/*"), deny("s3:PutObject")
    )
    answer = iam.simulate_principal_policy(
        PolicySourceArn=ROLE,
        ActionNames=["s3:GetObject", "s3:PutObject"],
        ResourceArns=[OURS, THEIRS],
    )
    assert specific(answer) == {
        ("s3:GetObject", OURS): "allowed",
        ("s3:GetObject", THEIRS): "implicitDeny",
        ("s3:PutObject", OURS): "explicitDeny",
        ("s3:PutObject", THEIRS): "explicitDeny",
    }
    whole = {one["EvalActionName"]: one["EvalDecision"] for one in answer["EvaluationResults"]}
    assert whole == {"s3:GetObject": "implicitDeny", "s3:PutObject": "explicitDeny"}
    with refused("NoSuchEntity"):
        iam.simulate_principal_policy(PolicySourceArn=ROLE + "x", ActionNames=["s3:GetObject"])


def test_positions_are_those_of_awss_own_example(aws: Aws) -> None:
    """The AWS CLI's documented example of simulate-custom-policy, letter for letter."""
    text = (
        '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:*",'
        '"Resource":"*","Condition":{"DateGreaterThan":{"aws:CurrentTime":"2018-08-16T12:00:00Z"}}}}'
    )
    answer = aws.client("iam").simulate_custom_policy(
        PolicyInputList=[text],
        ActionNames=["dynamodb:CreateBackup"],
        ContextEntries=[key("aws:CurrentTime", "date", "2019-04-25T11:00:00Z")],
    )
    (result,) = answer["EvaluationResults"]
    assert result["EvalDecision"] == "allowed"
    assert result["EvalResourceName"] == "*"
    assert result["MissingContextValues"] == []
    (matched,) = result["MatchedStatements"]
    assert matched["SourcePolicyId"] == "PolicyInputList.1"
    assert matched["StartPosition"] == {"Line": 1, "Column": 38}
    assert matched["EndPosition"] == {"Line": 1, "Column": 167}


@given(st.integers(1, 5), st.sampled_from([None, 1, 4]), st.booleans())
def test_positions_enclose_each_statement(count: int, indent: int | None, last: bool) -> None:
    statements = [allow("s3:Get}{]\\", f"arn:aws:s3:::b{n}") for n in range(count)]
    document = {"Statement": statements, "Version": "2012-10-17", "Id": '"Statement"'}
    if last:
        document = dict(reversed(document.items()))
    text = json.dumps(document, indent=indent)
    lines = text.split("\n")
    starts = [sum(len(line) + 1 for line in lines[:n]) for n in range(len(lines))]
    found = [
        json.loads(text[starts[a.line - 1] + a.column - 2 : starts[b.line - 1] + b.column - 1])
        for a, b in spans(text)
    ]
    assert found == statements


def test_matched_statements_name_their_policies(aws: Aws) -> None:
    iam = aws.client("iam")
    make_user(aws, "ann", allow("s3:GetObject"))
    iam.create_group(GroupName="ops")
    iam.add_user_to_group(GroupName="ops", UserName="ann")
    text = policy(allow("s3:*"))
    iam.put_group_policy(GroupName="ops", PolicyName="inline", PolicyDocument=text)
    made = iam.create_policy(PolicyName="ours", PolicyDocument=text)["Policy"]["Arn"]
    iam.attach_user_policy(UserName="ann", PolicyArn=made)
    iam.attach_user_policy(UserName="ann", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    ask = {"PolicySourceArn": ANN, "ActionNames": ["s3:GetObject"]}
    (result,) = iam.simulate_principal_policy(**ask)["EvaluationResults"]
    assert {
        (one["SourcePolicyId"], one["SourcePolicyType"]) for one in result["MatchedStatements"]
    } == {
        ("user_ann_given", "user"),
        ("group_ops_inline", "group"),
        ("ours", "user-managed"),
        ("AdministratorAccess", "aws-managed"),
    }
    (denied,) = iam.simulate_principal_policy(
        **ask, PolicyInputList=[policy(deny("s3:GetObject"))]
    )["EvaluationResults"]
    assert denied["EvalDecision"] == "explicitDeny"
    assert [one["SourcePolicyId"] for one in denied["MatchedStatements"]] == ["PolicyInputList.1"]
    of_group = iam.simulate_principal_policy(
        PolicySourceArn=f"arn:aws:iam::{ACCOUNT}:group/ops", ActionNames=["s3:GetObject"]
    )
    assert of_group["EvaluationResults"][0]["EvalDecision"] == "allowed"


def test_policies_can_be_left_out(aws: Aws) -> None:
    iam = aws.client("iam")
    make_user(aws, "ann", allow("s3:*"))
    ask = {"PolicySourceArn": ANN, "ActionNames": ["s3:GetObject"]}
    inline = {"PolicyName": "given", "AttachmentType": "user", "AttachmentName": "ann"}
    for entry in ({"PolicyType": "inline"}, {"InlinePolicyIdentifier": inline}):
        (result,) = iam.simulate_principal_policy(**ask, PolicyExclusionList=[entry])[
            "EvaluationResults"
        ]
        assert result["EvalDecision"] == "implicitDeny"
    (kept,) = iam.simulate_principal_policy(
        **ask, PolicyExclusionList=[{"PolicyType": "user-managed"}]
    )["EvaluationResults"]
    assert kept["EvalDecision"] == "allowed"


@pytest.mark.parametrize(
    ("operator", "name", "wanted", "entry"),
    [
        ("StringEquals", "aws:RequestTag/a", "1", key("aws:requesttag/A", "string", "1")),
        ("NumericLessThan", "s3:max-keys", "10", key("s3:max-keys", "numeric", "9.5")),
        ("Bool", "aws:SecureTransport", "true", key("aws:SecureTransport", "boolean", "true")),
        ("IpAddress", "aws:SourceIp", "10.0.0.0/8", key("aws:SourceIp", "ip", "10.1.2.3")),
        (
            "DateLessThan",
            "aws:CurrentTime",
            "2030-01-01",
            key("aws:CurrentTime", "date", "2029-01-01T00:00:00Z"),
        ),
        ("BinaryEquals", "x:key", "eA==", key("x:key", "binary", "eA==")),
        (
            "ForAllValues:StringEquals",
            "aws:TagKeys",
            ["a", "b"],
            key("aws:TagKeys", "stringList", "a"),
        ),
        (
            "ForAnyValue:StringEquals",
            "aws:TagKeys",
            "b",
            key("aws:TagKeys", "stringList", "a", "b"),
        ),
    ],
)
def test_context_entries_are_taken_by_their_types(
    aws: Aws, operator: str, name: str, wanted: Any, entry: dict[str, Any]
) -> None:
    statement = allow("s3:GetObject", Condition={operator: {name: wanted}})
    assert custom(aws, statement, ContextEntries=[entry])["EvalDecision"] == "allowed"


def test_keys_that_nobody_gave_are_named(aws: Aws) -> None:
    condition = {"StringEquals": {"aws:RequestTag/Team": "${aws:username, 'nobody'}"}}
    statement = allow(
        "s3:GetObject", "arn:aws:s3:::${aws:PrincipalTag/home}/*", Condition=condition
    )
    other = allow("s3:PutObject", Condition={"Bool": {"aws:SecureTransport": "true"}})
    result = custom(aws, statement, other)
    assert result["EvalDecision"] == "implicitDeny"
    missing = ["aws:PrincipalTag/home", "aws:RequestTag/Team", "aws:username"]
    assert result["MissingContextValues"] == missing
    named = custom(
        aws, statement, ResourceArns=[OURS], ContextEntries=[key("aws:username", "string", "x")]
    )
    assert named["MissingContextValues"] == []
    (one,) = named["ResourceSpecificResults"]
    assert one["MissingContextValues"] == missing[:2]


def test_a_boundary_narrows_and_is_told(aws: Aws) -> None:
    bounds = [policy(allow("s3:PutObject"))]
    result = custom(aws, allow("s3:*"), PermissionsBoundaryPolicyInputList=bounds)
    assert result["EvalDecision"] == "implicitDeny"
    assert result["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}
    wide = custom(aws, allow("s3:*"), PermissionsBoundaryPolicyInputList=[policy(allow("*"))])
    assert wide["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": True}
    assert "PermissionsBoundaryDecisionDetail" not in custom(aws, allow("s3:*"))


def test_the_boundary_of_a_role_is_found_and_replaced(aws: Aws) -> None:
    iam = aws.client("iam")
    text = policy(allow("s3:Put*"))
    bound = iam.create_policy(PolicyName="bound", PolicyDocument=text)["Policy"]["Arn"]
    make_role(aws, "exec", trusting(ROOT), allow("s3:*"), PermissionsBoundary=bound)
    ask = {"PolicySourceArn": ROLE, "ActionNames": ["s3:GetObject"]}
    assert iam.simulate_principal_policy(**ask)["EvaluationResults"][0]["EvalDecision"] == (
        "implicitDeny"
    )
    given = iam.simulate_principal_policy(
        **ask, PermissionsBoundaryPolicyInputList=[policy(allow("*"))]
    )
    assert given["EvaluationResults"][0]["EvalDecision"] == "allowed"


def on_bucket(effect: str, principal: str) -> str:
    return policy(
        allow("s3:GetObject", "arn:aws:s3:::ours/*", Principal={"AWS": principal})
        | {"Effect": effect}
    )


def test_a_resource_policy_has_its_say(aws: Aws) -> None:
    make_user(aws, "ann")
    ask = {"ResourceArns": [OURS], "CallerArn": ANN}
    nothing = allow("ec2:DescribeVpcs")
    granted = custom(aws, nothing, ResourcePolicy=on_bucket("Allow", ANN), **ask)
    assert granted["EvalDecision"] == "allowed"
    (matched,) = granted["MatchedStatements"]
    assert matched["SourcePolicyId"] == "ResourcePolicy.1"
    denied = custom(aws, allow("s3:*"), ResourcePolicy=on_bucket("Deny", ANN), **ask)
    assert denied["EvalDecision"] == "explicitDeny"
    across = custom(
        aws, allow("s3:*"), ResourceOwner="444455556666", ResourceArns=[OURS], CallerArn=ANN
    )
    assert across["EvalDecision"] == "implicitDeny"
    (one,) = across["ResourceSpecificResults"]
    assert one["EvalDecisionDetails"] == {"IAM Policy": "allowed"}
    both = custom(
        aws,
        allow("s3:*"),
        ResourcePolicy=on_bucket("Allow", ANN),
        ResourceOwner="arn:aws:iam::444455556666:root",
        **ask,
    )
    assert both["EvalDecision"] == "allowed"
    with refused("InvalidInput", "CallerArn is required"):
        custom(aws, nothing, ResourcePolicy=on_bucket("Allow", ANN))


def test_results_come_in_pages(aws: Aws) -> None:
    iam = aws.client("iam")
    names = [f"s3:Get{letter}" for letter in "ABCDE"]
    pages = list(
        iam.get_paginator("simulate_custom_policy").paginate(
            PolicyInputList=[policy(allow("*"))],
            ActionNames=names,
            PaginationConfig={"PageSize": 2},
        )
    )
    assert [one["EvalActionName"] for some in pages for one in some["EvaluationResults"]] == names
    assert [some["IsTruncated"] for some in pages] == [True, True, False]


@pytest.mark.parametrize(
    "bad",
    [
        {"ActionNames": ["s3:*"]},
        {"ActionNames": ["GetObject"]},
        {"ResourceArns": ["nothing"]},
        {"ContextEntries": [key("s3:max-keys", "numeric", "many")]},
        {"ContextEntries": [key("aws:SourceIp", "ip", "300.1.1.1")]},
        {"ContextEntries": [key("aws:TagKeys", "string", "a", "b")]},
        {"ContextEntries": [{"ContextKeyName": "aws:username"}]},
        {"ResourceOwner": "me"},
        {"CallerArn": ROLE},
        {"PolicyInputList": ["not json"]},
        {"PolicyInputList": ['{"Version":"2012-10-17","Statement":[]}']},
        {"PermissionsBoundaryPolicyInputList": [policy(allow("*"))] * 2},
        {"ResourceHandlingOption": "EC2-VPC-InstanceStore"},
    ],
)
def test_bad_questions_are_invalid_input(aws: Aws, bad: dict[str, Any]) -> None:
    asked = {"PolicyInputList": [policy(allow("*"))], "ActionNames": ["s3:GetObject"]} | bad
    with refused("InvalidInput"):
        aws.client("iam").simulate_custom_policy(**asked)


def test_context_keys_are_collected_once(aws: Aws) -> None:
    iam = aws.client("iam")
    condition = {
        "StringEquals": {"aws:RequestTag/Team": "${aws:PrincipalTag/Team}"},
        "Bool": {"AWS:SecureTransport": "true", "aws:MultiFactorAuthPresent": "true"},
    }
    first = allow("s3:*", "arn:aws:s3:::b/${aws:username}/${*}/*", Condition=condition)
    second = deny("s3:*", Condition={"Bool": {"aws:securetransport": "false"}})
    keys = iam.get_context_keys_for_custom_policy(PolicyInputList=[policy(first, second)])
    assert keys["ContextKeyNames"] == [
        "aws:MultiFactorAuthPresent",
        "aws:PrincipalTag/Team",
        "aws:RequestTag/Team",
        "AWS:SecureTransport",
        "aws:username",
    ]
    make_user(aws, "ann", second)
    mine = iam.get_context_keys_for_principal_policy(
        PolicySourceArn=ANN, PolicyInputList=[policy(allow("s3:*", "arn:aws:s3:::${aws:userid}"))]
    )
    assert mine["ContextKeyNames"] == ["aws:securetransport", "aws:userid"]
    with refused("InvalidInput"):
        iam.get_context_keys_for_custom_policy(PolicyInputList=["{}"])
    with refused("NoSuchEntity"):
        iam.get_context_keys_for_principal_policy(PolicySourceArn=ANN + "x")


def test_variables_of_the_older_version_are_text(aws: Aws) -> None:
    text = policy(allow("s3:*", "arn:aws:s3:::${aws:username}")).replace("2012", "2008")
    keys = aws.client("iam").get_context_keys_for_custom_policy(PolicyInputList=[text])
    assert keys["ContextKeyNames"] == []
