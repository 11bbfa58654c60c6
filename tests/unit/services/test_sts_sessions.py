"""Sessions of STS: MFA, tags and identities along chains, sizes, ends, and messages decoded."""

from __future__ import annotations

import base64
import json
import os
import time
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
from freehold.auth import totp
from freehold.base.clock import iso
from freehold.compose import House
from freehold.kernel.call import Record

ACCOUNT = "111122223333"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
ANN = f"arn:aws:iam::{ACCOUNT}:user/ann"
ASSUME = allow("sts:AssumeRole")
SERIAL = f"arn:aws:iam::{ACCOUNT}:mfa/ann"
SEED = base64.b32encode(b"freehold-freehold-20").decode()
WITH_MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
BOTH = ["sts:AssumeRole", "sts:TagSession"]


def opened(house: House, credentials: dict[str, Any]) -> Any:
    """The principal inside a session token."""
    kernel = house.kernel
    token, key = credentials["SessionToken"], credentials["AccessKeyId"]
    return tokens.open(kernel.keyring, token, key, kernel.clock.now()).principal


# -- MFA ------------------------------------------------------------------------------------------


def enable_mfa(house: House, user: str = ANN, serial: str = SERIAL) -> None:
    """A device as ``services/iam`` keeps it."""

    def work(unit: Any) -> None:
        record = Record("iam:mfa-device", serial, user, uid="x" * 16, at=time.time())
        record.document = {"SerialNumber": serial, "_Seed": SEED, "_User": user}
        unit.create(record, None)

    house.kernel.writer.run(work)


def code(drift: int = 0) -> str:
    """The code that the device shows now, or some steps away."""
    return totp.code(SEED, totp.step_of(time.time()) + drift)


def test_a_role_may_demand_mfa_and_a_code_serves_once(aws: Aws, house: House) -> None:
    enable_mfa(house)
    keys = make_user(aws, "ann", ASSUME)
    role = make_role(aws, "exec", trusting(ROOT, Condition=WITH_MFA), ASSUME)
    with refused("AccessDenied", "sts:AssumeRole"):
        session(aws, keys, role)
    used = code()
    made = session(aws, keys, role, SerialNumber=SERIAL, TokenCode=used)
    with refused("AccessDenied", "invalid MFA one time pass code"):
        session(aws, keys, role, SerialNumber=SERIAL, TokenCode=used)
    second = make_role(aws, "second", trusting(role, Condition=WITH_MFA))
    with refused("AccessDenied"):  # the session of a role does not carry MFA on
        session(aws, made, second)


def test_a_device_that_iam_enabled_serves(aws: Aws) -> None:
    keys = make_user(aws, "ann", ASSUME)
    iam = aws.client("iam")
    made = iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")["VirtualMFADevice"]
    serial, seed = made["SerialNumber"], made["Base32StringSeed"].decode()
    last = totp.step_of(time.time())
    iam.enable_mfa_device(
        UserName="ann",
        SerialNumber=serial,
        AuthenticationCode1=totp.code(seed, last - 1),
        AuthenticationCode2=totp.code(seed, last),
    )
    role = make_role(aws, "exec", trusting(ROOT, Condition=WITH_MFA))
    with refused("AccessDenied", "invalid MFA one time pass code"):  # used up by enabling
        session(aws, keys, role, SerialNumber=serial, TokenCode=totp.code(seed, last))
    session(aws, keys, role, SerialNumber=serial, TokenCode=totp.code(seed, last + 1))
    iam.deactivate_mfa_device(UserName="ann", SerialNumber=serial)
    with refused("AccessDenied", "associated with this user"):
        session(aws, keys, role, SerialNumber=serial, TokenCode=totp.code(seed, last + 1))


