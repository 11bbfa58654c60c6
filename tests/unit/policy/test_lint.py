"""The traps are named, and the tight forms are not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from freehold.kernel.permission.tight import tight_policy
from freehold.policy.compile import compile_policy
from freehold.policy.document import PolicyKind, parse
from freehold.policy.evaluate import Attached, Layers, Request, decide
from freehold.policy.lint import ActionFacts, domain_of, lint, tighten

CASES = Path(__file__).parents[2] / "contract" / "policy" / "cases"
DOMAIN = "arn:aws:sagemaker:us-east-1:000000000001:domain/d-finance"
OTHER = "arn:aws:sagemaker:us-east-1:000000000001:domain/d-other"
DOMAIN_TAG = "sagemaker:domain-arn"


class Known:
    """Two services, a few actions."""

    tags = frozenset({"aws:resourcetag/", "aws:requesttag/", "aws:tagkeys"})
    sagemaker: Mapping[str, ActionFacts] = {
        name.lower(): ActionFacts(name, keys, is_confinable)
        for name, keys, is_confinable in (
            ("CreateModel", tags | {"sagemaker:vpcsubnets"}, True),
            ("DescribeModel", frozenset({"aws:resourcetag/"}), True),
            ("ListModels", frozenset[str](), False),
            ("AddTags", tags | {"sagemaker:taggingaction"}, True),
            ("DeleteTags", tags, True),
        )
    }

    def actions(self, service: str) -> Mapping[str, ActionFacts] | None:
        return self.sagemaker if service == "sagemaker" else None

    def is_multi_valued(self, key: str) -> bool:
        return key.lower() in ("aws:tagkeys", "sagemaker:vpcsubnets")


def traps(
    *statements: dict[str, Any],
    kind: PolicyKind = "identity",
    version: str = "2012-10-17",
    facts: Known | None = None,
) -> list[tuple[str, str]]:
    text = json.dumps({"Version": version, "Statement": list(statements)})
    return [(found.trap, found.statement) for found in lint(parse(text, kind), facts)]


def stored(sheet: str, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((CASES / sheet).read_text())["documents"][name][
        "Statement"
    ]
    return found


def allow(action: Any = "sagemaker:Create*", resource: Any = "*", **condition: Any) -> Any:
    return {"Effect": "Allow", "Action": action, "Resource": resource, "Condition": condition}


def deny(action: Any, resource: Any = "*", **condition: Any) -> Any:
    return allow(action, resource, **condition) | {"Effect": "Deny"}


def test_the_2022_form_is_vacuous_and_the_tight_form_is_clean() -> None:
    assert traps(*stored("isolation_2022.json", "isolation-2022")) == [
        ("vacuous-set", "CreateUpdateRequireDomainTag"),
        ("key-without-value", "CreateUpdateRequireDomainTag"),
        ("shared-create-condition", "CreateUpdateRequireDomainTag"),
    ]
    assert traps(*stored("isolation_2022.json", "tight")) == []
    assert traps(*stored("spaces.json", "spaces")) == []


def test_our_own_tight_policy_is_clean() -> None:
    role = "arn:aws:iam::000000000001:role/finance"
    made = tight_policy("aws", "us-east-1", "000000000001", DOMAIN, "d-finance", role, "bucket")
    assert traps(*made["Statement"]) == []


def test_a_set_operator_with_presence_is_clean() -> None:
    each = {"ForAllValues:StringLike": {"aws:TagKeys": "a*"}}
    assert traps(allow(**each)) == [("vacuous-set", "#0")]
    assert traps(allow(**each, Null={"AWS:TagKeys": "false"})) == []


@pytest.mark.parametrize(
    "condition",
    [
        {"ForAnyValue:StringEquals": {"aws:TagKeys": DOMAIN_TAG}},
        {"Null": {f"aws:RequestTag/{DOMAIN_TAG}": "false"}},
    ],
)
def test_a_tag_key_without_its_value_is_named(condition: dict[str, Any]) -> None:
    assert traps(allow(**condition)) == [("key-without-value", "#0")]
    value = {"StringEquals": {f"aws:RequestTag/{DOMAIN_TAG}": DOMAIN}}
    assert traps(allow(**condition, **value)) == []


def test_updates_that_share_a_creates_condition_are_named() -> None:
    shared = allow(
        ["sagemaker:Create*", "sagemaker:StopPipelineExecution"],
        StringEqualsIfExists={f"aws:RequestTag/{DOMAIN_TAG}": DOMAIN},
    )
    assert ("shared-create-condition", "#0") in traps(shared)
    alone = shared | {"Action": "sagemaker:Create*"}
    assert ("shared-create-condition", "#0") not in traps(alone)


def test_a_plain_operator_over_a_list_is_named() -> None:
    listed = allow("sagemaker:CreateModel", StringEquals={"sagemaker:VpcSubnets": "subnet-1"})
    assert traps(listed) == []  # without facts nobody knows
    assert traps(listed, facts=Known()) == [("plain-over-list", "#0")]


def test_an_allow_that_holds_on_absence_is_named() -> None:
    assert traps(allow(StringNotEquals={"aws:PrincipalTag/team": "x"})) == [
        ("absent-is-allowed", "#0")
    ]
    assert traps(allow(BoolIfExists={"aws:SecureTransport": "true"})) == [
        ("absent-is-allowed", "#0")
    ]


def test_a_deny_that_is_silent_on_absence_is_named() -> None:
    tagged = {f"aws:ResourceTag/{DOMAIN_TAG}": OTHER}
    assert traps(deny("sagemaker:*", StringEquals=tagged)) == [("deny-is-silent", "#0")]
    assert traps(deny("sagemaker:*", StringEqualsIfExists=tagged)) == []
    assert traps(deny("sagemaker:*", StringNotEquals=tagged)) == []
    assert traps(deny("*", Bool={"aws:SecureTransport": "false"})) == []  # always there
    assert traps(deny("*", Bool={"aws:MultiFactorAuthPresent": "false"})) == [("mfa-unseen", "#0")]
    assert traps(deny("*", BoolIfExists={"aws:MultiFactorAuthPresent": "false"})) == []


def test_tagging_without_scope_is_named_unless_tags_are_kept() -> None:
    everything = allow("sagemaker:*")
    assert traps(everything) == [("unscoped-tagging", "#0")]
    kept = next(one for one in stored("isolation_2022.json", "tight") if one["Effect"] == "Deny")
    assert traps(everything, kept) == []


def test_what_is_granted_by_leaving_out_is_named() -> None:
    not_action = {"Effect": "Allow", "NotAction": ["iam:*", "sagemaker:*"], "Resource": "*"}
    assert traps(not_action) == [("not-action", "#0")]
    place = "arn:aws:sagemaker:*:*:domain/*"
    not_resource = {"Effect": "Allow", "Action": "sagemaker:Create*", "NotResource": place}
    assert traps(not_resource) == [("not-resource", "#0")]
    value = {"StringEquals": {f"aws:RequestTag/{DOMAIN_TAG}": DOMAIN}}
    assert traps(not_resource | {"Condition": value}) == []
    assert traps(not_resource | {"Effect": "Deny"}) == []


def test_passing_roles_without_bounds_is_named() -> None:
    role = "arn:aws:iam::000000000001:role/finance"
    to = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
    assert traps(allow("iam:PassRole", role, **to)) == []
    assert traps(allow("iam:PassRole", role)) == [("pass-role", "#0")]
    assert traps(allow("iam:PassRole", "*", **to)) == [("pass-role", "#0")]
    assert traps(allow("iam:Pass*", "arn:aws:iam::*:role/*", **to)) == [("pass-role", "#0")]
    assert traps(deny("iam:PassRole")) == []


def test_a_pattern_in_a_resources_type_is_named() -> None:
    head = "arn:aws:sagemaker:*:*:"
    assert traps(allow("sagemaker:DescribeModel", head + "mod*/x")) == [("wildcard-in-type", "#0")]
    assert traps(allow("sagemaker:DescribeModel", head + "model/*")) == []
    assert traps(allow("sagemaker:DescribeModel", head + "*")) == []
    assert traps(allow("s3:GetObject", "arn:aws:s3:::my-*/x")) == []


def test_variables_in_an_old_version_are_named() -> None:
    own = allow("s3:GetObject", "arn:aws:s3:::b/${aws:username}/*")
    assert traps(own, version="2008-10-17") == [("variables-of-2008", "#0")]
    assert traps(own) == []


def test_principals_that_reach_too_far_are_named() -> None:
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}
    assert traps(trust, kind="trust") == [("everyone", "#0")]
    bound = {"Condition": {"StringEquals": {"aws:PrincipalAccount": "000000000001"}}}
    assert traps(trust | bound, kind="trust") == []
    but = {"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::b"}
    role = {"NotPrincipal": {"AWS": "arn:aws:iam::000000000001:role/finance"}}
    assert traps(but | role, kind="resource") == [("not-principal", "#0")]


def test_actions_that_are_none_or_know_no_resource_are_named() -> None:
    known = Known()
    assert (
        traps(allow(["sagemaker:MakeModel", "sagemaker:Frob*", "nothing:Here"]), facts=known)
        == [("unknown-action", "#0")] * 3
    )
    model = "arn:aws:sagemaker:*:*:model/m"
    assert traps(allow("sagemaker:List*", model), facts=known) == [("never-confined", "#0")]
    assert traps(allow("sagemaker:List*"), facts=known) == []
    assert traps(allow("sagemaker:DescribeModel", model), facts=known) == []


def test_keys_that_an_action_never_has_are_named() -> None:
    known = Known()
    own = {"StringEquals": {f"aws:ResourceTag/{DOMAIN_TAG}": DOMAIN}}
    assert traps(allow(["sagemaker:ListModels", "sagemaker:Describe*"], **own), facts=known) == [
        ("dead-key", "#0")
    ]
    everywhere = {"StringEquals": {"aws:PrincipalTag/team": "x"}}
    assert traps(allow("sagemaker:ListModels", **everywhere), facts=known) == []


# -- the documented forms, written anew -----------------------------------------------------------

TODAY = json.loads(
    (Path(__file__).parents[3] / "src/freehold/cli/story/data/isolation-today.json")
    .read_text()
    .replace("DOMAIN_ARN", DOMAIN)
    .replace("DOMAIN_ID", "d-finance")
)
OLD = {
    "Version": "2012-10-17",
    "Statement": [
        *stored("isolation_2022.json", "isolation-2022"),
        {"Sid": "TagOnCreate", "Effect": "Allow", "Action": "sagemaker:AddTags", "Resource": "*"},
        {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"},
    ],
}


def may(document: dict[str, Any], action: str, resource: str, **context: Any) -> bool:
    layers = Layers(
        identity=(
            Attached(
                "p", None, "identity", compile_policy(parse(json.dumps(document), "identity"))
            ),
        )
    )
    arn = f"arn:aws:sagemaker:us-east-1:000000000001:{resource}"
    who = "arn:aws:iam::000000000001:user/ana"
    keys = {key: value for key, value in context.items()}
    request = Request(
        who, who, "user", "000000000001", f"sagemaker:{action}", arn, "000000000001", keys
    )
    return decide(request, layers).is_allowed


def tags(arn: str) -> dict[str, Any]:
    return {"aws:tagkeys": (DOMAIN_TAG,), f"aws:requesttag/{DOMAIN_TAG}": arn}


@pytest.mark.parametrize("given", [OLD, TODAY], ids=["2022", "today"])
def test_the_tight_form_closes_what_the_documented_form_leaves_open(given: dict[str, Any]) -> None:
    made = tighten(json.dumps(given))
    assert made is not None
    document = made.document
    assert traps(*document["Statement"]) == []
    assert made.notes
    own = {f"aws:resourcetag/{DOMAIN_TAG}": DOMAIN}
    foreign = {f"aws:resourcetag/{DOMAIN_TAG}": OTHER}
    on_create = {"sagemaker:taggingaction": "CreateModel"}
    holes = [
        ("CreateModel", "model/m", {}),
        ("CreateModel", "model/m", tags(OTHER)),
        ("UpdateModel", "model/m", foreign),
        ("UpdateImageVersion", "image-version/i/1", {}),
        ("AddTags", "model/m", own | tags(DOMAIN)),
        ("AddTags", "model/m", foreign | tags(DOMAIN)),
        ("DeleteTags", "model/m", own | {"aws:tagkeys": (DOMAIN_TAG,)}),
        ("CreateApp", "app/d-other/bo/JupyterLab/default", tags(DOMAIN)),
        ("CreateUserProfile", "user-profile/d-finance/eve", tags(DOMAIN)),
    ]
    for action, resource, context in holes:
        assert not may(document, action, resource, **context), (action, resource, context)
    ways = [
        ("CreateModel", "model/m", tags(DOMAIN)),
        ("AddTags", "model/m", tags(DOMAIN) | on_create),
        ("UpdateModel", "model/m", own),
        ("DescribeModel", "model/m", own),
        ("DeleteModel", "model/m", own),
        ("DeleteTags", "model/m", own | {"aws:tagkeys": ("team",)}),
        ("CreateApp", "app/d-finance/ana/JupyterLab/default", tags(DOMAIN)),
    ]
    for action, resource, context in ways:
        assert may(document, action, resource, **context), (action, resource, context)
    assert any(may(given, action, resource, **context) for action, resource, context in holes)


def test_other_statements_are_kept_and_sids_stay_unique() -> None:
    named = {**OLD, "Statement": [*OLD["Statement"]]}
    named["Statement"].append({**deny("s3:*"), "Sid": "KeepDomainTags"})
    made = tighten(json.dumps(named))
    assert made is not None
    assert {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"} in made.document[
        "Statement"
    ]
    parse(json.dumps(made.document), "identity")
    assert tighten(json.dumps(made.document)) is None  # nothing is left to do


def test_other_policies_are_no_isolation_policies() -> None:
    assert tighten(json.dumps({"Version": "2012-10-17", "Statement": allow("s3:*")})) is None
    several = allow(
        "sagemaker:Describe*", StringEquals={f"aws:ResourceTag/{DOMAIN_TAG}": [DOMAIN, OTHER]}
    )
    assert tighten(json.dumps({"Statement": [allow(), several]})) is None
    assert domain_of(json.dumps(TODAY)) == DOMAIN
    assert domain_of(json.dumps({"Statement": several})) is None
