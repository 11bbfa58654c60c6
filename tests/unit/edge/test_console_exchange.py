from __future__ import annotations

import json
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.support.console import Reply, ask
from tests.support.inprocess import Aws
from tests.support.people import allow, deny, make_role, make_user, policy, session, trusting

from freehold.auth import totp
from freehold.compose import House
from freehold.edge.console import door
from freehold.edge.console.exchange import END, RENEW
from freehold.kernel.console import tries
from freehold.store import audit

PASSWORD = "Correct-horse-7"


@pytest.fixture(autouse=True)
def console(house: House) -> None:
    door.join(house.api, house.kernel)


@pytest.fixture
def ana(aws: Aws) -> tuple[str, str]:
    return make_user(aws, "ana", allow(["sagemaker:List*", "iam:List*", "iam:ChangePassword"]))


def with_password(aws: Aws, **more: Any) -> None:
    aws.client("iam").create_login_profile(UserName="ana", Password=PASSWORD, **more)


def by_password(aws: Aws, **more: Any) -> Reply:
    return ask(aws, body={"UserName": "ana", "Password": PASSWORD} | more)


def logins(house: House) -> list[tuple[str, str | None, str]]:
    house.kernel.flush_audit()
    house.kernel.writer.run(lambda _unit: None)
    rows = audit.read(house.kernel.reader.connection, 0, 1000)
    return [
        (one.principal.rsplit(":", 1)[1] if ":" in one.principal else one.principal,
         one.error_code, (one.request or b"").decode())
        for _, one in rows
        if one.operation == "ConsoleLogin"
    ]  # fmt: skip


# -- signing in -----------------------------------------------------------------------------------


def test_keys_give_short_keys_and_a_cookie_that_scripts_cannot_read(aws: Aws, ana: Any) -> None:
    reply = ask(aws, keys=ana)
    assert reply.status == 200
    assert reply.said["Arn"].endswith(":user/ana")
    assert reply.keys[0].startswith("ASIA")
    assert aws.client("sts", reply.keys).get_caller_identity()["Arn"] == reply.said["Arn"]
    assert "HttpOnly" in reply.set_cookie
    assert "SameSite=Strict" in reply.set_cookie
    assert "Path=/console/session" in reply.set_cookie
    assert ana[1] not in reply.set_cookie + json.dumps(reply.said)


def test_under_tls_the_cookie_is_bound_to_this_host(aws: Aws, ana: Any) -> None:
    reply = ask(aws, keys=ana, scheme="https")
    assert reply.set_cookie.startswith("__Host-freehold-console=")
    assert "; Path=/; Secure" in reply.set_cookie
    assert ask(aws, RENEW, cookie=reply.cookie, scheme="https").status == 200
    assert ask(aws, RENEW, cookie=reply.cookie).status == 401  # nor by another name


def test_the_pages_keys_have_the_users_own_rights_iam_included(aws: Aws, ana: Any) -> None:
    keys = ask(aws, keys=ana).keys
    assert aws.client("iam", keys).list_users()["Users"]
    with pytest.raises(ClientError, match="AccessDenied"):
        aws.client("iam", keys).create_user(UserName="eve")
    with pytest.raises(ClientError, match="with session credentials"):
        aws.client("sts", keys).get_session_token()


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (("AKIAXXXXXXXXXXXXXXXX", "x" * 40), "UnrecognizedClientException"),
        (None, "InvalidSignatureException"),
    ],
)
def test_wrong_keys_are_refused_and_noted(
    aws: Aws, house: House, ana: Any, wrong: Any, code: str
) -> None:
    reply = ask(aws, keys=wrong or (ana[0], "y" * 40))
    assert (reply.status, reply.said["Code"], reply.cookie) == (401, code, "")
    assert logins(house)[-1][:2] == ("unauthenticated", code)


def test_a_request_signed_for_another_service_is_no_sign_in(aws: Aws, ana: Any) -> None:
    assert ask(aws, keys=ana, service="sagemaker").status == 401


def test_temporary_keys_sign_in_and_keep_their_end(aws: Aws, ana: Any) -> None:
    role = make_role(aws, "analyst", trusting("*"), allow("sagemaker:List*"))
    made = session(aws, make_user(aws, "bob", allow("sts:AssumeRole")), role)
    keys = tuple(made[n] for n in ("AccessKeyId", "SecretAccessKey", "SessionToken"))
    reply = ask(aws, keys=keys)
    assert reply.said["Arn"].endswith("assumed-role/analyst/session")
    assert reply.said["SessionExpiration"][:16] == made["Expiration"].strftime("%Y-%m-%dT%H:%M")
    aws.client("iam").delete_role_policy(RoleName="analyst", PolicyName="given")
    aws.client("iam").delete_role(RoleName="analyst")
    assert ask(aws, RENEW, cookie=reply.cookie).said["Code"] == "SessionEnded"