def test_a_code_of_a_refused_call_is_not_used_up(aws: Aws, house: House) -> None:
    enable_mfa(house)
    keys = make_user(aws, "ann", ASSUME)
    role = make_role(aws, "exec", trusting({"Service": "sagemaker.amazonaws.com"}))
    right = code(1)
    with refused("AccessDenied", "sts:AssumeRole"):
        session(aws, keys, role, SerialNumber=SERIAL, TokenCode=right)
    aws.client("sts", keys).get_session_token(SerialNumber=SERIAL, TokenCode=right)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"SerialNumber": SERIAL}, "must provide both"),
        ({"TokenCode": "123456"}, "must provide both"),
        ({"SerialNumber": SERIAL + "x", "TokenCode": "123456"}, "unable to validate MFA code"),
        ({"SerialNumber": ANN, "TokenCode": "123456"}, "unable to validate MFA code"),
    ],
)
def test_half_of_mfa_or_no_such_device_is_refused(
    aws: Aws, house: House, given: dict[str, str], words: str
) -> None:
    enable_mfa(house)
    keys = make_user(aws, "ann", ASSUME)
    role = make_role(aws, "exec", trusting(ROOT))
    with refused("AccessDenied", f"MultiFactorAuthentication failed, {words}"):
        session(aws, keys, role, **given)
    with refused("AccessDenied", "MultiFactorAuthentication failed"):
        aws.client("sts", keys).get_session_token(**given)


def test_a_device_serves_its_own_user_only(aws: Aws, house: House) -> None:
    enable_mfa(house)
    keys = make_user(aws, "bob", ASSUME)
    role = make_role(aws, "exec", trusting(ROOT))
    with refused("AccessDenied", "associated with this user"):
        session(aws, keys, role, SerialNumber=SERIAL, TokenCode=code())


def test_codes_cannot_be_guessed(aws: Aws, house: House) -> None:
    enable_mfa(house)
    sts = aws.client("sts", make_user(aws, "ann"))
    wrong = f"{(int(code()) + 7) % 1_000_000:06d}"
    for _ in range(5):
        with refused("AccessDenied"):
            sts.get_session_token(SerialNumber=SERIAL, TokenCode=wrong)
    with refused("AccessDenied"):
        sts.get_session_token(SerialNumber=SERIAL, TokenCode=code())


def test_a_session_token_with_mfa_may_call_iam_and_tells_its_age(aws: Aws, house: House) -> None:
    enable_mfa(house)
    young = {"NumericLessThan": {"aws:MultiFactorAuthAge": "60"}}
    keys = make_user(aws, "ann", allow("iam:ListRoles", Condition=WITH_MFA | young), allow("sts:*"))
    with refused("AccessDenied"):
        aws.client("iam", keys).list_roles()
    sts = aws.client("sts", keys)
    made = sts.get_session_token(SerialNumber=SERIAL, TokenCode=code())["Credentials"]
    aws.client("iam", made).list_roles()
    role = make_role(aws, "exec", trusting(ROOT, Condition=WITH_MFA | young))
    session(aws, made, role)
    with refused("AccessDenied", "session policy"):
        aws.client("sts", made).get_access_key_info(AccessKeyId=keys[0])


# -- GetSessionToken, GetFederationToken ----------------------------------------------------------


def test_a_session_token_calls_no_iam_and_little_of_sts(aws: Aws) -> None:
    keys = make_user(aws, "ann", allow(["iam:*", "sts:*"]))
    made = aws.client("sts", keys).get_session_token()["Credentials"]
    sts = aws.client("sts", made)
    sts.get_caller_identity()
    session(aws, made, make_role(aws, "exec", trusting(ROOT)))
    with refused("AccessDenied", "session policy"):
        aws.client("iam", made).list_users()
    with refused("AccessDenied"):
        sts.get_access_key_info(AccessKeyId=keys[0])
    for call, more in (("get_session_token", {}), ("get_federation_token", {"Name": "guest"})):
        with refused("AccessDenied"):
            getattr(sts, call)(**more)
    assert aws.client("sts", made).get_caller_identity()["Arn"] == ANN


