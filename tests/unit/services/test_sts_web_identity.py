"""AssumeRoleWithWebIdentity: unsigned, against a configured issuer, and what it refuses."""

from __future__ import annotations

import time
from typing import Any

import pytest
from tests.support.inprocess import Aws
from tests.support.issuer import OTHER_RSA, TAGS, Issuer
from tests.support.people import allow, make_role, make_user, policy, refused, session, trusting

from freehold.auth import session as tokens
from freehold.compose import House
from freehold.services.sts import issuers

ACCOUNT = "111122223333"
URL = "https://login.example.com/realms/lob"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/login.example.com/realms/lob"
WEB = "sts:AssumeRoleWithWebIdentity"
NOT_AUTHORIZED = f"Not authorized to perform {WEB}"


@pytest.fixture
def issuer(aws: Aws, house: House) -> Issuer:
    """A configured issuer, read without a socket."""
    made = Issuer(URL)
    issuers.of(house.kernel).get = made.get
    aws.client("iam").create_open_id_connect_provider(Url=URL, ClientIDList=["freehold", "other"])
    return made


def believing(issuer: Issuer, action: Any = WEB, **conditions: Any) -> str:
    """A trust policy for the issuer."""
    more = {"Condition": conditions} if conditions else {}
    return trusting(
        {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{issuer.head}"}, action, **more
    )


def assume(aws: Aws, role: str, token: str, name: str = "web", **more: Any) -> dict[str, Any]:
    """Ask without any signature."""
    sts = aws.client("sts", is_signed=False)
    return dict(
        sts.assume_role_with_web_identity(
            RoleArn=role, RoleSessionName=name, WebIdentityToken=token, **more
        )
    )


def opened(house: House, credentials: dict[str, Any]) -> Any:
    """The principal inside a session token."""
    kernel = house.kernel
    token, key = credentials["SessionToken"], credentials["AccessKeyId"]
    return tokens.open(kernel.keyring, token, key, kernel.clock.now()).principal


@pytest.mark.parametrize(
    ("kid", "alg"),
    [("rsa", a + n) for a in ("RS", "PS") for n in ("256", "384", "512")]
    + [("p256", "ES256"), ("p384", "ES384")],
)
def test_a_true_token_gives_a_session_of_a_role_that_believes_its_issuer(
    aws: Aws, house: House, issuer: Issuer, kid: str, alg: str
) -> None:
    role = make_role(aws, "web", believing(issuer), allow("iam:ListRoles"))
    answer = assume(aws, role, issuer.token(kid=kid, alg=alg))
    assert answer["SubjectFromWebIdentityToken"] == "ann"
    assert (answer["Audience"], answer["Provider"]) == ("freehold", URL)
    assert answer["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/web/web"
    aws.client("iam", answer["Credentials"]).list_roles()
    with refused("AccessDenied"):
        aws.client("iam", answer["Credentials"]).list_users()
    assert opened(house, answer["Credentials"]).federated_provider == PROVIDER


def test_a_caller_with_keys_needs_no_signature_either(aws: Aws, issuer: Issuer) -> None:
    role = make_role(aws, "web", believing(issuer))
    sts = aws.client("sts", make_user(aws, "ann"))
    sts.assume_role_with_web_identity(
        RoleArn=role, RoleSessionName="web", WebIdentityToken=issuer.token()
    )


@pytest.mark.parametrize(
    ("token", "code", "words"),
    [
        (lambda i: "no token at all", "InvalidIdentityToken", "not a valid JWT"),
        (lambda i: "a.b.c", "InvalidIdentityToken", "not a valid JWT"),
        (lambda i: "W10.W10.c", "InvalidIdentityToken", "not a valid JWT"),
        (lambda i: i.token(key=OTHER_RSA), "InvalidIdentityToken", "signature"),
        (lambda i: i.token()[:-8] + "AAAAAAAA", "InvalidIdentityToken", "signature"),
        (lambda i: i.token(alg="HS256", key="k" * 64), "InvalidIdentityToken", "algorithm"),
        (
            lambda i: "eyJhbGciOiJub25lIiwia2lkIjoiciJ9." + i.token().split(".")[1] + ".",
            "InvalidIdentityToken",
            "algorithm",
        ),
        (lambda i: i.token(kid="none", key=OTHER_RSA), "InvalidIdentityToken", "verification key"),
        (lambda i: i.token(alg="PS256", kid="p256", key=OTHER_RSA), "InvalidIdentityToken", "key"),
        (lambda i: i.token(aud="else"), "InvalidIdentityToken", "Incorrect token audience"),
        (lambda i: i.token(aud=None), "InvalidIdentityToken", "Incorrect token audience"),
        (lambda i: i.token(azp="else"), "InvalidIdentityToken", "Incorrect token audience"),
        (lambda i: i.token(iss=URL + "/"), "InvalidIdentityToken", "No OpenIDConnect provider"),
        (lambda i: i.token(iss="http" + URL[5:]), "InvalidIdentityToken", "No OpenIDConnect"),
        (lambda i: i.token(iss=URL.upper()), "InvalidIdentityToken", "No OpenIDConnect provider"),
        (lambda i: i.token(iss=None), "InvalidIdentityToken", "issuer"),
        (lambda i: i.token(exp=int(time.time()) - 60), "ExpiredTokenException", "Token expired: "),
        (lambda i: i.token(exp=None), "IDPRejectedClaim", "exp"),
        (lambda i: i.token(exp=True), "IDPRejectedClaim", "exp"),
        (lambda i: i.token(iat=None), "IDPRejectedClaim", "iat"),
        (lambda i: i.token(iat=int(time.time()) + 600), "IDPRejectedClaim", "future"),
        (lambda i: i.token(nbf=int(time.time()) + 600), "IDPRejectedClaim", "not valid yet"),
        (lambda i: i.token(sub="x" * 256), "IDPRejectedClaim", "subject"),
        (lambda i: i.token(sub=""), "IDPRejectedClaim", "subject"),
        (lambda i: i.token(amr=[1]), "IDPRejectedClaim", "amr"),
        (lambda i: i.token(**{TAGS: "x"}), "IDPRejectedClaim", "tags"),
        (
            lambda i: i.token(**{TAGS: {"principal_tags": {"aws:x": ["1"]}}}),
            "InvalidIdentityToken",
            "aws:",
        ),
        (
            lambda i: i.token(**{TAGS: {"principal_tags": {"a": ["1", "2"]}}}),
            "IDPRejectedClaim",
            "one value",
        ),
    ],
)
def test_a_token_that_cannot_be_believed_is_refused_in_the_words_of_sts(
    aws: Aws, issuer: Issuer, token: Any, code: str, words: str
) -> None:
    role = make_role(aws, "web", believing(issuer, [WEB, "sts:TagSession"]))
    with refused(code, words):
        assume(aws, role, token(issuer))


def test_small_differences_of_clocks_are_let_pass(aws: Aws, issuer: Issuer) -> None:
    role = make_role(aws, "web", believing(issuer))
    now = int(time.time())
    assume(aws, role, issuer.token(iat=now + 10, nbf=now + 10, exp=now - 5))


def test_the_authorized_party_is_the_audience_where_a_token_names_one(
    aws: Aws, issuer: Issuer
) -> None:
    role = make_role(aws, "web", believing(issuer, StringEquals={f"{issuer.head}:aud": "other"}))
    assert assume(aws, role, issuer.token(aud="account", azp="other"))["Audience"] == "other"
    assert assume(aws, role, issuer.token(aud=["x", "other"]))["Audience"] == "other"
    with refused("AccessDenied", NOT_AUTHORIZED):
        assume(aws, role, issuer.token())


@pytest.mark.parametrize(
    ("conditions", "is_allowed"),
    [
        ({"StringEquals": {"{}:sub": "ann"}}, True),
        ({"StringEquals": {"{}:SUB": "ann"}}, True),
        ({"StringEquals": {"{}:sub": "bob"}}, False),
        ({"StringLike": {"{}:sub": "a*"}}, True),
        ({"StringEquals": {"{}:aud": "freehold", "{}:sub": "ann"}}, True),
        ({"ForAnyValue:StringLike": {"{}:amr": "mfa"}}, True),
        ({"ForAnyValue:StringLike": {"{}:amr": "pwd2"}}, False),
        ({"StringEquals": {"{}:email": "ann@example.com"}}, False),  # no key of AWS's
        ({"StringEquals": {"sts:RoleSessionName": "web"}}, True),
        ({"StringEquals": {"sts:RoleSessionName": "${{{}:sub}}"}}, False),
        ({"StringEquals": {"aws:FederatedProvider": PROVIDER}}, True),
        ({"StringLike": {"aws:PrincipalArn": "*"}}, False),  # nobody yet
        ({"Null": {"aws:userid": "false"}}, False),
        ({"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}, True),
        ({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, False),
        ({"Null": {"aws:RequestTag/team": "false"}}, False),
    ],
)
def test_the_trust_policy_sees_the_claims_and_nothing_of_an_identity(
    aws: Aws, issuer: Issuer, conditions: dict[str, Any], is_allowed: bool
) -> None:
    filled = {
        operator: {
            key.replace("{}", issuer.head): value.replace("{{{}", "{" + issuer.head).replace(
                "}}", "}"
            )
            for key, value in block.items()
        }
        for operator, block in conditions.items()
    }
    role = make_role(aws, "web", believing(issuer, **filled))
    token = issuer.token(amr=["pwd", "mfa"], email="ann@example.com")
    if is_allowed:
        assume(aws, role, token)
        return
    with refused("AccessDenied", NOT_AUTHORIZED):
        assume(aws, role, token)


@pytest.mark.parametrize(
    "principal",
    [
        {"AWS": "*"},
        "*",
        {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        {"Service": "sagemaker.amazonaws.com"},
        {"Federated": "login.example.com"},
        {"Federated": PROVIDER + "2"},
        {"Federated": PROVIDER.replace(ACCOUNT, "444455556666")},
    ],
)
def test_a_role_that_does_not_name_the_provider_is_refused_like_one_that_is_not_there(
    aws: Aws, issuer: Issuer, principal: Any
) -> None:
    named = principal if isinstance(principal, dict) else {"AWS": principal}
    role = make_role(aws, "web", trusting(named, [WEB, "sts:AssumeRole"]))
    for arn in (role, role + "x", role.replace(ACCOUNT, "444455556666")):
        with refused("AccessDenied") as said:
            assume(aws, arn, issuer.token())
        assert said.message == NOT_AUTHORIZED


def test_a_trusted_provider_assumes_only_by_its_own_action(aws: Aws, issuer: Issuer) -> None:
    role = make_role(aws, "web", believing(issuer, "sts:AssumeRole"))
    with refused("AccessDenied", NOT_AUTHORIZED):
        assume(aws, role, issuer.token())


def test_a_federated_principal_is_a_domain_or_the_arn_of_a_provider(aws: Aws) -> None:
    with refused("MalformedPolicyDocument", "Federated principals must be valid domain names"):
        make_role(aws, "web", trusting({"Federated": f"arn:aws:iam::{ACCOUNT}:user/ann"}, WEB))


@pytest.mark.parametrize("is_flat", [False, True])
def test_tags_of_the_token_become_session_tags_and_go_along_a_chain(
    aws: Aws, house: House, issuer: Issuer, is_flat: bool
) -> None:
    claims: dict[str, Any] = {
        TAGS: {"principal_tags": {"team": ["blue"], "x": ["1"]}, "transitive_tag_keys": ["team"]}
    }
    if is_flat:
        claims = {
            f"{TAGS}/principal_tags/team": "blue",
            f"{TAGS}/principal_tags/x": ["1"],
            f"{TAGS}/transitive_tag_keys": ["team"],
        }
    without = make_role(aws, "without", believing(issuer))
    with refused("AccessDenied", "Not authorized to perform sts:TagSession"):
        assume(aws, without, issuer.token(**claims))
    both = [WEB, "sts:TagSession"]
    tagged = {"StringEquals": {"aws:RequestTag/team": "blue"}}
    role = make_role(
        aws, "web", believing(issuer, both, **tagged), allow(["sts:AssumeRole", "sts:TagSession"])
    )
    made = assume(aws, role, issuer.token(**claims))
    assert made["PackedPolicySize"] > 0
    principal = opened(house, made["Credentials"])
    assert dict(principal.session_tags) == {"team": "blue", "x": "1"}
    second = make_role(aws, "second", trusting(role, ["sts:AssumeRole", "sts:TagSession"]))
    chained = opened(house, session(aws, made["Credentials"], second))
    assert dict(chained.session_tags) == {"team": "blue"}
    assert chained.federated_provider is None
    with refused("AccessDenied"):
        assume(aws, role, issuer.token())  # the trust policy demands the tag


def test_a_source_identity_claim_must_be_allowed_and_stays(
    aws: Aws, house: House, issuer: Issuer
) -> None:
    claim = {"https://aws.amazon.com/source_identity": "ann@corp"}
    role = make_role(aws, "web", believing(issuer))
    with refused("AccessDenied", "Not authorized to perform sts:SetSourceIdentity"):
        assume(aws, role, issuer.token(**claim))
    aws.client("iam").update_assume_role_policy(
        RoleName="web", PolicyDocument=believing(issuer, [WEB, "sts:SetSourceIdentity"])
    )
    answer = assume(aws, role, issuer.token(**claim))
    assert answer["SourceIdentity"] == "ann@corp"
    assert opened(house, answer["Credentials"]).source_identity == "ann@corp"
    for bad in ("aws:me", "with blank", "x" * 65):
        with refused("InvalidIdentityToken"):
            assume(aws, role, issuer.token(**{"https://aws.amazon.com/source_identity": bad}))


def test_a_session_has_the_length_and_the_policy_that_were_asked_for(
    aws: Aws, issuer: Issuer
) -> None:
    role = make_role(
        aws,
        "web",
        believing(issuer),
        allow(["iam:ListRoles", "iam:ListUsers"]),
        MaxSessionDuration=7200,
    )
    token = issuer.token()
    answer = assume(aws, role, token, DurationSeconds=7200, Policy=policy(allow("iam:ListRoles")))
    left = answer["Credentials"]["Expiration"].timestamp() - time.time()
    assert 7190 < left <= 7200
    aws.client("iam", answer["Credentials"]).list_roles()
    with refused("AccessDenied", "session policy"):
        aws.client("iam", answer["Credentials"]).list_users()
    with refused("ValidationError", "MaxSessionDuration"):
        assume(aws, role, token, DurationSeconds=7201)
    with refused("MalformedPolicyDocument"):
        assume(aws, role, token, Policy="{}")
    with refused("UnsupportedOperationException", "ProviderId"):
        assume(aws, role, token, ProviderId="www.amazon.com")


def test_the_federated_provider_stays_a_key_of_the_session(aws: Aws, issuer: Issuer) -> None:
    by = {"StringEquals": {"aws:FederatedProvider": PROVIDER}}
    role = make_role(aws, "web", believing(issuer), allow("iam:ListRoles", Condition=by))
    aws.client("iam", assume(aws, role, issuer.token())["Credentials"]).list_roles()


def test_a_provider_or_client_that_is_gone_is_believed_no_longer(aws: Aws, issuer: Issuer) -> None:
    iam = aws.client("iam")
    role = make_role(aws, "web", believing(issuer))
    assume(aws, role, issuer.token())
    iam.remove_client_id_from_open_id_connect_provider(
        OpenIDConnectProviderArn=PROVIDER, ClientID="freehold"
    )
    with refused("InvalidIdentityToken", "Incorrect token audience"):
        assume(aws, role, issuer.token())
    iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=PROVIDER)
    with refused("InvalidIdentityToken", "No OpenIDConnect provider found"):
        assume(aws, role, issuer.token(aud="other"))


def test_an_issuer_that_does_not_answer_is_told_apart_from_a_bad_token(
    aws: Aws, issuer: Issuer
) -> None:
    role = make_role(aws, "web", believing(issuer))
    issuer.is_down = True
    with refused("IDPCommunicationError"):
        assume(aws, role, issuer.token())
    with refused("IDPCommunicationError"):
        assume(aws, role, issuer.token())
    assert len(issuer.asked) == 1  # and not asked again at once


def test_keys_are_fetched_once_and_strangers_cannot_make_us_fetch_for_nothing(
    aws: Aws, issuer: Issuer
) -> None:
    role = make_role(aws, "web", believing(issuer))
    for code, claims in (
        ("InvalidIdentityToken", {"aud": "else"}),
        ("ExpiredTokenException", {"exp": 1}),
        ("InvalidIdentityToken", {"iss": "https://else.example.com"}),
    ):
        with refused(code):
            assume(aws, role, issuer.token(**claims))
    assert issuer.asked == []
    for kid in ("rsa", "p256", "rsa"):
        assume(aws, role, issuer.token(kid=kid, alg="RS256" if kid == "rsa" else "ES256"))
    for _ in range(3):
        with refused("InvalidIdentityToken"):
            assume(aws, role, issuer.token(kid="unknown", key=OTHER_RSA))
    assert len(issuer.asked) == 2


def test_a_session_ends_with_its_role(aws: Aws, issuer: Issuer) -> None:
    role = make_role(aws, "web", believing(issuer))
    made = assume(aws, role, issuer.token())["Credentials"]
    aws.client("sts", made).get_caller_identity()
    aws.client("iam").delete_role(RoleName="web")
    make_role(aws, "web", believing(issuer))
    with refused("InvalidClientTokenId"):
        aws.client("sts", made).get_caller_identity()


def test_calls_are_audited_without_the_token_and_strangers_within_bounds(
    aws: Aws, house: House, issuer: Issuer
) -> None:
    role = make_role(aws, "web", believing(issuer, StringEquals={f"{issuer.head}:sub": "ann"}))
    waiting = house.kernel.waiting
    waiting.take()
    token = issuer.token()
    assume(aws, role, token)
    with refused("AccessDenied"):
        assume(aws, role, issuer.token(sub="bob"))
    with refused("InvalidIdentityToken"):
        assume(aws, role, "not a token")
    good, denied, stranger = waiting.take()
    assert good.operation == "AssumeRoleWithWebIdentity"
    assert (good.principal, good.error_code) == (f"{PROVIDER}:freehold:ann", None)
    assert denied.principal == f"{PROVIDER}:freehold:bob"
    assert denied.error_code == "AccessDenied"
    assert (stranger.principal, stranger.error_code) == ("anonymous", "InvalidIdentityToken")
    assert token.encode() not in (good.request or b"")
    assert waiting._strangers == 0
    with refused("InvalidIdentityToken"):
        assume(aws, role, "not a token")
    assert waiting._strangers == 1


def test_saml_is_refused_by_name_and_asks_for_no_signature(aws: Aws) -> None:
    sts = aws.client("sts", is_signed=False)
    with refused("UnsupportedOperationException", "AssumeRoleWithSAML"):
        sts.assume_role_with_saml(
            RoleArn=f"arn:aws:iam::{ACCOUNT}:role/x",
            PrincipalArn=f"arn:aws:iam::{ACCOUNT}:saml-provider/x",
            SAMLAssertion="PHg+PC94Pg==",
        )
    with refused("MissingAuthenticationToken"):
        sts.get_caller_identity()
    with refused("MissingAuthenticationToken"):
        aws.client("iam", is_signed=False).list_users()