# -- passwords ------------------------------------------------------------------------------------


def test_a_password_signs_in(aws: Aws, house: House, ana: Any) -> None:
    with_password(aws)
    reply = by_password(aws, AccountId="111122223333")
    assert reply.said["Arn"].endswith(":user/ana")
    assert aws.client("sagemaker", reply.keys).list_domains()["Domains"] == []
    principal, error, facts = logins(house)[-1]
    assert (principal, error) == ("user/ana", None)
    assert '"ConsoleLogin":"Success"' in facts


@pytest.mark.parametrize(
    "typed",
    [{"Password": "Wrong-horse-7"}, {"UserName": "nobody"}, {"AccountId": "999999999999"}],
)
def test_whatever_is_wrong_it_sounds_the_same(
    aws: Aws, house: House, ana: Any, typed: dict[str, str]
) -> None:
    with_password(aws)
    reply = by_password(aws, **typed)
    assert (reply.status, reply.said["Code"]) == (403, "WrongSignIn")
    assert PASSWORD not in str(logins(house))


def test_a_user_tells_when_their_password_signed_them_in_last(aws: Aws, ana: Any) -> None:
    iam = aws.client("iam")
    with_password(aws)
    by_password(aws, Password="Wrong-horse-7")
    assert "PasswordLastUsed" not in iam.get_user(UserName="ana")["User"]
    assert by_password(aws).status == 200
    assert "PasswordLastUsed" in iam.get_user(UserName="ana")["User"]
    assert all("PasswordLastUsed" in one for one in iam.list_users()["Users"])


def test_a_password_that_must_be_replaced_is(aws: Aws, ana: Any) -> None:
    with_password(aws, PasswordResetRequired=True)
    assert by_password(aws).said["Code"] == "PasswordResetRequired"
    assert by_password(aws, NewPassword="short").said["Code"] == "PasswordPolicyViolation"
    assert by_password(aws, NewPassword="Another-horse-8").status == 200
    assert by_password(aws).said["Code"] == "WrongSignIn"


def test_a_user_with_a_device_needs_its_code(aws: Aws, ana: Any) -> None:
    with_password(aws)
    iam = aws.client("iam")
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="ana")["VirtualMFADevice"]
    seed, serial = device["Base32StringSeed"].decode(), device["SerialNumber"]
    step = totp.step_of(time.time())
    iam.enable_mfa_device(
        UserName="ana",
        SerialNumber=serial,
        AuthenticationCode1=totp.code(seed, step - 1),
        AuthenticationCode2=totp.code(seed, step),
    )
    iam.put_user_policy(
        UserName="ana",
        PolicyName="mfa",
        PolicyDocument=policy(
            allow("s3:ListAllMyBuckets", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})
        ),
    )
    assert by_password(aws).said["Code"] == "MfaRequired"
    assert by_password(aws, MfaCode="000000").said["Code"] == "AccessDenied"
    reply = by_password(aws, MfaCode=totp.code(seed, step + 1))
    assert reply.status == 200
    assert aws.client("s3", reply.keys).list_buckets()["Buckets"] == []
    renewed = ask(aws, RENEW, cookie=reply.cookie)
    assert aws.client("s3", renewed.keys).list_buckets()["Buckets"] == []


def test_a_policy_may_deny_the_console(aws: Aws) -> None:
    keys = make_user(aws, "robot", allow("*"), deny("sts:GetSessionToken"))
    reply = ask(aws, keys=keys)
    assert (reply.status, reply.said["Code"]) == (403, "AccessDenied")


@pytest.mark.parametrize("raw", [b"[]", b'{"UserName":1}', b"\xff", b'{"a":' + b"[" * 4000 + b"}"])
def test_what_is_no_sign_in_is_said_to_be_none(aws: Aws, raw: bytes) -> None:
    reply = ask(aws, raw=raw)
    assert (reply.status, reply.said["Code"]) == (400, "Invalid")


