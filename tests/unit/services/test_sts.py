"""STS: trust in all its forms, sessions and their bounds, and the origin that stays."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.support.inprocess import Aws
from tests.support.people import (
    allow,
    deny,
    make_role,
    make_user,
    policy,
    refused,
    session,
    trusting,
)

from freehold.auth import session as tokens
from freehold.auth.principal import Origin
from freehold.compose import House
from freehold.kernel.permission import identity, trust

ACCOUNT = "111122223333"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
ANN = f"arn:aws:iam::{ACCOUNT}:user/ann"
ASSUME = allow("sts:AssumeRole")


def test_everyone_may_ask_who_they_are(aws: Aws) -> None:
    assert aws.client("sts").get_caller_identity()["Arn"] == ROOT
    keys = make_user(aws, "ann", deny("*"))
    answer = aws.client("sts", keys).get_caller_identity()
    assert (answer["Account"], answer["Arn"]) == (ACCOUNT, ANN)
    assert answer["UserId"].startswith("AIDA")


def test_a_session_is_told_by_role_and_name(aws: Aws) -> None:
    keys = make_user(aws, "ann", ASSUME)
    role = make_role(aws, "exec", trusting(ROOT), allow("iam:ListRoles"), Path="/p/")
    answer = aws.client("sts", keys).assume_role(RoleArn=role, RoleSessionName="me@x.org")
    assert answer["AssumedRoleUser"]["Arn"] == (
        f"arn:aws:sts::{ACCOUNT}:assumed-role/exec/me@x.org"
    )
    role_id, name = answer["AssumedRoleUser"]["AssumedRoleId"].split(":")
    assert (role_id[:4], name) == ("AROA", "me@x.org")
    assert answer["Credentials"]["AccessKeyId"].startswith("ASIA")
    assert "PackedPolicySize" not in answer
    who = aws.client("sts", answer["Credentials"]).get_caller_identity()
    assert who["UserId"] == answer["AssumedRoleUser"]["AssumedRoleId"]
    aws.client("iam", answer["Credentials"]).list_roles()
    with refused("AccessDenied", "assumed-role/exec/me@x.org"):
        aws.client("iam", answer["Credentials"]).list_users()


@pytest.mark.parametrize(
    ("principal", "own", "is_allowed"),
    [
        (ANN, None, True),  # named: the trust policy suffices
        (ANN, deny("sts:AssumeRole"), False),
        (ROOT, None, False),  # the account only delegates
        (ROOT, ASSUME, True),
        (ACCOUNT, ASSUME, True),
        ("*", None, True),
        (f"arn:aws:iam::{ACCOUNT}:user/bob", ASSUME, False),
        ({"Service": "sagemaker.amazonaws.com"}, ASSUME, False),
    ],
)
def test_trust_and_permission_are_asked_as_aws_asks_them(
    aws: Aws, principal: Any, own: dict[str, Any] | None, is_allowed: bool
) -> None:
    make_user(aws, "bob")
    keys = make_user(aws, "ann", *([own] if own else []))
    role = make_role(aws, "exec", trusting(principal))
    if is_allowed:
        session(aws, keys, role)
        return
    with refused(
        "AccessDenied",
        f"User: {ANN} is not authorized to perform: sts:AssumeRole on resource: {role}",
    ):
        session(aws, keys, role)


def test_a_role_that_is_not_there_is_refused_like_one_that_does_not_trust(aws: Aws) -> None:
    keys = make_user(aws, "ann", ASSUME)
    role = make_role(aws, "exec", trusting({"Service": "sagemaker.amazonaws.com"}))
    with refused("AccessDenied") as there:
        session(aws, keys, role)
    with refused("AccessDenied") as absent:
        session(aws, keys, role + "x")
    assert absent.message == there.message + "x"


def test_the_root_assumes_only_roles_that_trust_the_account(aws: Aws) -> None:
    role = make_role(aws, "exec", trusting(ROOT))
    assert session(aws, None, role)["AccessKeyId"].startswith("ASIA")
    service = make_role(aws, "service", trusting({"Service": "sagemaker.amazonaws.com"}))
    with refused("AccessDenied"):
        session(aws, None, service)


def test_a_trust_policy_must_name_who_exists(aws: Aws) -> None:
    for ghost in (f"{ANN}x", f"arn:aws:iam::{ACCOUNT}:role/none", "AIDAAAAAAAAAAAAAAAAA"):
        with refused("MalformedPolicyDocument", f'Invalid principal in policy: "AWS":"{ghost}"'):
            make_role(aws, "exec", trusting(ghost))
    with refused("MalformedPolicyDocument", 'Invalid principal in policy: "SERVICE":"me"'):
        make_role(aws, "exec", trusting({"Service": "me"}))
    with refused("MalformedPolicyDocument"):
        make_role(aws, "exec", policy(allow("sts:AssumeRole")))
    with refused("LimitExceeded", "ACLSizePerRole"):
        make_role(aws, "exec", trusting(ROOT, Sid="x" * 2048))
    assert aws.client("iam").list_roles()["Roles"] == []


def test_a_user_made_anew_is_not_whom_the_trust_policy_named(aws: Aws) -> None:
    iam = aws.client("iam")
    keys = make_user(aws, "ann", ASSUME)
    first = iam.get_user(UserName="ann")["User"]["UserId"]
    role = make_role(aws, "exec", trusting(ANN))
    session(aws, keys, role)
    iam.delete_user_policy(UserName="ann", PolicyName="given")
    iam.delete_access_key(UserName="ann", AccessKeyId=keys[0])
    iam.delete_user(UserName="ann")
    keys = make_user(aws, "ann", ASSUME)
    with refused("AccessDenied"):
        session(aws, keys, role)
    shown = iam.get_role(RoleName="exec")["Role"]["AssumeRolePolicyDocument"]
    assert shown["Statement"][0]["Principal"] == {"AWS": first}
    with refused("MalformedPolicyDocument", first):
        iam.update_assume_role_policy(RoleName="exec", PolicyDocument=json.dumps(shown))
    iam.update_assume_role_policy(RoleName="exec", PolicyDocument=trusting(ANN))
    session(aws, keys, role)


def test_sessions_of_a_role_that_was_deleted_end_and_a_new_one_inherits_none(aws: Aws) -> None:
    iam = aws.client("iam")
    keys = make_user(aws, "ann", ASSUME)
    role = make_role(aws, "exec", trusting(ROOT))
    credentials = session(aws, keys, role)
    aws.client("sts", credentials).get_caller_identity()
    iam.delete_role(RoleName="exec")
    with refused("InvalidClientTokenId"):
        aws.client("sts", credentials).get_caller_identity()
    make_role(aws, "exec", trusting(ROOT), allow("*"))
    with refused("InvalidClientTokenId"):
        aws.client("iam", credentials).list_roles()


def test_a_session_named_in_a_trust_policy_is_that_session_only(aws: Aws) -> None:
    keys = make_user(aws, "ann", ASSUME)
    first = make_role(aws, "first", trusting(ROOT))
    named = f"arn:aws:sts::{ACCOUNT}:assumed-role/first/one"
    second = make_role(aws, "second", trusting(named))
    session(aws, session(aws, keys, first, "one"), second)
    with refused("AccessDenied"):
        session(aws, session(aws, keys, first, "two"), second)
    aws.client("iam").delete_role(RoleName="first")
    first = make_role(aws, "first", trusting(ROOT))
    with refused("AccessDenied"):
        session(aws, session(aws, keys, first, "one"), second)


def test_an_external_id_is_asked_for(aws: Aws) -> None:
    keys = make_user(aws, "ann")
    role = make_role(
        aws, "exec", trusting(ANN, Condition={"StringEquals": {"sts:ExternalId": "42"}})
    )
    session(aws, keys, role, ExternalId="42")
    with refused("AccessDenied"):
        session(aws, keys, role)
    with refused("AccessDenied"):
        session(aws, keys, role, ExternalId="43")


def test_a_session_lasts_as_long_as_the_role_permits(aws: Aws) -> None:
    keys = make_user(aws, "ann", ASSUME)
    role = make_role(aws, "exec", trusting(ROOT), ASSUME, MaxSessionDuration=7200)
    session(aws, keys, role, DurationSeconds=7200)
    with refused("ValidationError", "MaxSessionDuration"):
        session(aws, keys, role, DurationSeconds=7201)
    chained = session(aws, keys, role)
    other = make_role(aws, "other", trusting(role), MaxSessionDuration=7200)
    session(aws, chained, other, DurationSeconds=3600)
    with refused("ValidationError", "role chaining"):
        session(aws, chained, other, DurationSeconds=3601)


def test_a_session_policy_narrows_and_never_adds(aws: Aws) -> None:
    keys = make_user(aws, "ann", ASSUME)
    role = make_role(aws, "exec", trusting(ROOT), allow(["iam:ListRoles", "iam:ListUsers"]))
    inline = policy(allow(["iam:ListRoles", "iam:ListGroups"]))
    answer = aws.client("sts", keys).assume_role(
        RoleArn=role, RoleSessionName="narrow", Policy=inline
    )
    assert 0 < answer["PackedPolicySize"] <= 100
    narrow = aws.client("iam", answer["Credentials"])
    narrow.list_roles()
    with refused("AccessDenied", "because no session policy allows"):
        narrow.list_users()
    with refused("AccessDenied", "because no identity-based policy allows"):
        narrow.list_groups()
    managed = aws.client("iam").create_policy(
        PolicyName="see", PolicyDocument=policy(allow("iam:ListUsers"))
    )["Policy"]["Arn"]
    by_arn = aws.client("iam", session(aws, keys, role, PolicyArns=[{"arn": managed}]))
    by_arn.list_users()
    with refused("AccessDenied"):
        by_arn.list_roles()
    with refused("MalformedPolicyDocument"):
        session(aws, keys, role, Policy="{}")
    with refused("InvalidParameterValue"):
        session(aws, keys, role, PolicyArns=[{"arn": managed + "x"}])
    with refused("PackedPolicyTooLarge"):
        session(aws, keys, role, Policy=policy(allow("s3:*", "arn:aws:s3:::" + "b" * 2000)))


def test_session_tags_need_permission_of_both_sides(aws: Aws) -> None:
    tags = [{"Key": "team", "Value": "finance"}]
    keys = make_user(aws, "ann", ASSUME)
    role = make_role(aws, "exec", trusting(ROOT))
    with refused("AccessDenied", "sts:TagSession"):
        session(aws, keys, role, Tags=tags)
    aws.client("iam").update_assume_role_policy(
        RoleName="exec", PolicyDocument=trusting(ROOT, ["sts:AssumeRole", "sts:TagSession"])
    )
    with refused("AccessDenied", "sts:TagSession"):
        session(aws, keys, role, Tags=tags)
    aws.client("iam").put_user_policy(
        UserName="ann", PolicyName="tag", PolicyDocument=policy(allow("sts:TagSession"))
    )
    session(aws, keys, role, Tags=tags)


def test_transitive_tags_go_along_a_chain_and_bind_policies(aws: Aws) -> None:
    both = ["sts:AssumeRole", "sts:TagSession"]
    keys = make_user(aws, "ann", allow(both))
    first = make_role(aws, "first", trusting(ROOT, both), allow(both))
    team = {"StringEquals": {"aws:PrincipalTag/team": "finance"}}
    second = make_role(aws, "second", trusting(ROOT, both), allow("iam:ListRoles", Condition=team))
    tags = [{"Key": "team", "Value": "finance"}, {"Key": "x", "Value": "1"}]
    chained = session(aws, keys, first, Tags=tags, TransitiveTagKeys=["team"])
    aws.client("iam", session(aws, chained, second)).list_roles()
    with refused("InvalidParameterValue", "transitive tag key"):
        session(aws, chained, second, Tags=[{"Key": "Team", "Value": "other"}])
    plain = session(aws, keys, first, Tags=tags)
    with refused("AccessDenied"):
        aws.client("iam", session(aws, plain, second)).list_roles()
    with refused("ValidationError", "must be included in the requested tags"):
        session(aws, keys, first, Tags=tags, TransitiveTagKeys=["y"])


def test_a_source_identity_stays(aws: Aws) -> None:
    both = ["sts:AssumeRole", "sts:SetSourceIdentity"]
    keys = make_user(aws, "ann", allow(both))
    first = make_role(aws, "first", trusting(ROOT, both), allow(both))
    answer = aws.client("sts", keys).assume_role(
        RoleArn=first, RoleSessionName="one", SourceIdentity="ann"
    )
    assert answer["SourceIdentity"] == "ann"
    second = make_role(aws, "second", trusting(first, both))
    again = aws.client("sts", answer["Credentials"]).assume_role(
        RoleArn=second, RoleSessionName="two"
    )
    assert again["SourceIdentity"] == "ann"
    with refused("AccessDenied", "sts:SetSourceIdentity"):
        session(aws, answer["Credentials"], second, SourceIdentity="bob")


def test_an_origin_is_not_washed_off(aws: Aws, house: House) -> None:
    """A session made in a domain gives the session of another role the same origin."""
    make_role(aws, "exec", trusting(ROOT), ASSUME)
    other = make_role(aws, "other", trusting(ROOT))
    kernel = house.kernel
    role = kernel.reader.named(identity.ROLE, "exec")
    assert role is not None
    # The role's own record stands in for a profile's: only its identity is compared.
    origin = Origin(
        kind="user-profile",
        domain_id="d-1",
        domain_arn="arn:aws:sagemaker:us-east-1:111122223333:domain/d-1",
        name="ann",
        arn=role.arn,
        owner_arn=None,
        sharing=None,
        account_id=ACCOUNT,
        generation=identity.generation(role),
    )
    inside = identity.role_session(
        role, ACCOUNT, "SageMaker", now=kernel.clock.now(), origin=origin
    )
    made = identity.mint(kernel.keyring, inside)
    keys = (made.access_key_id, made.secret_access_key, made.session_token)
    outside = session(aws, keys, other)
    opened = _principal(house, outside)
    assert opened.origin == origin
    assert opened.role_arn == other
    with refused("AccessDenied"):
        aws.client("sts", keys).get_session_token()


def _principal(house: House, credentials: dict[str, Any]) -> Any:
    grant = tokens.open(
        house.kernel.keyring,
        credentials["SessionToken"],
        credentials["AccessKeyId"],
        house.kernel.clock.now(),
    )
    return grant.principal


def test_a_user_gets_temporary_keys_without_iam(aws: Aws) -> None:
    keys = make_user(aws, "ann", allow(["iam:ListRoles", "sagemaker:ListDomains"]))
    made = aws.client("sts", keys).get_session_token(DurationSeconds=900)["Credentials"]
    assert aws.client("sts", made).get_caller_identity()["Arn"] == ANN
    with refused("AccessDenied", "session policy"):
        aws.client("iam", made).list_roles()
    aws.client("sagemaker", made).list_domains()
    with refused("AccessDenied", "Cannot call GetSessionToken with session credentials"):
        aws.client("sts", made).get_session_token()


def test_a_federated_user_may_do_what_both_sides_allow(aws: Aws) -> None:
    keys = make_user(aws, "ann", allow(["sts:*", "iam:*", "sagemaker:ListDomains"]))
    sts = aws.client("sts", keys)
    answer = sts.get_federation_token(Name="guest", Policy=policy(allow("*")))
    assert answer["FederatedUser"]["Arn"] == f"arn:aws:sts::{ACCOUNT}:federated-user/guest"
    made = answer["Credentials"]
    aws.client("sagemaker", made).list_domains()
    with refused("AccessDeniedException"):
        aws.client("sagemaker", made).list_experiments()
    with refused("AccessDenied"):
        aws.client("iam", made).list_roles()
    without = sts.get_federation_token(Name="guest")["Credentials"]
    with refused("AccessDeniedException"):
        aws.client("sagemaker", without).list_domains()
    with refused("AccessDenied"):
        aws.client("sts", make_user(aws, "bob")).get_federation_token(Name="guest")


@pytest.mark.parametrize(
    ("principal", "is_allowed"),
    [
        ({"Service": "sagemaker.amazonaws.com"}, True),
        ({"Service": ["lambda.amazonaws.com", "sagemaker.amazonaws.com"]}, True),
        ({"Service": "lambda.amazonaws.com"}, False),
        (ROOT, False),
        ("*", False),
    ],
)
def test_a_service_acts_under_roles_that_trust_it(
    aws: Aws, house: House, principal: Any, is_allowed: bool
) -> None:
    make_role(aws, "exec", trusting(principal))
    unit = house.kernel.reader
    role = unit.named(identity.ROLE, "exec")
    assert role is not None
    assert trust.may_assume(unit, role, "sagemaker.amazonaws.com") is is_allowed