def test_a_federated_user_asks_sts_who_they_are_and_nothing_else(aws: Aws) -> None:
    keys = make_user(aws, "ann", allow("*"))
    made = aws.client("sts", keys).get_federation_token(Name="guest", Policy=policy(allow("*")))
    guest = aws.client("sts", made["Credentials"])
    who = guest.get_caller_identity()
    assert who["Arn"] == f"arn:aws:sts::{ACCOUNT}:federated-user/guest"
    assert who["UserId"] == f"{ACCOUNT}:guest"
    role = make_role(aws, "exec", trusting("*"))
    with refused("AccessDenied"):
        session(aws, made["Credentials"], role)
    for call, more in (
        ("get_session_token", {}),
        ("get_federation_token", {"Name": "other"}),
        ("get_access_key_info", {"AccessKeyId": keys[0]}),
        ("decode_authorization_message", {"EncodedMessage": "x"}),
    ):
        with refused("AccessDenied"):
            getattr(guest, call)(**more)


def test_a_federated_user_has_tags_that_both_sides_allow(aws: Aws, house: House) -> None:
    tags = [{"Key": "team", "Value": "blue"}]
    keys = make_user(aws, "ann", allow(["sts:GetFederationToken", "sagemaker:ListDomains"]))
    with refused("AccessDenied", "sts:TagSession"):
        aws.client("sts", keys).get_federation_token(Name="guest", Tags=tags)
    only_blue = {"StringEquals": {"aws:RequestTag/team": "blue"}}
    aws.client("iam").put_user_policy(
        UserName="ann",
        PolicyName="tag",
        PolicyDocument=policy(allow("sts:TagSession", Condition=only_blue)),
    )
    sts = aws.client("sts", keys)
    blue = {"StringEquals": {"aws:PrincipalTag/team": "blue"}}
    text = policy(allow("sagemaker:ListDomains", Condition=blue))
    made = sts.get_federation_token(Name="guest", Tags=tags, Policy=text)
    assert made["PackedPolicySize"] > 0
    aws.client("sagemaker", made["Credentials"]).list_domains()
    with refused("AccessDenied", "sts:TagSession"):
        sts.get_federation_token(Name="guest", Tags=[{"Key": "team", "Value": "red"}])


def test_key_info_tells_the_account_of_keys_that_are_known(aws: Aws) -> None:
    keys = make_user(aws, "ann", allow("sts:GetAccessKeyInfo"))
    sts = aws.client("sts", keys)
    assert sts.get_access_key_info(AccessKeyId=keys[0])["Account"] == ACCOUNT
    with refused("ValidationError"):
        sts.get_access_key_info(AccessKeyId="AKIAIOSFODNN7EXAMPLE")


@pytest.mark.parametrize(
    ("call", "request_"),
    [
        ("get_web_identity_token", {"Audience": ["x"], "SigningAlgorithm": "RS256"}),
        ("get_delegated_access_token", {"TradeInToken": "x"}),
        (
            "assume_root",
            {"TargetPrincipal": ACCOUNT, "TaskPolicyArn": {"arn": "arn:aws:iam::aws:policy/x"}},
        ),
    ],
)
def test_what_is_not_served_is_refused_by_name(
    aws: Aws, call: str, request_: dict[str, Any]
) -> None:
    with refused("UnsupportedOperationException"):
        getattr(aws.client("sts"), call)(**request_)
    with refused("AccessDenied"):
        getattr(aws.client("sts", make_user(aws, "ann")), call)(**request_)


# -- AssumeRole: what it takes --------------------------------------------------------------------