# -- a foreign page -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changed",
    [
        {"origin": "http://evil.example"},
        {"origin": "http://127.0.0.1:8080"},
        {"origin": "https://127.0.0.1:7070"},
        {"origin": "null"},
        {"origin": None},
        {"sec_fetch_site": "same-site"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "none"},
        {"x_freehold_console": None},
    ],
)
def test_a_foreign_page_gets_nothing_from_our_cookie(
    aws: Aws, ana: Any, changed: dict[str, Any]
) -> None:
    cookie = ask(aws, keys=ana).cookie
    for path in (RENEW, END):
        reply = ask(aws, path, cookie=cookie, **changed)
        assert (reply.status, reply.said["Code"], reply.set_cookie) == (403, "ForeignPage", "")
    assert ask(aws, RENEW, cookie=cookie).status == 200


def test_a_link_gets_nothing_either(aws: Aws, ana: Any) -> None:
    cookie = ask(aws, keys=ana).cookie
    assert ask(aws, RENEW, cookie=cookie, method="GET").status == 403


# -- how it ends ----------------------------------------------------------------------------------


def test_sign_out_ends_it_for_good(aws: Aws, ana: Any) -> None:
    cookie = ask(aws, keys=ana).cookie
    out = ask(aws, END, cookie=cookie)
    assert out.status == 200
    assert "Max-Age=0" in out.set_cookie
    again = ask(aws, RENEW, cookie=cookie)
    assert (again.status, again.said["Code"]) == (401, "SessionEnded")
    assert "Max-Age=0" in again.set_cookie


def test_a_deactivated_or_deleted_key_ends_it(aws: Aws, ana: Any) -> None:
    iam, cookie = aws.client("iam"), ask(aws, keys=ana).cookie
    iam.update_access_key(UserName="ana", AccessKeyId=ana[0], Status="Inactive")
    assert ask(aws, RENEW, cookie=cookie).status == 401
    iam.update_access_key(UserName="ana", AccessKeyId=ana[0], Status="Active")
    assert ask(aws, RENEW, cookie=cookie).status == 200
    iam.delete_access_key(UserName="ana", AccessKeyId=ana[0])
    assert ask(aws, RENEW, cookie=cookie).status == 401


def test_a_changed_password_ends_it(aws: Aws, ana: Any) -> None:
    with_password(aws)
    cookie = by_password(aws).cookie
    assert ask(aws, RENEW, cookie=cookie).status == 200
    aws.client("iam").update_login_profile(UserName="ana", Password="Another-horse-8")
    assert ask(aws, RENEW, cookie=cookie).status == 401


def test_a_deleted_user_ends_it_and_the_keys_that_are_out(aws: Aws, ana: Any) -> None:
    iam, reply = aws.client("iam"), ask(aws, keys=ana)
    iam.delete_access_key(UserName="ana", AccessKeyId=ana[0])
    iam.delete_user_policy(UserName="ana", PolicyName="given")
    iam.delete_user(UserName="ana")
    assert ask(aws, RENEW, cookie=reply.cookie).status == 401
    with pytest.raises(ClientError, match="no longer exists"):
        aws.client("sagemaker", reply.keys).list_domains()
    make_user(aws, "ana", allow("*"))  # of the same name: inherits nothing
    assert ask(aws, RENEW, cookie=reply.cookie).status == 401


def test_what_is_no_cookie_of_ours_is_refused(aws: Aws, ana: Any) -> None:
    cookie = ask(aws, keys=ana).cookie
    for broken in ("", "freehold-console=x", cookie[:-2], cookie + "A"):
        assert ask(aws, RENEW, cookie=broken).status == 401
    token = aws.client("sts", ana).get_session_token()["Credentials"]["SessionToken"]
    assert ask(aws, RENEW, cookie=f"freehold-console={token}").status == 401


# -- bounds ---------------------------------------------------------------------------------------


def test_after_a_few_wrong_tries_one_waits(aws: Aws, ana: Any) -> None:
    for _ in range(tries.FOR_NAME_MAX):
        assert ask(aws, keys=(ana[0], "x" * 40)).status == 401
    reply = ask(aws, keys=ana)
    assert (reply.status, reply.said["Code"]) == (429, "TooManyTries")
    assert ask(aws, keys=ana, client="127.0.0.2").status == 200  # others are not shut out


def test_a_body_that_is_none_of_ours_is_refused(aws: Aws) -> None:
    assert ask(aws, body={"UserName": 7}).status == 400
    assert ask(aws, body={"UserName": "x" * 9000}).status == 400
