"""Whether a policy grants some access, or more than another: proven, or not answered."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.people import allow, deny

from freehold.policy.comparing import Undecided, granted, newer
from freehold.policy.comparing.examples import asked
from freehold.policy.comparing.patterns import common, covers
from freehold.policy.document import Policy, PolicyKind, parse
from freehold.policy.match import pieces
from freehold.policy.patterns import wildcards

PATTERN = st.text("ab*?", max_size=6)


def policy(*statements: dict[str, Any], kind: PolicyKind = "identity") -> Policy:
    return parse(json.dumps({"Version": "2012-10-17", "Statement": list(statements)}), kind)


def matches(pattern: str, text: str) -> bool:
    return wildcards.plain(pieces(pattern, has_variables=False) or ())(text)


@settings(max_examples=400, deadline=None)
@given(PATTERN, PATTERN, st.text("ab", max_size=6))
def test_what_two_patterns_have_in_common_both_match(one: str, other: str, text: str) -> None:
    found = common(one, other)
    if found is not None:
        assert matches(one, found)
        assert matches(other, found)
    elif matches(one, text):
        assert not matches(other, text)


@settings(max_examples=400, deadline=None)
@given(PATTERN, PATTERN, st.text("abx", max_size=7))
def test_a_pattern_that_covers_another_matches_all_that_it_does(
    wide: str, narrow: str, text: str
) -> None:
    if covers(wide, narrow) and matches(narrow, text):
        assert matches(wide, text)


MODEL = "arn:aws:sagemaker:us-east-1:111122223333:model/m"


@pytest.mark.parametrize(
    ("statements", "actions", "resources", "places"),
    [
        ([allow("s3:Get*")], ["s3:GetObject"], [], [0]),
        ([allow("s3:Get*")], ["s3:PutObject"], [], []),
        ([allow("s3:Get*")], ["s3:*"], [], [0]),
        ([allow("*")], ["iam:*"], [], [0]),
        ([allow("s3:*"), allow("iam:PassRole")], ["iam:passrole"], [], [1]),
        ([allow("sagemaker:*", MODEL)], [], [MODEL], [0]),
        ([allow("sagemaker:*", MODEL)], ["sagemaker:DeleteModel"], [MODEL + "2"], []),
        (
            [allow("sagemaker:*", MODEL), deny("sagemaker:Delete*")],
            ["sagemaker:DeleteModel"],
            [],
            [],
        ),
        ([allow("sagemaker:*"), deny("sagemaker:DeleteModel")], ["sagemaker:Delete*"], [], [0]),
        (
            [allow("s3:*", Condition={"StringEquals": {"aws:username": "ana"}})],
            ["s3:GetObject"],
            [],
            [0],
        ),
        (
            [allow("s3:*"), deny("s3:*", Condition={"Bool": {"aws:SecureTransport": "false"}})],
            ["s3:GetObject"],
            [],
            [0],
        ),
        (
            [
                allow("s3:*"),
                deny("s3:*", Condition={"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}),
            ],
            ["s3:GetObject"],
            [],
            [0],
        ),
        ([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], ["iam:PassRole"], [], []),
        ([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], ["s3:GetObject"], [], [0]),
    ],
)
def test_tells_which_statements_grant_an_access(
    statements: list[Any], actions: list[str], resources: list[str], places: list[int]
) -> None:
    found = granted(policy(*statements), actions, resources)
    assert [one.place for one in found] == places


def test_says_so_where_it_cannot_tell() -> None:
    never = {
        "NumericLessThan": {"aws:EpochTime": "-1"},
        "NumericGreaterThan": {"aws:EpochTime": "5"},
    }
    with pytest.raises(Undecided, match="statement Odd"):
        granted(policy(allow("s3:*", Condition=never, Sid="Odd")), ["s3:GetObject"], [])


TIGHT = allow("s3:*", Condition={"StringEquals": {"aws:username": ["ana"]}})
WIDE = allow("s3:*", Condition={"StringEquals": {"aws:username": ["ana", "bea"]}})


@pytest.mark.parametrize(
    ("new", "old", "is_more"),
    [
        ([allow("s3:Get*")], [allow("s3:*")], False),
        ([allow("s3:*")], [allow("s3:Get*")], True),
        ([allow("s3:*")], [allow("s3:*")], False),
        ([allow("s3:*") | {"Sid": "A"}], [allow("s3:*") | {"Sid": "B"}], False),
        ([allow("s3:GetObject"), allow("s3:PutObject")], [allow(["s3:*Object"])], False),
        ([allow("iam:PassRole")], [allow("s3:*")], True),
        ([allow("s3:*", "arn:aws:s3:::a/*")], [allow("s3:*", "arn:aws:s3:::a*")], False),
        ([allow("s3:*", "arn:aws:s3:::a*")], [allow("s3:*", "arn:aws:s3:::a/*")], True),
        ([TIGHT], [allow("s3:*")], False),
        ([allow("s3:*")], [TIGHT], True),
        ([WIDE], [TIGHT], True),
        ([allow("s3:*")], [allow("s3:*"), deny("s3:DeleteBucket")], True),
        ([allow("s3:*"), deny("s3:DeleteBucket")], [allow("s3:*"), deny("s3:DeleteBucket")], False),
        ([allow("s3:*"), deny("s3:DeleteBucket")], [allow("s3:*")], False),
        ([allow("s3:Get*")], [allow("s3:*"), deny("s3:DeleteBucket")], False),
    ],
)
def test_tells_whether_a_policy_grants_more(new: list[Any], old: list[Any], is_more: bool) -> None:
    assert bool(newer(policy(*new), policy(*old))) is is_more


def test_of_a_policy_on_a_thing_principals_count() -> None:
    def on_bucket(principal: Any) -> Policy:
        return policy(allow("s3:*", Principal=principal), kind="resource")

    one, other = {"AWS": "111122223333"}, {"AWS": "444455556666"}
    assert newer(on_bucket("*"), on_bucket(one))
    assert newer(on_bucket(other), on_bucket(one))
    assert not newer(on_bucket(one), on_bucket("*"))
    assert granted(on_bucket({"Service": "sagemaker.amazonaws.com"}), ["s3:GetObject"], [])


ACTIONS = st.sampled_from(["s3:*", "s3:Get*", "s3:GetObject", "s3:PutObject", "iam:*", "*"])
THINGS = st.sampled_from(["*", "arn:aws:s3:::a/*", "arn:aws:s3:::a/x", "arn:aws:s3:::b"])
CONDITIONS = st.sampled_from(
    [
        {},
        {"Condition": {"StringEquals": {"aws:username": "ana"}}},
        {"Condition": {"StringLike": {"aws:username": "a*"}}},
        {"Condition": {"Null": {"aws:username": "true"}}},
    ]
)
STATEMENT = st.builds(
    lambda effect, action, thing, more: effect(action, thing, **more),
    *(st.sampled_from([allow, deny]), ACTIONS, THINGS, CONDITIONS),
)
POLICIES = st.lists(STATEMENT, min_size=1, max_size=4).map(lambda found: policy(*found))
KEYS = st.sampled_from([{}, {"aws:username": "ana"}, {"aws:username": "abe"}])
REQUEST = st.tuples(
    st.sampled_from(["s3:GetObject", "s3:PutObject", "s3:GetBucketPolicy", "iam:PassRole"]),
    st.sampled_from(["*", "arn:aws:s3:::a/x", "arn:aws:s3:::a/y", "arn:aws:s3:::b"]),
    KEYS,
)


@settings(max_examples=300, deadline=None)
@given(POLICIES, REQUEST)
def test_what_is_said_not_to_be_granted_no_request_gets(found: Policy, request_: Any) -> None:
    action, thing, keys = request_
    try:
        reasons = granted(found, [action], [thing])
    except Undecided:
        return
    if not reasons:
        assert not asked(found, action, thing, dict(keys), found.statements[0])


@settings(max_examples=300, deadline=None)
@given(POLICIES, POLICIES, REQUEST)
def test_what_is_said_not_to_grant_more_grants_no_request_more(
    new: Policy, old: Policy, request_: Any
) -> None:
    action, thing, keys = request_
    by = new.statements[0]
    try:
        reasons = newer(new, old)
    except Undecided:
        return
    if not reasons and asked(new, action, thing, dict(keys), by):
        assert asked(old, action, thing, dict(keys), by)