@pytest.mark.parametrize(
    "given",
    [
        {"RoleSessionName": "x"},
        {"RoleSessionName": "x" * 65},
        {"RoleSessionName": "with blank"},
        {"RoleSessionName": "séssion"},
        {"DurationSeconds": 899},
        {"DurationSeconds": 43201},
        {"SourceIdentity": "aws:me"},
        {"SourceIdentity": "a b"},
        {"ExternalId": "x"},
        {"Tags": [{"Key": f"k{n}", "Value": ""} for n in range(51)]},
        {"Tags": [{"Key": "k" * 129, "Value": ""}]},
        {"Tags": [{"Key": "k", "Value": "v" * 257}]},
        {"TokenCode": "12345a", "SerialNumber": SERIAL},
        {"PolicyArns": [{"arn": f"arn:aws:iam::{ACCOUNT}:policy/p{n}"} for n in range(11)]},
    ],
)
def test_members_keep_to_the_rules_of_sts(aws: Aws, given: dict[str, Any]) -> None:
    keys = make_user(aws, "ann", allow("sts:*"))
    role = make_role(aws, "exec", trusting(ROOT, "sts:*"))
    sts = aws.unchecked("sts", keys)
    with refused("ValidationError"):
        sts.assume_role(**{"RoleArn": role, "RoleSessionName": "session"} | given)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"ProvidedContexts": [{"ProviderArn": ROOT, "ContextAssertion": "xxxx"}]}, "Contexts"),
        ({"MinimumSessionTokenSize": 4096}, "MinimumSessionTokenSize"),
    ],
)
def test_members_that_are_not_served_are_refused_by_name(
    aws: Aws, given: dict[str, Any], words: str
) -> None:
    role = make_role(aws, "exec", trusting(ROOT))
    with refused("UnsupportedOperationException", words):
        session(aws, make_user(aws, "ann", ASSUME), role, **given)


def test_tags_and_policies_have_one_packed_size(aws: Aws) -> None:
    keys = make_user(aws, "ann", allow(BOTH))
    role = make_role(aws, "exec", trusting(ROOT, BOTH))
    sts = aws.client("sts", keys)
    few = [{"Key": "team", "Value": "blue"}]
    named = {"RoleArn": role, "RoleSessionName": "session"}
    small = sts.assume_role(**named, Tags=few)["PackedPolicySize"]
    more = [{"Key": f"key{n}", "Value": os.urandom(16).hex()} for n in range(20)]
    assert 0 < small < sts.assume_role(**named, Tags=more)["PackedPolicySize"] <= 100
    most = [{"Key": f"key{n}", "Value": os.urandom(120).hex()} for n in range(50)]
    with refused("PackedPolicyTooLarge", "% of allotted space"):
        sts.assume_role(**named, Tags=most)
    with refused("InvalidParameterValue", "Duplicate tag keys"):
        sts.assume_role(**named, Tags=[*few, {"Key": "Team", "Value": "red"}])
    with refused("ValidationError", "aws:"):
        sts.assume_role(**named, Tags=[{"Key": "AWS:x", "Value": "red"}])


def test_session_tags_replace_those_of_the_role_whatever_their_case(aws: Aws) -> None:
    red = {"StringEquals": {"aws:PrincipalTag/team": "red"}}
    keys = make_user(aws, "ann", allow(BOTH))
    role = make_role(
        aws,
        "exec",
        trusting(ROOT, BOTH),
        allow("iam:ListRoles", Condition=red),
        Tags=[{"Key": "Team", "Value": "blue"}],
    )
    made = session(aws, keys, role, Tags=[{"Key": "team", "Value": "red"}])
    aws.client("iam", made).list_roles()
    with refused("AccessDenied"):
        aws.client("iam", session(aws, keys, role)).list_roles()


def test_transitive_tags_and_a_source_identity_are_asked_for_at_every_step(
    aws: Aws, house: House
) -> None:
    every = [*BOTH, "sts:SetSourceIdentity"]
    keys = make_user(aws, "ann", allow(every))
    first = make_role(aws, "first", trusting(ROOT, every), allow(every))
    tagged = session(
        aws, keys, first, Tags=[{"Key": "team", "Value": "blue"}], TransitiveTagKeys=["team"]
    )
    named = session(aws, keys, first, SourceIdentity="ann")
    plain = make_role(aws, "plain", trusting(first))
    with refused("AccessDenied", "sts:TagSession"):
        session(aws, tagged, plain)
    with refused("AccessDenied", "sts:SetSourceIdentity"):
        session(aws, named, plain)
    only_ann = {"StringEquals": {"sts:SourceIdentity": "ann"}}
    wide = make_role(aws, "wide", trusting(first, every, Condition=only_ann))
    assert opened(house, session(aws, named, wide)).source_identity == "ann"
    third = make_role(aws, "third", trusting(ROOT, every), allow(every))
    second = make_role(aws, "second", trusting(first, every), allow(every))
    last = session(aws, session(aws, tagged, second), third)
    assert dict(opened(house, last).session_tags) == {"team": "blue"}
    assert opened(house, last).transitive_tag_keys == ("team",)


