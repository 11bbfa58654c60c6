"""ID tokens: hostile ones are refused and nothing else happens; key sets are read with care."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st
from tests.support.issuer import OTHER_RSA, P256, RSA, Issuer, public

from freehold.auth import web_identity
from freehold.auth.issuer_urls import is_fetchable, is_loopback
from freehold.base.errors import Fault

NOW = 1_000_000.0
HEADER = {"alg": "RS256", "kid": "k"}
CLAIMS = {"iss": "https://i", "sub": "ann", "aud": "a", "iat": NOW, "exp": NOW + 60}
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


def part(value: Any) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def claimed(**claims: Any) -> web_identity.Claimed:
    return web_identity.Claimed("https://i", "k", "RS256", CLAIMS | claims)


@given(
    st.text(max_size=200) | st.tuples(VALUES, VALUES).map(lambda p: f"{part(p[0])}.{part(p[1])}.x")
)
def test_reading_gives_a_claim_or_a_fault(token: str) -> None:
    code = "InvalidIdentityToken"
    try:
        web_identity.read(token)
    except Fault as fault:
        code = fault.code or ""
    assert code == "InvalidIdentityToken"


@given(
    st.sampled_from(
        [
            "iat",
            "exp",
            "nbf",
            "sub",
            "aud",
            "azp",
            "amr",
            web_identity.TAGS,
            web_identity.SOURCE_IDENTITY,
            web_identity.TAGS + "/transitive_tag_keys",
        ]
    ),
    VALUES,
)
def test_any_claim_may_have_any_value(name: str, value: Any) -> None:
    result = ""
    try:
        result = web_identity.identity(claimed(**{name: value}), ["a"], NOW).audience
    except Fault as fault:
        result = fault.code or ""
    assert result in {"a", "InvalidIdentityToken", "ExpiredTokenException", "IDPRejectedClaim"}


def test_deep_nesting_is_no_jwt() -> None:
    deep = urlsafe_b64encode(b"[" * 15_000).decode().rstrip("=")
    for token in (f"{deep}.{part(CLAIMS)}.x", f"{part(HEADER)}.{deep[:18000]}.x"):
        with pytest.raises(Fault):
            web_identity.read(token)
    with pytest.raises(ValueError, match=r"."):
        web_identity.keys(b"[" * 100_000)


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none", "kid": "k"},
        {"alg": "HS256", "kid": "k"},
        {"alg": "ES512", "kid": "k"},
        {"alg": ["RS256"], "kid": "k"},
        {"alg": "RS256"},
        {"alg": "RS256", "kid": 1},
        {"alg": "RS256", "kid": "k", "crit": ["exp"]},
        {"alg": "RS256", "kid": "k", "b64": False},
    ],
)
def test_a_header_that_could_not_be_proven_is_refused(header: dict[str, Any]) -> None:
    with pytest.raises(Fault):
        web_identity.read(f"{part(header)}.{part(CLAIMS)}.x")


def test_a_key_set_gives_signing_keys_of_good_size_only() -> None:
    weak = rsa.generate_private_key(65537, 1024)
    entries = [
        public(RSA, "good"),
        public(P256, "curve"),
        public(RSA, "named", alg="PS256"),
        public(RSA, "enc", use="enc"),
        public(RSA, "ops", key_ops=["sign"]),
        public(RSA, "odd", key_ops=7),
        public(weak, "weak"),
        public(ec.generate_private_key(ec.SECP521R1()), "p521"),
        public(ec.generate_private_key(ec.SECP256K1()), "koblitz"),
        {"kty": "oct", "kid": "oct", "k": "AAAA"},
        {"kty": "RSA", "kid": "broken", "n": "!", "e": 3},
        {"kty": "EC", "kid": "no point", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kty": "RSA"},
        7,
    ]
    found = web_identity.keys(json.dumps({"keys": entries}).encode())
    assert {kid for kid, _ in found} == {"good", "curve", "named"}
    assert {alg for kid, alg in found if kid == "good"} == web_identity.RSA_ALGORITHMS
    assert {alg for kid, alg in found if kid == "curve"} == {"ES256"}
    assert {alg for kid, alg in found if kid == "named"} == {"PS256"}


@pytest.mark.parametrize("text", [b"", b"{}", b"[]", b'{"keys": {}}', b"\xff"])
def test_what_is_no_key_set_is_said_so(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        web_identity.keys(text)


def test_a_signature_is_held_against_the_key_that_the_token_names() -> None:
    issuer = Issuer("https://i")
    known = web_identity.keys(issuer.document("/keys"))
    token = issuer.token()
    web_identity.prove(token, web_identity.read(token), known)
    forged = issuer.token(key=OTHER_RSA)
    with pytest.raises(Fault, match="signature"):
        web_identity.prove(forged, web_identity.read(forged), known)
    head, _, tail = token.split(".")
    other = f"{head}.{part(CLAIMS)}.{tail}"
    with pytest.raises(Fault, match="signature"):
        web_identity.prove(other, web_identity.read(other), known)
    # A public key is no shared secret: its text proves nothing.
    confused = issuer.token(alg="HS256", key="x" * 32)
    with pytest.raises(Fault, match="algorithm"):
        web_identity.read(confused)


@pytest.mark.parametrize(
    ("host", "is_here"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("10.0.0.1", False),
        ("localhost.evil.example", False),
        ("0.0.0.0", False),
        ("", False),
    ],
)
def test_this_machine_is_told_by_name_alone(host: str, is_here: bool) -> None:
    assert is_loopback(host) is is_here


@given(st.text(max_size=60))
def test_any_text_may_be_asked_for_as_an_address(text: str) -> None:
    if is_fetchable(text):
        assert text.startswith(("https://", "http://"))