def test_roles_of_other_accounts_and_things_that_are_no_roles_are_refused(aws: Aws) -> None:
    keys = make_user(aws, "ann", allow("*"))
    role = make_role(aws, "exec", trusting(ROOT))
    for arn in (
        role.replace(ACCOUNT, "444455556666"),
        role.replace("arn:aws:", "arn:aws-cn:"),
        role.replace("role/exec", "role/p/exec"),
        role.replace("role/exec", "role/EXEC"),
        ANN,
        ROOT,
    ):
        with refused("AccessDenied", f"sts:AssumeRole on resource: {arn}"):
            session(aws, keys, arn)


def test_roles_that_trust_each_other_end_nobody_up_in_a_loop(aws: Aws) -> None:
    iam = aws.client("iam")
    keys = make_user(aws, "ann", ASSUME)
    one = make_role(aws, "one", trusting(ROOT))
    two = make_role(aws, "two", trusting(one))
    iam.update_assume_role_policy(
        RoleName="one",
        PolicyDocument=policy(
            {"Effect": "Allow", "Principal": {"AWS": [ANN, two]}, "Action": "sts:AssumeRole"}
        ),
    )
    made: Any = keys
    for role in (one, two, one, two):
        made = session(aws, made, role)
    assert (
        aws.client("sts", made).get_caller_identity()["Arn"].endswith(":assumed-role/two/session")
    )
    with refused("AccessDenied"):  # a role does not trust itself
        session(aws, made, two)


# -- how sessions end -----------------------------------------------------------------------------


def test_a_role_made_anew_shows_in_trust_policies_by_its_old_id(aws: Aws) -> None:
    iam = aws.client("iam")
    keys = make_user(aws, "ann", ASSUME)
    first = make_role(aws, "first", trusting(ROOT))
    uid = iam.get_role(RoleName="first")["Role"]["RoleId"]
    second = make_role(aws, "second", trusting(first))
    session(aws, session(aws, keys, first), second)
    iam.delete_role(RoleName="first")
    make_role(aws, "first", trusting(ROOT))
    with refused("AccessDenied"):
        session(aws, session(aws, keys, first), second)
    shown = iam.get_role(RoleName="second")["Role"]["AssumeRolePolicyDocument"]
    assert shown["Statement"][0]["Principal"] == {"AWS": uid}
    assert uid.startswith("AROA")


def test_sessions_of_a_user_end_with_the_user(aws: Aws) -> None:
    iam = aws.client("iam")
    keys = make_user(aws, "ann", allow("*"))
    sts = aws.client("sts", keys)
    own = sts.get_session_token()["Credentials"]
    guest = sts.get_federation_token(Name="guest", Policy=policy(allow("*")))["Credentials"]
    for made in (own, guest):
        aws.client("sagemaker", made).list_domains()
    iam.delete_user_policy(UserName="ann", PolicyName="given")
    iam.delete_access_key(UserName="ann", AccessKeyId=keys[0])
    iam.delete_user(UserName="ann")
    for made in (own, guest):
        with refused("InvalidClientTokenId"):
            aws.client("sts", made).get_caller_identity()
    make_user(aws, "ann", allow("*"))
    for made in (own, guest):
        with refused("UnrecognizedClientException"):
            aws.client("sagemaker", made).list_domains()


def test_older_sessions_are_revoked_by_aws_token_issue_time(aws: Aws) -> None:
    keys = make_user(aws, "ann", ASSUME)
    role = make_role(aws, "exec", trusting(ROOT), allow(["iam:ListRoles", "sts:AssumeRole"]))
    second = make_role(aws, "second", trusting(role))
    old = session(aws, keys, role)
    aws.client("iam", old).list_roles()

    def revoke(at: float) -> None:
        older = {"DateLessThan": {"aws:TokenIssueTime": iso(at, millis=True)}}
        aws.client("iam").put_role_policy(
            RoleName="exec",
            PolicyName="AWSRevokeOlderSessions",
            PolicyDocument=policy(deny("*", Condition=older)),
        )

    revoke(time.time() + 60)
    with refused("AccessDenied", "explicit deny in an identity-based policy"):
        aws.client("iam", old).list_roles()
    with refused("AccessDenied"):
        session(aws, old, second)
    revoke(time.time() - 60)
    aws.client("iam", old).list_roles()


def test_a_managed_session_policy_that_is_gone_allows_nothing(aws: Aws) -> None:
    iam = aws.client("iam")
    keys = make_user(aws, "ann", ASSUME)
    role = make_role(aws, "exec", trusting(ROOT), allow("iam:ListRoles"))
    arn = iam.create_policy(PolicyName="see", PolicyDocument=policy(allow("iam:ListRoles")))
    arn = arn["Policy"]["Arn"]
    made = session(aws, keys, role, PolicyArns=[{"arn": arn}])
    aws.client("iam", made).list_roles()
    iam.delete_policy(PolicyArn=arn)
    with refused("AccessDenied", "session policy"):
        aws.client("iam", made).list_roles()


# -- messages -------------------------------------------------------------------------------------


def test_a_refusal_of_ec2_can_be_decoded_by_who_may(aws: Aws) -> None:
    keys = make_user(aws, "ann", allow("sts:DecodeAuthorizationMessage"))
    with refused("UnauthorizedOperation", "You are not authorized to perform this") as said:
        aws.client("ec2", keys).describe_vpcs()
    assert f"User: {ANN} is not authorized to perform: ec2:DescribeVpcs" in said.message
    assert "because no identity-based policy allows the ec2:DescribeVpcs action" in said.message
    encoded = said.message.split("Encoded authorization failure message: ")[1]
    sts = aws.client("sts", keys)
    text = sts.decode_authorization_message(EncodedMessage=encoded)["DecodedMessage"]
    found = json.loads(text)
    assert (found["allowed"], found["explicitDeny"]) == (False, False)
    assert found["matchedStatements"] == {"items": []}
    assert found["context"]["action"] == "ec2:DescribeVpcs"
    assert found["context"]["principal"]["arn"] == ANN
    conditions = {one["key"]: one["values"] for one in found["context"]["conditions"]["items"]}
    assert conditions["aws:username"] == {"items": [{"value": "ann"}]}
    other = aws.client("sts", make_user(aws, "bob"))
    with refused("AccessDenied"):
        other.decode_authorization_message(EncodedMessage=encoded)


def test_an_explicit_deny_names_its_statement(aws: Aws) -> None:
    keys = make_user(aws, "ann", deny("ec2:*", Sid="NoNetworks"), allow("*"))
    with refused("UnauthorizedOperation", "explicit deny in an identity-based policy") as said:
        aws.client("ec2", keys).describe_vpcs()
    encoded = said.message.split("message: ")[1]
    answer = aws.client("sts", keys).decode_authorization_message(EncodedMessage=encoded)
    found = json.loads(answer["DecodedMessage"])
    assert found["explicitDeny"]
    (statement,) = found["matchedStatements"]["items"]
    assert (statement["statementId"], statement["effect"]) == ("NoNetworks", "DENY")


def test_a_message_that_is_none_of_ours_is_not_valid(aws: Aws) -> None:
    keys = make_user(aws, "ann", allow("sts:*"))
    sts = aws.client("sts", keys)
    token = sts.get_session_token()["Credentials"]["SessionToken"]
    for text in ("x", "A" * 400, token):
        with refused("InvalidAuthorizationMessageException"):
            sts.decode_authorization_message(EncodedMessage=text)
